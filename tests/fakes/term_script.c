#include "tests/fakes/term_script.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"

/* The next answer; NULL with e when there is none. */
static const char *
next(struct term_script *t, struct err *e)
{
	const char *answer = t->answer == NULL ? NULL : *t->answer;

	if (answer == NULL) {
		(void)err_set(e, ERR_STATE, "no more input");
		return NULL;
	}
	t->answer++;
	if (str_equal(answer, "^C")) {
		(void)err_set(e, ERR_CANCELLED, "cancelled");
		return NULL;
	}
	return answer;
}

static int
line(void *self, const char *prompt, char **out, struct err *e)
{
	struct term_script *t = self;
	const char *answer = next(t, e);

	out_printf(t->out, "%s%s\n", prompt, answer == NULL ? "" : answer);
	if (answer == NULL)
		return -1;
	*out = mem_strdup(answer);
	return 0;
}

static int
secret(void *self, const char *prompt, struct secret *out, struct err *e)
{
	struct term_script *t = self;
	const char *answer = next(t, e);

	out_printf(t->out, "%s\n", prompt);
	if (answer == NULL)
		return -1;
	secret_set(out, answer, strlen(answer));
	return 0;
}

static int
stars(void *self, const char *prompt, struct secret *out, struct err *e)
{
	struct term_script *t = self;
	const char *answer = next(t, e);
	size_t i;

	out_puts(t->out, prompt);
	for (i = 0; answer != NULL && answer[i] != '\0'; i++)
		out_puts(t->out, "*");
	out_puts(t->out, "\n");
	if (answer == NULL)
		return -1;
	secret_set(out, answer, strlen(answer));
	return 0;
}

static int
key(void *self)
{
	struct term_script *t = self;

	if (t->keys == NULL || *t->keys == '\0')
		return -1;
	return *t->keys++;
}

static void
size(void *self, unsigned *rows, unsigned *cols)
{
	struct term_script *t = self;

	*rows = t->rows;
	*cols = t->cols;
}

void
term_script_init(struct term_script *t, struct out *out,
    const char *const *answer)
{
	static const struct term_ops ops = {
		.line = line,
		.secret = secret,
		.stars = stars,
		.key = key,
		.size = size,
	};

	memset(t, 0, sizeof(*t));
	t->answer = answer;
	t->rows = 24;
	t->cols = 80;
	t->out = out;
	t->term.ops = &ops;
	t->term.self = t;
	t->term.interactive = true;
}
