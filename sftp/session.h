/*
 * One SSH connection to one server whose host key is known beforehand.
 *
 * Nothing of the account that runs the program leaks in: no configuration
 * files, no agent, no keys but the one named, no known-hosts file but the
 * one named.  Everything has a deadline; a server that takes the connection
 * and then says nothing costs exactly that long.
 *
 * A session belongs to one thread at a time.
 */
#ifndef SFTP_SESSION_H
#define SFTP_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SESSION_DEFAULT_MS 20000 /* to be open, when no deadline is given */

struct session;

/*
 * Whom to reach, as whom, and how both sides are proven.  All text is
 * borrowed for the time of the call.
 */
struct session_target {
	const char *name; /* in messages; NULL: host */
	const char *host; /* address or host name */
	uint16_t port;
	const char *user;

	/* Our key, exactly one of: */
	const char *key_file; /* path of a PEM file, no passphrase */
	const char *key_text; /* the PEM text itself */

	/* The server's key, exactly one of: */
	const char *known_hosts; /* path: "host TYPE KEY", "[host]:port …" */
	const char *host_key; /* "ecdsa-sha2-nistp256 AAAA…" */
	const char *fingerprint; /* "SHA256:…" as in an invitation */
};

/*
 * Connect, prove the server, prove ourselves.  deadline_ticks is a time of
 * clock_ticks(); 0: SESSION_DEFAULT_MS from now.  NULL with
 *   ERR_UNREACHABLE  no connection, or it was closed under way
 *   ERR_TIMEOUT      not done by the deadline
 *   ERR_HOSTKEY      the server's key is unknown or another one than pinned:
 *                    the message names node, address and fingerprint
 *   ERR_AUTH         the server does not take our key
 *   ERR_KEY          our key, or the pin, cannot be read
 *   ERR_USAGE        the target is incomplete
 * Only ECDSA P-256 host keys are asked for; key exchange is curve25519.
 */
struct session *session_open(const struct session_target *t,
    int64_t deadline_ticks, struct err *e);

/* Disconnect and free.  NULL-safe; never waits for the server. */
void session_close(struct session *s);

/* The target's name, for messages; lent. */
const char *session_name(const struct session *s);

#endif
