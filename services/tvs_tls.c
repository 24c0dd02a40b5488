#include "services/tvs_tls.h"

/* OpenSSL has a type of this name, which is not used here. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#undef ERR_STATE
#include <stdlib.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define PAIR_MAX 131072
#define SESSION_S 3600 /* how long a session can be resumed */
#define SESSIONS 20480 /* kept at most; the oldest goes */
#define FRAGMENT 4096 /* more than most answers; the buffer is as long */
#define READS 2 /* of the socket at one go, a record or more each */
#define WEAK_BITS 2048 /* keys below are those of labs */
/*
 * Phones know what was usual when they were made; the costly exchange with
 * finite fields was never among it.  AES-128 comes first because of the hash
 * that goes with it: SHA-256 is what processors compute in hardware, and the
 * keys of a session that is resumed are little else.
 */
#define CIPHERS                                                          \
	"ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:"     \
	"kRSA+AESGCM+AES128:kRSA+AESGCM:kRSA+AES:!PSK:!aNULL:!CAMELLIA:" \
	"!ARIA:!AESCCM"
#define CIPHERS_1_3                                      \
	"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:" \
	"TLS_CHACHA20_POLY1305_SHA256"
#define LEVEL(n) ":@SECLEVEL=" #n

struct tvs_tls {
	SSL_CTX *ctx;
};

struct tvs_session {
	SSL *ssl;
	unsigned reads; /* in this call */
};

/* What the library says about the last failure; its queue is empty then. */
static int
fail(struct err *e, enum err_code code, const char *what)
{
	const unsigned long why = ERR_peek_last_error();
	const char *reason = why == 0 ? NULL : ERR_reason_error_string(why);

	ERR_clear_error();
	if (reason == NULL)
		return err_set(e, code, "%s", what);
	return err_set(e, code, "%s: %s", what, reason);
}

/* --- keys and rules ------------------------------------------------------ */

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

static int
use_key(SSL_CTX *ctx, BIO *pem, struct err *e)
{
	EVP_PKEY *key = PEM_read_bio_PrivateKey(pem, NULL, no_password, NULL);
	int rc = 0;

	if (key == NULL || SSL_CTX_use_PrivateKey(ctx, key) != 1)
		rc = fail(e, ERR_KEY, "the private key");
	EVP_PKEY_free(key);
	return rc;
}

static int
use_cert(SSL_CTX *ctx, BIO *pem, struct err *e)
{
	X509 *cert = PEM_read_bio_X509(pem, NULL, NULL, NULL);
	int rc = 0;

	if (cert == NULL || SSL_CTX_use_certificate(ctx, cert) != 1)
		rc = fail(e, ERR_KEY, "the certificate");
	X509_free(cert);
	return rc;
}

/* A key and its certificate, in any order. */
static int
use_pem(SSL_CTX *ctx, const uint8_t *data, size_t len, struct err *e)
{
	BIO *pem = BIO_new_mem_buf(data, (int)len);
	int rc;

	if (pem == NULL)
		return fail(e, ERR_INTERNAL, "memory");
	rc = use_key(ctx, pem, e);
	if (rc == 0 && BIO_reset(pem) != 1)
		rc = fail(e, ERR_INTERNAL, "memory");
	if (rc == 0)
		rc = use_cert(ctx, pem, e);
	BIO_free(pem);
	if (rc == 0 && SSL_CTX_check_private_key(ctx) != 1)
		rc = fail(e, ERR_KEY, "key and certificate are no pair");
	return rc;
}

static int
use_file(SSL_CTX *ctx, const char *path, struct err *e)
{
	uint8_t *data;
	size_t len;
	int rc;

	if (file_read(path, PAIR_MAX, &data, &len, e) == -1)
		return -1;
	rc = use_pem(ctx, data, len, e);
	mem_free_wiped(data, len);
	return rc == 0 ? 0 : err_wrap(e, "%s", path);
}

/*
 * The library's level 0 is for TLS 1.0, level 1 for keys of less than 2048
 * bits; the key is set by then.
 */
static const char *
ciphers(const SSL_CTX *ctx, enum node_tls min_tls)
{
	const EVP_PKEY *key = SSL_CTX_get0_privatekey(ctx);

	if (min_tls == NODE_TLS_1_0)
		return CIPHERS LEVEL(0);
	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) < WEAK_BITS)
		return CIPHERS LEVEL(1);
	return CIPHERS LEVEL(2);
}

static int
set_rules(SSL_CTX *ctx, enum node_tls min_tls, struct err *e)
{
	const int lowest =
	    min_tls == NODE_TLS_1_0 ? TLS1_VERSION : TLS1_2_VERSION;

	(void)SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	/* All that has come at once; callers read until nothing is left. */
	SSL_CTX_set_read_ahead(ctx, 1);
	(void)SSL_CTX_set_options(ctx,
	    SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_NO_RENEGOTIATION |
		SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
		SSL_OP_NO_TICKET);
	/*
	 * Sessions are kept here and phones have their numbers: that is what
	 * old phones know, costs less than to seal and to unseal tickets, and
	 * leaves no key with which all of them could be read later.
	 */
	(void)SSL_CTX_set_session_cache_mode(ctx,
	    SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_AUTO_CLEAR);
	(void)SSL_CTX_sess_set_cache_size(ctx, SESSIONS);
	(void)SSL_CTX_set_timeout(ctx, SESSION_S);
	if (SSL_CTX_set_max_send_fragment(ctx, FRAGMENT) != 1 ||
	    SSL_CTX_set_num_tickets(ctx, 1) != 1 ||
	    SSL_CTX_set_min_proto_version(ctx, lowest) != 1 ||
	    SSL_CTX_set_cipher_list(ctx, ciphers(ctx, min_tls)) != 1 ||
	    SSL_CTX_set_ciphersuites(ctx, CIPHERS_1_3) != 1)
		return fail(e, ERR_INTERNAL, "TLS rules");
	return 0;
}

