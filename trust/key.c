#include "trust/key.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/digest.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"

#define KEY_FILE_MAX 65536

struct key {
	EVP_PKEY *pkey;
};

struct key *
key_wrap(EVP_PKEY *pkey)
{
	struct key *k;

	if (pkey == NULL)
		return NULL;
	k = mem_alloc(sizeof(*k));
	k->pkey = pkey;
	return k;
}

EVP_PKEY *
key_evp(const struct key *k)
{
	return k->pkey;
}

enum key_type
evp_key_type(const EVP_PKEY *pkey)
{
	int id = EVP_PKEY_get_base_id(pkey);

	if (id == EVP_PKEY_RSA)
		return KEY_RSA;
	return id == EVP_PKEY_EC ? KEY_EC : KEY_OTHER;
}

unsigned
evp_key_bits(const EVP_PKEY *pkey)
{
	int bits = EVP_PKEY_get_bits(pkey);

	return bits > 0 ? (unsigned)bits : 0;
}

enum key_type
key_type(const struct key *k)
{
	return evp_key_type(k->pkey);
}

unsigned
key_bits(const struct key *k)
{
	return evp_key_bits(k->pkey);
}

struct key *
key_generate_rsa(unsigned bits, struct err *e)
{
	struct key *k;

	if (bits != 512 && bits != 1024 && bits != 2048 && bits != 3072 &&
	    bits != 4096) {
		err_set(e, ERR_USAGE,
		    "RSA key of %u bits: must be 512, 1024, 2048, 3072 or 4096",
		    bits);
		return NULL;
	}
	k = key_wrap(EVP_RSA_gen(bits));
	if (k == NULL)
		openssl_err(e, ERR_INTERNAL, "cannot make an RSA key");
	return k;
}

struct key *
key_generate_ec(struct err *e)
{
	struct key *k = key_wrap(EVP_EC_gen("P-256"));

	if (k == NULL)
		openssl_err(e, ERR_INTERNAL, "cannot make an EC key");
	return k;
}

