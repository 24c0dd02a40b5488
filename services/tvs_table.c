#include "services/tvs_table.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "trust/digest.h"

/*
 * Two tables of indices into cert, open addressing: 0 is free, n stands for
 * cert[n - 1].  At most half of the places are taken.
 */
struct tvs_table {
	struct tvs_cert *cert; /* owned, count of them */
	size_t count;
	size_t mask; /* places - 1, places a power of two */
	uint32_t *by_digest;
	uint32_t *by_serial;
};

/* Any eight bytes of a SHA-256 do. */
static size_t
hash_digest(const uint8_t sha256[32])
{
	uint64_t h;

	memcpy(&h, sha256, sizeof(h));
	return (size_t)h;
}

/* FNV-1a: issuers choose serial numbers, phones only ask for them. */
static size_t
hash_serial(const uint8_t *p, size_t n)
{
	uint64_t h = 14695981039346656037U;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211U;
	return (size_t)(h ^ h >> 32);
}

/* Without leading zero bytes, as requests have it. */
static struct tvs_bytes
serial_of(const struct cert *c)
{
	struct tvs_bytes s = { c->serial, c->serial_len };

	while (s.len > 1 && s.data[0] == 0) {
		s.data++;
		s.len--;
	}
	return s;
}

static bool
is_text(const struct tvs_bytes *b, const char *text)
{
	return b->len == strlen(text) && memcmp(b->data, text, b->len) == 0;
}

static struct tvs_cert *
find_digest(const struct tvs_table *t, const uint8_t sha256[32])
{
	size_t at;

	for (at = hash_digest(sha256) & t->mask; t->by_digest[at] != 0;
	     at = (at + 1) & t->mask) {
		struct tvs_cert *c = &t->cert[t->by_digest[at] - 1];

		if (memcmp(c->cert->sha256, sha256, 32) == 0)
			return c;
	}
	return NULL;
}

static void
insert(const struct tvs_table *t, uint32_t *places, size_t hash, size_t index)
{
	size_t at = hash & t->mask;

	while (places[at] != 0)
		at = (at + 1) & t->mask;
	places[at] = (uint32_t)index + 1;
}

static void
add_role(struct tvs_cert *c, uint8_t role)
{
	size_t at = 0;

	while (at < c->n_roles && c->role[at] < role)
		at++;
	if (c->n_roles == TVS_ROLES_MAX ||
	    (at < c->n_roles && c->role[at] == role))
		return;
	memmove(&c->role[at + 1], &c->role[at], c->n_roles - at);
	c->role[at] = role;
	c->n_roles++;
}

static void
add_row(struct tvs_cert *c, const struct trust_store_row *row)
{
	const uint32_t ttl = row->ttl < 0 ? TVS_TTL :
	    row->ttl > UINT32_MAX         ? UINT32_MAX :
					    (uint32_t)row->ttl;
	size_t i;

	for (i = 0; i < row->n_roles; i++)
		add_role(c, row->role[i]);
	if (ttl < c->ttl)
		c->ttl = ttl;
}

/* The certificate of a row: a new one, or one with the same bytes. */
static int
take_row(struct tvs_table *t, const struct trust_store_row *row, struct err *e)
{
	struct cert *cert = cert_from_pem(row->pem, strlen(row->pem), e);
	struct tvs_cert *c;

	if (cert == NULL)
		return -1;
	if (cert->der_len > TVS_CERTIFICATE_MAX) {
		(void)err_set(e, ERR_TOO_BIG, "a certificate of %zu bytes",
		    cert->der_len);
		cert_free(cert);
		return -1;
	}
	c = find_digest(t, cert->sha256);
	if (c == NULL) {
		const struct tvs_bytes serial = serial_of(cert);

		c = &t->cert[t->count];
		*c = (struct tvs_cert) { .cert = cert, .ttl = UINT32_MAX };
		insert(t, t->by_digest, hash_digest(cert->sha256), t->count);
		insert(t, t->by_serial, hash_serial(serial.data, serial.len),
		    t->count);
		t->count++;
	} else {
		cert_free(cert);
	}
	add_row(c, row);
	return 0;
}

struct tvs_table *
tvs_table_new(const struct trust_store *rows, size_t *unusable, struct err *why)
{
	struct tvs_table *t = mem_alloc(sizeof(*t));
	struct err *first = why;
	size_t places = 2;
	size_t i;

	while (places < 2 * rows->n)
		places *= 2;
	t->mask = places - 1;
	t->cert = mem_array(rows->n, sizeof(*t->cert));
	t->by_digest = mem_array(places, sizeof(*t->by_digest));
	t->by_serial = mem_array(places, sizeof(*t->by_serial));
	*unusable = 0;
	for (i = 0; i < rows->n; i++) {
		if (take_row(t, &rows->item[i], first) == -1) {
			(*unusable)++;
			first = NULL;
		}
	}
	return t;
}

void
tvs_table_free(struct tvs_table *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->count; i++)
		cert_free(t->cert[i].cert);
	free(t->cert);
	free(t->by_digest);
	free(t->by_serial);
	free(t);
}

size_t
tvs_table_count(const struct tvs_table *t)
{
	return t->count;
}

const struct tvs_cert *
tvs_table_verify(const struct tvs_table *t, const struct tvs_bytes *der)
{
	uint8_t sha256[DIGEST_MAX];

	digest_bytes(DIGEST_SHA256, der->data, der->len, sha256);
	return find_digest(t, sha256);
}

const struct tvs_cert *
tvs_table_query(const struct tvs_table *t, const struct tvs_bytes *serial,
    const struct tvs_bytes *issuer, const struct tvs_bytes *subject)
{
	size_t at;

	for (at = hash_serial(serial->data, serial->len) & t->mask;
	     t->by_serial[at] != 0; at = (at + 1) & t->mask) {
		const struct tvs_cert *c = &t->cert[t->by_serial[at] - 1];
		const struct tvs_bytes own = serial_of(c->cert);

		if (own.len == serial->len &&
		    memcmp(own.data, serial->data, own.len) == 0 &&
		    is_text(issuer, c->cert->issuer) &&
		    (subject->len == 0 || is_text(subject, c->cert->subject)))
			return c;
	}
	return NULL;
}
