#include <sys/random.h>
#include <sys/stat.h>

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/session_priv.h"
#include "sftp/xfer_priv.h"

#define OUTSTANDING_MAX 64 /* writes that are not answered yet */
#define RANDOM_SIZE 20 /* letters of a temporary name: 100 bits */

/* One file under way to one name. */
struct put {
	struct xfer *x;
	const struct xfer_source *src;
	const char *path;
	const char *shown;
	struct xfer_handle handle;
	uint64_t offset; /* of the next write */
	uint64_t moved; /* bytes that are on the server */
	bool ended; /* the source has no more */
	size_t outstanding;
	struct {
		uint32_t id;
		uint32_t bytes; /* 0: free */
	} writes[OUTSTANDING_MAX];
	uint8_t chunk[XFER_CHUNK];
};

/* --- the contents --- */

static bool
may_queue(const struct put *p)
{
	return !p->ended && p->outstanding < OUTSTANDING_MAX;
}

static void
remember(struct put *p, uint32_t id, size_t n)
{
	size_t i = 0;

	while (p->writes[i].bytes != 0)
		i++;
	p->writes[i].id = id;
	p->writes[i].bytes = (uint32_t)n;
	p->outstanding++;
}

static int
queue_chunk(struct put *p, struct err *e)
{
	ssize_t n;
	uint32_t id;

	n = p->src->read(p->src->self, p->chunk, sizeof(p->chunk), e);
	if (n == -1)
		return -1;
	if (n == 0) {
		p->ended = true;
		return 0;
	}
	id = xfer_begin(p->x, XFER_WRITE);
	xfer_msg_string(&p->x->packet, p->handle.bytes, p->handle.len);
	wbuf_be64(&p->x->packet, p->offset);
	wbuf_be32(&p->x->packet, (uint32_t)n);
	xfer_queue(p->x, p->chunk, (size_t)n);
	remember(p, id, (size_t)n);
	p->offset += (uint64_t)n;
	return 0;
}

/* The server does not store it. */
static int
refused(struct put *p, const struct xfer_reply *r, struct err *e)
{
	char what[XFER_PATH_MAX];

	(void)str_printf(what, sizeof(what), "cannot write %s", p->shown);
	return xfer_refused(p->x, r, p->path, e, what);
}

static int
take_answer(struct put *p, const struct xfer_reply *r, struct err *e)
{
	size_t i;

	for (i = 0; i < OUTSTANDING_MAX; i++) {
		if (p->writes[i].bytes != 0 && p->writes[i].id == r->id)
			break;
	}
	if (i == OUTSTANDING_MAX)
		return 0; /* of something that was given up */
	if (r->type != XFER_STATUS || r->status != XFER_OK)
		return refused(p, r, e);
	p->moved += p->writes[i].bytes;
	p->writes[i].bytes = 0;
	p->outstanding--;
	if (p->src->moved != NULL)
		p->src->moved(p->src->self, p->moved);
	return 0;
}

static int
write_all(struct put *p, struct err *e)
{
	static const size_t need = XFER_CHUNK + XFER_PACKET_HEAD;
	struct xfer_reply r = { .type = 0 };

	p->x->moved_ticks = clock_ticks();
	while (!p->ended || p->outstanding > 0) {
		int got;

		while (may_queue(p) && xfer_room(p->x) >= need) {
			if (queue_chunk(p, e) == -1)
				return -1;
		}
		if (p->ended && p->outstanding == 0)
			break;
		got = xfer_receive(p->x, may_queue(p) ? need : XFER_NO_ROOM, &r,
		    e);
		if (got == -1 || (got == 1 && take_answer(p, &r, e) == -1))
			return -1;
		if (p->x->s->stop != NULL && p->x->s->stop(p->x->s->stop_self))
			return err_set(e, ERR_CANCELLED, "cancelled");
	}
	return 0;
}

/* Onto the server's disk, as far as it can be asked for. */
static int
sync_file(struct put *p, struct err *e)
{
	struct xfer_reply r = { .type = 0 };
	uint32_t id;

	if (!p->src->sync || (p->x->extensions & XFER_FSYNC) == 0)
		return 0;
	id = xfer_begin(p->x, XFER_EXTENDED);
	xfer_msg_text(&p->x->packet, "fsync@openssh.com");
	xfer_msg_string(&p->x->packet, p->handle.bytes, p->handle.len);
	if (xfer_ask(p->x, id, &r, e) == -1)
		return -1;
	if (r.type == XFER_STATUS &&
	    (r.status == XFER_OK || r.status == XFER_OP_UNSUPPORTED))
		return 0;
	return refused(p, &r, e);
}

