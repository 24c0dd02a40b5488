/*
 * A node for tests of the store of phones' files: the directories and
 * certificates of tests/fakes/itl_node.h, a source of phone data that stands
 * for the database, and a store that is run until something is so.
 *
 * The plain configuration of a phone is
 * <device><name>SEPMAC</name><text>TEXT</text><site>SITE</site></device>.
 */
#ifndef FAKES_PHONE_WORLD_H
#define FAKES_PHONE_WORLD_H

#include <pthread.h>
#include <stdbool.h>

#include "services/phone_store.h"
#include "tests/fakes/itl_node.h"
#include "trust/signed_file.h"

#define PHONE_WORLD_GROUPS 4

struct event_base;

struct phone_world {
	struct itl_node *node;
	struct event_base *base;
	struct tftp_files *files;
	struct phone_store *store; /* NULL: not started */
	struct phone_source source;
	struct certfile phone; /* a phone's key and certificate */
	unsigned patience_ms; /* of the store; 0: for ever */
	pthread_mutex_t lock; /* of what follows */
	struct phone_changes news; /* what the next reading finds */
	struct phone_changes all; /* the rows that there are */
	struct phone_group group[PHONE_WORLD_GROUPS];
	size_t n_groups;
	char site[64];
	bool new_basis; /* the next reading has a basis */
	bool started; /* there was a first reading */
	bool failing; /* readings fail */
	unsigned readings;
	unsigned rendered; /* configurations */
	unsigned closed; /* calls of close() */
};

struct phone_world *phone_world_new(void);
void phone_world_free(struct phone_world *w);

/* Start a store, or stop it: as a start and an end of Cisco Tftp. */
void phone_world_start(struct phone_world *w);
void phone_world_stop(struct phone_world *w);

/* What a phone has. */
struct phone_spec {
	const char *mac;
	const char *text; /* "broken": it cannot be rendered */
	size_t group; /* index, or PHONE_NO_GROUP */
	bool encrypt;
	bool cert; /* it has world.phone's */
};

/* Add a phone, or change it. */
void phone_world_set(struct phone_world *w, const struct phone_spec *spec);
void phone_world_remove(struct phone_world *w, const char *mac);

/* Change what all have in common. */
void phone_world_site(struct phone_world *w, const char *site);

/* A group has these servers (blanks between); new ones are appended. */
void phone_world_group(struct phone_world *w, size_t i, const char *nodes);

void phone_world_fail(struct phone_world *w, bool failing);
unsigned phone_world_readings(struct phone_world *w);
unsigned phone_world_rendered(struct phone_world *w);

/* Run the event loop once, then for a moment. */
void phone_world_step(struct phone_world *w);

/* Run it until nothing is left to be made and the source was read again. */
void phone_world_settle(struct phone_world *w);

/* Ask for a name; wait for it as long as the answer is LATER. */
enum phone_store_answer phone_world_ask(struct phone_world *w, const char *text,
    struct tftp_file **out);

/* The answer of the first time. */
enum phone_store_answer phone_world_look(struct phone_world *w,
    const char *text);

/* The text of a file, to be freed; fails the test when there is none. */
char *phone_world_text(struct phone_world *w, const char *name);

/*
 * A signed file that is there and verifies; free *data.  Fails the test
 * otherwise.
 */
struct signed_file phone_world_signed(struct phone_world *w, const char *name,
    uint8_t **data);

/* The content of a signed file, to be freed. */
char *phone_world_content(struct phone_world *w, const char *name);

struct phone_store_counters phone_world_count(struct phone_world *w);

#endif
