/*
 * In the place of trust/pkcs12.c, for tests of who makes and opens
 * ITLRecovery.p12: files with the same contents, opened by the same password
 * and by no other, but not encrypted.  The real ones cost a second each.  To
 * be included by the one file of a test program.
 */
#ifndef TESTS_FAKES_FAKE_PKCS12_H
#define TESTS_FAKES_FAKE_PKCS12_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "trust/pkcs12.h"

/* Then the password's line, key and certificate, random digits. */
#define FAKE_PKCS12_HEAD "no PKCS#12\n"

int
pkcs12_encode(const struct key *k, const struct cert *c,
    const struct secret *password, uint8_t **out, size_t *n, struct err *e)
{
	char *pem, *cert;
	struct wbuf file;
	size_t len;

	if (key_to_pem(k, &pem, &len, e) == -1)
		return -1;
	cert = cert_to_pem(c);
	wbuf_init(&file, PKCS12_MAX_SIZE);
	/* no two are the same */
	wbuf_printf(&file, FAKE_PKCS12_HEAD "%s\n%s%s%08x%08x\n",
	    password->text, pem, cert, arc4random(), arc4random());
	mem_free_wiped(pem, len);
	free(cert);
	return wbuf_detach(&file, out, n) == 0 ?
	    0 :
	    err_set(e, ERR_TOO_BIG, "too long");
}

int
pkcs12_decode(const void *data, size_t n, const struct secret *password,
    struct key **k, struct cert **c, struct err *e)
{
	const char *text = data, *pem;
	size_t head = strlen(FAKE_PKCS12_HEAD);

	if (n < head || memcmp(text, FAKE_PKCS12_HEAD, head) != 0 ||
	    (pem = memchr(text + head, '\n', n - head)) == NULL)
		return err_set(e, ERR_FORMAT, "not even a faked PKCS#12 file");
	if (password->len != (size_t)(pem - text) - head ||
	    memcmp(password->text, text + head, password->len) != 0)
		return err_set(e, ERR_AUTH, "wrong password");
	pem++;
	*k = key_from_pem(pem, n - (size_t)(pem - text), e);
	*c = NULL;
	if (*k != NULL)
		*c = cert_from_pem(pem, n - (size_t)(pem - text), e);
	if (*c != NULL)
		return 0;
	key_free(*k);
	*k = NULL;
	return -1;
}

int
pkcs12_load(const char *path, const struct secret *password, struct key **k,
    struct cert **c, struct err *e)
{
	uint8_t *data;
	size_t n;
	int rc;

	if (file_read(path, PKCS12_MAX_SIZE, &data, &n, e) == -1)
		return -1;
	rc = pkcs12_decode(data, n, password, k, c, e);
	mem_free_wiped(data, n);
	return rc;
}

#endif
