#include "commands/ctx.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

void
cmd_request(struct link_request *rq, const char *const *words)
{
	size_t i;

	memset(rq, 0, sizeof(*rq));
	for (i = 0; words[i] != NULL; i++)
		strlist_add(&rq->words, words[i]);
}

void
cmd_request_release(struct link_request *rq)
{
	strlist_release(&rq->words);
}

int
cmd_call(const struct cmd_ctx *c, const char *const *words,
    const struct link_sink *sink, struct err *e)
{
	struct link_request rq;
	int rc;

	cmd_request(&rq, words);
	rc = c->agent->call(c->agent->self, &rq, sink, NULL, e);
	cmd_request_release(&rq);
	return rc;
}

/*
 * The dialogue of a job: lines and tabs as they are, anything else that
 * could act on a terminal made visible.
 */
static int
print_text(void *self, const char *text, size_t n)
{
	struct out *out = self;
	size_t i, from = 0;

	for (i = 0; i <= n; i++) {
		if (i < n && text[i] != '\n' && text[i] != '\t')
			continue;
		out_visible(out, text + from, i - from);
		if (i < n)
			out_write(out, text + i, 1);
		from = i + 1;
	}
	out_flush(out);
	return 0;
}

void
cmd_text_sink(struct link_sink *sink, struct out *out)
{
	memset(sink, 0, sizeof(*sink));
	sink->text = print_text;
	sink->self = out;
}

int
cmd_confirm(const struct cmd_ctx *c, const char *prompt, bool *yes,
    struct err *e)
{
	char *line;

	for (;;) {
		out_flush(c->out);
		if (c->term->ops->line(c->term->self, prompt, &line, e) == -1)
			return -1;
		*yes = str_equal(line, "yes") || str_equal(line, "y");
		if (*yes || str_equal(line, "no") || str_equal(line, "n"))
			break;
		free(line);
		out_puts(c->out, "Please answer \"yes\" or \"no\".\n");
	}
	free(line);
	return 0;
}

bool
cmd_interrupted(const struct cmd_ctx *c)
{
	return c->interrupted != NULL && c->interrupted(c->interrupted_self);
}

bool
cmd_on_publisher(const struct cmd_ctx *c)
{
	return c->conf != NULL && c->conf->role == NODE_PUBLISHER;
}
