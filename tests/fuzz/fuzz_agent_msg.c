/*
 * Any bytes as a frame of the agent's protocol, as they are and with their
 * length set right; and as the command of another node's request.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/agent_msg.h"
#include "cluster/agent_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static bool
same_list(const struct strlist *a, const struct strlist *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		if (!str_equal(a->item[i], b->item[i]))
			return false;
	}
	return true;
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : str_equal(a, b);
}

/* What was decoded must come back the same when sent on. */
static void
check_round_trip(const struct agent_msg *m)
{
	struct err e = ERR_INIT;
	struct agent_msg back;
	struct wbuf w;

	wbuf_init(&w, 0);
	if (agent_msg_encode(&w, m, &e) == -1)
		BUG("decoded, not encoded: %s", e.msg);
	if (agent_msg_decode(w.data, w.len, &back, &e) == -1)
		BUG("encoded, not decoded: %s", e.msg);
	if (back.type != m->type || back.code != m->code ||
	    back.len != m->len || back.has_bytes != m->has_bytes ||
	    (m->len > 0 && memcmp(back.bytes, m->bytes, m->len) != 0) ||
	    !same_list(&back.words, &m->words) ||
	    !same_text(back.secret.text, m->secret.text) ||
	    !same_text(back.message, m->message) ||
	    !same_text(back.hint, m->hint))
		BUG("another message came back");
	agent_msg_release(&back);
	wbuf_release(&w);
}

static void
check_frame(const uint8_t *p, size_t n)
{
	struct err e = ERR_INIT;
	struct agent_msg m;
	size_t size;

	if (agent_msg_decode(p, n, &m, &e) == -1) {
		if (e.code != ERR_FORMAT || e.msg[0] == '\0' ||
		    m.type != AGENT_END || m.bytes != NULL)
			BUG("a refusal without reason, or with leftovers");
		return;
	}
	if (agent_msg_frame_size(p, n, &size, &e) == -1 || size != n)
		BUG("a frame of %zu bytes that says %zu", n, size);
	check_round_trip(&m);
	agent_msg_release(&m);
}

static void
check_command(const uint8_t *data, size_t len)
{
	char *command = mem_strndup((const char *)data, len);
	struct strlist words = STRLIST_INIT, back = STRLIST_INIT;
	struct err e = ERR_INIT;
	char *joined = NULL;

	if (agent_words_split(command, &words, &e) == 0) {
		joined = agent_words_join(&words, &e);
		if (joined == NULL ||
		    agent_words_split(joined, &back, &e) == -1 ||
		    !same_list(&words, &back))
			BUG("other words came back");
	}
	free(joined);
	strlist_release(&words);
	strlist_release(&back);
	free(command);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;
	uint32_t rest;

	check_frame(data, len);
	check_command(data, len);
	if (len < AGENT_FRAME_HEAD || len > AGENT_FRAME_MAX)
		return 0;
	rest = (uint32_t)(len - 4);
	copy = mem_dup(data, len);
	copy[0] = (uint8_t)(rest >> 24);
	copy[1] = (uint8_t)(rest >> 16);
	copy[2] = (uint8_t)(rest >> 8);
	copy[3] = (uint8_t)rest;
	check_frame(copy, len);
	free(copy);
	return 0;
}
