#include "tests/fakes/verb_call.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct answers {
	struct wbuf text;
	struct wbuf rows;
	struct wbuf data;
};

static int
take_text(void *self, const char *text, size_t n)
{
	struct answers *a = self;

	wbuf_bytes(&a->text, text, n);
	return 0;
}

static int
take_row(void *self, const struct strlist *columns)
{
	struct answers *a = self;
	size_t i;

	for (i = 0; i < columns->n; i++)
		wbuf_printf(&a->rows, "%s%s", i == 0 ? "" : "|",
		    columns->item[i]);
	wbuf_u8(&a->rows, '\n');
	return 0;
}

static int
take_data(void *self, const void *p, size_t n)
{
	struct answers *a = self;

	wbuf_bytes(&a->data, p, n);
	return 0;
}

static char *
text_of(struct wbuf *w)
{
	uint8_t *p;
	size_t len;

	wbuf_u8(w, '\0');
	if (wbuf_detach(w, &p, &len) == -1)
		abort();
	return (char *)p;
}

static struct verb_caller
caller_of(int level)
{
	struct verb_caller who = { .uid = 1234, .level = level };

	(void)str_copy(who.name, sizeof(who.name), "tester");
	if (level == VERB_CALL_PEER) {
		who.peer = true;
		who.level = -1;
	} else if (level == VERB_CALL_ROOT) {
		who.all = true;
		who.level = VERB_LEVEL_MAX;
	}
	return who;
}

static int
call(struct verb_call *c, const struct verb_ctx *given, int level,
    const char *words)
{
	struct verb_ctx ctx = *given;
	struct answers a;
	const struct verb_reply reply = { .text = take_text,
		.row = take_row,
		.data = take_data,
		.self = &a };
	struct strlist l = STRLIST_INIT;
	const char *p = words;

	memset(c, 0, sizeof(*c));
	wbuf_init(&a.text, 0);
	wbuf_init(&a.rows, 0);
	wbuf_init(&a.data, 0);
	while (*p != '\0') {
		size_t n = strcspn(p, ",");

		strlist_add_n(&l, p, n);
		p += n + (p[n] == ',');
	}
	ctx.caller = caller_of(level);
	ctx.reply = &reply;
	c->rc = verb_dispatch(&ctx, &l, &c->e);
	(void)str_copy(c->message, sizeof(c->message), ctx.message);
	strlist_release(&l);
	c->text = text_of(&a.text);
	c->rows = text_of(&a.rows);
	c->data_len = a.data.len;
	c->data = text_of(&a.data);
	return c->rc;
}

int
verb_call(struct verb_call *c, struct agent *a, int level, const char *words)
{
	struct verb_ctx ctx = { .agent = a };

	return call(c, &ctx, level, words);
}

int
verb_call_payload(struct verb_call *c, struct agent *a, int level,
    const char *words, const void *payload, size_t n)
{
	struct verb_ctx ctx = { .agent = a,
		.payload = payload,
		.payload_len = n };

	return call(c, &ctx, level, words);
}

int
verb_call_secret(struct verb_call *c, struct agent *a, int level,
    const char *words, const char *secret)
{
	const struct verb_call_sent sent = { .secret = secret };

	return verb_call_with(c, a, level, words, &sent);
}

int
verb_call_with(struct verb_call *c, struct agent *a, int level,
    const char *words, const struct verb_call_sent *sent)
{
	struct verb_ctx ctx = { .agent = a,
		.payload = sent->payload,
		.payload_len = sent->payload_len };
	struct secret s = { .text = NULL };
	int rc;

	if (sent->secret != NULL) {
		secret_set(&s, sent->secret, strlen(sent->secret));
		ctx.secret = &s;
	}
	rc = call(c, &ctx, level, words);
	secret_release(&s);
	return rc;
}

void
verb_call_release(struct verb_call *c)
{
	free(c->text);
	free(c->rows);
	free(c->data);
	memset(c, 0, sizeof(*c));
}
