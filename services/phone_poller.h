/*
 * A thread that reads phone data for the event loop: first what signs, then
 * the source, again and again.  Every reading that has news, and every
 * failure, is handed over in the event loop.
 */
#ifndef SERVICES_PHONE_POLLER_H
#define SERVICES_PHONE_POLLER_H

#include <stdbool.h>

#include "base/err.h"
#include "services/phone_source.h"
#include "services/signing_identity.h"

struct event_base;
struct phone_poller;

struct phone_news {
	struct signing_identity *identity; /* in the first news; or NULL */
	struct phone_changes changes;
	struct err error; /* ERR_NONE, or why nothing could be read */
};

/* Take what is wanted of *n; the rest is released. */
typedef void phone_news_fn(void *self, struct phone_news *n);

struct phone_poller_config {
	struct phone_source source;
	unsigned threads; /* that the identity is for */
	unsigned poll_ms; /* between two readings */
	phone_news_fn *fn;
	void *self;
};

/*
 * Start to read.  base is lent.  NULL with e set; the source is closed then,
 * too.
 */
struct phone_poller *phone_poller_new(struct event_base *base,
    const struct phone_poller_config *config, struct err *e);

/*
 * Stop.  True: a reading is under way and is left behind; its thread ends,
 * after source.close(), when that is over.  NULL-safe.
 */
bool phone_poller_free(struct phone_poller *p);

#endif
