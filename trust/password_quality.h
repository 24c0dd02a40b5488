/*
 * What a new password must be like.  The shell asks here to tell the
 * administrator at once, the agent asks again because it decides.
 */
#ifndef TRUST_PASSWORD_QUALITY_H
#define TRUST_PASSWORD_QUALITY_H

#include "base/err.h"
#include "base/mem.h"

#define PASSWORD_QUALITY_MIN 8
#define PASSWORD_QUALITY_MAX 127
#define PASSWORD_QUALITY_LONG 20 /* from here on any kinds of characters */

/*
 * 0, or -1 with ERR_USAGE and the rule that is broken, as one sentence:
 *   - 8 to 127 printable ASCII characters, no blank at either end;
 *   - at least five of them different;
 *   - at least three of the kinds lower-case letter, upper-case letter,
 *     digit, other character; 20 characters and more may be of any kinds;
 *   - neither the name of the account nor that name backwards is in it, in
 *     whatever case (name NULL: no account; names under three characters do
 *     not count).
 */
int password_quality_check(const struct secret *password, const char *name,
    struct err *e);

#endif
