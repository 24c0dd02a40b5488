/*
 * The header that trust lists and signed files share (doc/FORMAT.trustlist):
 * who signed, how, and the signature.  What differs between the two is data:
 * a struct signed_form.
 */
#ifndef TRUST_SIGNED_HEADER_H
#define TRUST_SIGNED_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "trust/cert.h"
#include "trust/digest.h"
#include "trust/key.h"

/* Tags of header elements. */
enum header_tag {
	HEADER_VERSION = 1,
	HEADER_LENGTH = 2,
	HEADER_SIGNER_ID = 3, /* container of 4, 5, 6 */
	HEADER_SIGNER_NAME = 4,
	HEADER_SERIAL = 5,
	HEADER_CA_NAME = 6,
	HEADER_SIGNATURE_INFO = 7, /* container of 8 and 9 */
	HEADER_DIGEST_ALG = 8,
	HEADER_SIGNATURE_ALG_INFO = 9, /* container of 10 and 11 */
	HEADER_SIGNATURE_ALG = 10,
	HEADER_SIGNATURE_MODULUS = 11,
	HEADER_SIGNATURE = 12,
	HEADER_PADDING = 13, /* a lone byte: no length, no value */
	HEADER_FILENAME = 14,
	HEADER_TIMESTAMP = 15,
	HEADER_ENCRYPTION = 16, /* 16..27: encrypted configuration */
	HEADER_ENC_CIPHER = 17,
	HEADER_ENC_18 = 18,
	HEADER_ENC_IV = 19,
	HEADER_ENC_PADDING = 20,
	HEADER_ENC_KEY = 21,
	HEADER_ENC_22 = 22,
	HEADER_ENC_KEY_BITS = 23,
	HEADER_ENC_24 = 24,
	HEADER_ENC_WRAPPED = 25,
	HEADER_ENC_DIGEST_ALG = 26,
	HEADER_ENC_DIGEST = 27,
	HEADER_SIGNER_VERSION = 28 /* other writers' trust lists only */
};
#define HEADER_TAGS 29 /* one more than the highest */

/* An element: its place in the file and its value, lent from the file. */
struct element {
	bool present;
	size_t off; /* of the tag */
	const uint8_t *value;
	size_t len; /* of the value; a text counts its NUL */
};

/* Which headers are legal. */
struct signed_form {
	uint8_t major;
	uint8_t minor;
	uint32_t required; /* bit n: tag n must be there */
	uint32_t optional; /* bit n: tag n may be there */
};

struct signed_header {
	struct element element[HEADER_TAGS]; /* by tag; 13 is not kept */
	uint8_t order[HEADER_TAGS]; /* tags as they stand in the file */
	size_t n_order;
	size_t len; /* HeaderLength: offset of what follows */
	uint8_t major;
	uint8_t minor;
	enum digest_alg digest;
	uint32_t timestamp;
	const char *signer_name; /* lent from the file, NUL-terminated */
	const char *ca_name;
	const char *filename;
};

/*
 * Read and check the header at the start of data, which must outlive h.  0,
 * or -1 with ERR_FORMAT and offset and rule in e.
 */
int signed_header_parse(struct signed_header *h, const struct signed_form *form,
    const uint8_t *data, size_t len, struct err *e);

/*
 * The version of a file that starts like a header, without further checks:
 * 0, or -1 with ERR_FORMAT.  Tells trust lists (1.2) from signed files (1.0)
 * and encrypted ones (2.0).
 */
int signed_header_version(const uint8_t *data, size_t len, uint8_t *major,
    uint8_t *minor, struct err *e);

/* The certificate has the issuer and the serial number the header names. */
bool signed_header_names(const struct signed_header *h, const struct cert *c);

/*
 * The signature of the file of len bytes that h was read from is by c's
 * key: 0, or -1 with ERR_SIGNATURE or ERR_KEY.
 */
int signed_header_check(const struct signed_header *h, const uint8_t *data,
    size_t len, const struct cert *c, struct err *e);

/* Who signs what is to be written. */
struct signer {
	const struct cert *cert;
	const struct key *key;
	enum digest_alg digest;
	int64_t timestamp; /* clock_wall() */
};

/*
 * What a header to be written says besides its signer.  Names that are NULL
 * come from the signer's certificate; a signed list that is signed again
 * passes the names that its record has.
 */
struct signed_draft {
	uint8_t major;
	uint8_t minor;
	const char *filename;
	const char *signer_name;
	const char *ca_name;
	const uint8_t *signer_version; /* two bytes of tag 28, or NULL */
};

/*
 * Write the complete file: header, then content, with its signature.  The
 * elements stand in the order of 10.0 in a list (version 1.2), in that of
 * doc/FORMAT.signed in other files.  A signer whose key is not RSA of
 * 512, 1024, 2048 or 4096 bits is refused (ERR_KEY): the header has no code
 * for another signature size.  Free *out with free().
 */
int signed_file_write(const struct signed_draft *draft, const struct signer *s,
    const struct key_piece *content, uint8_t **out, size_t *len, struct err *e);

#endif
