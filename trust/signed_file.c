#include "trust/signed_file.h"

#include <string.h>

#define BLOCK 16 /* bytes of AES */
#define BIT(tag) (UINT32_C(1) << (tag))

/* What both versions have. */
#define COMMON                                                              \
	(BIT(HEADER_VERSION) | BIT(HEADER_LENGTH) | BIT(HEADER_SIGNER_ID) | \
	    BIT(HEADER_SIGNER_NAME) | BIT(HEADER_SERIAL) |                  \
	    BIT(HEADER_CA_NAME) | BIT(HEADER_SIGNATURE_INFO) |              \
	    BIT(HEADER_DIGEST_ALG) | BIT(HEADER_SIGNATURE_ALG_INFO) |       \
	    BIT(HEADER_SIGNATURE_ALG) | BIT(HEADER_SIGNATURE_MODULUS) |     \
	    BIT(HEADER_SIGNATURE) | BIT(HEADER_FILENAME) |                  \
	    BIT(HEADER_TIMESTAMP))

static const struct signed_form plain_form = { .major = 1,
	.minor = 0,
	.required = COMMON,
	.optional = BIT(HEADER_PADDING) };

static const struct signed_form encrypted_form = { .major = 2,
	.minor = 0,
	.required = COMMON | BIT(HEADER_ENCRYPTION) | BIT(HEADER_ENC_CIPHER) |
	    BIT(HEADER_ENC_18) | BIT(HEADER_ENC_IV) | BIT(HEADER_ENC_PADDING) |
	    BIT(HEADER_ENC_KEY) | BIT(HEADER_ENC_22) |
	    BIT(HEADER_ENC_KEY_BITS) | BIT(HEADER_ENC_24) |
	    BIT(HEADER_ENC_WRAPPED) | BIT(HEADER_ENC_DIGEST_ALG) |
	    BIT(HEADER_ENC_DIGEST),
	.optional = BIT(HEADER_PADDING) };

/* What 1 byte must say: no other cipher or key than these is known. */
static int
check_code(const struct signed_file *f, enum header_tag tag, const char *name,
    unsigned code, struct err *e)
{
	const struct element *el = &f->header.element[tag];

	if (el->value[0] == code)
		return 0;
	return err_set(e, ERR_FORMAT,
	    "offset %zu: header: %s is %u, must be %u", el->off, name,
	    el->value[0], code);
}

/* SHA-1 or SHA-512, whatever else a header may name. */
static int
check_plain_digest(const struct signed_file *f, struct err *e)
{
	const struct element *el = &f->header.element[HEADER_ENC_DIGEST_ALG];

	if (el->value[0] != DIGEST_SHA256)
		return 0;
	return err_set(e, ERR_FORMAT,
	    "offset %zu: header: PLAINDIGEST is 2, must be 1 or 3", el->off);
}

/* Whole blocks, the padding of the last one included. */
static int
check_cipher_text(const struct signed_file *f, struct err *e)
{
	const struct element *el = &f->header.element[HEADER_ENC_PADDING];
	unsigned padding = (unsigned)el->value[0] << 8 | el->value[1];

	if (check_code(f, HEADER_ENC_18, "CIPHERALGORITHM", 0, e) == -1 ||
	    check_code(f, HEADER_ENC_22, "KEYALGORITHM", 0, e) == -1 ||
	    check_code(f, HEADER_ENC_24, "KEYTYPE", 1, e) == -1 ||
	    check_plain_digest(f, e) == -1)
		return -1;

	if (f->content_len == 0 || f->content_len % BLOCK != 0)
		return err_set(e, ERR_FORMAT,
		    "offset %zu: %zu bytes of cipher text, not a multiple of "
		    "%d",
		    f->header.len, f->content_len, BLOCK);
	if (padding < 1 || padding > BLOCK)
		return err_set(e, ERR_FORMAT,
		    "offset %zu: header: CIPHERPADDING is %u, must be 1 to %d",
		    el->off, padding, BLOCK);
	return 0;
}

int
signed_file_parse(struct signed_file *f, const uint8_t *data, size_t len,
    struct err *e)
{
	const struct signed_form *form = &plain_form;
	uint8_t major, minor;

	memset(f, 0, sizeof(*f));
	if (len > SIGNED_FILE_MAX_SIZE)
		return err_set(e, ERR_FORMAT,
		    "the file has %zu bytes, at most %zu", len,
		    SIGNED_FILE_MAX_SIZE);
	if (signed_header_version(data, len, &major, &minor, e) == -1)
		return -1;
	if (major == encrypted_form.major)
		form = &encrypted_form;
	if (signed_header_parse(&f->header, form, data, len, e) == -1)
		return -1;
	f->encrypted = form == &encrypted_form;
	f->data = data;
	f->len = len;
	f->content = data + f->header.len;
	f->content_len = len - f->header.len;
	return f->encrypted ? check_cipher_text(f, e) : 0;
}

int
signed_file_verify(const struct signed_file *f, const struct cert *c,
    struct err *e)
{
	if (signed_header_check(&f->header, f->data, f->len, c, e) == -1)
		return -1;
	if (!signed_header_names(&f->header, c))
		return err_set(e, ERR_UNVERIFIABLE,
		    "signed with the key of %s, but the file names another "
		    "certificate",
		    c->subject);
	return 0;
}
