/*
 * What the threads of the store do: one job makes the files of one phone,
 * the ITL file of one group, or one NAME.sgn.  Jobs share nothing but what
 * never changes, so any number of them may run at the same time.
 */
#ifndef SERVICES_SIGNING_JOB_H
#define SERVICES_SIGNING_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/phone_source.h"
#include "services/signed_cache.h"
#include "services/signing_identity.h"
#include "services/tftp_name.h"
#include "services/work_pool.h"

#define SIGNING_STATIC_MAX (16UL * 1024 * 1024) /* no NAME.sgn above it */

enum signing_kind {
	SIGNING_PHONE, /* row, basis; XMLDefault.cnf.xml if row is NULL */
	SIGNING_GROUP, /* group */
	SIGNING_STATIC /* name, of the plain file */
};

/* What a phone's files were made from. */
struct signing_input {
	bool encrypted;
	uint8_t cert[32]; /* SHA-256; zero: none */
	uint8_t plain[32]; /* SHA-256 of the plain configuration */
};

struct signing_file {
	uint8_t *data; /* owned; NULL: there is none */
	size_t len;
	size_t header; /* bytes in front of the content */
};

struct signing_job {
	struct work work;
	enum signing_kind kind;
	void *owner; /* of who added it; NULL: nobody waits for it */
	struct phone_row *row; /* held */
	struct phone_basis *basis; /* held */
	struct phone_group group;
	char name[TFTP_NAME_SIZE];
	bool has_input; /* there are files already, made from this */
	struct signing_input input; /* afterwards: what they are made from */
	/* What came of it. */
	struct err *error; /* owned; NULL: it was made */
	bool unchanged; /* the files that there are would be made again */
	struct signing_file file; /* signed, or the stub; or the list */
	struct signing_file encrypted;
	unsigned n_signed; /* signatures made */
	unsigned n_encrypted; /* of these */
	unsigned n_reused; /* and found in tftp/.signed/ */
};

/* All lent. */
struct signing_tools {
	const struct phone_source *source;
	const struct signing_identity *identity;
	struct signed_cache *cache; /* NULL: none */
	int dir; /* tftp/ */
};

/* An empty job; free with signing_job_free(), which is NULL-safe. */
struct signing_job *signing_job_new(enum signing_kind kind, void *owner);
void signing_job_free(struct signing_job *j);

/*
 * Do it, as this thread of those that the identity has tools for.
 *
 * A configuration that is to be encrypted is in no file but the encrypted
 * one; if it cannot be encrypted, there is no file at all.
 */
void signing_job_run(const struct signing_tools *t, unsigned thread,
    struct signing_job *j);

/* SEP<MAC>.cnf.xml.sgn, or XMLDefault.cnf.xml.sgn if mac is empty. */
void signing_config_name(char name[TFTP_NAME_SIZE], const char *mac);

/* SEP<MAC>.cnf.xml.enc.sgn. */
void signing_encrypted_name(char name[TFTP_NAME_SIZE], const char *mac);

/* Keep no file of this phone for the next start. */
void signing_forget_phone(const struct signing_tools *t, const char *mac);

#endif
