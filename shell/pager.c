#include "shell/pager.h"

#include <string.h>

#include "shell/edit.h"

#define STOP                                                                \
	"\033[1mPress <enter> for 1 line, <space> for one page, or <q> to " \
	"quit\033[0m"
#define WIPE "\r\033[K"

void
pager_init(struct pager *p, struct term *term, int fd)
{
	memset(p, 0, sizeof(*p));
	p->term = term;
	p->fd = fd;
	term->ops->size(term->self, &p->rows, &p->cols);
	if (p->rows < 2)
		p->rows = 2;
	p->left = p->rows - 1;
}

/* Wait for a key that means something. */
static void
stop(struct pager *p)
{
	int key;

	edit_write(p->fd, STOP, strlen(STOP));
	do
		key = p->term->ops->key(p->term->self);
	while (key != '\n' && key != ' ' && key != 'q' && key >= 0);
	edit_write(p->fd, WIPE, strlen(WIPE));
	if (key == '\n')
		p->left = 1;
	else if (key == ' ')
		p->left = p->rows - 1;
	else
		p->stopped = true;
	p->interrupted = key < 0;
}

/*
 * How many of n bytes fit before the next row begins; counts the row when it
 * is full or ends.
 */
static size_t
take_row(struct pager *p, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] == '\n') {
			p->col = 0;
			p->left--;
			return i + 1;
		}
		if (((unsigned char)s[i] & 0xc0) == 0x80)
			continue; /* not the first byte of a character */
		if (p->col == p->cols) {
			p->col = 0;
			p->left--;
			return i;
		}
		p->col = s[i] == '\t' ? (p->col | 7) + 1 : p->col + 1;
		if (p->col > p->cols)
			p->col = p->cols;
	}
	return n;
}

static int
print(void *self, const char *s, size_t n)
{
	struct pager *p = self;
	size_t k;

	while (n > 0 && !p->stopped) {
		if (p->left == 0) {
			stop(p);
			continue;
		}
		k = take_row(p, s, n);
		edit_write(p->fd, s, k);
		s += k;
		n -= k;
	}
	return p->stopped ? -1 : 0;
}

struct out *
pager_out(struct pager *p, enum out_form form)
{
	return out_new_fn(print, p, form);
}
