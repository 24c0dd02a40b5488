#include "trust/trustlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/trustlist_priv.h"

#define BIT(tag) (UINT32_C(1) << (tag))
#define RECORD_MIN (5 + 5) /* RECORDLENGTH and FUNCTION */

const struct signed_form trustlist_form = { .major = 1,
	.minor = 2,
	.required = BIT(HEADER_VERSION) | BIT(HEADER_LENGTH) |
	    BIT(HEADER_SIGNER_ID) | BIT(HEADER_SIGNER_NAME) |
	    BIT(HEADER_SERIAL) | BIT(HEADER_CA_NAME) |
	    BIT(HEADER_SIGNATURE_INFO) | BIT(HEADER_DIGEST_ALG) |
	    BIT(HEADER_SIGNATURE_ALG_INFO) | BIT(HEADER_SIGNATURE_ALG) |
	    BIT(HEADER_SIGNATURE_MODULUS) | BIT(HEADER_SIGNATURE) |
	    BIT(HEADER_FILENAME) | BIT(HEADER_TIMESTAMP),
	.optional = BIT(HEADER_PADDING) | BIT(HEADER_SIGNER_VERSION) };

/* What doc/FORMAT.trustlist says about each record element. */
struct record_rule {
	const char *name;
	uint16_t min; /* length of the value */
	uint16_t max;
};

static const struct record_rule rules[RECORD_TAGS] = {
	[RECORD_LENGTH] = { "RECORDLENGTH", 2, 2 },
	[RECORD_DNS_NAME] = { "DNSNAME", 1, 65535 },
	[RECORD_SUBJECT] = { "SUBJECTNAME", 1, 65535 },
	[RECORD_FUNCTION] = { "FUNCTION", 2, 2 },
	[RECORD_ISSUER] = { "ISSUERNAME", 1, 65535 },
	[RECORD_SERIAL] = { "SERIALNUMBER", 1, CERT_SERIAL_MAX },
	[RECORD_PUBLIC_KEY] = { "PUBLICKEY", 1, 65535 },
	[RECORD_SIGNATURE] = { "SIGNATURE", 1, 65535 },
	[RECORD_CERTIFICATE] = { "CERTIFICATE", 1, 65535 },
	[RECORD_ADDRESS] = { "IPADDRESS", 4, 4 },
	[RECORD_HASH] = { "CERTHASH", 20, 64 },
	[RECORD_HASH_ALG] = { "HASH ALGORITHM", 1, 1 },
};

const char *
trustlist_kind_name(enum trustlist_kind kind)
{
	return kind == TRUSTLIST_ITL ? "ITL" : "CTL";
}

const char *
trust_role_name(unsigned role)
{
	switch (role) {
	case ROLE_SAST:
		return "System Administrator Security Token";
	case ROLE_CCM:
		return "CCM";
	case ROLE_CCM_TFTP:
		return "CCM+TFTP";
	case ROLE_TFTP:
		return "TFTP";
	case ROLE_CAPF:
		return "CAPF";
	case ROLE_APP_SERVER:
		return "APP-SERVER";
	case ROLE_TVS:
		return "TVS";
	default:
		return NULL;
	}
}

/* The record being read, for the rules' messages. */
struct reading {
	struct trustlist_record *rec;
	size_t number; /* from 1, as show itl counts */
	struct err *e;
};

static int
check_text(const struct reading *in, unsigned tag)
{
	const struct element *el = &in->rec->element[tag];

	if (memchr(el->value, '\0', el->len) != el->value + el->len - 1)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: %s must end with its only NUL",
		    el->off, in->number, rules[tag].name);
	return 0;
}

