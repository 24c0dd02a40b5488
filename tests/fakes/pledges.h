/*
 * A rebuilt publisher's pledge with real keys, for tests of who makes, sends
 * and checks one.
 */
#ifndef FAKES_PLEDGES_H
#define FAKES_PLEDGES_H

#include "node/pledge.h"

#define PLEDGES_PASSWORD "the security one"

/*
 * The pledge of a publisher of that name and address with fresh keys and a
 * fresh CA, signed with PLEDGES_PASSWORD.  Ends the test when that fails.
 */
void pledges_make(struct pledge *p, const char *name, const char *address);

/* Sign it anew, with this password. */
void pledges_sign(struct pledge *p, const char *password);

/* "ecdsa-sha2-nistp256 AAAA…" of a key that nobody has. */
void pledges_key(char dst[SSHKEYS_TEXT_SIZE]);

#endif
