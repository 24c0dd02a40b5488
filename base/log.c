#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define PROGRAM_SIZE 32

/* Set once by log_init(), before any thread is started. */
static char program_name[PROGRAM_SIZE] = "ucmsh";
static enum log_level least_level = LOG_LEVEL_INFO;

void
log_init(const char *program, enum log_level level)
{
	(void)str_copy(program_name, sizeof(program_name), program);
	least_level = level;
}

/* One line by one write, so that lines of many threads do not mix. */
static void
log_line(enum log_level level, const char *text)
{
	static const char *const names[] = {
		[LOG_LEVEL_ERROR] = "ERROR",
		[LOG_LEVEL_WARNING] = "WARNING",
		[LOG_LEVEL_INFO] = "INFO",
		[LOG_LEVEL_DEBUG] = "DEBUG",
	};
	char when[32];
	struct timespec ts;
	char *visible, *line;
	ssize_t n;

	clock_wall_ts(&ts);
	clock_strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", ts.tv_sec);
	visible = str_visible_dup(text, strlen(text));
	line = mem_printf("%s,%03ld %s %s: %s\n", when, ts.tv_nsec / 1000000,
	    names[level], program_name, visible);
	/* Nobody is left to be told when standard error is gone. */
	n = write(STDERR_FILENO, line, strlen(line));
	(void)n;
	free(line);
	free(visible);
}

static void log_args(enum log_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
log_args(enum log_level level, const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int n;

	if (level > least_level)
		return;
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		BUG("format: %s", fmt);
	text = mem_alloc((size_t)n + 1);
	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	log_line(level, text);
	free(text);
}

void
log_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_args(LOG_LEVEL_ERROR, fmt, ap);
	va_end(ap);
}

void
log_warning(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_args(LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void
log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_args(LOG_LEVEL_INFO, fmt, ap);
	va_end(ap);
}

void
log_debug(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_args(LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}