void
key_free(struct key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

/* An encrypted key must not make the library ask on the terminal. */
static int
no_password(char *buf, int size, int writing, void *arg)
{
	(void)buf;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

struct key *
key_from_pem(const void *pem, size_t n, struct err *e)
{
	struct key *k = NULL;
	BIO *bio;

	if (n > KEY_FILE_MAX) {
		err_set(e, ERR_KEY, "private key: more than %d bytes",
		    KEY_FILE_MAX);
		return NULL;
	}
	bio = BIO_new_mem_buf(pem, (int)n);
	if (bio != NULL)
		k = key_wrap(
		    PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL));
	BIO_free(bio);
	if (k == NULL)
		openssl_err(e, ERR_KEY, "no private key in PEM form");
	return k;
}

struct key *
key_load(const char *path, struct err *e)
{
	uint8_t *data;
	size_t n;
	struct key *k;

	if (file_read(path, KEY_FILE_MAX, &data, &n, e) == -1)
		return NULL;
	k = key_from_pem(data, n, e);
	if (k == NULL)
		err_wrap(e, "%s", path);
	mem_free_wiped(data, n);
	return k;
}

int
key_to_pem(const struct key *k, char **pem, size_t *n, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *text;
	long len;
	int rc = -1;

	if (bio == NULL ||
	    PEM_write_bio_PKCS8PrivateKey(bio, k->pkey, NULL, NULL, 0, NULL,
		NULL) != 1 ||
	    (len = BIO_get_mem_data(bio, &text)) <= 0) {
		openssl_err(e, ERR_INTERNAL, "cannot encode a private key");
		goto out;
	}
	*pem = mem_alloc((size_t)len + 1);
	memcpy(*pem, text, (size_t)len);
	*n = (size_t)len;
	rc = 0;
out:
	BIO_free(bio);
	return rc;
}

int
key_save(const struct key *k, const char *path, unsigned mode, struct err *e)
{
	char *pem;
	size_t n;
	int rc;

	if (key_to_pem(k, &pem, &n, e) == -1)
		return -1;
	rc = file_replace(path, pem, n, (mode_t)mode, e);
	mem_free_wiped(pem, n);
	return rc;
}

int
key_public(const struct key *k, uint8_t **out, size_t *n, struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_PublicKey(k->pkey, &der);

	if (len <= 0)
		return openssl_err(e, ERR_KEY, "no public key");
	*out = mem_dup(der, (size_t)len);
	*n = (size_t)len;
	OPENSSL_free(der);
	return 0;
}

static void
ssh_string(struct wbuf *w, const void *p, size_t n)
{
	wbuf_be32(w, (uint32_t)n);
	wbuf_bytes(w, p, n);
}

/* A positive number, a zero byte in front when its top bit is set. */
static int
ssh_number(struct wbuf *w, const EVP_PKEY *pkey, const char *name)
{
	BIGNUM *bn = NULL;
	uint8_t bytes[1 + 4096 / 8];
	int n = -1;

	bytes[0] = 0;
	if (EVP_PKEY_get_bn_param(pkey, name, &bn) == 1 &&
	    BN_num_bytes(bn) < (int)sizeof(bytes))
		n = BN_bn2bin(bn, bytes + 1);
	BN_free(bn);
	if (n <= 0)
		return -1;
	if ((bytes[1] & 0x80) != 0)
		ssh_string(w, bytes, (size_t)n + 1);
	else
		ssh_string(w, bytes + 1, (size_t)n);
	return 0;
}

/* The public key as SSH sends it. */
static int
ssh_blob(struct wbuf *w, const struct key *k, const char **type, struct err *e)
{
	static const char ec[] = "ecdsa-sha2-nistp256", rsa[] = "ssh-rsa";
	uint8_t *point = NULL;
	size_t n = 0;

	if (key_type(k) == KEY_RSA) {
		*type = rsa;
		ssh_string(w, rsa, strlen(rsa));
		if (ssh_number(w, k->pkey, OSSL_PKEY_PARAM_RSA_E) == -1 ||
		    ssh_number(w, k->pkey, OSSL_PKEY_PARAM_RSA_N) == -1)
			return openssl_err(e, ERR_KEY, "unfit RSA key");
		return 0;
	}
	if (key_type(k) != KEY_EC || key_bits(k) != 256)
		return err_set(e, ERR_KEY,
		    "a key for SSH must be RSA or EC on P-256");
	if (key_public(k, &point, &n, e) == -1)
		return -1;
	*type = ec;
	ssh_string(w, ec, strlen(ec));
	ssh_string(w, "nistp256", strlen("nistp256"));
	ssh_string(w, point, n);
	free(point);
	return 0;
}

char *
key_ssh_public(const struct key *k, struct err *e)
{
	const char *type = NULL;
	char *line = NULL;
	struct wbuf w;

	wbuf_init(&w, 0);
	if (ssh_blob(&w, k, &type, e) == 0) {
		char *base64 = mem_alloc(w.len / 3 * 4 + 5);

		EVP_EncodeBlock((unsigned char *)base64, w.data, (int)w.len);
		line = mem_printf("%s %s", type, base64);
		free(base64);
	}
	wbuf_release(&w);
	return line;
}

char *
key_ssh_fingerprint(const char *line, struct err *e)
{
	const char *start = strchr(line, ' ');
	uint8_t blob[2048], sum[DIGEST_MAX];
	char text[64];
	size_t n, pad = 0;
	int len;

	if (start == NULL)
		goto bad;
	start++;
	n = strcspn(start, " \t\r\n");
	if (n == 0 || n % 4 != 0 || n / 4 * 3 > sizeof(blob))
		goto bad;
	len = EVP_DecodeBlock(blob, (const unsigned char *)start, (int)n);
	while (pad < 2 && start[n - 1 - pad] == '=')
		pad++;
	if (len < 4 || (size_t)len <= pad)
		goto bad;
	digest_bytes(DIGEST_SHA256, blob, (size_t)len - pad, sum);
	n = (size_t)EVP_EncodeBlock((unsigned char *)text, sum, 32);
	while (n > 0 && text[n - 1] == '=')
		text[--n] = '\0';
	return mem_printf("SHA256:%s", text);
bad:
	err_set(e, ERR_FORMAT, "not a line with an SSH public key");
	return NULL;
}
