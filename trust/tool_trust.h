/*
 * Only for ucm-trust: whose signature is right for the files of a batch.
 */
#ifndef TRUST_TOOL_TRUST_H
#define TRUST_TOOL_TRUST_H

#include <stdbool.h>

#include "base/err.h"
#include "trust/cert.h"
#include "trust/signed_file.h"
#include "trust/tool.h"
#include "trust/tool_batch.h"

struct tool_trust {
	const char *cert_path; /* of --cert, or NULL */
	bool no_verify; /* take the files as they are */
	struct cert *cert; /* owned */
};

/*
 * Load the certificate, which no result of b may replace.  TOOL_OK, or a
 * complaint.
 */
enum tool_status tool_trust_load(struct tool_trust *t, struct tool_batch *b);

void tool_trust_release(struct tool_trust *t);

/*
 * Read the file and verify it unless that is not wanted.  TOOL_OK with *f,
 * or the verdict with its name in e.
 */
enum tool_status tool_trust_check(const struct tool_trust *t,
    struct signed_file *f, const struct tool_job *j, struct err *e);

#endif
