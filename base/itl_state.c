#include "base/itl_state.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#define STATE_FILE_MAX 8192

#define MARKER_FILE "run/itl-keep"
#define STATUS_FILE "run/tftpd.status"

static const char *const state_names[] = {
	[TFTPD_BUILDING] = "building",
	[TFTPD_SERVING] = "serving",
	[TFTPD_FAILED] = "failed",
};

/* One key of a file: where its text goes, and whether it has been seen. */
struct field {
	const char *key;
	char *dst;
	size_t size;
	bool seen;
};

static int
set_field(struct field *f, size_t n, const char *line, struct err *e)
{
	const char *blank = strchr(line, ' ');
	size_t len = blank == NULL ? strlen(line) : (size_t)(blank - line);
	size_t i;

	for (i = 0; i < n; i++) {
		if (strlen(f[i].key) == len && !strncmp(f[i].key, line, len))
			break;
	}
	if (i == n || f[i].seen)
		return err_set(e, ERR_FORMAT, "%s key \"%.*s\"",
		    i == n ? "unknown" : "repeated", (int)len, line);
	f[i].seen = true;
	if (str_copy(f[i].dst, f[i].size, blank == NULL ? "" : blank + 1) == -1)
		return err_set(e, ERR_FORMAT, "%s is too long", f[i].key);
	return 0;
}

/* Every field exactly once, in any order, each on a line of its own. */
static int
read_fields(const char *path, struct field *f, size_t n, struct err *e)
{
	uint8_t *data = NULL;
	char *line, *end;
	size_t len = 0, i;
	int rc = -1;

	if (file_read(path, STATE_FILE_MAX, &data, &len, e) == -1)
		return -1;
	if (memchr(data, '\0', len) != NULL) {
		(void)err_set(e, ERR_FORMAT, "%s: a NUL byte", path);
		goto out;
	}
	for (line = (char *)data; *line != '\0'; line = end + 1) {
		if ((end = strchr(line, '\n')) == NULL) {
			(void)err_set(e, ERR_FORMAT, "%s: the last line is cut",
			    path);
			goto out;
		}
		*end = '\0';
		if (set_field(f, n, line, e) == -1) {
			(void)err_wrap(e, "%s", path);
			goto out;
		}
	}
	for (i = 0; i < n; i++) {
		if (!f[i].seen) {
			(void)err_set(e, ERR_FORMAT, "%s: no %s", path,
			    f[i].key);
			goto out;
		}
	}
	rc = 0;
out:
	free(data);
	return rc;
}

/* 40 hex digits into dst, lower case. */
static int
copy_sha1(char dst[ITL_SHA1_HEX_SIZE], const char *src)
{
	uint8_t raw[(ITL_SHA1_HEX_SIZE - 1) / 2];

	if (str_unhex(raw, sizeof(raw), src) == -1)
		return -1;
	str_hex(dst, raw, sizeof(raw));
	return 0;
}

int
itl_marker_write(const char *sha1, struct err *e)
{
	char path[PATH_SIZE], boot_id[CLOCK_BOOT_ID_SIZE];
	char hex[ITL_SHA1_HEX_SIZE];
	char text[STATE_FILE_MAX];

	if (copy_sha1(hex, sha1) == -1)
		return err_set(e, ERR_USAGE, "not a SHA-1 in hex: \"%s\"",
		    sha1);
	clock_boot_id(boot_id);
	(void)str_printf(text, sizeof(text), "sha1 %s\nboot %s\ntime %lld\n",
	    hex, boot_id, (long long)clock_boot());
	return file_replace(paths_in(path, MARKER_FILE), text, strlen(text),
	    0644, e);
}

int
itl_marker_read(struct itl_marker *m, struct err *e)
{
	char path[PATH_SIZE], sha1[ITL_SHA1_HEX_SIZE], seconds[24];
	struct field fields[] = {
		{ "sha1", sha1, sizeof(sha1), false },
		{ "boot", m->boot_id, sizeof(m->boot_id), false },
		{ "time", seconds, sizeof(seconds), false },
	};
	uint64_t t;

	paths_in(path, MARKER_FILE);
	if (read_fields(path, fields, sizeof(fields) / sizeof(fields[0]), e) ==
	    -1)
		return -1;
	if (copy_sha1(m->sha1, sha1) == -1)
		return err_set(e, ERR_FORMAT, "%s: sha1 is not a SHA-1", path);
	if (str_number(seconds, 0, INT64_MAX, &t) == -1)
		return err_set(e, ERR_FORMAT, "%s: time is no number", path);
	m->time = (int64_t)t;
	return 0;
}

