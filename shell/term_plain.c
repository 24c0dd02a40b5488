#include "shell/term_plain.h"

#include <sys/ioctl.h>

#include <string.h>

#define ROWS 24
#define COLUMNS 80

int
term_plain_error(enum edit_event event, struct err *e)
{
	switch (event) {
	case EDIT_LINE:
		return 0;
	case EDIT_INTERRUPT:
		return err_set(e, ERR_CANCELLED, "cancelled");
	case EDIT_TOO_LONG:
		return err_set(e, ERR_USAGE,
		    "The answer is too long. Nothing was changed.");
	case EDIT_IDLE:
	case EDIT_END:
	case EDIT_HANGUP:
		break;
	}
	return err_set(e, ERR_STATE,
	    "The command needs an answer and there is no more input. "
	    "Nothing was changed.");
}

static int
line(void *self, const char *prompt, char **answer, struct err *e)
{
	struct term_plain *t = self;

	return term_plain_error(edit_line(&t->ed, prompt, NULL, answer), e);
}

static int
secret(void *self, const char *prompt, struct secret *out, struct err *e)
{
	struct term_plain *t = self;

	return term_plain_error(edit_secret(&t->ed, prompt, out), e);
}

static int
stars(void *self, const char *prompt, struct secret *out, struct err *e)
{
	struct term_plain *t = self;

	return term_plain_error(edit_stars(&t->ed, prompt, out), e);
}

static int
key(void *self)
{
	struct term_plain *t = self;
	int k = input_key(&t->in);

	return k < 0 ? -1 : k;
}

void
term_plain_window(int fd, unsigned *rows, unsigned *cols)
{
	struct winsize w;

	memset(&w, 0, sizeof(w));
	(void)ioctl(fd, TIOCGWINSZ, &w);
	*rows = w.ws_row == 0 ? ROWS : w.ws_row;
	*cols = w.ws_col == 0 ? COLUMNS : w.ws_col;
}

static void
size(void *self, unsigned *rows, unsigned *cols)
{
	struct term_plain *t = self;

	term_plain_window(t->ed.out_fd, rows, cols);
}

static enum edit_event
command(void *self, const char *prompt, char **answer)
{
	struct term_plain *t = self;

	return edit_line(&t->ed, prompt, t->table, answer);
}

void
term_plain_init(struct term_plain *t, int in_fd, int out_fd, bool echo,
    int64_t idle_ms)
{
	static const struct term_ops ops = {
		.line = line,
		.secret = secret,
		.stars = stars,
		.key = key,
		.size = size,
	};

	memset(t, 0, sizeof(*t));
	input_init(&t->in, in_fd, idle_ms);
	t->ed.in = &t->in;
	t->ed.out_fd = out_fd;
	t->ed.echo = echo;
	t->console.term.ops = &ops;
	t->console.term.self = t;
	t->console.command = command;
	t->console.self = t;
}
