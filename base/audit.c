#include "base/audit.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/logdir.h"
#include "base/mem.h"
#include "base/str.h"

#define NAME_SIZE 16 /* cli00001.log and a NUL */
#define NUMBER_MAX 99999U

/* The number in cliNNNNN.log, 0 for any other name. */
static unsigned
number_of(const char *name)
{
	char digits[6];
	uint64_t n;

	if (strlen(name) != strlen("cli00001.log") ||
	    !str_starts(name, "cli") || !str_ends(name, ".log"))
		return 0;
	memcpy(digits, name + 3, 5);
	digits[5] = '\0';
	if (str_number(digits, 1, NUMBER_MAX, &n) == -1)
		return 0;
	return (unsigned)n;
}

static void
file_name(char name[NAME_SIZE], unsigned number)
{
	(void)str_printf(name, NAME_SIZE, "cli%05u.log", number);
}

/* The highest number in use (1 if none is) and the lowest. */
static int
find_numbers(const char *dir, unsigned *low, unsigned *high, struct err *e)
{
	const struct dirent *d;
	DIR *list;

	list = opendir(dir);
	if (list == NULL)
		return err_errno(e, "%s", dir);
	*low = *high = 0;
	while ((d = readdir(list)) != NULL) {
		unsigned n = number_of(d->d_name);

		if (n > *high)
			*high = n;
		if (n > 0 && (*low == 0 || n < *low))
			*low = n;
	}
	(void)closedir(list);
	if (*high == 0)
		*low = *high = 1;
	return 0;
}

/* Append to the newest file; start the next one when it is full. */
static int
append_locked(const struct logdir *d, const char *dir, const char *line,
    struct err *e)
{
	char name[NAME_SIZE];
	unsigned low = 1, high = 1;
	int64_t after;

	if (find_numbers(dir, &low, &high, e) == -1)
		return -1;
	file_name(name, high);
	after = logdir_size(d, name) + (int64_t)strlen(line) + 1;
	if (after > AUDIT_FILE_MAX && high < NUMBER_MAX)
		file_name(name, high + 1);
	if (logdir_append(d, name, line, e) == -1)
		return -1;
	file_name(name, low);
	if (high - low >= AUDIT_FILES_KEPT)
		(void)unlinkat(d->fd, name, 0);
	return 0;
}

static int
append(const char *dir, const char *line, struct err *e)
{
	struct logdir d;
	int rc;

	if (logdir_open(&d, dir, e) == -1)
		return err_wrap(e, "audit");
	rc = append_locked(&d, dir, line, e);
	logdir_close(&d);
	return rc == 0 ? 0 : err_wrap(e, "audit");
}

/* what -> [words ] user=NAME, then tail */
static int
write_line(const char *dir, const char *what, const char *user,
    const char *line, const char *tail, struct err *e)
{
	char *words = str_visible_dup(line, strlen(line));
	char *name = str_visible_dup(user, strlen(user));
	char when[32];
	struct timespec ts;
	char *text;
	int rc;

	clock_wall_ts(&ts);
	clock_strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", ts.tv_sec);
	text = mem_printf("%s,%03ld INFO [main] sdMain.main - %s -> [%s ] "
			  "user=%s%s",
	    when, ts.tv_nsec / 1000000, what, words, name, tail);
	rc = append(dir, text, e);
	free(text);
	free(name);
	free(words);
	return rc;
}

int
audit_command(const char *dir, const char *user, const char *line,
    struct err *e)
{
	return write_line(dir, "running command", user, line, "", e);
}

int
audit_result(const char *dir, const char *user, const char *line, int status,
    struct err *e)
{
	char tail[32];

	(void)str_printf(tail, sizeof(tail), " status=%d", status);
	return write_line(dir, "command ended", user, line, tail, e);
}
