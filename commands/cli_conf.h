/*
 * etc/cli.conf, the settings of sessions: one line
 *   session_timeout = 30
 * '#' begins a comment.  Written by the agent's root parent alone.
 */
#ifndef COMMANDS_CLI_CONF_H
#define COMMANDS_CLI_CONF_H

#include "base/err.h"

#define CLI_TIMEOUT_DEFAULT 30 /* minutes */

/*
 * Idle minutes of new sessions; the default when the file is missing.  -1
 * with file and rule in e, and the default in *minutes, when it is wrong.
 */
int cli_conf_timeout(unsigned *minutes, struct err *e);

#endif