int
itl_marker_remove(struct err *e)
{
	char path[PATH_SIZE];

	return file_remove(paths_in(path, MARKER_FILE), e);
}

int
itl_marker_check(const struct itl_marker *m, const char *sha1, struct err *e)
{
	char boot_id[CLOCK_BOOT_ID_SIZE];
	int64_t age = clock_boot() - m->time;

	clock_boot_id(boot_id);
	if (boot_id[0] == '\0' || !str_equal(m->boot_id, boot_id))
		return err_set(e, ERR_STATE, "the marker is of another boot");
	if (age < 0)
		return err_set(e, ERR_STATE,
		    "the marker is %lld s ahead of time", (long long)-age);
	if (age >= ITL_MARKER_AGE_MAX)
		return err_set(e, ERR_STATE, "the marker is %lld s old",
		    (long long)age);
	if (!str_equal(m->sha1, sha1))
		return err_set(e, ERR_STATE,
		    "the marker names the file %s, not %s", m->sha1, sha1);
	return 0;
}

const char *
tftpd_state_name(enum tftpd_state state)
{
	return state_names[state];
}

int
tftpd_status_write(const struct tftpd_status *s, struct err *e)
{
	char path[PATH_SIZE], reason[ITL_REASON_SIZE], signer[ITL_SIGNER_SIZE];
	char text[STATE_FILE_MAX];

	(void)str_visible(reason, sizeof(reason), s->reason, strlen(s->reason));
	(void)str_visible(signer, sizeof(signer), s->signer, strlen(s->signer));
	(void)str_printf(text, sizeof(text),
	    "pid %lld\nstate %s\nreason %s\nsha1 %s\nsigner %s\n"
	    "reset %s\nstarted %lld\n",
	    (long long)s->pid, tftpd_state_name(s->state), reason, s->sha1,
	    signer, s->reset_in_force ? "yes" : "no", (long long)s->started);
	return file_replace(paths_in(path, STATUS_FILE), text, strlen(text),
	    0644, e);
}

/* The words and numbers of a status file, already split into texts. */
static int
parse_status(struct tftpd_status *s, const char *pid, const char *state,
    const char *reset, const char *started)
{
	const size_t n = sizeof(state_names) / sizeof(state_names[0]);
	uint64_t number;
	size_t i = 0;

	if (str_number(pid, 1, INT32_MAX, &number) == -1)
		return -1;
	s->pid = (pid_t)number;
	if (str_number(started, 0, INT64_MAX, &number) == -1)
		return -1;
	s->started = (int64_t)number;
	while (i < n && !str_equal(state, state_names[i]))
		i++;
	if (i == n || (!str_equal(reset, "yes") && !str_equal(reset, "no")))
		return -1;
	s->state = (enum tftpd_state)i;
	s->reset_in_force = str_equal(reset, "yes");
	return 0;
}

int
tftpd_status_read(struct tftpd_status *s, struct err *e)
{
	char path[PATH_SIZE], pid[24], state[16], reset[8], started[24];
	char sha1[ITL_SHA1_HEX_SIZE];
	struct field fields[] = {
		{ "pid", pid, sizeof(pid), false },
		{ "state", state, sizeof(state), false },
		{ "reason", s->reason, sizeof(s->reason), false },
		{ "sha1", sha1, sizeof(sha1), false },
		{ "signer", s->signer, sizeof(s->signer), false },
		{ "reset", reset, sizeof(reset), false },
		{ "started", started, sizeof(started), false },
	};

	paths_in(path, STATUS_FILE);
	if (read_fields(path, fields, sizeof(fields) / sizeof(fields[0]), e) ==
	    -1)
		return -1;
	if (parse_status(s, pid, state, reset, started) == -1)
		return err_set(e, ERR_FORMAT, "%s: a value out of range", path);
	s->sha1[0] = '\0';
	if (sha1[0] != '\0' && copy_sha1(s->sha1, sha1) == -1)
		return err_set(e, ERR_FORMAT, "%s: sha1 is not a SHA-1", path);
	return 0;
}

int
tftpd_status_remove(struct err *e)
{
	char path[PATH_SIZE];

	return file_remove(paths_in(path, STATUS_FILE), e);
}
