#include "commands/file_when.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define FORM "hh:mm:MM/DD/YY"

const char *const file_when_units[] = { "minutes", "hours", "days", "weeks",
	"months", NULL };

void
file_when_always(struct file_when *w)
{
	w->from = INT64_MIN;
	w->to = INT64_MAX;
}

static int64_t
months_before(int64_t now, uint64_t n)
{
	time_t t = (time_t)now;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		return INT64_MIN;
	tm.tm_mon -= (int)n;
	tm.tm_isdst = -1;
	return (int64_t)mktime(&tm);
}

void
file_when_last(struct file_when *w, const char *unit, uint64_t n, int64_t now)
{
	static const int64_t seconds[] = { 60, 3600, 86400, 604800 };
	size_t i;

	file_when_always(w);
	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		if (str_equal(unit, file_when_units[i])) {
			w->from = now - seconds[i] * (int64_t)n;
			return;
		}
	}
	w->from = months_before(now, n);
}

/* Two digits at p. */
static int
two(const char *p)
{
	if (p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9')
		return -1;
	return (p[0] - '0') * 10 + p[1] - '0';
}

/* The digits of the form into *tm. */
static int
parse(const char *s, struct tm *tm)
{
	memset(tm, 0, sizeof(*tm));
	if (strlen(s) != strlen(FORM) || s[2] != ':' || s[5] != ':' ||
	    s[8] != '/' || s[11] != '/' || two(s) == -1 || two(s + 3) == -1 ||
	    two(s + 6) == -1 || two(s + 9) == -1 || two(s + 12) == -1)
		return -1;
	tm->tm_hour = two(s);
	tm->tm_min = two(s + 3);
	tm->tm_mon = two(s + 6) - 1;
	tm->tm_mday = two(s + 9);
	tm->tm_year = two(s + 12) + 100;
	tm->tm_isdst = -1;
	return tm->tm_hour < 24 && tm->tm_min < 60 ? 0 : -1;
}

int
file_when_parse(const char *text, int64_t *t, struct err *e)
{
	struct tm asked, got;

	if (parse(text, &asked) == -1)
		goto wrong;
	got = asked;
	*t = (int64_t)mktime(&got);
	/* A day the month does not have becomes one of the next. */
	if (got.tm_mon == asked.tm_mon && got.tm_mday == asked.tm_mday)
		return 0;
wrong:
	return err_set(e, ERR_USAGE,
	    "A time is written " FORM ", for example 18:00:10/20/13.");
}

int
file_when_between(struct file_when *w, const char *from, const char *to,
    struct err *e)
{
	if (file_when_parse(from, &w->from, e) == -1 ||
	    file_when_parse(to, &w->to, e) == -1)
		return -1;
	w->to += 59;
	if (w->to < w->from)
		return err_set(e, ERR_USAGE,
		    "The second time lies before the first one.");
	return 0;
}

bool
file_when_has(const struct file_when *w, int64_t t)
{
	return t >= w->from && t <= w->to;
}
