#include "commands/file_follow.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "commands/file_layout.h"
#include "commands/file_lines.h"

#define PAUSE_MS 200
#define CHUNK 65536

/* The file that is read now. */
struct reader {
	const struct cmd_ctx *c;
	const struct file_follow *f;
	int fd;
	struct stat st;
	struct file_lines l;
};

/*
 * Count newlines backwards in len bytes that stand at from in the file, but
 * for the one that ends it.  True when *n of them are
 * found: *at is behind the last one.
 */
static bool
count_back(const char *buf, size_t len, const struct stat *st, int64_t from,
    uint64_t *n, int64_t *at)
{
	for (; len > 0; len--) {
		*at = from + (int64_t)len;
		if (buf[len - 1] == '\n' && *at != (int64_t)st->st_size &&
		    --*n == 0)
			return true;
	}
	return false;
}

/*
 * Where the last lines that are wanted first begin, in *at; a line of more
 * than FILE_LINE_MAX bytes may count as several.
 */
static int
find_beginning(struct reader *r, int64_t *at, struct err *e)
{
	int64_t end = (int64_t)r->st.st_size;
	int64_t least = end - (int64_t)r->f->lines * FILE_LINE_MAX;
	uint64_t n = r->f->lines;
	char *buf = mem_alloc(CHUNK);
	int rc = 0;

	if (least < 0)
		least = 0;
	while (end > least) {
		int64_t from;
		ssize_t got;

		from = end - least > CHUNK ? end - CHUNK : least;
		got = pread(r->fd, buf, (size_t)(end - from), (off_t)from);
		if (got == -1)
			rc = err_errno(e, "read");
		else if (cmd_interrupted(r->c))
			rc = err_set(e, ERR_CANCELLED, "cancelled");
		if (rc == -1 ||
		    count_back(buf, (size_t)got, &r->st, from, &n, at))
			goto out;
		end = from;
	}
	*at = least;
out:
	free(buf);
	return rc;
}

/* Begin to read r->fd at pos. */
static int
begin(struct reader *r, int64_t pos, struct err *e)
{
	if (lseek(r->fd, (off_t)pos, SEEK_SET) == -1)
		return err_errno(e, "file");
	file_lines_init(&r->l, r->fd, pos);
	return 0;
}

/* Print what there is: whole lines, or all. */
static int
print(struct reader *r, bool whole, struct err *e)
{
	const char *line;
	int64_t pos = r->l.pos;
	size_t n;
	int rc;

	while ((rc = file_lines_next(&r->l, whole, &line, &n, e)) == 1) {
		struct out *out = r->c->out;

		if (cmd_interrupted(r->c))
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (out_failed(out))
			return 0;
		if (r->f->match == NULL || regexp_match(r->f->match, line, n)) {
			if (r->f->hex)
				file_layout_hex(out, pos, line,
				    (size_t)(r->l.pos - pos));
			else
				file_line_print(out, line, n);
		}
		pos = r->l.pos;
	}
	out_flush(r->c->out);
	return rc;
}

/* Go on with another file of that name, or with the same one emptied. */
static int
restart(struct reader *r, int fd, struct err *e)
{
	if (print(r, false, e) == -1) {
		(void)close(fd);
		return -1;
	}
	file_lines_release(&r->l);
	(void)close(r->fd);
	r->fd = fd;
	return begin(r, 0, e);
}

/* Is it still the file of that name? */
static int
look(struct reader *r, struct err *e)
{
	struct err ignored = ERR_INIT;
	struct stat st;
	int fd;

	fd = fileroot_open_file(r->f->root, r->f->path, &st, &ignored);
	if (fd == -1)
		return 0; /* between two files */
	if (st.st_dev != r->st.st_dev || st.st_ino != r->st.st_ino ||
	    (int64_t)st.st_size < r->l.pos) {
		r->st = st;
		return restart(r, fd, e);
	}
	(void)close(fd);
	return 0;
}

static int
follow(struct reader *r, struct err *e)
{
	while (!out_failed(r->c->out)) {
		if (print(r, true, e) == -1 || look(r, e) == -1)
			return -1;
		if (cmd_interrupted(r->c))
			return err_set(e, ERR_CANCELLED, "cancelled");
		clock_nap(PAUSE_MS);
	}
	return 0;
}

int
file_follow_run(const struct cmd_ctx *c, const struct file_follow *f,
    struct err *e)
{
	struct reader r = { .c = c, .f = f };
	int64_t pos = 0;
	int rc = -1;

	r.fd = fileroot_open_file(f->root, f->path, &r.st, e);
	if (r.fd == -1)
		return -1;
	if (find_beginning(&r, &pos, e) == 0 && begin(&r, pos, e) == 0) {
		rc = follow(&r, e);
		file_lines_release(&r.l);
	}
	(void)close(r.fd);
	return rc;
}
