/*
 * What a one-time key opens: the session of a node that joins, or of a
 * publisher that is rebuilt, with the node that invited it.
 */
#ifndef NODE_EXCHANGE_H
#define NODE_EXCHANGE_H

#include "base/err.h"
#include "node/bundle.h"
#include "node/token.h"
#include "sftp/session.h"

/*
 * To the node that made the token, as that node is called in messages.  Free
 * with session_close().  NULL as session_open(); a key that is not taken any
 * more gets a hint.
 */
struct session *exchange_open(const struct token *t, const char *node,
    struct err *e);

/*
 * Run one command there: input (NULL: none) goes to it, its answer to *answer
 * (NULL: not wanted), which is overwritten.  A refusal is ERR_STATE with the
 * other side's words.
 */
int exchange_ask(struct session *s, const char *command,
    const struct bundle *input, struct bundle *answer, struct err *e);

#endif
