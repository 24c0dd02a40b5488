#include "sftp/xfer.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "sftp/xfer_priv.h"

#define SAID_SIZE 200
#define STATVFS_FIELDS 8 /* up to f_favail */

struct xfer *
xfer_open(struct session *s, struct err *e)
{
	struct xfer *x = mem_alloc(sizeof(*x));

	x->s = s;
	if (xfer_wire_start(x, e) == 0)
		return x;
	xfer_close(x);
	return NULL;
}

/* --- what was refused --- */

/* Is there no room for a chunk, or for a file, where path is? */
static bool
is_full(struct xfer *x, const char *path)
{
	uint64_t field[STATVFS_FIELDS];
	struct err ignored = ERR_INIT;
	struct xfer_reply r = { .type = 0 };
	struct rbuf in;
	uint32_t id;
	size_t i;

	if ((x->extensions & XFER_STATVFS) == 0)
		return false;
	id = xfer_begin(x, XFER_EXTENDED);
	xfer_msg_text(&x->packet, "statvfs@openssh.com");
	xfer_msg_text(&x->packet, path);
	if (xfer_ask(x, id, &r, &ignored) == -1 ||
	    r.type != XFER_EXTENDED_REPLY)
		return false;
	rbuf_init(&in, r.bytes, r.len);
	for (i = 0; i < STATVFS_FIELDS; i++) {
		if (rbuf_be64(&in, &field[i]) == -1)
			return false;
	}
	/* f_frsize, f_bavail; f_files, f_favail */
	if (field[5] > 0 && field[7] == 0)
		return true;
	return field[1] > 0 && field[4] <= XFER_CHUNK / field[1];
}

int
xfer_refused(struct xfer *x, const struct xfer_reply *r, const char *path,
    struct err *e, const char *what)
{
	char said[SAID_SIZE];

	if (r->type != XFER_STATUS) {
		x->dead = true;
		return err_set(e, ERR_FORMAT,
		    "%s: the server breaks the SFTP protocol", what);
	}
	if (r->status == XFER_NO_SUCH_FILE)
		return err_set(e, ERR_NOT_FOUND,
		    "%s: there is no such file or directory", what);
	if (r->status == XFER_PERMISSION_DENIED)
		return err_set(e, ERR_DENIED, "%s: no permission", what);
	str_visible(said, sizeof(said), r->bytes, r->len);
	if (said[0] == '\0')
		(void)str_printf(said, sizeof(said), "status %u",
		    (unsigned)r->status);
	if (path != NULL && is_full(x, path))
		return err_set(e, ERR_NO_SPACE, "%s: the disk is full", what);
	return err_set(e, ERR_IO, "%s: the server says \"%s\"", what, said);
}

static bool
is_status(const struct xfer_reply *r, enum xfer_status status)
{
	return r->type == XFER_STATUS && r->status == (uint32_t)status;
}

/* --- directories --- */

int
xfer_check_directory(struct xfer *x, const char *path, struct err *e)
{
	struct xfer_reply r = { .type = 0 };

	if (xfer_ask_path(x, XFER_STAT, path, &r, e) == -1)
		return -1;
	if (is_status(&r, XFER_NO_SUCH_FILE))
		return err_set(e, ERR_NOT_FOUND, "there is no directory %s",
		    path);
	if (r.type == XFER_ATTRS && r.has_mode && !S_ISDIR(r.mode))
		return err_set(e, ERR_STATE, "%s is not a directory", path);
	/* A server that does not tell is believed. */
	return 0;
}

static int
make_directory(struct xfer *x, const char *path, struct err *e)
{
	struct xfer_reply r = { .type = 0 }, there = { .type = 0 };
	char what[XFER_PATH_MAX];

	if (xfer_ask_path(x, XFER_MKDIR, path, &r, e) == -1)
		return -1;
	if (is_status(&r, XFER_OK))
		return 0;
	(void)str_printf(what, sizeof(what), "cannot make the directory %s",
	    path);
	(void)xfer_refused(x, &r, path, e, what);
	/* It may be there already: the server says no more than "failure". */
	if (xfer_ask_path(x, XFER_STAT, path, &there, e) == 0 &&
	    there.type == XFER_ATTRS && there.has_mode && S_ISDIR(there.mode)) {
		err_clear(e);
		return 0;
	}
	return -1;
}

int
xfer_make_directories(struct xfer *x, const char *base, const char *name,
    struct err *e)
{
	const char *slash;
	char path[XFER_PATH_MAX];

