/*
 * A session: prompt, line, command, until the end of input, `exit`, silence
 * or hang-up.
 */
#ifndef SHELL_SESSION_H
#define SHELL_SESSION_H

#include <stdint.h>

#include "shell/console.h"
#include "shell/dispatch.h"

/* idle_minutes is what the line at an idle end says. */
void session_run(struct shell *s, const struct console *c,
    unsigned idle_minutes);

#endif
