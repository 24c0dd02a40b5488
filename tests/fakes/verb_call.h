/*
 * One request to the agent's verbs without a socket: who asks, what, and
 * everything that came back.
 */
#ifndef FAKES_VERB_CALL_H
#define FAKES_VERB_CALL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "node/verb.h"

#define VERB_CALL_PEER (-2) /* as level: another node */
#define VERB_CALL_ROOT (-3) /* as level: root */

struct verb_call {
	int rc;
	struct err e;
	char message[ERR_MSG_SIZE]; /* of the result when rc is 0 */
	char *text; /* all texts; owned, never NULL */
	char *rows; /* a line "a|b|c" for each row; owned, never NULL */
	char *data; /* all data; owned, never NULL */
	size_t data_len;
};

/*
 * The words are given as one text with commas between, because a word may
 * hold blanks.  Returns rc.  Release it.
 */
int verb_call(struct verb_call *c, struct agent *a, int level,
    const char *words);
int verb_call_payload(struct verb_call *c, struct agent *a, int level,
    const char *words, const void *payload, size_t n);
int verb_call_secret(struct verb_call *c, struct agent *a, int level,
    const char *words, const char *secret);

/* Several at once; what is not set is not sent. */
struct verb_call_sent {
	const void *payload;
	size_t payload_len;
	const char *secret;
};
int verb_call_with(struct verb_call *c, struct agent *a, int level,
    const char *words, const struct verb_call_sent *sent);

void verb_call_release(struct verb_call *c);

#endif
