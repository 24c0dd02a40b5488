/*
 * A user whose answers are written down.
 */
#ifndef FAKES_TERM_SCRIPT_H
#define FAKES_TERM_SCRIPT_H

#include <stddef.h>

#include "base/out.h"
#include "commands/term.h"

struct term_script {
	const char *const *answer; /* the rest of them, NULL at the end */
	const char *keys; /* what key() returns, one after the other */
	unsigned rows;
	unsigned cols;
	struct out *out; /* prompts and visible answers go here */
	struct term term;
};

/*
 * After the last answer the input ends; the answer "^C" is Ctrl-C.  t must
 * stay where it is.
 */
void term_script_init(struct term_script *t, struct out *out,
    const char *const *answer);

#endif