	for (slash = strchr(name, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		if (xfer_path(path, base, name, (size_t)(slash - name), e) ==
			-1 ||
		    make_directory(x, path, e) == -1)
			return -1;
	}
	return 0;
}

int
xfer_path(char dst[XFER_PATH_MAX], const char *base, const char *name,
    size_t len, struct err *e)
{
	size_t n = strlen(base);
	const char *between = n == 0 || base[n - 1] == '/' ? "" : "/";

	if (str_printf(dst, XFER_PATH_MAX, "%s%s%.*s", base, between, (int)len,
		name) == -1)
		return err_set(e, ERR_TOO_BIG, "the path %s%s%s is too long",
		    base, between, name);
	return 0;
}

/* --- files --- */

int
xfer_open_file(struct xfer *x, const char *path,
    const struct xfer_open_mode *mode, struct xfer_handle *handle,
    struct err *e)
{
	bool writes = (mode->flags & XFER_OPEN_WRITE) != 0;
	uint32_t id = xfer_begin(x, XFER_OPEN);
	char what[XFER_PATH_MAX];
	struct xfer_reply r = { .type = 0 };

	xfer_msg_text(&x->packet, path);
	wbuf_be32(&x->packet, mode->flags);
	wbuf_be32(&x->packet, mode->is_private ? XFER_ATTR_MODE : 0);
	if (mode->is_private)
		wbuf_be32(&x->packet, S_IFREG | 0600);
	if (xfer_ask(x, id, &r, e) == -1)
		return -1;
	if (r.type == XFER_HANDLE) {
		memcpy(handle->bytes, r.bytes, r.len);
		handle->len = r.len;
		return 0;
	}
	(void)str_printf(what, sizeof(what), "cannot %s %s",
	    writes ? "write" : "read",
	    mode->shown != NULL ? mode->shown : path);
	return xfer_refused(x, &r, writes ? path : NULL, e, what);
}

int
xfer_close_file(struct xfer *x, const struct xfer_handle *handle, struct err *e)
{
	uint32_t id = xfer_begin(x, XFER_CLOSE);
	struct xfer_reply r = { .type = 0 };

	xfer_msg_string(&x->packet, handle->bytes, handle->len);
	if (xfer_ask(x, id, &r, e) == -1)
		return -1;
	if (is_status(&r, XFER_OK))
		return 0;
	return xfer_refused(x, &r, NULL, e, "cannot finish the file");
}

int
xfer_remove(struct xfer *x, const char *path, struct err *e)
{
	struct xfer_reply r = { .type = 0 };
	char what[XFER_PATH_MAX];

	if (xfer_ask_path(x, XFER_REMOVE, path, &r, e) == -1)
		return -1;
	if (is_status(&r, XFER_OK) || is_status(&r, XFER_NO_SUCH_FILE))
		return 0;
	(void)str_printf(what, sizeof(what), "cannot remove %s", path);
	return xfer_refused(x, &r, NULL, e, what);
}

/* --- fetching --- */

/* One piece at offset w->len.  1: there may be more, 0: that was the end. */
static int
read_piece(struct xfer *x, const char *path, const struct xfer_handle *handle,
    struct wbuf *w, struct err *e)
{
	uint32_t id = xfer_begin(x, XFER_READ);
	struct xfer_reply r = { .type = 0 };

	xfer_msg_string(&x->packet, handle->bytes, handle->len);
	wbuf_be64(&x->packet, w->len);
	wbuf_be32(&x->packet, XFER_CHUNK);
	if (xfer_ask(x, id, &r, e) == -1)
		return -1;
	if (is_status(&r, XFER_EOF))
		return 0;
	if (r.type != XFER_DATA || r.len > XFER_CHUNK) {
		char what[XFER_PATH_MAX + 16];

		(void)str_printf(what, sizeof(what), "cannot read %s", path);
		return xfer_refused(x, &r, NULL, e, what);
	}
	wbuf_bytes(w, r.bytes, r.len);
	return r.len == 0 ? 0 : 1;
}

static int
read_all(struct xfer *x, const char *path, const struct xfer_handle *handle,
    size_t max, struct wbuf *w, struct err *e)
{
	int more;

	do
		more = read_piece(x, path, handle, w, e);
	while (more == 1 && !w->failed && w->len <= max);
	if (more == -1)
		return -1;
	if (w->failed || w->len > max)
		return err_set(e, ERR_TOO_BIG,
		    "the file is longer than %zu bytes", max);
	return 0;
}

int
xfer_get(struct xfer *x, const char *path, size_t max, uint8_t **data,
    size_t *len, struct err *e)
{
	static const struct xfer_open_mode mode = { .flags = XFER_OPEN_READ };
	struct err ignored = ERR_INIT;
	struct xfer_handle handle = { .len = 0 };
	struct wbuf w;
	int rc;

	if (xfer_open_file(x, path, &mode, &handle, e) == -1)
		return -1;
	wbuf_init(&w, max + XFER_CHUNK);
	rc = read_all(x, path, &handle, max, &w, e);
	if (!x->dead)
		(void)xfer_close_file(x, &handle, &ignored);
	if (rc == 0) {
		*len = w.len;
		wbuf_u8(&w, 0);
		*data = mem_dup(w.data, w.len);
	}
	wbuf_release(&w);
	return rc;
}
