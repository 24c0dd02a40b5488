#include "base/alarm.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/logdir.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define ALARM_FILE "CiscoSyslog"

static void
put_visible(struct wbuf *w, const char *s)
{
	char *visible = str_visible_dup(s, strlen(s));

	wbuf_printf(w, "%s", visible);
	free(visible);
}

/* What stands behind the times. */
static void
put_body(struct wbuf *w, const struct alarm *a)
{
	wbuf_printf(w, "%%%s-%d-%s: %%", a->facility, (int)a->severity,
	    a->name);
	for (size_t i = 0; i < a->param_count; i++) {
		wbuf_printf(w, "[%s=", a->params[i].name);
		put_visible(w, a->params[i].value);
		wbuf_u8(w, ']');
	}
	wbuf_printf(w, ": ");
	put_visible(w, a->text);
}

char *
alarm_body(const struct alarm *a)
{
	struct wbuf w;
	char *body;

	wbuf_init(&w, 0);
	put_body(&w, a);
	body = mem_strndup((const char *)w.data, w.len);
	wbuf_release(&w);
	return body;
}

/* The line as a NUL-terminated string in w. */
static void
build_line(struct wbuf *w, const struct alarm *a)
{
	static atomic_uint count; /* alarms of this program so far */
	char local[32], date[32], half[16];
	struct timespec ts;

	clock_wall_ts(&ts);
	clock_strftime(local, sizeof(local), "%b %d %H:%M:%S", ts.tv_sec);
	clock_strftime_utc(date, sizeof(date), "%b %d %Y %I:%M:%S", ts.tv_sec);
	clock_strftime_utc(half, sizeof(half), "%p", ts.tv_sec);
	wbuf_printf(w, "%s %s local7 %d : %u: %s: %s %s.%03ld UTC :  ", local,
	    a->host, (int)a->severity, atomic_fetch_add(&count, 1), a->host,
	    date, half, ts.tv_nsec / 1000000);
	put_body(w, a);
	wbuf_u8(w, '\0');
}

/* CiscoSyslog becomes CiscoSyslog.1, .1 becomes .2; the last one goes. */
static int
rotate(const struct logdir *d, struct err *e)
{
	for (unsigned i = ALARM_FILES_KEPT; i > 0; i--) {
		char from[32], to[32];

		(void)str_copy(from, sizeof(from), ALARM_FILE);
		if (i > 1)
			(void)str_printf(from, sizeof(from), ALARM_FILE ".%u",
			    i - 1);
		(void)str_printf(to, sizeof(to), ALARM_FILE ".%u", i);
		if (logdir_size(d, from) > 0 &&
		    renameat(d->fd, from, d->fd, to) == -1)
			return err_errno(e, "rename %s to %s", from, to);
	}
	return 0;
}

int
alarm_raise(const char *dir, const struct alarm *a, struct err *e)
{
	char own[PATH_SIZE];
	struct wbuf w;
	struct logdir d;
	int rc = 0;

	dir = dir != NULL ? dir : paths_in(own, "log/syslog");
	if (logdir_open(&d, dir, e) == -1)
		return err_wrap(e, "alarm %s", a->name);
	wbuf_init(&w, 0);
	build_line(&w, a);
	if (logdir_size(&d, ALARM_FILE) + (int64_t)w.len > ALARM_FILE_MAX)
		rc = rotate(&d, e);
	if (rc == 0)
		rc = logdir_append(&d, ALARM_FILE, (const char *)w.data, e);
	logdir_close(&d);
	wbuf_release(&w);
	return rc == 0 ? 0 : err_wrap(e, "alarm %s", a->name);
}
