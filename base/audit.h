/*
 * The audit of administrators' commands: activelog
 * platform/log/cli00001.log, next number when full (cli-reference 1.3).
 */
#ifndef BASE_AUDIT_H
#define BASE_AUDIT_H

#include "base/err.h"

#define AUDIT_FILE_MAX 1048576 /* then the next number */
#define AUDIT_FILES_KEPT 250 /* then the oldest goes */

/*
 * Append one line for a command, as
 *   2014-02-26 10:34:40,558 INFO [main] sdMain.main - running command -> [utils
 * itl reset localkey ] with user and tty-free facts of ours behind it:
 * user=NAME.  The words are made visible first.  dir is the directory of the
 * files.
 */
int audit_command(const char *dir, const char *user, const char *line,
    struct err *e);

/* The same for how it ended: "command ended -> [… ] status=N". */
int audit_result(const char *dir, const char *user, const char *line,
    int status, struct err *e);

#endif