/* The hash and the algorithm that made it. */
static int
check_hash(const struct reading *in)
{
	const struct element *hash = &in->rec->element[RECORD_HASH];
	const struct element *alg = &in->rec->element[RECORD_HASH_ALG];

	if (hash->present != alg->present)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: %s without %s", in->rec->off,
		    in->number, hash->present ? "CERTHASH" : "HASH ALGORITHM",
		    hash->present ? "HASH ALGORITHM" : "CERTHASH");
	if (!hash->present)
		return 0;
	switch (alg->value[0]) {
	case DIGEST_SHA1:
		in->rec->hash_alg = DIGEST_SHA1;
		break;
	case DIGEST_SHA256:
		in->rec->hash_alg = DIGEST_SHA256;
		break;
	case DIGEST_SHA512:
		in->rec->hash_alg = DIGEST_SHA512;
		break;
	default:
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: HASH ALGORITHM is %u, must be 1, "
		    "2 or 3",
		    alg->off, in->number, alg->value[0]);
	}
	if (hash->len != digest_size(in->rec->hash_alg))
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: CERTHASH has %zu bytes, %s has "
		    "%zu",
		    hash->off, in->number, hash->len,
		    digest_name(in->rec->hash_alg),
		    digest_size(in->rec->hash_alg));
	if (in->rec->element[RECORD_CERTIFICATE].present)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: CERTHASH beside CERTIFICATE",
		    hash->off, in->number);
	return 0;
}

/* What can be said of a record once all its elements are known. */
static int
check_record(const struct reading *in)
{
	struct trustlist_record *rec = in->rec;
	const struct element *el = rec->element;

	if (!el[RECORD_FUNCTION].present)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu has no FUNCTION (tag 4)", rec->off,
		    in->number);
	rec->role = (unsigned)el[RECORD_FUNCTION].value[0] << 8 |
	    el[RECORD_FUNCTION].value[1];
	rec->dns_name = "";
	rec->subject = "";
	rec->issuer = "";
	if (el[RECORD_DNS_NAME].present) {
		if (check_text(in, RECORD_DNS_NAME) == -1)
			return -1;
		rec->dns_name = (const char *)el[RECORD_DNS_NAME].value;
	}
	if (el[RECORD_SUBJECT].present) {
		if (check_text(in, RECORD_SUBJECT) == -1)
			return -1;
		rec->subject = (const char *)el[RECORD_SUBJECT].value;
	}
	if (el[RECORD_ISSUER].present) {
		if (check_text(in, RECORD_ISSUER) == -1)
			return -1;
		rec->issuer = (const char *)el[RECORD_ISSUER].value;
	}
	if (el[RECORD_SERIAL].present && el[RECORD_SERIAL].value[0] == 0)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: SERIALNUMBER is zero or begins "
		    "with a zero byte",
		    el[RECORD_SERIAL].off, in->number);
	return check_hash(in);
}

/* One element of the record, r being a reader of the whole record. */
static int
read_element(const struct reading *in, struct rbuf *r)
{
	size_t off = in->rec->off + r->off;
	struct element *el;
	uint16_t len;
	uint8_t tag;

	if (rbuf_u8(r, &tag) == -1)
		BUG("no element to read");
	if (tag >= RECORD_TAGS || rules[tag].name == NULL)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: unknown tag %u", off, in->number,
		    tag);
	el = &in->rec->element[tag];
	if (el->present)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: second %s (tag %u)", off,
		    in->number, rules[tag].name, tag);
	if (rbuf_be16(r, &len) == -1 || rbuf_bytes(r, len, &el->value) == -1)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: %s (tag %u) runs past the end of "
		    "the record",
		    off, in->number, rules[tag].name, tag);
	if (len < rules[tag].min || len > rules[tag].max)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: %s has %u bytes, must have %u to "
		    "%u",
		    off, in->number, rules[tag].name, len, rules[tag].min,
		    rules[tag].max);
	el->present = true;
	el->off = off;
	el->len = len;
	in->rec->order[in->rec->n_order++] = tag;
	return 0;
}

