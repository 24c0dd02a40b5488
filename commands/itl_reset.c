#include "commands/itl_reset.h"

int
itl_reset_ask(struct cmd_ctx *c, const char *const *words, const void *payload,
    size_t len, struct err *e)
{
	struct secret password = { .text = NULL };
	struct link_request rq;
	struct link_sink sink;
	int rc;

	out_flush(c->out);
	if (c->term->ops->secret(c->term->self,
		"Enter CCM Administrator password :", &password, e) == -1)
		return -1;
	cmd_request(&rq, words);
	rq.payload = payload;
	rq.payload_len = len;
	rq.secret = &password;
	cmd_text_sink(&sink, c->out);
	rc = c->agent->call(c->agent->self, &rq, &sink, NULL, e);
	cmd_request_release(&rq);
	secret_release(&password);
	return rc;
}
