/* Writing a signed file: header, signature, content. */
#include <stdlib.h>
#include <string.h>

#include "trust/signed_header.h"

#define HEADER_MAX 65535 /* HeaderLength has two bytes */

/* The code of a signature's size, or -1. */
static int
modulus_code(unsigned bits)
{
	switch (bits) {
	case 512:
		return 0;
	case 1024:
		return 1;
	case 2048:
		return 2;
	case 4096:
		return 3;
	default:
		return -1;
	}
}

static int
check_signer(const struct signer *s, struct err *e)
{
	if (!cert_matches_key(s->cert, s->key))
		return err_set(e, ERR_KEY,
		    "the private key is not that of the certificate %s",
		    s->cert->subject);
	if (s->cert->key_type != KEY_RSA ||
	    modulus_code(s->cert->key_bits) == -1)
		return err_set(e, ERR_KEY,
		    "the key of %s has %u bits%s: only RSA keys of 512, 1024, "
		    "2048 or 4096 bits can sign",
		    s->cert->subject, s->cert->key_bits,
		    s->cert->key_type == KEY_RSA ? "" : " and is not RSA");
	if (s->digest == DIGEST_MD5)
		return err_set(e, ERR_USAGE, "MD5 cannot sign");
	if (s->timestamp < 0 || s->timestamp > UINT32_MAX)
		return err_set(e, ERR_USAGE, "time stamp out of range: %lld",
		    (long long)s->timestamp);
	return 0;
}

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
put_u8(struct wbuf *w, uint8_t tag, uint8_t v)
{
	put(w, tag, &v, 1);
}

/* The header in front of SIGNATURE; HeaderLength is still 0. */
static void
put_front(struct wbuf *w, const struct signed_draft *d, const struct signer *s)
{
	const uint8_t version[] = { d->major, d->minor };
	size_t id;

	put(w, HEADER_VERSION, version, sizeof(version));
	put(w, HEADER_LENGTH, "\0\0", 2);
	if (d->signer_version != NULL)
		put(w, HEADER_SIGNER_VERSION, d->signer_version, 2);
	wbuf_u8(w, HEADER_SIGNER_ID);
	id = w->len;
	wbuf_be16(w, 0);
	put_text(w, HEADER_SIGNER_NAME,
	    d->signer_name == NULL ? s->cert->subject : d->signer_name);
	put(w, HEADER_SERIAL, s->cert->serial, s->cert->serial_len);
	put_text(w, HEADER_CA_NAME,
	    d->ca_name == NULL ? s->cert->issuer : d->ca_name);
	if (w->failed)
		return;
	wbuf_patch_be16(w, id, (uint16_t)(w->len - id - 2));
	wbuf_u8(w, HEADER_SIGNATURE_INFO);
	wbuf_be16(w, 15);
	put_u8(w, HEADER_DIGEST_ALG, (uint8_t)s->digest);
	wbuf_u8(w, HEADER_SIGNATURE_ALG_INFO);
	wbuf_be16(w, 8);
	put_u8(w, HEADER_SIGNATURE_ALG, 0);
	put_u8(w, HEADER_SIGNATURE_MODULUS,
	    (uint8_t)modulus_code(s->cert->key_bits));
}

/* The header behind SIGNATURE, padded to a multiple of 4. */
static void
put_back(struct wbuf *w, const struct signed_draft *d, const struct signer *s,
    size_t in_front)
{
	const uint32_t t = (uint32_t)s->timestamp;
	const uint8_t stamp[] = { (uint8_t)(t >> 24), (uint8_t)(t >> 16),
		(uint8_t)(t >> 8), (uint8_t)t };

	put_text(w, HEADER_FILENAME, d->filename);
	put(w, HEADER_TIMESTAMP, stamp, sizeof(stamp));
	while (!w->failed && (in_front + w->len) % 4 != 0)
		wbuf_u8(w, HEADER_PADDING);
}

int
signed_file_write(const struct signed_draft *draft, const struct signer *s,
    const struct key_piece *content, uint8_t **out, size_t *len, struct err *e)
{
	struct wbuf front, back, file;
	struct key_piece piece[3];
	struct key_signature sig = { NULL, 0 };
	size_t head;
	int rc = -1;

	if (check_signer(s, e) == -1)
		return -1;
	wbuf_init(&front, HEADER_MAX);
	wbuf_init(&back, HEADER_MAX);
	wbuf_init(&file, 0);
	put_front(&front, draft, s);
	head = front.len + 3 + s->cert->key_bits / 8;
	put_back(&back, draft, s, head);
	head += back.len;
	if (front.failed || back.failed || head > HEADER_MAX) {
		err_set(e, ERR_TOO_BIG, "the header would pass %d bytes",
		    HEADER_MAX);
		goto out;
	}
	wbuf_patch_be16(&front, 8, (uint16_t)head);
	piece[0] = (struct key_piece) { front.data, front.len };
	piece[1] = (struct key_piece) { back.data, back.len };
	piece[2] = *content;
	if (key_sign(s->key, s->digest, piece, 3, &sig, e) == -1)
		goto out;
	wbuf_bytes(&file, front.data, front.len);
	put(&file, HEADER_SIGNATURE, sig.data, sig.len);
	wbuf_bytes(&file, back.data, back.len);
	wbuf_bytes(&file, content->data, content->len);
	rc = wbuf_detach(&file, out, len);
	if (rc == -1)
		err_set(e, ERR_TOO_BIG, "the signed file is too big");
out:
	free(sig.data);
	wbuf_release(&front);
	wbuf_release(&back);
	wbuf_release(&file);
	return rc;
}
