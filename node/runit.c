#include "node/runit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"

/* TAI64 label of 1970-01-01 00:00:10 TAI, as runit writes its times. */
#define TAI_EPOCH (UINT64_C(4611686018427387904) + 10)

/* Where things lie in the 20 bytes of supervise/status. */
enum {
	AT_PID = 12, /* little-endian, unlike the time */
	AT_PAUSED = 16,
	AT_WANT = 17,
	AT_TERM = 18,
	AT_STATE = 19
};

int
runit_parse(const uint8_t *data, size_t len, struct runit_status *st,
    struct err *e)
{
	uint64_t tai = 0;
	uint32_t pid;
	size_t i;

	*st = (struct runit_status) { 0 };
	if (len != RUNIT_STATUS_SIZE)
		return err_set(e, ERR_FORMAT,
		    "supervise/status: %zu bytes, expected %d", len,
		    RUNIT_STATUS_SIZE);
	if (data[AT_STATE] > RUNIT_FINISH)
		return err_set(e, ERR_FORMAT,
		    "supervise/status: unknown state %u",
		    (unsigned)data[AT_STATE]);
	for (i = 0; i < 8; i++)
		tai = tai << 8 | data[i];
	pid = (uint32_t)data[AT_PID] | (uint32_t)data[AT_PID + 1] << 8 |
	    (uint32_t)data[AT_PID + 2] << 16 | (uint32_t)data[AT_PID + 3] << 24;
	if (tai < TAI_EPOCH || pid > INT32_MAX)
		return err_set(e, ERR_FORMAT,
		    "supervise/status: time or process out of range");
	st->since = (int64_t)(tai - TAI_EPOCH);
	st->pid = (pid_t)pid;
	st->paused = data[AT_PAUSED] != 0;
	st->want_up = data[AT_WANT] == 'u';
	st->got_term = data[AT_TERM] != 0;
	st->state = (enum runit_state)data[AT_STATE];
	return 0;
}

/*
 * Open the pipe `what` of a service for writing; that fails with ENXIO when
 * no runsv reads it.
 */
static int
open_pipe(const char *name, const char *what, struct err *e)
{
	char path[PATH_SIZE];
	int fd;

	paths_in(path, "service/%s/supervise/%s", name, what);
	fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd != -1)
		return fd;
	if (errno == ENXIO || errno == ENOENT)
		return err_set(e, ERR_UNREACHABLE,
		    "service %s: runit does not watch it", name);
	return err_errno(e, "%s", path);
}

int
runit_status(const char *name, struct runit_status *st, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;
	int fd;
	int rc;

	*st = (struct runit_status) { 0 };
	if ((fd = open_pipe(name, "ok", e)) == -1)
		return -1;
	(void)close(fd);
	paths_in(path, "service/%s/supervise/status", name);
	if (file_read(path, RUNIT_STATUS_SIZE, &data, &len, e) == -1)
		return err_wrap(e, "service %s", name);
	rc = runit_parse(data, len, st, e);
	free(data);
	if (rc == -1)
		return err_wrap(e, "service %s", name);
	return 0;
}

int
runit_control(const char *name, const char *letters, struct err *e)
{
	size_t len = strlen(letters);
	ssize_t n;
	int fd;

	if ((fd = open_pipe(name, "control", e)) == -1)
		return -1;
	do
		n = write(fd, letters, len);
	while (n == -1 && errno == EINTR);
	if (n != (ssize_t)len) {
		err_errno(e, "service %s: control", name);
		(void)close(fd);
		return -1;
	}
	(void)close(fd);
	return 0;
}

/* Make or remove the empty file service/NAME/what. */
static int
set_mark(const char *name, const char *what, bool on, struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, "service/%s/%s", name, what);
	if (on)
		return file_replace(path, "", 0, 0644, e);
	return file_remove(path, e);
}

static bool
is_marked(const char *name, const char *what)
{
	char path[PATH_SIZE];
	struct stat st;

	paths_in(path, "service/%s/%s", name, what);
	return lstat(path, &st) == 0;
}

int
runit_set_down(const char *name, bool down, struct err *e)
{
	return set_mark(name, "down", down, e);
}

bool
runit_is_down(const char *name)
{
	return is_marked(name, "down");
}

int
runit_set_once(const char *name, bool once, struct err *e)
{
	return set_mark(name, "once", once, e);
}

bool
runit_is_once(const char *name)
{
	return is_marked(name, "once");
}