/* --- what is not called off --- */

typedef bool stop_fn(void *self);

static stop_fn *
begin_undisturbed(struct xfer *x)
{
	stop_fn *stop = x->s->stop;

	x->s->stop = NULL;
	x->limit_ticks = clock_ticks() + XFER_TIDY_MS;
	return stop;
}

static void
end_undisturbed(struct xfer *x, stop_fn *stop)
{
	x->limit_ticks = 0;
	x->s->stop = stop;
}

/* After a failure: some servers remove no file that is open. */
static void
abandon(struct xfer *x, const struct xfer_handle *handle)
{
	struct err ignored = ERR_INIT;
	stop_fn *stop;

	if (x->dead)
		return;
	stop = begin_undisturbed(x);
	(void)xfer_close_file(x, handle, &ignored);
	end_undisturbed(x, stop);
}

/* How a file is to be made, and its name in messages. */
struct target {
	uint32_t how; /* XFER_OPEN_… */
	const char *shown;
};

/* A failure that the server itself has told. */
static bool
is_answer(const struct xfer *x, const struct err *e)
{
	return !x->dead && e->code != ERR_CANCELLED &&
	    e->code != ERR_UNREACHABLE && e->code != ERR_TIMEOUT;
}

/*
 * The whole source as path.  *begun is false when the server has refused to
 * make the file, so that there is nothing of it.
 */
static int
send_file(struct xfer *x, const char *path, const struct target *t,
    const struct xfer_source *src, bool *begun, struct err *e)
{
	const struct xfer_open_mode mode = {
		.flags = XFER_OPEN_WRITE | XFER_OPEN_CREATE | t->how,
		.is_private = src->is_private,
		.shown = t->shown,
	};
	struct put *p = mem_alloc(sizeof(*p));
	int rc = -1;

	p->x = x;
	p->src = src;
	p->path = path;
	p->shown = t->shown;
	*begun = true;
	if (xfer_open_file(x, path, &mode, &p->handle, e) == -1) {
		*begun = !is_answer(x, e);
	} else {
		if (write_all(p, e) == 0 && sync_file(p, e) == 0)
			rc = xfer_close_file(x, &p->handle, e);
		else
			abandon(x, &p->handle);
	}
	mem_free_wiped(p, sizeof(*p));
	return rc;
}

/* --- names --- */

/* A name beside path that nobody can foresee. */
static int
name_beside(char dst[XFER_PATH_MAX], const char *path, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const char *slash = strrchr(path, '/');
	uint8_t random[RANDOM_SIZE];
	char text[RANDOM_SIZE + 1];
	size_t i;

	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return err_errno(e, "random bytes");
	for (i = 0; i < RANDOM_SIZE; i++)
		text[i] = letters[random[i] % (sizeof(letters) - 1)];
	text[RANDOM_SIZE] = '\0';
	if (str_printf(dst, XFER_PATH_MAX, "%.*s.ucmsh-%s",
		slash == NULL ? 0 : (int)(slash - path + 1), path, text) == -1)
		return err_set(e, ERR_TOO_BIG, "the path %s is too long", path);
	return 0;
}

/* 1: done, 0: refused, -1: the connection. */
static int
rename_file(struct xfer *x, enum xfer_type type, const char *from,
    const char *to, struct err *e)
{
	struct xfer_reply r = { .type = 0 };

	if (xfer_ask_paths(x, type, from, to, &r, e) == -1)
		return -1;
	return r.type == XFER_STATUS && r.status == XFER_OK ? 1 : 0;
}

/*
 * 1: there is such a file, 0: there is none, or nobody tells.  A directory is
 * nothing to replace: -1.
 */
static int
exists(struct xfer *x, const char *path, struct err *e)
{
	struct xfer_reply r = { .type = 0 };

	if (xfer_ask_path(x, XFER_STAT, path, &r, e) == -1)
		return -1;
	if (r.type != XFER_ATTRS)
		return 0;
	if (r.has_mode && S_ISDIR(r.mode))
		return err_set(e, ERR_STATE, "%s is a directory", path);
	return 1;
}

/* --- replacing --- */

