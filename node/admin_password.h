/*
 * The password of an administrator's account on this node, changed by its
 * owner.  Root only; the agent's root parent does it (node/parent.h).
 */
#ifndef NODE_ADMIN_PASSWORD_H
#define NODE_ADMIN_PASSWORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"

/*
 * The three texts of a request: account, old and new password, each with its
 * NUL, nothing behind.
 */
struct admin_password {
	const char *name; /* lent from the bytes */
	struct secret old;
	struct secret fresh;
};

/* Bytes that are large enough for every request. */
#define ADMIN_PASSWORD_BYTES 512

/*
 * Write the texts into dst; the length, or -1 with ERR_USAGE for a name that
 * is no account's and passwords that cannot be any.  The caller wipes dst.
 */
long admin_password_encode(uint8_t dst[ADMIN_PASSWORD_BYTES], const char *name,
    const struct secret *old, const struct secret *fresh, struct err *e);

/*
 * Take them apart again, as strictly.  0, or -1: not what encode writes.
 * Release p.
 */
int admin_password_decode(struct admin_password *p, const uint8_t *bytes,
    size_t n);
void admin_password_release(struct admin_password *p);

/*
 * Set the new password when the old one is right.  -1 with ERR_DENIED (no
 * administrator's account of this node), ERR_AUTH (the old one is wrong),
 * ERR_STATE (the account has no password), or what chpasswd said.
 */
int admin_password_change(const struct admin_password *p, struct err *e);

#endif
