/*
 * A TFTP client for tests, datagram by datagram, written apart from the
 * server's code.  It runs in the same thread as the server: whenever it
 * waits, it lets the server's event loop run.
 */
#ifndef FAKES_TFTP_CLIENT_H
#define FAKES_TFTP_CLIENT_H

#include <netinet/in.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_PACKET_SIZE 66000

struct tftp_client {
	int fd;
	struct sockaddr_in server; /* where requests go */
	struct sockaddr_in from; /* of the datagram received last */
	uint8_t packet[CLIENT_PACKET_SIZE]; /* that datagram */
	size_t len;
	void (*pump)(void *self); /* lets the server run for a moment */
	void *self;
};

/* A socket of its own that will talk to that port of 127.0.0.1. */
void tftp_client_open(struct tftp_client *c, uint16_t port,
    void (*pump)(void *self), void *self);
void tftp_client_close(struct tftp_client *c);

/* Send to the server's port, or to where the last datagram came from. */
void tftp_client_send(struct tftp_client *c, const void *p, size_t n);
void tftp_client_answer(struct tftp_client *c, const void *p, size_t n);
void tftp_client_ack(struct tftp_client *c, unsigned block);

/* A read request; options is "name\0value\0…" of n bytes. */
void tftp_client_request(struct tftp_client *c, const char *name,
    const char *mode, const char *options, size_t n);

/* For what must come, however busy the machine is. */
#define TFTP_CLIENT_WAIT_MS 20000

/* Wait up to ms for a datagram. */
bool tftp_client_receive(struct tftp_client *c, int ms);

/* Two bytes of the datagram received last, big-endian. */
unsigned tftp_client_u16(const struct tftp_client *c, size_t off);

/*
 * Fetch a whole file; what it got is the caller's to free.  NULL if the
 * server did not send it.
 */
uint8_t *tftp_client_fetch(struct tftp_client *c, const char *name,
    unsigned blksize, size_t *len);

#endif
