/*
 * The functions of db/ that Cisco Trust Verification Service calls, answered
 * from tvs_world.h.  Included by one file of a test program, which then does
 * not link the real ones.
 */
#ifndef FAKES_TVS_DATABASE_H
#define FAKES_TVS_DATABASE_H

#include <stdlib.h>

#include "db/db.h"
#include "db/params.h"
#include "db/trust_store.h"
#include "tests/fakes/tvs_world.h"

struct db *
db_open_local(enum db_role role, struct err *e)
{
	static char somewhere;

	if (role != DB_RW)
		BUG("role %d", (int)role);
	return tvs_world_answers(e) == -1 ? NULL :
					    (struct db *)(void *)&somewhere;
}

void
db_close(struct db *db)
{
	(void)db;
}

int
trust_store_version(struct db *db, uint64_t *version, struct err *e)
{
	(void)db;
	*version = tvs_world_version();
	return tvs_world_answers(e);
}

int
trust_store_read(struct db *db, struct trust_store *out, struct err *e)
{
	(void)db;
	*out = (struct trust_store)TRUST_STORE_INIT;
	if (tvs_world_answers(e) == -1)
		return -1;
	tvs_world_rows(out);
	return 0;
}

void
trust_store_release(struct trust_store *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		free(s->item[i].pem);
	free(s->item);
	*s = (struct trust_store)TRUST_STORE_INIT;
}

int
params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e)
{
	(void)db;
	if (tvs_world_answers(e) == -1)
		return -1;
	return tvs_world_param(name, value, PARAMS_VALUE_SIZE, e);
}

#endif
