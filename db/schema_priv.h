/*
 * The steps of db/schema as tools/embed-sql builds them into the program.
 */
#ifndef DB_SCHEMA_PRIV_H
#define DB_SCHEMA_PRIV_H

struct schema_step {
	unsigned number; /* ascending */
	const char *name; /* 0001_roles */
	const char *sql; /* several statements */
};

extern const struct schema_step schema_steps[];
extern const unsigned schema_step_count;

#endif
