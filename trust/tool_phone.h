/*
 * Only for ucm-trust: which phone a file is for.  Either one phone is named
 * for all files, or each file's phone is found by its name: SEP<MAC>.pem in
 * a directory for SEP<MAC>.cnf.xml and all that is called so up to its first
 * dot.
 */
#ifndef TRUST_TOOL_PHONE_H
#define TRUST_TOOL_PHONE_H

#include "base/err.h"
#include "trust/cert.h"
#include "trust/key.h"
#include "trust/tool_batch.h"

struct tool_phone {
	const char *path; /* PEM file of --phone, or NULL */
	const char *dir; /* directory of --phones, or NULL */
};

/* The certificate of the phone that the file of this name is for, or NULL. */
struct cert *tool_phone_cert(const struct tool_phone *p, const char *name,
    struct err *e);

/* The same for its private key. */
struct key *tool_phone_key(const struct tool_phone *p, const char *name,
    struct err *e);

/* No result of b may replace the file of a phone. */
void tool_phone_protect(const struct tool_phone *p, struct tool_batch *b);

#endif
