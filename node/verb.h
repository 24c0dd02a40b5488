/*
 * The verbs of the agent: what a request on run/agent.sock may ask for
 * (doc/AGENT.protocol).
 *
 * How to add a verb:
 *   1. node/verb_GROUP.c: a "const struct verb verb_…" whose words start
 *      the request, and its run function;
 *   2. node/verb_table.c: declare it and put it into verb_table, which is
 *      sorted by words (test_verb_table complains otherwise);
 *   3. doc/AGENT.protocol and doc/ucm-agent.8: who may, arguments, answer;
 *   4. tests/unit/node/test_verb_GROUP.c.
 *
 * Who may is checked once, before run is called, and run is never called
 * with fewer or more arguments or a longer payload than the verb declares.
 */
#ifndef NODE_VERB_H
#define NODE_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/progress.h"
#include "base/str.h"

struct agent; /* node/agent.h */
struct verb_ctx;

/* The highest level: the account made at installation. */
#define VERB_LEVEL_MAX 4

enum verb_flag {
	VERB_PEER = 1 << 0, /* other nodes may (account ucmnode) */
	VERB_ACCOUNTS = 1 << 1, /* accounts of at least `level` may */
	/* asks a lot of the database or of other nodes (agent_share_take()) */
	VERB_COSTLY = 1 << 2
};

/* uid 0 and the service user may everything, whatever the flags. */
struct verb {
	const char *words; /* the fixed words, one blank between */
	unsigned flags; /* enum verb_flag; 0: root and the service user only */
	int level; /* with VERB_ACCOUNTS: 0, 1 or 4 */
	size_t args_min; /* words behind the fixed ones */
	size_t args_max;
	size_t payload_max; /* bytes; 0: a payload is refused */
	/*
	 * Do it.  Answers go out through verb_text(), verb_row() and
	 * verb_data(); the result frame is the caller's work: 0 is "ok" with
	 * c->message, -1 sends e.
	 */
	int (*run)(struct verb_ctx *c, struct err *e);
};

/* Who stands at the other end of a connection. */
struct verb_caller {
	uid_t uid;
	char name[64]; /* account name, "root", "ucm" or "ucmnode" */
	int level; /* 0, 1 or 4; VERB_LEVEL_MAX for root and ucm; -1: none */
	bool peer; /* the peer account */
	bool all; /* uid 0 or the service user */
};

/* Where a verb's answers go.  A nonzero return: nobody listens any more. */
struct verb_reply {
	int (*text)(void *self, const char *text, size_t n);
	int (*row)(void *self, const struct strlist *columns);
	int (*data)(void *self, const void *p, size_t n);
	void *self;
};

struct verb_ctx {
	struct agent *agent; /* NULL only in tests of verbs that need none */
	struct verb_caller caller;
	const struct verb_reply *reply;
	char *const *args; /* words behind the fixed ones; lent */
	size_t nargs;
	const uint8_t *payload; /* lent; NULL when payload_len is 0 */
	size_t payload_len;
	const struct secret *secret; /* lent; NULL: none was sent */
	char message[ERR_MSG_SIZE]; /* of a successful result; "" at first */
};

/* Sorted by words, verb_table_n of them. */
extern const struct verb *const verb_table[];
extern const size_t verb_table_n;

/*
 * The verb whose fixed words start the request (the one with most words wins
 * when several do); *nwords gets how many words they are.  NULL with
 * ERR_USAGE in e when there is none.
 */
const struct verb *verb_find(const struct strlist *words, size_t *nwords,
    struct err *e);

/* May this caller use it?  0, or -1 with ERR_DENIED. */
int verb_allowed(const struct verb *v, const struct verb_caller *who,
    struct err *e);

/*
 * Find the verb of a request, check authority, arguments and payload, run
 * it.  c holds everything but args and nargs, which are set here.
 */
int verb_dispatch(struct verb_ctx *c, const struct strlist *words,
    struct err *e);

/*
 * Answer.  A client that has gone away is not an error: the text goes
 * nowhere and the job goes on.
 */
void verb_text(struct verb_ctx *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void verb_row(struct verb_ctx *c, const struct strlist *columns);
void verb_row_of(struct verb_ctx *c, const char *const *column, size_t n);
void verb_data(struct verb_ctx *c, const void *p, size_t n);

/* A progress whose text goes to verb_text(); c must outlive its use. */
struct progress verb_progress(struct verb_ctx *c);

#endif
