/*
 * The primary's database behind the ops of cluster/cert_regen.h: a few bytes
 * that may lie in shared memory, so that it outlives a child that ends in the
 * middle, as the real one does.
 */
#ifndef TESTS_FAKES_REGEN_DATABASE_H
#define TESTS_FAKES_REGEN_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include "cluster/cert_regen.h"
#include "cluster/cert_unit.h"
#include "trust/cert.h"

#define REGEN_UNITS_MAX 8
#define REGEN_EXIT_CRASH 77

/* Where the agent is killed. */
enum regen_crash {
	REGEN_CRASH_NEVER,
	REGEN_CRASH_BEFORE_COMMIT, /* .new written, nothing recorded */
	REGEN_CRASH_AFTER_COMMIT /* recorded, not renamed */
};

/* The fake database of one node. */
struct regen_database {
	char sha256[REGEN_UNITS_MAX][CERT_FINGERPRINT_SIZE];
	bool held;
	bool down; /* the primary does not answer */
	bool lose_answer; /* of the commit, which happened */
	bool lose_commit; /* neither answered nor happened */
	bool late_commit; /* not answered, and counts later */
	char late[CERT_FINGERPRINT_SIZE]; /* "": none is under way */
	size_t late_unit;
	bool down_after_commit; /* and cannot be asked either */
	enum regen_crash crash;
	unsigned commits;
	unsigned replicas_asked;
	const char *lagging;
};

/* Where a unit stands in sha256; the test fails when there is none. */
size_t regen_database_unit(const char *unit);

/* A commit that is still under way counts now. */
void regen_database_finish(struct regen_database *f);

/* f is borrowed. */
struct cert_regen_ops regen_database_ops(struct regen_database *f);

#endif
