#include "tests/fakes/tls_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <cmocka.h>

#define WAIT_S 30

struct tls_client {
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
	SSL_SESSION *session; /* the newest that came; NULL: none */
};

int
tls_client_connect(const char *from, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	const struct timeval limit = { .tv_sec = WAIT_S };
	const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_not_equal(fd, -1);
	assert_int_equal(inet_pton(AF_INET, from, &a.sin_addr), 1);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons(port);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == -1)
		fail_msg("connect: %s", strerror(errno));
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit,
			     sizeof(limit)),
	    0);
	return fd;
}

bool
tls_client_closed(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t byte;

	if (poll(&p, 1, WAIT_S * 1000) != 1)
		return false;
	return recv(fd, &byte, 1, MSG_PEEK) <= 0;
}

static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct tls_client *c = SSL_get_app_data(ssl);

	SSL_SESSION_free(c->session);
	c->session = session;
	return 1; /* it is ours now */
}

struct tls_client *
tls_client_new(int fd, enum tls_client_version version,
    struct tls_client *before)
{
	struct tls_client *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	c->fd = fd;
	c->ctx = SSL_CTX_new(TLS_client_method());
	assert_non_null(c->ctx);
	SSL_CTX_set_security_level(c->ctx, 0);
	assert_int_equal(SSL_CTX_set_min_proto_version(c->ctx, (int)version),
	    1);
	assert_int_equal(SSL_CTX_set_max_proto_version(c->ctx, (int)version),
	    1);
	if (version == TLS_CLIENT_1_0) {
		assert_int_equal(SSL_CTX_set_cipher_list(c->ctx,
				     "AES256-SHA:@SECLEVEL=0"),
		    1);
		(void)SSL_CTX_set_options(c->ctx, SSL_OP_NO_TICKET);
	}
	(void)SSL_CTX_set_session_cache_mode(c->ctx,
	    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(c->ctx, on_session);
	c->ssl = SSL_new(c->ctx);
	assert_non_null(c->ssl);
	(void)SSL_set_app_data(c->ssl, c);
	assert_int_equal(SSL_set_fd(c->ssl, fd), 1);
	if (before != NULL && before->session != NULL)
		assert_int_equal(SSL_set_session(c->ssl, before->session), 1);
	if (SSL_connect(c->ssl) == 1)
		return c;
	tls_client_free(c);
	return NULL;
}

void
tls_client_free(struct tls_client *c)
{
	if (c == NULL)
		return;
	(void)SSL_shutdown(c->ssl);
	SSL_free(c->ssl);
	SSL_SESSION_free(c->session);
	SSL_CTX_free(c->ctx);
	(void)close(c->fd);
	free(c);
}

bool
tls_client_resumed(const struct tls_client *c)
{
	return SSL_session_reused(c->ssl) == 1;
}

bool
tls_client_has_ticket(const struct tls_client *c)
{
	return c->session != NULL && SSL_SESSION_has_ticket(c->session) == 1;
}

const char *
tls_client_cipher(const struct tls_client *c)
{
	return SSL_get_cipher_name(c->ssl);
}

bool
tls_client_server_is(const struct tls_client *c, const uint8_t *der, size_t n)
{
	X509 *cert = SSL_get1_peer_certificate(c->ssl);
	unsigned char *own = NULL;
	int len = i2d_X509(cert, &own);
	const bool same =
	    len > 0 && (size_t)len == n && memcmp(own, der, n) == 0;

	OPENSSL_free(own);
	X509_free(cert);
	return same;
}

void
tls_client_send(struct tls_client *c, const void *p, size_t n)
{
	size_t done;

	if (n > 0 && SSL_write_ex(c->ssl, p, n, &done) != 1)
		fail_msg("nothing can be sent");
}

void
tls_client_change_keys(struct tls_client *c, size_t n)
{
	BIO *memory = BIO_new(BIO_s_mem()), *socket = SSL_get_wbio(c->ssl);
	char *all;

	assert_non_null(memory);
	BIO_up_ref(memory);
	BIO_up_ref(socket);
	SSL_set0_wbio(c->ssl, memory);
	while (BIO_pending(memory) < (int)n) {
		assert_int_equal(SSL_key_update(c->ssl,
				     SSL_KEY_UPDATE_NOT_REQUESTED),
		    1);
		assert_int_equal(SSL_do_handshake(c->ssl), 1);
	}
	SSL_set0_wbio(c->ssl, socket);
	n = (size_t)BIO_get_mem_data(memory, &all);
	assert_int_equal(write(c->fd, all, n), n);
	BIO_free(memory);
}

bool
tls_client_rest(struct tls_client *c, uint8_t **data, size_t *n)
{
	size_t cap = 0, got;

	*data = NULL;
	*n = 0;
	for (;;) {
		int rc;

		if (*n == cap) {
			cap += 65536;
			*data = realloc(*data, cap);
			assert_non_null(*data);
		}
		rc = SSL_read_ex(c->ssl, *data + *n, cap - *n, &got);
		if (rc != 1)
			return SSL_get_error(c->ssl, rc) ==
			    SSL_ERROR_ZERO_RETURN;
		*n += got;
	}
}
