#include "commands/sftp_dialogue.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "commands/sftp_host.h"
#include "commands/sftp_meter.h"
#include "sftp/xfer.h"
#include "trust/digest.h"

#define KEY_MAX 65536 /* bytes of a recovery key's file */
#define TIDY_STEP_MS 5000

/* A batch on its way. */
struct transfer {
	const struct cmd_ctx *c;
	const struct file_batch *batch;
	struct sftp_host host;
	char *directory; /* on the server, "" is where the login begins */
	struct session *session;
	struct xfer *xfer;
	struct sftp_meter meter;
	size_t done; /* files that were sent or are missed */
	bool *missed; /* by number: it could not be opened */
	size_t n_missed;
	bool own; /* the failure is this node's, not the server's */
	bool unverified; /* a recovery key that could not be read back */
	char left[XFER_PATH_MAX]; /* on the server after a failure; "": nothing
				   */
};

/* --- questions --- */

static int
ask_directory(struct transfer *t, struct err *e)
{
	if (t->c->term->ops->line(t->c->term->self,
		"Download directory: ", &t->directory, e) == -1)
		return -1;
	out_puts(t->c->out, "\n");
	out_flush(t->c->out);
	return sftp_host_trim(t->directory, "directory", e);
}

/* All of them are asked before any answer is judged. */
static int
ask_all(struct transfer *t, struct err *e)
{
	struct err wrong = ERR_INIT;

	if (sftp_host_ask(&t->host, &wrong) == -1 && wrong.code != ERR_USAGE) {
		*e = wrong;
		return -1;
	}
	if (ask_directory(t, e) == -1)
		return -1;
	if (wrong.code == ERR_NONE)
		return 0;
	*e = wrong;
	return -1;
}

static void
disconnect(struct transfer *t)
{
	xfer_close(t->xfer);
	t->xfer = NULL;
	session_close(t->session);
	t->session = NULL;
}

/* --- sending a file of the batch --- */

static ssize_t
read_batch(void *self, void *buf, size_t size, struct err *e)
{
	struct transfer *t = self;
	ssize_t n = t->batch->read(t->batch->self, buf, size, e);

	t->own = n == -1;
	return n;
}

/* The batch's files are numbered; the one under way is the next to be done. */
static int
restart_batch(void *self, struct err *e)
{
	struct transfer *t = self;

	t->batch->close(t->batch->self);
	t->own = t->batch->open(t->batch->self, t->done, e) == -1;
	return t->own ? -1 : 0;
}

static void
moved(void *self, uint64_t bytes)
{
	struct transfer *t = self;

	sftp_meter_moved(&t->meter, bytes);
}

/* --- sending a recovery key --- */

/* A file in memory. */
struct key_file {
	uint8_t data[KEY_MAX];
	size_t len;
	size_t off; /* of the next byte to send */
};

static ssize_t
read_key(void *self, void *buf, size_t size, struct err *e)
{
	struct key_file *k = self;
	size_t n = k->len - k->off < size ? k->len - k->off : size;

	(void)e;
	memcpy(buf, k->data + k->off, n);
	k->off += n;
	return (ssize_t)n;
}

static int
restart_key(void *self, struct err *e)
{
	struct key_file *k = self;

	(void)e;
	k->off = 0;
	return 0;
}

static int
load_key(const struct file_batch *b, struct key_file *k, struct err *e)
{
	ssize_t n;

	do {
		n = b->read(b->self, k->data + k->len, KEY_MAX - k->len, e);
		if (n > 0)
			k->len += (size_t)n;
	} while (n > 0 && k->len < KEY_MAX);
	if (n == -1)
		return -1;
	if (k->len == KEY_MAX)
		return err_set(e, ERR_TOO_BIG,
		    "the recovery key's file is longer than a key can be");
	return 0;
}

/* --- failures --- */

/*
 * What was begun is removed over a new connection, if the server still has
 * one for us.
 */
static void
tidy_up(struct transfer *t, const char *path, struct xfer_result *r,
    struct err *e)
{
	bool retry = e->code == ERR_UNREACHABLE || e->code == ERR_TIMEOUT;
	struct err ignored = ERR_INIT;

