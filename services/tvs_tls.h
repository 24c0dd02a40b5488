/*
 * TLS of TVS: the server's side of non-blocking connections.  This is where
 * the TLS library shows, and nowhere else in services/.
 */
#ifndef SERVICES_TVS_TLS_H
#define SERVICES_TVS_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/nodeconf.h"

struct tvs_tls; /* keys and rules; used by all threads */
struct tvs_session; /* one connection; used by one thread */

/*
 * Serve with the key and the certificate of the file path, protocols from
 * min_tls on.  No client certificate is asked for; sessions can be resumed
 * for an hour, as long as this lives.  NULL on failure: no such file, or no
 * pair in it.
 */
struct tvs_tls *tvs_tls_new(const char *path, enum node_tls min_tls,
    struct err *e);

/*
 * Wipe the secrets of sessions that are too old to be resumed, which is to be
 * done now and then.  From any thread.
 */
void tvs_tls_forget(struct tvs_tls *t);

/* After the last session of it.  NULL-safe. */
void tvs_tls_free(struct tvs_tls *t);

enum tvs_io {
	TVS_IO_DONE,
	TVS_IO_READ, /* again when the socket is readable, or still is */
	TVS_IO_WRITE, /* again when it is writable */
	TVS_IO_CLOSED, /* the other side has gone */
	TVS_IO_FAILED /* e says why */
};

/* Over the socket fd, which stays the caller's. */
struct tvs_session *tvs_session_new(struct tvs_tls *t, int fd);

/* NULL-safe. */
void tvs_session_free(struct tvs_session *s);

enum tvs_io tvs_session_handshake(struct tvs_session *s, struct err *e);

/*
 * TVS_IO_DONE with *n > 0 bytes in p; to be called again until it is another
 * one, since the socket does not tell of what was read ahead.
 */
enum tvs_io tvs_session_read(struct tvs_session *s, void *p, size_t size,
    size_t *n, struct err *e);

/* All len bytes; until TVS_IO_DONE again with the same ones. */
enum tvs_io tvs_session_write(struct tvs_session *s, const void *p, size_t len,
    struct err *e);

/* Tell the other side that nothing more comes; nothing is waited for. */
void tvs_session_bye(struct tvs_session *s);

/* What was agreed on: "AES256-SHA"; 0x0301 to 0x0304; resumed or not. */
const char *tvs_session_cipher(const struct tvs_session *s);
int tvs_session_version(const struct tvs_session *s);
bool tvs_session_resumed(const struct tvs_session *s);

#endif
