/*
 * An agent that answers from a list and remembers what it was asked.
 */
#ifndef FAKES_FAKE_AGENT_H
#define FAKES_FAKE_AGENT_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "commands/ctx.h"

/* The answer to one request.  NULL: nothing of that kind. */
struct fake_answer {
	const char *words; /* of the request, one blank between */
	const char *rows; /* lines of cells with '|' between */
	const char *text;
	const char *data;
	enum err_code code; /* ERR_NONE: done */
	const char *message;
	const char *hint;
};

struct fake_agent {
	const struct fake_answer *answer; /* the last one has no words */
	struct strlist asked; /* words of each request, then its payload */
	char secret[64]; /* of the last request that had one */
	struct cmd_agent agent; /* hand this to struct cmd_ctx */
};

/*
 * A request that is not in the list fails as if no agent ran.  a must stay
 * where it is.
 */
void fake_agent_init(struct fake_agent *a, const struct fake_answer *answer);
void fake_agent_release(struct fake_agent *a);

#endif
