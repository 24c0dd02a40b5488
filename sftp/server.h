/*
 * A login to an SSH server outside the cluster: by password, and to a server
 * whose host key may not be known yet.
 *
 * Nothing of the account that runs the program leaks in, as in session.h.
 * Every step has a deadline of its own; the time a person needs for an
 * answer is not counted.
 */
#ifndef SFTP_SERVER_H
#define SFTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/keytext.h"
#include "sftp/session.h"

#define SERVER_STEP_MS 20000 /* without a sign of the server */

/* The key a server has shown. */
struct server_key {
	const char *address; /* that was reached: "172.18.172.254" */
	char type[16]; /* "RSA", "ECDSA", "ED25519" */
	char text[KEYTEXT_SIZE]; /* "ssh-rsa AAAA…" */
	char md5[KEYTEXT_MD5_SIZE]; /* "2c:8f:9b:…" */
	char sha256[KEYTEXT_FINGERPRINT_SIZE]; /* "SHA256:…" */
};

/* Where, as whom, and who is asked.  All borrowed for the time of the call. */
struct server_target {
	const char *host; /* name or address */
	uint16_t port;
	const char *user;
	const struct secret *password;

	/*
	 * The keys of this host and port that are known, "TYPE BASE64".  With
	 * one of them the server must prove itself; their types are asked for
	 * first.
	 */
	const struct strlist *known;

	/*
	 * A host of which no key is known: is this one to be trusted?  0, or
	 * -1 with e, which server_login() returns.
	 */
	int (*accept)(void *self, const struct server_key *key, struct err *e);

	/*
	 * A question of the server other than the one for the password.  The
	 * instruction may be empty; both texts are the server's, lines made
	 * visible.
	 * 0, or -1 with e, which server_login() returns.
	 */
	int (*answer)(void *self, const char *instruction, const char *question,
	    bool echo, struct secret *answer, struct err *e);

	/* Is the work to end?  Asked while waiting; may be NULL. */
	bool (*stop)(void *self);

	void *self; /* must live as long as the session */
	int64_t step_ms; /* 0: SERVER_STEP_MS */
};

/*
 * Connect, prove the server, log in.  NULL with
 *   ERR_NOT_FOUND    there is no such host name
 *   ERR_UNREACHABLE  no connection, no SSH, or closed under way
 *   ERR_TIMEOUT      a step took longer than step_ms
 *   ERR_HOSTKEY      another key than the known one; or what accept() said
 *   ERR_AUTH         the password is refused, or another login is wanted
 *   ERR_CANCELLED    stop() said so
 * Each message is a sentence that names the host; the hint says what to do.
 * Close with session_close().
 */
struct session *server_login(const struct server_target *t, struct err *e);

#endif