	if (retry && xfer_unfinished(r)) {
		disconnect(t);
		t->session = sftp_host_login(&t->host, TIDY_STEP_MS, &ignored);
		if (t->session != NULL)
			t->xfer = xfer_open(t->session, &ignored);
		if (t->xfer != NULL)
			(void)xfer_tidy(t->xfer, path, r, &ignored);
	}
	(void)str_copy(t->left, sizeof(t->left),
	    r->aside[0] != '\0' ? r->aside : r->temporary);
}

/* What the user can do about it, when a file goes there or comes from there. */
static const char *
advice(enum err_code code, bool fetching)
{
	if (code == ERR_UNREACHABLE || code == ERR_TIMEOUT)
		return " Check the server and the network, then try again.";
	if (fetching && (code == ERR_NOT_FOUND || code == ERR_DENIED))
		return " Check the path and the user.";
	if (code == ERR_NOT_FOUND)
		return " Make the directory there or name another one.";
	if (code == ERR_STATE)
		return " Name another directory.";
	if (code == ERR_DENIED)
		return " Name a directory that this user may write to.";
	if (code == ERR_NO_SPACE)
		return " Make room there or name another directory.";
	return "";
}

/* One line: the host, what went wrong there, what to do. */
static int
failed(const struct transfer *t, struct err *e)
{
	struct err why = *e;

	if (why.code == ERR_CANCELLED || t->own)
		return -1;
	(void)err_set(e, why.code, "%s: %s.%s", t->host.name, why.msg,
	    advice(why.code, t->batch == NULL));
	if (t->batch != NULL && t->done > t->n_missed)
		return err_hint(e,
		    "%zu of %zu files were transferred before that.",
		    t->done - t->n_missed, t->batch->n);
	return -1;
}

static int
connect_host(struct transfer *t, struct err *e)
{
	t->session = sftp_host_login(&t->host, 0, e);
	if (t->session == NULL)
		return -1;
	t->xfer = xfer_open(t->session, e);
	return t->xfer == NULL ? failed(t, e) : 0;
}

static int
put(struct transfer *t, const char *path, const struct xfer_source *src,
    struct xfer_result *r, struct err *e)
{
	if (xfer_put(t->xfer, path, src, r, e) == 0)
		return 0;
	if (xfer_unfinished(r))
		tidy_up(t, path, r, e);
	return -1;
}

/* --- the recovery key is proven --- */

static bool
is_refusal(enum err_code code)
{
	return code == ERR_DENIED || code == ERR_IO || code == ERR_NOT_FOUND;
}

/* *whole: the copy was read back and is the same. */
static int
read_back(struct transfer *t, const char *path, const struct key_file *k,
    bool *whole, struct err *e)
{
	uint8_t *data;
	size_t len;
	bool same;

	*whole = false;
	if (xfer_get(t->xfer, path, KEY_MAX, &data, &len, e) == -1) {
		if (is_refusal(e->code)) {
			err_clear(e);
			return 0;
		}
		if (e->code != ERR_TOO_BIG)
			return err_wrap(e,
			    "%s was sent, but not proven by reading it back",
			    path);
		same = false;
	} else {
		same = len == k->len && memcmp(data, k->data, len) == 0;
		mem_free_wiped(data, len);
	}
	*whole = same;
	if (same)
		return 0;
	(void)xfer_remove(t->xfer, path, e);
	return err_set(e, ERR_IO,
	    "%s read back is not what was sent, so it was removed", path);
}

static int
report_saved(const struct cmd_ctx *c, const struct key_file *k, struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	const char *const words[] = { "recovery", "saved", hex, NULL };

	digest_hex(DIGEST_SHA256, k->data, k->len, hex);
	if (cmd_call(c, words, NULL, e) == 0)
		return 0;
	return err_wrap(e,
	    "The copy was made and verified, but could not be noted, so the "
	    "alarm stays");
}

static int
put_key(struct transfer *t, const char *path, struct err *e)
{
	struct key_file *k = mem_alloc(sizeof(*k));
	const struct xfer_source src = { .read = read_key,
		.restart = restart_key,
		.self = k,
		.is_private = true,
		.sync = true };
	struct xfer_result r;
	bool whole = false;
	int rc;

	rc = load_key(t->batch, k, e);
	t->own = rc == -1;
	if (rc == 0)
		rc = put(t, path, &src, &r, e);
	if (rc == 0 && !r.plain)
		rc = read_back(t, path, k, &whole, e);
	if (rc == -1)
		(void)failed(t, e);
	else if (whole)
		rc = report_saved(t->c, k, e);
	t->unverified = t->unverified || !whole;
	mem_free_wiped(k, sizeof(*k));
	return rc;
}

