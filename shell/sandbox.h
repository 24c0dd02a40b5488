/*
 * What keeps a session from doing anything but its commands.  To be called
 * in this order, before any thread is started.
 */
#ifndef SHELL_SANDBOX_H
#define SHELL_SANDBOX_H

#include <stdbool.h>

#include "base/err.h"

/*
 * Throw the environment away, except for the name of the terminal, made
 * harmless.  First thing in main().
 */
void sandbox_environment(void);

/*
 * Have the C library read what it reads lazily: time zone, users.
 */
void sandbox_preload(void);

/*
 * No new privileges, no core, no tracing, no reading outside a fixed list
 * (Landlock; *landlock tells whether the kernel has it), no way to run a
 * program (seccomp).  -1 when seccomp or no_new_privs is refused: the
 * session must not go on then.
 */
int sandbox_enter(bool *landlock, struct err *e);

/*
 * The terminal name that a session may use: name itself if it is harmless,
 * else "dumb".  name may be NULL.
 */
const char *sandbox_term(const char *name);

#endif
