/*
 * A node for tests of Cisco Trust Verification Service: its directory with
 * certs/TVS.pem, and what its database holds (a test includes tvs_database.h
 * to have that in the place of the real one).  paths_root() points there while
 * it lives.  Everything may be called from any thread.
 */
#ifndef FAKES_TVS_WORLD_H
#define FAKES_TVS_WORLD_H

#include <stdint.h>

#include "base/err.h"
#include "db/trust_store.h"
#include "services/tvs_message.h"
#include "trust/certfile.h"

enum tvs_world_cert {
	TVS_WORLD_TVS, /* known from the start, role 21 */
	TVS_WORLD_CALLMANAGER, /* known from the start, roles 0 and 2 */
	TVS_WORLD_STRANGER, /* not known */
	TVS_WORLD_CERTS
};

/* Make it, and remove it. */
void tvs_world_start(void);
void tvs_world_stop(void);

const struct cert *tvs_world_cert(enum tvs_world_cert which);
const char *tvs_world_dir(void);

/* A row for a certificate, with these roles (-1 ends them); or none more. */
void tvs_world_add(enum tvs_world_cert which, int64_t ttl, const int *roles);
void tvs_world_add_pem(const char *pem);
void tvs_world_forget(enum tvs_world_cert which);

/* Every question is answered with this error; ERR_NONE: no more. */
void tvs_world_fail(enum err_code code);

/* How often the rows were read. */
unsigned tvs_world_reads(void);

/* The value of the parameter TVS Trace Level; NULL: there is none. */
void tvs_world_level(const char *level);

/* What tvs_database.h answers with. */
int tvs_world_answers(struct err *e);
uint64_t tvs_world_version(void);
void tvs_world_rows(struct trust_store *out);
int tvs_world_param(const char *name, char *value, size_t size, struct err *e);

/* A message; free *data with free(). */
struct tvs_message_bytes {
	uint8_t *data;
	size_t len;
};
void tvs_world_verify(enum tvs_world_cert which, struct tvs_message_bytes *out);
void tvs_world_query(enum tvs_world_cert which, struct tvs_message_bytes *out);

#endif