/* RECORDLENGTH, which a record begins with and which counts itself. */
static int
read_length(const struct reading *in, struct rbuf *file, size_t *len)
{
	size_t off = file->off, left = rbuf_left(file);
	struct rbuf r = *file;
	uint8_t tag;
	uint16_t n, value;

	if (rbuf_u8(&r, &tag) == -1 || rbuf_be16(&r, &n) == -1 ||
	    rbuf_be16(&r, &value) == -1)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: %zu bytes behind the last record", off, left);
	if (tag != RECORD_LENGTH || n != 2)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu does not begin with RECORDLENGTH "
		    "(tag 1, 2 bytes)",
		    off, in->number);
	if (value < RECORD_MIN)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: RECORDLENGTH is %u, at least %d",
		    off, in->number, value, RECORD_MIN);
	if (value > left)
		return err_set(in->e, ERR_FORMAT,
		    "offset %zu: record %zu: RECORDLENGTH is %u, the file ends "
		    "after %zu bytes",
		    off, in->number, value, left);
	*len = value;
	return 0;
}

static int
read_record(struct trustlist *l, struct rbuf *file, struct err *e)
{
	struct reading in = { .rec = &l->record[l->n_records],
		.number = l->n_records + 1,
		.e = e };
	struct rbuf r;

	in.rec->off = file->off;
	if (read_length(&in, file, &in.rec->len) == -1)
		return -1;
	if (rbuf_sub(file, in.rec->len, &r) == -1)
		BUG("a record's length was not checked");
	while (rbuf_left(&r) > 0)
		if (read_element(&in, &r) == -1)
			return -1;
	l->n_records++;
	return check_record(&in);
}

/* ITL or CTL: by the name inside; other writers' names by the addresses. */
static enum trustlist_kind
tell_kind(const struct trustlist *l)
{
	if (str_starts(l->header.filename, "CTL"))
		return TRUSTLIST_CTL;
	if (str_starts(l->header.filename, "ITL"))
		return TRUSTLIST_ITL;
	for (size_t i = 0; i < l->n_records; i++)
		if (l->record[i].element[RECORD_ADDRESS].present)
			return TRUSTLIST_CTL;
	return TRUSTLIST_ITL;
}

static int
read_records(struct trustlist *l, struct err *e)
{
	struct rbuf file;
	size_t cap = 0;

	rbuf_init(&file, l->data, l->len);
	file.off = l->header.len;
	while (rbuf_left(&file) > 0) {
		if (l->n_records == cap) {
			cap = cap == 0 ? 8 : 2 * cap;
			l->record =
			    mem_resize(l->record, cap, sizeof(*l->record));
		}
		memset(&l->record[l->n_records], 0, sizeof(*l->record));
		if (read_record(l, &file, e) == -1)
			return -1;
	}
	return 0;
}

int
trustlist_parse(struct trustlist *l, const void *data, size_t len,
    struct err *e)
{
	memset(l, 0, sizeof(*l));
	if (len > TRUSTLIST_MAX_SIZE)
		return err_set(e, ERR_FORMAT,
		    "offset %d: a trust list of %zu bytes: phones load at "
		    "most %d",
		    TRUSTLIST_MAX_SIZE, len, TRUSTLIST_MAX_SIZE);
	l->data = mem_dup(data, len);
	l->len = len;
	if (signed_header_parse(&l->header, &trustlist_form, l->data, len, e) ==
		-1 ||
	    read_records(l, e) == -1) {
		trustlist_release(l);
		return -1;
	}
	l->kind = tell_kind(l);
	return 0;
}

void
trustlist_release(struct trustlist *l)
{
	if (l == NULL)
		return;
	free(l->data);
	free(l->record);
	memset(l, 0, sizeof(*l));
}

long
trustlist_find(const struct trustlist *l, const struct cert *c, unsigned role)
{
	uint8_t sum[DIGEST_MAX];

	for (size_t i = 0; i < l->n_records; i++) {
		const struct trustlist_record *rec = &l->record[i];
		const struct element *el = &rec->element[RECORD_CERTIFICATE];

		if (rec->role != role)
			continue;
		if (el->present && el->len == c->der_len &&
		    memcmp(el->value, c->der, el->len) == 0)
			return (long)i;
		el = &rec->element[RECORD_HASH];
		if (!el->present)
			continue;
		digest_bytes(rec->hash_alg, c->der, c->der_len, sum);
		if (memcmp(el->value, sum, el->len) == 0)
			return (long)i;
	}
	return -1;
}
