/* Writing trust lists: new ones, and old ones signed again. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/str.h"
#include "trust/trustlist.h"

#define RECOVERY_PREFIX "CN=ITLRECOVERY_"

static void
put(struct wbuf *w, uint8_t tag, const void *value, size_t n)
{
	if (n > UINT16_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, tag);
	wbuf_be16(w, (uint16_t)n);
	wbuf_bytes(w, value, n);
}

static void
put_text(struct wbuf *w, uint8_t tag, const char *text)
{
	put(w, tag, text, strlen(text) + 1);
}

static void
put_hash(struct wbuf *w, const struct trustlist_entry *entry)
{
	const struct cert *c = entry->cert;
	const uint8_t alg = (uint8_t)entry->hash_alg;
	uint8_t sum[DIGEST_MAX];

	digest_bytes(entry->hash_alg, c->der, c->der_len, sum);
	put(w, RECORD_HASH, sum, digest_size(entry->hash_alg));
	put(w, RECORD_HASH_ALG, &alg, 1);
}

/* One record in the order of elements of 10.0. */
static void
put_record(struct wbuf *w, const struct trustlist_entry *entry)
{
	const uint8_t role[] = { (uint8_t)((unsigned)entry->role >> 8),
		(uint8_t)entry->role };
	const struct cert *c = entry->cert;
	size_t start = w->len;

	put(w, RECORD_LENGTH, "\0\0", 2);
	if (entry->dns_name != NULL)
		put_text(w, RECORD_DNS_NAME, entry->dns_name);
	if (c != NULL)
		put_text(w, RECORD_SUBJECT, c->subject);
	put(w, RECORD_FUNCTION, role, sizeof(role));
	if (c != NULL) {
		put_text(w, RECORD_ISSUER, c->issuer);
		put(w, RECORD_SERIAL, c->serial, c->serial_len);
		put(w, RECORD_PUBLIC_KEY, c->public_key, c->public_key_len);
		put(w, RECORD_SIGNATURE, c->signature, c->signature_len);
		if (entry->hash_only)
			put_hash(w, entry);
		else
			put(w, RECORD_CERTIFICATE, c->der, c->der_len);
	}
	if (entry->address != NULL)
		put(w, RECORD_ADDRESS, entry->address, 4);
	if (w->failed || w->len - start > UINT16_MAX) {
		w->failed = true;
		return;
	}
	wbuf_patch_be16(w, start + 3, (uint16_t)(w->len - start));
}

/* Read what was written and verify it from itself. */
static int
prove(const uint8_t *data, size_t len, const struct cert *signer, struct err *e)
{
	struct trustlist l;
	size_t i;
	int rc;

	if (trustlist_parse(&l, data, len, e) == -1)
		return err_wrap(e, "the list that was built");
	rc = trustlist_verify(&l, &i, e);
	if (rc == -1)
		err_wrap(e, "the list that was built");
	else if (trustlist_find(&l, signer, ROLE_SAST) == -1)
		rc = err_set(e, ERR_UNVERIFIABLE,
		    "the list that was built: no security token record has "
		    "the certificate %s",
		    signer->subject);
	trustlist_release(&l);
	return rc;
}

static int
too_big(size_t len, struct err *e)
{
	if (len <= TRUSTLIST_MAX_SIZE)
		return 0;
	return err_set(e, ERR_TOO_BIG,
	    "the trust list would have %zu bytes: phones load at most %d", len,
	    TRUSTLIST_MAX_SIZE);
}

/* Put header and signature in front of the records, and verify. */
static int
finish(const struct signed_draft *draft, const struct signer *s,
    struct wbuf *records, uint8_t **out, size_t *len, struct err *e)
{
	struct key_piece content;
	uint8_t *data;
	size_t n;

	if (records->failed)
		return err_set(e, ERR_TOO_BIG,
		    "the records would pass %d bytes: phones load no more",
		    TRUSTLIST_MAX_SIZE);
	content = (struct key_piece) { records->data, records->len };
	if (signed_file_write(draft, s, &content, &data, &n, e) == -1)
		return -1;
	if (too_big(n, e) == -1 || prove(data, n, s->cert, e) == -1) {
		free(data);
		return -1;
	}
	*out = data; /* the caller's from here on */
	*len = n;
	return 0;
}

int
trustlist_build(const struct trustlist_draft *draft, const struct signer *s,
    uint8_t **out, size_t *len, struct err *e)
{
	struct signed_draft header = { .major = 1, .minor = 2 };
	struct wbuf records;
	int rc;

	header.filename =
	    draft->kind == TRUSTLIST_ITL ? "ITLFile.tlv" : "CTLFile.tlv";
	wbuf_init(&records, TRUSTLIST_MAX_SIZE);
	for (size_t i = 0; i < draft->n; i++)
		put_record(&records, &draft->entry[i]);
	rc = finish(&header, s, &records, out, len, e);
	wbuf_release(&records);
	return rc;
}

/* The ITLRECOVERY record of a list, or -1. */
static long
recovery_record(const struct trustlist *l)
{
	for (size_t i = 0; i < l->n_records; i++)
		if (l->record[i].role == ROLE_SAST &&
		    str_starts(l->record[i].subject, RECOVERY_PREFIX))
			return (long)i;
	return -1;
}

/* The record to be replaced by the recovery certificate's, or -1: none. */
static int
choose_replaced(const struct trustlist *l, const struct cert *recovery,
    long *replaced, struct err *e)
{
	*replaced = -1;
	if (recovery == NULL || trustlist_find(l, recovery, ROLE_SAST) >= 0)
		return 0;
	*replaced = recovery_record(l);
	if (*replaced == -1)
		return err_set(e, ERR_NOT_FOUND,
		    "the list has no record of an ITLRECOVERY certificate");
	return 0;
}

/* The list's records, one of them replaced. */
static void
copy_records(struct wbuf *w, const struct trustlist *l,
    const struct cert *recovery, long replaced)
{
	for (size_t i = 0; i < l->n_records; i++) {
		const struct trustlist_record *rec = &l->record[i];
		const struct element *dns = &rec->element[RECORD_DNS_NAME];
		const struct element *ip = &rec->element[RECORD_ADDRESS];
		struct trustlist_entry entry = { .role = ROLE_SAST,
			.cert = recovery,
			.dns_name = dns->present ? rec->dns_name : NULL,
			.address = ip->present ? ip->value : NULL };

		if ((long)i == replaced)
			put_record(w, &entry);
		else
			wbuf_bytes(w, l->data + rec->off, rec->len);
	}
}

int
trustlist_resign(const struct trustlist *l, const struct signer *s,
    const struct cert *recovery, uint8_t **out, size_t *len, struct err *e)
{
	const struct element *version =
	    &l->header.element[HEADER_SIGNER_VERSION];
	struct signed_draft draft = { .major = 1,
		.minor = 2,
		.filename = l->header.filename };
	struct wbuf records;
	long replaced, own;
	int rc;

	if (choose_replaced(l, recovery, &replaced, e) == -1)
		return -1;
	if (version->present)
		draft.signer_version = version->value;
	own = trustlist_find(l, s->cert, ROLE_SAST);
	if (own >= 0 && own != replaced) {
		draft.signer_name = l->record[own].subject;
		draft.ca_name = l->record[own].issuer;
	}
	wbuf_init(&records, TRUSTLIST_MAX_SIZE);
	copy_records(&records, l, recovery, replaced);
	rc = finish(&draft, s, &records, out, len, e);
	wbuf_release(&records);
	return rc;
}