struct tvs_tls *
tvs_tls_new(const char *path, enum node_tls min_tls, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	struct tvs_tls *t;

	if (ctx == NULL) {
		(void)fail(e, ERR_INTERNAL, "TLS");
		return NULL;
	}
	/* The file's keys may be too weak for the library's own level. */
	SSL_CTX_set_security_level(ctx, 0);
	if (use_file(ctx, path, e) == -1 || set_rules(ctx, min_tls, e) == -1) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	t = mem_alloc(sizeof(*t));
	t->ctx = ctx;
	return t;
}

void
tvs_tls_forget(struct tvs_tls *t)
{
	SSL_CTX_flush_sessions(t->ctx, (long)time(NULL));
}

void
tvs_tls_free(struct tvs_tls *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

/* --- sessions ------------------------------------------------------------ */

/*
 * The library goes on reading as long as what comes is its own business, such
 * as new keys or a handshake it refuses.  Who sends nothing else would have
 * the thread alone: after a few reads it is told that the socket is empty, and
 * the others have their turn.  (The library says how many parameters that has.)
 */
static long
/* NOLINTNEXTLINE(readability-function-size) */
on_bio(BIO *bio, int what, const char *p, size_t len, int argi, long argl,
    int rc, size_t *done)
{
	struct tvs_session *s = (void *)BIO_get_callback_arg(bio);

	(void)p;
	(void)len;
	(void)argi;
	(void)argl;
	(void)done;
	if (what != BIO_CB_READ || s->reads++ < READS)
		return rc;
	BIO_clear_retry_flags(bio);
	BIO_set_retry_read(bio);
	return -1;
}

struct tvs_session *
tvs_session_new(struct tvs_tls *t, int fd)
{
	struct tvs_session *s = mem_alloc(sizeof(*s));
	BIO *bio = BIO_new_socket(fd, BIO_NOCLOSE);

	s->ssl = SSL_new(t->ctx);
	if (s->ssl == NULL || bio == NULL)
		BUG("out of memory");
	BIO_set_callback_ex(bio, on_bio);
	BIO_set_callback_arg(bio, (char *)s);
	SSL_set_bio(s->ssl, bio, bio);
	SSL_set_accept_state(s->ssl);
	return s;
}

void
tvs_session_free(struct tvs_session *s)
{
	if (s == NULL)
		return;
	SSL_free(s->ssl);
	free(s);
}

static void
begin(struct tvs_session *s)
{
	ERR_clear_error();
	s->reads = 0;
}

/* What a call that returned rc <= 0 means. */
static enum tvs_io
io_of(const struct tvs_session *s, int rc, const char *what, struct err *e)
{
	switch (SSL_get_error(s->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		return TVS_IO_READ;
	case SSL_ERROR_WANT_WRITE:
		return TVS_IO_WRITE;
	case SSL_ERROR_ZERO_RETURN:
	case SSL_ERROR_SYSCALL:
		ERR_clear_error();
		return TVS_IO_CLOSED;
	default:
		(void)fail(e, ERR_FORMAT, what);
		return TVS_IO_FAILED;
	}
}

enum tvs_io
tvs_session_handshake(struct tvs_session *s, struct err *e)
{
	int rc;

	begin(s);
	rc = SSL_do_handshake(s->ssl);
	return rc == 1 ? TVS_IO_DONE : io_of(s, rc, "handshake", e);
}

enum tvs_io
tvs_session_read(struct tvs_session *s, void *p, size_t size, size_t *n,
    struct err *e)
{
	int rc;

	*n = 0;
	begin(s);
	rc = SSL_read_ex(s->ssl, p, size, n);
	return rc == 1 ? TVS_IO_DONE : io_of(s, rc, "reading", e);
}

enum tvs_io
tvs_session_write(struct tvs_session *s, const void *p, size_t len,
    struct err *e)
{
	size_t n;
	int rc;

	begin(s);
	rc = SSL_write_ex(s->ssl, p, len, &n);
	return rc == 1 ? TVS_IO_DONE : io_of(s, rc, "writing", e);
}

void
tvs_session_bye(struct tvs_session *s)
{
	ERR_clear_error();
	(void)SSL_shutdown(s->ssl);
	ERR_clear_error();
}

const char *
tvs_session_cipher(const struct tvs_session *s)
{
	return SSL_get_cipher_name(s->ssl);
}

int
tvs_session_version(const struct tvs_session *s)
{
	return SSL_version(s->ssl);
}

bool
tvs_session_resumed(const struct tvs_session *s)
{
	return SSL_session_reused(s->ssl) == 1;
}
