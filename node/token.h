/*
 * The token that "ucm-node invite" prints and "ucm-node join" takes: one
 * word of letters, digits, '-' and '_' behind "ucm1.", a bundle in base64url.
 * Behind "ucmp1." it is for the publisher that is rebuilt.
 */
#ifndef NODE_TOKEN_H
#define NODE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/nodeconf.h"
#include "node/parent.h"

#define TOKEN_MAX 4096 /* characters */
#define TOKEN_KEY_SIZE 1024 /* PEM text of the one-time key */
#define TOKEN_FINGERPRINT_SIZE 64

struct token {
	bool publisher; /* "invite --publisher" made it */
	char name[NODE_NAME_SIZE]; /* of the node that is invited */
	char node_address[NODE_ADDRESS_SIZE]; /* its address */
	uint16_t node_port; /* of its sshd */
	char address[NODE_ADDRESS_SIZE]; /* of the node that invites */
	uint16_t port; /* of its sshd */
	char fingerprint[TOKEN_FINGERPRINT_SIZE]; /* "SHA256:…" */
	char key[TOKEN_KEY_SIZE]; /* one-time SSH key; wipe it */
};

/* Text of a token; free it with mem_free_wiped(). */
char *token_encode(const struct token *t);

/* -1 with ERR_FORMAT when s is no token; blanks around it do not count. */
int token_decode(struct token *t, const char *s, struct err *e);

/* base64url without padding.  dst has room for (4 * n + 2) / 3 + 1. */
void token_base64(char *dst, const uint8_t *p, size_t n);

/*
 * The other way, into dst of at least strlen(s) * 3 / 4 bytes.  0, or -1 for
 * a foreign character, a length that cannot be, or bits left over.
 */
int token_unbase64(uint8_t *dst, size_t *n, const char *s);

#endif
