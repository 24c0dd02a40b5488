#include "node/exchange.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/str.h"
#include "node/hostuser.h"
#include "sftp/remote_exec.h"

#define ASK_MS 150000

struct session *
exchange_open(const struct token *t, const char *node, struct err *e)
{
	const struct session_target target = {
		.name = node,
		.host = t->address,
		.port = t->port,
		.user = HOSTUSER_PEER,
		.key_text = t->key,
		.fingerprint = t->fingerprint,
	};
	struct session *s = session_open(&target, 0, e);

	if (s == NULL && e != NULL && e->code == ERR_AUTH)
		(void)err_hint(e,
		    "a token works once and for 15 minutes: get a new one "
		    "with \"ucm-node invite\"");
	return s;
}

static int
keep(void *self, const void *p, size_t n)
{
	struct wbuf *w = self;

	wbuf_bytes(w, p, n);
	return w->failed ? -1 : 0;
}

/*
 * "ucm-node NAME: why", made visible, and perhaps a hint on a second line,
 * which is about the other side.
 */
static int
refused(const char *node, char *text, struct err *e)
{
	char *end = strstr(text, "\\n");

	if (end != NULL)
		*end = '\0';
	if (str_starts(text, "ucm-node ") && strstr(text, ": ") != NULL)
		text = strstr(text, ": ") + 2;
	return err_set(e, ERR_STATE, "the %s refuses: %s", node, text);
}

static int
ask(struct session *s, const char *command, const struct wbuf *in,
    struct wbuf *out, struct err *e)
{
	const struct remote_command rc = {
		.command = command,
		.input = in->len == 0 ? NULL : in->data,
		.input_len = in->len,
		.output = keep,
		.self = out,
	};
	struct remote_result result = { .status = 0 };

	if (remote_exec(s, &rc, clock_ticks() + ASK_MS, &result, e) == -1)
		return -1;
	if (result.status == 0)
		return 0;
	return refused(session_name(s), result.errors, e);
}

int
exchange_ask(struct session *s, const char *command, const struct bundle *input,
    struct bundle *answer, struct err *e)
{
	struct wbuf in;
	struct wbuf out;
	int rc;

	if (answer != NULL)
		bundle_init(answer);
	wbuf_init(&in, BUNDLE_MAX);
	wbuf_init(&out, BUNDLE_MAX);
	if (input != NULL)
		bundle_encode(input, &in);
	rc = ask(s, command, &in, &out, e);
	if (rc == 0 && answer != NULL)
		rc = bundle_decode(answer, out.data, out.len, e);
	wbuf_release(&in);
	wbuf_release(&out);
	return rc;
}
