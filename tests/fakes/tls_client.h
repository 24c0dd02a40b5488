/*
 * A TLS client on the loopback for tests of servers.  Whatever fails besides
 * what is asked for ends the test with a message.  Nothing waits for longer
 * than half a minute.
 */
#ifndef FAKES_TLS_CLIENT_H
#define FAKES_TLS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tls_client;

enum tls_client_version {
	TLS_CLIENT_1_0 = 0x0301,
	TLS_CLIENT_1_2 = 0x0303,
	TLS_CLIENT_1_3 = 0x0304
};

/* A TCP connection from one address of 127.0.0.0/8 to another's port. */
int tls_client_connect(const char *from, uint16_t port);

/* True when the other side closes it, or has done so; fd stays open. */
bool tls_client_closed(int fd);

/*
 * Shake hands over fd, which it takes over.  TLS 1.0 is as old phones speak
 * it: AES256-SHA and no tickets.  before: a connection that ended
 * well, whose session is resumed, or NULL.  NULL when the server refuses.
 */
struct tls_client *tls_client_new(int fd, enum tls_client_version version,
    struct tls_client *before);

/* Close it and free everything.  NULL-safe. */
void tls_client_free(struct tls_client *c);

bool tls_client_resumed(const struct tls_client *c);

/* Was it given a ticket for its session? */
bool tls_client_has_ticket(const struct tls_client *c);

const char *tls_client_cipher(const struct tls_client *c);

/* The certificate that the server has shown, as DER; n of its bytes. */
bool tls_client_server_is(const struct tls_client *c, const uint8_t *der,
    size_t n);

/* Change the keys of TLS 1.3 as often as n bytes take, and send all that. */
void tls_client_change_keys(struct tls_client *c, size_t n);

void tls_client_send(struct tls_client *c, const void *p, size_t n);

/*
 * Everything up to the end that the server makes; free *data with free().
 * True when it ended with close_notify.
 */
bool tls_client_rest(struct tls_client *c, uint8_t **data, size_t *n);

#endif
