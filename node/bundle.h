/*
 * A few named pieces of bytes in one message: what children of ucm-node
 * answer, what a joining node and its publisher tell each other, and what is
 * inside a token.
 *
 *	"UCMB1"  u8 pieces  { u8 n, name, u32 length, bytes } …
 *
 * Nothing may follow.  Names are lower-case letters, digits and '_', each
 * used once.
 */
#ifndef NODE_BUNDLE_H
#define NODE_BUNDLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/nodeconf.h"

#define BUNDLE_NAME_SIZE 32
#define BUNDLE_ITEMS 24
#define BUNDLE_MAX 262144 /* bytes of an encoded bundle */

struct bundle_item {
	char name[BUNDLE_NAME_SIZE];
	char *data; /* owned, one NUL behind it that is not counted */
	size_t len;
};

struct bundle {
	struct bundle_item item[BUNDLE_ITEMS];
	size_t n;
};

/* Empty. */
void bundle_init(struct bundle *b);

/* Wipe and free every piece; the bundle is empty then.  NULL-safe. */
void bundle_release(struct bundle *b);

/* Add a copy.  A name used twice, unfit, or one too many is a BUG(). */
void bundle_add(struct bundle *b, const char *name, const void *data,
    size_t len);
void bundle_add_text(struct bundle *b, const char *name, const char *text);

/* Lent; NULL: there is no such piece. */
const struct bundle_item *bundle_find(const struct bundle *b, const char *name);

/*
 * A piece that must be there and be a text without NUL bytes.  Lent; NULL
 * with ERR_FORMAT and its name in e.
 */
const char *bundle_text(const struct bundle *b, const char *name,
    struct err *e);

/*
 * Add the text of an etc/node.conf as the piece "node_conf".  For the service
 * user: it is made in run/.
 */
int bundle_add_conf(struct bundle *b, const struct nodeconf *conf,
    struct err *e);

/* Append the encoded bundle to w. */
void bundle_encode(const struct bundle *b, struct wbuf *w);

/* *b is overwritten.  -1 with ERR_FORMAT and *b empty. */
int bundle_decode(struct bundle *b, const void *data, size_t len,
    struct err *e);

#endif
