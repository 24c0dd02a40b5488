/*
 * Verbs of an agent that has a real database, with the publisher in it.
 */
#ifndef UNIT_NODE_VERB_UTIL_H
#define UNIT_NODE_VERB_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "node/agent.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/verb_call.h"

static struct pg_server server;
static struct agent agent;
static struct verb_call c; /* what the last call() has brought */

static inline int
start(void **state)
{
	struct db *db;

	(void)state;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	agent_init(&agent, &server.conf, dup(0));
	return 0;
}

static inline int
stop(void **state)
{
	(void)state;
	agent_release(&agent);
	pg_server_stop(&server);
	return 0;
}

static inline int
tear_down(void **state)
{
	(void)state;
	verb_call_release(&c);
	return 0;
}

static inline int
call(int level, const char *words)
{
	verb_call_release(&c);
	return verb_call(&c, &agent, level, words);
}

#endif
