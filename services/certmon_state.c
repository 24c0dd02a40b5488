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

/* The number of a calendar day. */
static int64_t
day_of(const struct tm *local)
{
	struct tm day = { .tm_year = local->tm_year,
		.tm_mon = local->tm_mon,
		.tm_mday = local->tm_mday };

	return (int64_t)timegm(&day) / DAY;
}

static struct tm
local_time(int64_t t)
{
	const time_t when = (time_t)t;
	struct tm tm;

	tzset();
	if (localtime_r(&when, &tm) == NULL)
		BUG("time %" PRId64, t);
	return tm;
}

void
certmon_moment(struct certmon_moment *m, int64_t now, unsigned minute)
{
	struct tm today = local_time(now);
	int back;

	/* Yesterday's is always past, whatever summer time does. */
	for (back = 0; back < 2; back++) {
		struct tm tm = { .tm_year = today.tm_year,
			.tm_mon = today.tm_mon,
			.tm_mday = today.tm_mday - back,
			.tm_hour = (int)(minute / 60),
			.tm_min = (int)(minute % 60),
			.tm_isdst = -1 };

		m->time = (int64_t)mktime(&tm);
		m->day = day_of(&tm);
		if (m->time <= now)
			return;
	}
}

bool
certmon_state_due(struct certmon_state *s, const struct certmon_moment *m,
    int64_t now)
{
	const struct tm local = local_time(now);
	const int64_t today = day_of(&local);

	if (s->ran > today + 1)
		s->ran = CERTMON_NEVER;
	return m->day > s->ran;
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
