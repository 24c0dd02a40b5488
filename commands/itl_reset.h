/*
 * What the forms of utils itl reset share: the password of the CCM
 * administrator is asked for, the agent does the reset and tells its
 * dialogue.
 */
#ifndef COMMANDS_ITL_RESET_H
#define COMMANDS_ITL_RESET_H

#include <stddef.h>

#include "commands/ctx.h"

#define ITL_RESET_FAREWELL                                          \
	"The reset goes on in the background. \"show itl\" on the " \
	"nodes shows how it ended."

/* words is the request, NULL at the end; payload NULL: none. */
int itl_reset_ask(struct cmd_ctx *c, const char *const *words,
    const void *payload, size_t len, struct err *e);

#endif
