#include "services/certmon_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#define STATE_FILE "run/certmon"
#define STATE_MAX 256
#define DAY 86400

/*
 * The time of day on a day, which is that of *day less `back` days.  One that
 * the end of summer time brings twice is its first.
 */
static int64_t
moment_of(const struct tm *day, int back, unsigned minute)
{
	const struct tm wanted = { .tm_year = day->tm_year,
		.tm_mon = day->tm_mon,
		.tm_mday = day->tm_mday - back,
		.tm_hour = (int)(minute / 60),
		.tm_min = (int)(minute % 60) };
	struct tm tm = wanted;
	time_t t;

	tm.tm_isdst = 1;
	t = mktime(&tm);
	if (t != -1 && tm.tm_isdst > 0)
		return (int64_t)t;
	tm = wanted;
	return (int64_t)mktime(&tm);
}

int64_t
certmon_moment(int64_t now, unsigned minute)
{
	const time_t when = (time_t)now;
	struct tm today;
	int64_t moment;

	tzset();
	if (localtime_r(&when, &today) == NULL)
		BUG("time %" PRId64, now);
	moment = moment_of(&today, 0, minute);
	/* Yesterday's is always past, whatever summer time does. */
	return moment <= now ? moment : moment_of(&today, 1, minute);
}

bool
certmon_state_due(struct certmon_state *s, int64_t now, unsigned minute)
{
	if (s->ran > now + DAY)
		s->ran = CERTMON_NEVER;
	return certmon_moment(now, minute) > s->ran;
}

/* "KEY NUMBER\n" at *text, which moves on. */
static bool
take_line(const char **text, const char *key, int64_t *value)
{
	char number[32];
	uint64_t n;
	size_t len;

	if (!str_starts(*text, key) || (*text)[strlen(key)] != ' ')
		return false;
	*text += strlen(key) + 1;
	len = strcspn(*text, "\n");
	if ((*text)[len] == '\0' || len >= sizeof(number))
		return false;
	memcpy(number, *text, len);
	number[len] = '\0';
	if (str_number(number, 0, INT64_MAX, &n) == -1)
		return false;
	*value = (int64_t)n;
	*text += len + 1;
	return true;
}

int
certmon_state_read(struct certmon_state *s, struct err *e)
{
	struct certmon_state seen;
	char path[PATH_SIZE];
	uint8_t *data = NULL;
	const char *text;
	size_t len;
	bool good;

	*s = (struct certmon_state) { .ran = CERTMON_NEVER };
	if (file_read(paths_in(path, STATE_FILE), STATE_MAX, &data, &len, e) ==
	    -1)
		return e != NULL && e->code == ERR_NOT_FOUND ? 0 : -1;
	text = (const char *)data;
	good = take_line(&text, "ran", &seen.ran) &&
	    take_line(&text, "mail", &seen.mail) && *text == '\0';
	free(data);
	if (!good)
		return err_set(e, ERR_FORMAT, "%s is broken", path);
	*s = seen;
	return 0;
}

int
certmon_state_write(const struct certmon_state *s, struct err *e)
{
	char path[PATH_SIZE];
	char text[STATE_MAX];

	if (str_printf(text, sizeof(text),
		"ran %" PRId64 "\nmail %" PRId64 "\n", s->ran, s->mail) == -1)
		BUG("a state of over %zu bytes", sizeof(text));
	return file_replace(paths_in(path, STATE_FILE), text, strlen(text),
	    0644, e);
}
