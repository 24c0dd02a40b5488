/*
 * What a session begins with.
 */
#ifndef SHELL_BANNER_H
#define SHELL_BANNER_H

#include "base/out.h"
#include "commands/machine.h"

/* The line that announces that the session waits. */
void banner_starting(struct out *out);

/* From the empty line before the welcome to the empty line before the first
 * prompt. */
void banner_welcome(struct out *out, const struct machine *m);

#endif
