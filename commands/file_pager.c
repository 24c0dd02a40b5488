#include "commands/file_pager.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "commands/file_lines.h"

#define LOOK_UP 4096 /* lines between two looks at Ctrl-C */

struct file_pager {
	const struct cmd_ctx *c;
	int fd;
	int64_t *mark; /* where page i * stride begins */
	int64_t stride; /* pages from mark to mark */
	int64_t marks;
	int64_t lines; /* of the file, when it was counted */
	int64_t pages;
};

/* Note that a page begins at pos. */
static void
note_page(struct file_pager *p, int64_t page, int64_t pos)
{
	if (page % p->stride != 0)
		return;
	if (p->marks == FILE_PAGER_MARKS) {
		int64_t i;

		/* Every second one is given up. */
		for (i = 0; i < FILE_PAGER_MARKS / 2; i++)
			p->mark[i] = p->mark[2 * i];
		p->marks = FILE_PAGER_MARKS / 2;
		p->stride *= 2;
		if (page % p->stride != 0)
			return;
	}
	p->mark[p->marks++] = pos;
}

/* Count the lines and note where pages begin. */
static int
count(struct file_pager *p, struct err *e)
{
	struct file_lines l;
	const char *line;
	int64_t pos = 0;
	size_t n;
	int rc;

	file_lines_init(&l, p->fd, 0);
	while ((rc = file_lines_next(&l, false, &line, &n, e)) == 1) {
		if (p->lines % FILE_PAGER_LINES == 0)
			note_page(p, p->lines / FILE_PAGER_LINES, pos);
		pos = l.pos;
		p->lines++;
		if (p->lines % LOOK_UP == 0 && cmd_interrupted(p->c)) {
			rc = err_set(e, ERR_CANCELLED, "cancelled");
			break;
		}
	}
	file_lines_release(&l);
	p->pages = (p->lines + FILE_PAGER_LINES - 1) / FILE_PAGER_LINES;
	return rc;
}

/* Print a page; lines before it are counted off from the nearest mark. */
static int
print_page(const struct file_pager *p, int64_t page, struct err *e)
{
	int64_t mark = page / p->stride;
	int64_t skip = (page - mark * p->stride) * FILE_PAGER_LINES;
	int64_t left = FILE_PAGER_LINES;
	struct file_lines l;
	const char *line;
	size_t n;
	int rc = 1;

	if (p->lines == 0)
		return 0;
	if (lseek(p->fd, (off_t)p->mark[mark], SEEK_SET) == -1)
		return err_errno(e, "file");
	file_lines_init(&l, p->fd, p->mark[mark]);
	while (
	    left > 0 && (rc = file_lines_next(&l, false, &line, &n, e)) == 1) {
		if (skip > 0) {
			skip--;
			continue;
		}
		file_line_print(p->c->out, line, n);
		left--;
	}
	file_lines_release(&l);
	return rc == -1 ? -1 : 0;
}

/* The page a key leads to; -1: leave, -2: none. */
static int64_t
turn(const struct file_pager *p, int64_t page, int key)
{
	int64_t last = p->pages == 0 ? 0 : p->pages - 1;

	switch (key) {
	case 'q':
		return -1;
	case 'n':
		return page < last ? page + 1 : last;
	case 'p':
		return page > 0 ? page - 1 : 0;
	case 'b':
		return 0;
	case 'e':
		return last;
	default:
		return -2;
	}
}

/* Ask which page comes next; -1 to leave, -2 at Ctrl-C. */
static int64_t
ask(const struct file_pager *p, int64_t page)
{
	int64_t first = page * FILE_PAGER_LINES + 1;
	int64_t last = (page + 1) * FILE_PAGER_LINES;
	int64_t next;

	if (page + 1 >= p->pages) {
		first = p->lines == 0 ? 0 : first;
		last = p->lines;
		out_puts(p->c->out, "end of the file reached");
	}
	out_printf(p->c->out,
	    "\033[1m\noptions: q=quit, n=next, p=prev, b=begin, e=end "
	    "(lines %lld - %lld of %lld) : \033[0m",
	    (long long)first, (long long)last, (long long)p->lines);
	out_flush(p->c->out);
	do {
		int key;

		key = p->c->term->ops->key(p->c->term->self);
		if (key < 0)
			return -2;
		next = turn(p, page, key);
	} while (next == -2);
	out_puts(p->c->out, "\n");
	return next;
}

int
file_pager_run(const struct cmd_ctx *c, int fd, struct err *e)
{
	struct file_pager p = { .c = c, .fd = fd, .stride = 1 };
	int64_t page = 0;
	int rc;

	p.mark = mem_array(FILE_PAGER_MARKS, sizeof(*p.mark));
	rc = count(&p, e);
	while (rc == 0 && page >= 0) {
		rc = print_page(&p, page, e);
		if (rc == -1)
			break;
		page = ask(&p, page);
		if (page == -2)
			rc = err_set(e, ERR_CANCELLED, "cancelled");
	}
	free(p.mark);
	return rc;
}