/* --- all files --- */

static int
put_file(struct transfer *t, const struct file_source *f, struct err *e)
{
	const struct xfer_source src = { .read = read_batch,
		.restart = restart_batch,
		.moved = moved,
		.self = t };
	char path[XFER_PATH_MAX];
	struct xfer_result r;

	if (xfer_path(path, t->directory, f->name, strlen(f->name), e) == -1 ||
	    xfer_make_directories(t->xfer, t->directory, f->name, e) == -1)
		return failed(t, e);
	if (f->recovery_key)
		return put_key(t, path, e);
	return put(t, path, &src, &r, e) == -1 ? failed(t, e) : 0;
}

static int
put_next(struct transfer *t, struct err *e)
{
	const struct file_batch *b = t->batch;
	struct file_source f;
	int rc;

	b->describe(b->self, t->done, &f);
	if (b->open(b->self, t->done, e) == -1) {
		if (b->n == 1 || f.recovery_key)
			return -1;
		err_clear(e);
		t->missed[t->done] = true;
		t->n_missed++;
		return 0;
	}
	sftp_meter_begin(&t->meter, f.size);
	rc = put_file(t, &f, e);
	b->close(b->self);
	sftp_meter_end(&t->meter, rc == 0);
	return rc;
}

static int
put_all(struct transfer *t, struct err *e)
{
	if (t->directory[0] != '\0' &&
	    xfer_check_directory(t->xfer, t->directory, e) == -1)
		return failed(t, e);
	while (t->done < t->batch->n) {
		if (put_next(t, e) == -1)
			return -1;
		t->done++;
	}
	return 0;
}

static void
tell_result(const struct transfer *t)
{
	struct out *out = t->c->out;
	struct file_source f;
	size_t i;

	out_puts(out, "Transfer completed.\n");
	for (i = 0; i < t->batch->n; i++) {
		if (t->missed[i])
			continue;
		t->batch->describe(t->batch->self, i, &f);
		out_puts(out, "Downloading file: ");
		out_visible(out, f.shown, strlen(f.shown));
		out_puts(out, "\n");
	}
	if (t->unverified)
		out_printf(out,
		    "The copy could not be verified, because %s does not let "
		    "it be renamed or read back.\n"
		    "It does not count as a backup of the recovery key: the "
		    "alarm stays.\n",
		    t->host.name);
}

/* Something could not be tidied up. */
static void
tell_left(const struct transfer *t)
{
	if (t->left[0] != '\0')
		out_printf(t->c->out,
		    "A file of this transfer may be left on %s: %s\n",
		    t->host.name, t->left);
}

int
sftp_dialogue_put(const struct cmd_ctx *c, const struct file_batch *batch,
    struct err *e)
{
	struct transfer t = { .c = c, .batch = batch };
	int rc;

	sftp_host_init(&t.host, c);
	sftp_meter_init(&t.meter, c);
	t.missed = mem_array(batch->n, sizeof(*t.missed));
	rc = ask_all(&t, e);
	if (rc == 0)
		rc = connect_host(&t, e);
	if (rc == 0)
		rc = put_all(&t, e);
	sftp_meter_finish(&t.meter);
	if (rc == 0)
		tell_result(&t);
	else
		tell_left(&t);
	disconnect(&t);
	sftp_host_release(&t.host);
	free(t.missed);
	free(t.directory);
	return rc;
}

int
sftp_dialogue_fetch(const struct cmd_ctx *c, const struct sftp_fetch *f,
    uint8_t **data, size_t *len, struct err *e)
{
	struct transfer t = { .c = c };
	int rc;

	sftp_host_init(&t.host, c);
	rc = sftp_host_given(&t.host, f->host, f->user, e);
	if (rc == 0)
		rc = connect_host(&t, e);
	if (rc == 0) {
		rc = xfer_get(t.xfer, f->path, f->max, data, len, e);
		if (rc == -1)
			(void)failed(&t, e);
	}
	disconnect(&t);
	sftp_host_release(&t.host);
	return rc;
}
