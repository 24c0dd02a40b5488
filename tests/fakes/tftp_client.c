#include "tests/fakes/tftp_client.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

void
tftp_client_open(struct tftp_client *c, uint16_t port, void (*pump)(void *self),
    void *self)
{
	struct sockaddr_in local = { .sin_family = AF_INET };

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	c->server = local;
	c->server.sin_port = htons(port);
	c->from = c->server;
	c->len = 0;
	c->pump = pump;
	c->self = self;
	c->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (c->fd == -1 ||
	    bind(c->fd, (const struct sockaddr *)&local, sizeof(local)) == -1)
		BUG("client socket");
}

void
tftp_client_close(struct tftp_client *c)
{
	(void)close(c->fd);
	c->fd = -1;
}

static void
send_to(const struct tftp_client *c, const struct sockaddr_in *to,
    const void *p, size_t n)
{
	if (sendto(c->fd, p, n, 0, (const struct sockaddr *)to, sizeof(*to)) !=
	    (ssize_t)n)
		BUG("client send");
}

void
tftp_client_send(struct tftp_client *c, const void *p, size_t n)
{
	send_to(c, &c->server, p, n);
}

void
tftp_client_answer(struct tftp_client *c, const void *p, size_t n)
{
	send_to(c, &c->from, p, n);
}

void
tftp_client_ack(struct tftp_client *c, unsigned block)
{
	const uint8_t packet[] = { 0, 4, (uint8_t)(block >> 8 & 0xff),
		(uint8_t)(block & 0xff) };

	tftp_client_answer(c, packet, sizeof(packet));
}

void
tftp_client_request(struct tftp_client *c, const char *name, const char *mode,
    const char *options, size_t n)
{
	size_t name_len = strlen(name) + 1, mode_len = strlen(mode) + 1;
	uint8_t *packet = mem_alloc(2 + name_len + mode_len + n);

	packet[1] = 1;
	memcpy(packet + 2, name, name_len);
	memcpy(packet + 2 + name_len, mode, mode_len);
	if (n > 0)
		memcpy(packet + 2 + name_len + mode_len, options, n);
	tftp_client_send(c, packet, 2 + name_len + mode_len + n);
	free(packet);
}

bool
tftp_client_receive(struct tftp_client *c, int ms)
{
	int64_t deadline = clock_ticks() + ms;
	socklen_t from_len;
	bool late;

	do {
		ssize_t n;

		/* what came while nobody let us run was in time */
		late = clock_ticks() >= deadline;
		c->pump(c->self);
		from_len = sizeof(c->from);
		n = recvfrom(c->fd, c->packet, sizeof(c->packet), 0,
		    (struct sockaddr *)&c->from, &from_len);
		if (n >= 0) {
			c->len = (size_t)n;
			return true;
		}
		(void)poll(NULL, 0, 1);
	} while (!late);
	return false;
}

unsigned
tftp_client_u16(const struct tftp_client *c, size_t off)
{
	if (off + 2 > c->len)
		BUG("a datagram of %zu bytes", c->len);
	return (unsigned)(c->packet[off] << 8 | c->packet[off + 1]);
}

uint8_t *
tftp_client_fetch(struct tftp_client *c, const char *name, unsigned blksize,
    size_t *len)
{
	char options[32];
	size_t room = CLIENT_PACKET_SIZE;
	uint8_t *data = mem_alloc(room);
	uint16_t block = 0;
	int n = 0;

	*len = 0;
	if (blksize != 512)
		n = snprintf(options, sizeof(options), "blksize%c%u%c", '\0',
		    blksize, '\0');
	tftp_client_request(c, name, "octet", options, (size_t)n);
	while (tftp_client_receive(c, TFTP_CLIENT_WAIT_MS)) {
		unsigned op = tftp_client_u16(c, 0);

		if (op == 6 && block == 0) {
			tftp_client_ack(c, 0);
			continue;
		}
		if (op != 3)
			break;
		if (tftp_client_u16(c, 2) != (uint16_t)(block + 1)) {
			tftp_client_ack(c, block);
			continue;
		}
		if (*len + c->len > room) {
			room = 2 * (*len + c->len);
			data = mem_resize(data, room, 1);
		}
		memcpy(data + *len, c->packet + 4, c->len - 4);
		*len += c->len - 4;
		tftp_client_ack(c, ++block);
		if (c->len - 4 < blksize) {
			c->pump(c->self);
			return data;
		}
	}
	free(data);
	return NULL;
}