/* The old file out of the way, the new one in its place.  As rename_file(). */
static int
swap(struct xfer *x, const char *path, struct xfer_result *r, struct err *e)
{
	int done;

	if (name_beside(r->aside, path, e) == -1)
		return -1;
	done = rename_file(x, XFER_RENAME, path, r->aside, e);
	if (done == 0)
		r->aside[0] = '\0';
	if (done != 1)
		return done;
	done = rename_file(x, XFER_RENAME, r->temporary, path, e);
	if (done == 0)
		return err_set(e, ERR_IO, "cannot give %s its name", path);
	if (done == 1) {
		r->temporary[0] = '\0';
		if (xfer_remove(x, r->aside, e) == -1)
			return -1;
		r->aside[0] = '\0';
	}
	return done;
}

/* Without any rename: once more, under its name. */
static int
put_plain(struct xfer *x, const char *path, const struct xfer_source *src,
    struct xfer_result *r, struct err *e)
{
	const struct target t = { .how = XFER_OPEN_TRUNCATE, .shown = path };
	int there = exists(x, path, e);

	if (there == -1 || src->restart(src->self, e) == -1)
		return -1;
	r->plain = true;
	r->replaced = there == 1;
	if (send_file(x, path, &t, src, &r->partial, e) == -1)
		return -1;
	r->partial = false;
	if (xfer_remove(x, r->temporary, e) == -1)
		return -1;
	r->temporary[0] = '\0';
	return 0;
}

/* Give the temporary file its name. */
static int
replace(struct xfer *x, const char *path, const struct xfer_source *src,
    struct xfer_result *r, struct err *e)
{
	int done = 0;

	if ((x->extensions & XFER_POSIX_RENAME) != 0)
		done = rename_file(x, XFER_EXTENDED, r->temporary, path, e);
	if (done == 0)
		done = rename_file(x, XFER_RENAME, r->temporary, path, e);
	if (done == 1)
		r->temporary[0] = '\0';
	if (done != 0)
		return done == 1 ? 0 : -1;
	done = exists(x, path, e);
	if (done == 1)
		done = swap(x, path, r, e);
	if (done != 0)
		return done == 1 ? 0 : -1;
	return put_plain(x, path, src, r, e);
}

/* --- tidying up --- */

bool
xfer_unfinished(const struct xfer_result *r)
{
	return r->temporary[0] != '\0' || r->aside[0] != '\0' || r->partial;
}

static int
put_back(struct xfer *x, const char *path, struct xfer_result *r, struct err *e)
{
	int there = exists(x, path, e);

	if (there == -1)
		return -1;
	if (there == 1) {
		if (xfer_remove(x, r->aside, e) == -1)
			return -1;
	} else if (rename_file(x, XFER_RENAME, r->aside, path, e) != 1) {
		return -1;
	}
	r->aside[0] = '\0';
	return 0;
}

static int
tidy(struct xfer *x, const char *path, struct xfer_result *r, struct err *e)
{
	if (r->aside[0] != '\0' && put_back(x, path, r, e) == -1)
		return -1;
	/* The one whole copy there is stays. */
	if (r->partial && r->replaced)
		return err_set(e, ERR_PARTIAL, "%s is incomplete; %s is whole",
		    path, r->temporary);
	if (r->partial && xfer_remove(x, path, e) == -1)
		return -1;
	r->partial = false;
	if (r->temporary[0] != '\0' && xfer_remove(x, r->temporary, e) == -1)
		return -1;
	r->temporary[0] = '\0';
	return 0;
}

int
xfer_tidy(struct xfer *x, const char *path, struct xfer_result *r,
    struct err *e)
{
	stop_fn *stop;
	int rc;

	if (!xfer_unfinished(r))
		return 0;
	stop = begin_undisturbed(x);
	rc = tidy(x, path, r, e);
	end_undisturbed(x, stop);
	return rc;
}

int
xfer_put(struct xfer *x, const char *path, const struct xfer_source *src,
    struct xfer_result *r, struct err *e)
{
	const struct target t = { .how = XFER_OPEN_EXCLUSIVE, .shown = path };
	struct err ignored = ERR_INIT;
	bool begun = false;

	memset(r, 0, sizeof(*r));
	if (name_beside(r->temporary, path, e) == -1) {
		r->temporary[0] = '\0';
		return -1;
	}
	if (send_file(x, r->temporary, &t, src, &begun, e) == 0 &&
	    replace(x, path, src, r, e) == 0)
		return 0;
	if (!begun)
		r->temporary[0] = '\0';
	if (!x->dead)
		(void)xfer_tidy(x, path, r, &ignored);
	return -1;
}
