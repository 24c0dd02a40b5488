#include "services/tftp_server.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/file_finder.h"
#include "tests/fakes/tftp_client.h"

#define RESEND_MS 150
#define MAX_TRANSFERS 2000
#define MANY 1500 /* transfers at once */
#define SPARE 300 /* descriptors */
#define MAX_WAITING 16

/* Names and options with NULs in them. */
#define BYTES(s) s, sizeof(s) - 1

struct fixture {
	struct file_finder finder;
	struct event_base *base;
	struct tftp_server *server;
	struct tftp_client client;
};

static void
pump(void *self)
{
	struct fixture *f = self;

	(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
}

static void
start_server(struct fixture *f, const char *address, size_t max_transfers)
{
	const struct tftp_server_config config = { .address = address,
		.max_transfers = max_transfers,
		.max_waiting = MAX_WAITING,
		.resend_ms = RESEND_MS };
	struct err e = ERR_INIT;

	f->server = tftp_server_new(f->base, &config, &f->finder, &e);
	if (f->server == NULL)
		fail_msg("%s", e.msg);
	tftp_client_open(&f->client, tftp_server_port(f->server), pump, f);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->base = event_base_new();
	assert_non_null(f->base);
	start_server(f, "127.0.0.1", MAX_TRANSFERS);
	finder_put(&f->finder, "ITLFile.tlv", "the list", 8);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tftp_client_close(&f->client);
	tftp_server_free(f->server);
	event_base_free(f->base);
	finder_release(&f->finder);
	free(f);
	return 0;
}

static struct tftp_server_counters
counters_of(const struct fixture *f)
{
	struct tftp_server_counters c;

	tftp_server_counters(f->server, &c);
	return c;
}

/* A file of so many bytes that no two blocks of which are alike. */
static uint8_t *
make_file(struct fixture *f, const char *name, size_t size)
{
	uint8_t *data = mem_alloc(size);
	uint32_t x = 12345;
	size_t i;

	for (i = 0; i < size; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (uint8_t)(x >> 24);
	}
	finder_put(&f->finder, name, data, size);
	return data;
}

static void
expect_error(struct tftp_client *c, unsigned code, const char *text)
{
	assert_true(tftp_client_receive(c, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(c, 0), 5);
	assert_int_equal(tftp_client_u16(c, 2), code);
	assert_int_equal(c->len, 4 + strlen(text) + 1);
	assert_memory_equal(c->packet + 4, text, strlen(text) + 1);
}

/* The server answers as if nothing had happened. */
static void
expect_alive(struct fixture *f)
{
	struct tftp_client c;
	uint8_t *data;
	size_t len;

	tftp_client_open(&c, tftp_server_port(f->server), pump, f);
	data = tftp_client_fetch(&c, "ITLFile.tlv", 512, &len);
	assert_non_null(data);
	assert_int_equal(len, 8);
	assert_memory_equal(data, "the list", 8);
	free(data);
	tftp_client_close(&c);
}

static void
expect_no_transfers(struct fixture *f)
{
	int64_t deadline = clock_ticks() + 30000;

	while (
	    tftp_server_transfers(f->server) > 0 && clock_ticks() < deadline) {
		pump(f);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(tftp_server_transfers(f->server), 0);
}

/* Acknowledge the last block and leave nothing on the way. */
static void
finish(struct fixture *f)
{
	tftp_client_ack(&f->client, 1);
	expect_no_transfers(f);
	do {
		(void)poll(NULL, 0, 1);
	} while (tftp_client_receive(&f->client, 0));
}

static void
test_sizes(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 9, 511, 512, 513, 1024,
		5302, 65463, 65464, 65465, 130928, 300000 };
	static const unsigned blksizes[] = { 512, 8, 1428, 65464 };
	struct fixture *f = *state;
	uint8_t *got;
	size_t i, j;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		uint8_t *want = make_file(f, "file.bin", sizes[i]);

		for (j = 0; j < sizeof(blksizes) / sizeof(blksizes[0]); j++) {
			size_t len;

			if (sizes[i] / blksizes[j] > 1000)
				continue;
			got = tftp_client_fetch(&f->client, "file.bin",
			    blksizes[j], &len);
			assert_non_null(got);
			assert_int_equal(len, sizes[i]);
			assert_memory_equal(got, want, len);
			free(got);
		}
		free(want);
	}
	expect_no_transfers(f);
}

/* More than 65,536 blocks. */
static void
test_rollover(void **state)
{
	const size_t size = (size_t)8 * 66000 + 3;
	struct fixture *f = *state;
	uint8_t *want = make_file(f, "file.bin", size), *got;
	size_t len;

	got = tftp_client_fetch(&f->client, "file.bin", 8, &len);
	assert_non_null(got);
	assert_int_equal(len, size);
	assert_memory_equal(got, want, size);
	free(got);
	free(want);
}

static void
test_requests_of_phones(void **state)
{
	struct fixture *f = *state;

	/* As 7940-era phones ask: an option without a name. */
	tftp_client_request(&f->client, "ITLFile.tlv", "Octet", BYTES("\0"));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&f->client, 0), 3);
	assert_int_equal(f->client.len, 12);
	finish(f);
	/* Options nobody knows get data, not an OACK. */
	tftp_client_request(&f->client, "ITLFile.tlv", "octet",
	    BYTES("rollover\0000\0multicast\0\0"));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&f->client, 0), 3);
	finish(f);
	tftp_client_request(&f->client, "ITLFile.tlv", "octet",
	    BYTES("rollover\0000\0TSIZE\0000\0"));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.len, 10);
	assert_memory_equal(f->client.packet, "\0\6tsize\0008", 10);
	tftp_client_ack(&f->client, 0);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	finish(f);
}

static void
test_netascii(void **state)
{
	struct fixture *f = *state;

	finder_put(&f->finder, "a.txt", "1\n2\n", 4);
	tftp_client_request(&f->client, "a.txt", "netascii",
	    BYTES("tsize\0000\0"));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_memory_equal(f->client.packet, "\0\6tsize\0006", 10);
	tftp_client_ack(&f->client, 0);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.len, 10);
	assert_memory_equal(f->client.packet + 4, "1\r\n2\r\n", 6);
	finish(f);
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		unsigned code;
		const char *text;
	} cases[] = {
		{ BYTES("\0\1CTLFile.tlv\0octet\0"), 1, "File not found" },
		{ BYTES("\0\1\0octet\0"), 1, "File not found" },
		{ BYTES("\0\2ITLFile.tlv\0octet\0"), 2, "Access violation" },
		{ BYTES("\0\1link.xml\0octet\0"), 2, "Access violation" },
		{ BYTES("\0\1busy.xml\0octet\0"), 0, "Server busy, try again" },
		{ BYTES("\0\1ITLFile.tlv\0mail\0"), 4,
		    "Illegal TFTP operation" },
		{ BYTES("\0\1ITLFile.tlv"), 4, "Illegal TFTP operation" },
		{ BYTES("\0\11"), 4, "Illegal TFTP operation" },
		{ BYTES("\0\3\0\1x"), 5, "Unknown transfer ID" },
		{ BYTES("\0\4\0\1"), 5, "Unknown transfer ID" },
		{ BYTES("\0\6tsize\0001\0"), 5, "Unknown transfer ID" },
	};
	struct fixture *f = *state;
	struct tftp_server_counters counters;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tftp_client_send(&f->client, cases[i].bytes, cases[i].len);
		expect_error(&f->client, cases[i].code, cases[i].text);
		assert_int_equal(f->client.from.sin_addr.s_addr,
		    htonl(INADDR_LOOPBACK));
	}
	assert_int_equal(tftp_server_transfers(f->server), 0);
	counters = counters_of(f);
	assert_int_equal(counters.requests, 4);
	assert_int_equal(counters.not_found, 2);
	assert_int_equal(counters.busy, 2);
	assert_int_equal(counters.writes, 1);
	assert_int_equal(counters.malformed, 6);
}

/* The log is not for whoever asks to fill. */
static void
test_denied_again_and_again(void **state)
{
	static const char request[] = "\0\1link.xml\0octet";
	struct fixture *f = *state;
	int before = dup(STDERR_FILENO);
	FILE *log = tmpfile();
	char line[256];
	int i, n = 0;

	assert_non_null(log);
	assert_int_not_equal(dup2(fileno(log), STDERR_FILENO), -1);
	log_init("test_tftp_server", LOG_LEVEL_WARNING);
	for (i = 0; i < 50; i++) {
		tftp_client_send(&f->client, request, sizeof(request));
		expect_error(&f->client, 2, "Access violation");
	}
	log_init("test_tftp_server", LOG_LEVEL_ERROR);
	assert_int_not_equal(dup2(before, STDERR_FILENO), -1);
	(void)close(before);
	rewind(log);
	while (fgets(line, sizeof(line), log) != NULL)
		n += strstr(line, "link.xml") != NULL;
	(void)fclose(log);
	assert_true(n > 0 && n < 10);
}

/* Two servers that talk to each other must not go on for ever. */
static void
test_errors_are_not_answered(void **state)
{
	struct fixture *f = *state;

	tftp_client_send(&f->client, BYTES("\0\5\0\0oops\0"));
	tftp_client_send(&f->client, BYTES("\0\5\0"));
	assert_false(tftp_client_receive(&f->client, 50));
}

static void
test_repeated_request(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_in first;

	tftp_client_request(&f->client, "ITLFile.tlv", "octet", "", 0);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	first = f->client.from;
	tftp_client_request(&f->client, "ITLFile.tlv", "octet", "", 0);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.from.sin_port, first.sin_port);
	assert_int_equal(tftp_client_u16(&f->client, 0), 3);
	assert_int_equal(tftp_server_transfers(f->server), 1);
	tftp_client_ack(&f->client, 1);
	expect_no_transfers(f);
	/* Asked again later, it is a new transfer. */
	expect_alive(f);
}

/* One whole file, whatever happens to it meanwhile. */
static void
test_replaced_in_the_middle(void **state)
{
	struct fixture *f = *state;
	uint8_t *old = make_file(f, "file.bin", 1500);
	uint8_t got[1500];
	unsigned block;

	tftp_client_request(&f->client, "file.bin", "octet", "", 0);
	for (block = 1; block <= 3; block++) {
		size_t off = (size_t)(block - 1) * 512;

		do {
			assert_true(tftp_client_receive(&f->client,
			    TFTP_CLIENT_WAIT_MS));
		} while (tftp_client_u16(&f->client, 2) != block);
		assert_true(off + f->client.len - 4 <= sizeof(got));
		memcpy(got + off, f->client.packet + 4, f->client.len - 4);
		if (block == 1)
			finder_put(&f->finder, "file.bin", "new", 3);
		tftp_client_ack(&f->client, block);
	}
	assert_memory_equal(got, old, sizeof(got));
	free(old);
}

/*
 * A bad network: datagrams of both directions are lost, doubled and
 * delayed, and the file still comes whole.
 */
static void
test_bad_network(void **state)
{
	struct fixture *f = *state;
	const size_t size = 512 * 60 + 17;
	uint8_t *want = make_file(f, "file.bin", size), *got = mem_alloc(size);
	unsigned expected = 1, seed = 1;
	size_t len = 0;

	tftp_client_request(&f->client, "file.bin", "octet", "", 0);
	while (expected <= 61) {
		unsigned r;

		assert_true(
		    tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
		seed = seed * 1103515245 + 12345;
		r = seed >> 16 & 15;
		if (r < 2) /* the data got lost */
			continue;
		if (tftp_client_u16(&f->client, 2) == expected) {
			assert_true(len + f->client.len - 4 <= size);
			memcpy(got + len, f->client.packet + 4,
			    f->client.len - 4);
			len += f->client.len - 4;
			expected++;
		}
		if (r < 4) /* the acknowledgement got lost */
			continue;
		if (r < 6) /* one from before comes late */
			tftp_client_ack(&f->client, expected - 2);
		tftp_client_ack(&f->client, expected - 1);
		if (r < 9) /* and twice */
			tftp_client_ack(&f->client, expected - 1);
	}
	assert_int_equal(len, size);
	assert_memory_equal(got, want, size);
	free(got);
	free(want);
	expect_no_transfers(f);
}

static void
test_garbage(void **state)
{
	struct fixture *f = *state;
	uint8_t packet[2100];
	uint32_t x = 99;
	int i;

	for (i = 0; i < 5000; i++) {
		size_t n, j;

		x = x * 1664525 + 1013904223;
		n = x >> 8 & (i % 50 == 0 ? 2047 : 63);
		for (j = 0; j < n; j++) {
			x = x * 1664525 + 1013904223;
			packet[j] = (uint8_t)(x >> 24);
		}
		if (n > 1 && i % 2 == 0) {
			packet[0] = 0;
			packet[1] = packet[1] & 7;
		}
		/* Sometimes to the listener, sometimes to a transfer. */
		if (i % 7 == 0)
			tftp_client_request(&f->client, "ITLFile.tlv", "octet",
			    "", 0);
		else if (i % 3 == 0)
			tftp_client_answer(&f->client, packet, n);
		else
			tftp_client_send(&f->client, packet, n);
		(void)tftp_client_receive(&f->client, 0);
	}
	expect_alive(f);
	tftp_client_send(&f->client, packet, sizeof(packet));
	expect_alive(f);
}

/* The number of descriptors the process may have, if it may. */
static bool
want_descriptors(rlim_t n)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1 || limit.rlim_max < n)
		return false;
	limit.rlim_cur = n;
	return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

/* Far more transfers than select() could watch, and all of them end well. */
static void
test_many_transfers(void **state)
{
	struct tftp_client *c = mem_array(MANY, sizeof(*c));
	struct fixture *f = *state;
	size_t i;

	assert_true(want_descriptors(2 * MANY + SPARE));
	for (i = 0; i < MANY; i++) {
		tftp_client_open(&c[i], tftp_server_port(f->server), pump, f);
		tftp_client_request(&c[i], "ITLFile.tlv", "octet",
		    BYTES("timeout\00030\0"));
		if (i % 100 == 0)
			pump(f);
	}
	pump(f);
	for (i = 0; i < MANY; i++)
		assert_true(tftp_client_receive(&c[i], TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_server_transfers(f->server), MANY);
	for (i = 0; i < MANY; i++) {
		tftp_client_ack(&c[i], 0);
		assert_true(tftp_client_receive(&c[i], TFTP_CLIENT_WAIT_MS));
		assert_int_equal(c[i].len, 12);
		tftp_client_ack(&c[i], 1);
	}
	expect_no_transfers(f);
	for (i = 0; i < MANY; i++)
		tftp_client_close(&c[i]);
	free(c);
}

static void
test_limit_of_transfers(void **state)
{
	struct fixture *f = *state;
	struct tftp_client c[4];
	int i;

	tftp_client_close(&f->client);
	tftp_server_free(f->server);
	start_server(f, "127.0.0.1", 3);
	for (i = 0; i < 4; i++) {
		tftp_client_open(&c[i], tftp_server_port(f->server), pump, f);
		tftp_client_request(&c[i], "ITLFile.tlv", "octet",
		    BYTES("timeout\00030\0"));
	}
	for (i = 0; i < 3; i++) {
		assert_true(tftp_client_receive(&c[i], TFTP_CLIENT_WAIT_MS));
		assert_int_equal(tftp_client_u16(&c[i], 0), 6);
	}
	expect_error(&c[3], 0, "Server busy, try again");
	/* A request that has its transfer is no new one. */
	tftp_client_request(&c[0], "ITLFile.tlv", "octet",
	    BYTES("timeout\00030\0"));
	assert_false(tftp_client_receive(&c[0], 20));
	assert_int_equal(counters_of(f).requests_repeated, 1);
	assert_int_equal(counters_of(f).refused_full, 1);
	tftp_client_answer(&c[0], BYTES("\0\5\0\10\0"));
	pump(f);
	expect_alive(f);
	for (i = 0; i < 4; i++)
		tftp_client_close(&c[i]);
}

/* Descriptors are wanted at the start alone. */
static void
test_no_descriptors(void **state)
{
	const struct tftp_server_config config = { .address = "127.0.0.1",
		.max_transfers = 1 };
	struct fixture *f = *state;
	struct err e = ERR_INIT;
	struct tftp_client c;
	int fd, first = -1, last = -1;

	assert_true(want_descriptors(SPARE));
	tftp_client_open(&c, tftp_server_port(f->server), pump, f);
	while ((fd = dup(c.fd)) != -1) {
		if (first == -1)
			first = fd;
		last = fd;
	}
	tftp_client_request(&c, "ITLFile.tlv", "octet", "", 0);
	assert_true(tftp_client_receive(&c, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&c, 0), 3);
	tftp_client_ack(&c, 1);
	expect_no_transfers(f);
	assert_null(tftp_server_new(f->base, &config, &f->finder, &e));
	assert_non_null(strstr(e.msg, "socket"));
	/* Enough for the well-known port, not for the transfers. */
	(void)close(last--);
	(void)close(last--);
	assert_null(tftp_server_new(f->base, &config, &f->finder, &e));
	for (fd = first; fd <= last; fd++)
		(void)close(fd);
	expect_alive(f);
	tftp_client_close(&c);
}

/* Every answer comes from the node's address, from a port of its own. */
static void
test_own_address(void **state)
{
	struct fixture *f = *state;

	tftp_client_close(&f->client);
	tftp_server_free(f->server);
	start_server(f, "127.0.0.5", MAX_TRANSFERS);
	f->client.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 4);
	tftp_client_request(&f->client, "ITLFile.tlv", "octet", "", 0);
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&f->client, 0), 3);
	assert_int_equal(ntohl(f->client.from.sin_addr.s_addr),
	    INADDR_LOOPBACK + 4);
	assert_int_not_equal(ntohs(f->client.from.sin_port),
	    tftp_server_port(f->server));
	tftp_client_ack(&f->client, 1);
	tftp_client_request(&f->client, "none.xml", "octet", "", 0);
	expect_error(&f->client, 1, "File not found");
	assert_int_equal(ntohl(f->client.from.sin_addr.s_addr),
	    INADDR_LOOPBACK + 4);
}

static void
test_cannot_listen(void **state)
{
	struct fixture *f = *state;
	struct tftp_server_config config = { .address = "127.0.0.1",
		.port = tftp_server_port(f->server),
		.max_transfers = 1 };
	struct err e = ERR_INIT;

	assert_null(tftp_server_new(f->base, &config, &f->finder, &e));
	assert_non_null(strstr(e.msg, "127.0.0.1"));
	config.address = "192.0.2.1";
	assert_null(tftp_server_new(f->base, &config, &f->finder, &e));
	config.address = "::1";
	assert_null(tftp_server_new(f->base, &config, &f->finder, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_true(tftp_server_receive_buffer(f->server) > 0);
}

/* Clients that vanish leave nothing behind. */
static void
test_vanished_clients(void **state)
{
	struct fixture *f = *state;
	struct tftp_client c;
	int i;

	for (i = 0; i < 20; i++) {
		tftp_client_open(&c, tftp_server_port(f->server), pump, f);
		tftp_client_request(&c, "ITLFile.tlv", "octet", "", 0);
		assert_true(tftp_client_receive(&c, TFTP_CLIENT_WAIT_MS));
		tftp_client_close(&c);
	}
	expect_no_transfers(f);
	assert_int_equal(counters_of(f).given_up, 20);
	expect_alive(f);
}

/* The answer comes later; asked again meanwhile, it is looked for once. */
static void
test_waits(void **state)
{
	struct fixture *f = *state;
	struct tftp_server_counters c;

	tftp_client_request(&f->client, "later.xml", "octet", "", 0);
	tftp_client_request(&f->client, "later.xml", "octet", "", 0);
	assert_false(tftp_client_receive(&f->client, 20));
	assert_int_equal(f->finder.asked, 1);
	/* Another one of the same client is another one. */
	tftp_client_request(&f->client, "later.xml", "octet",
	    BYTES("tsize\0000\0"));
	assert_false(tftp_client_receive(&f->client, 20));
	assert_int_equal(f->finder.asked, 2);
	c = counters_of(f);
	assert_int_equal(c.requests, 2);
	assert_int_equal(c.requests_repeated, 1);
	assert_int_equal(c.requests_waited, 2);
	assert_int_equal(c.waiting_now, 2);
	finder_tell(&f->finder, "ITLFile.tlv");
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(tftp_client_u16(&f->client, 0), 6);
	tftp_client_answer(&f->client, BYTES("\0\5\0\0\0"));
	finder_tell(&f->finder, "none.xml");
	expect_error(&f->client, 1, "File not found");
	c = counters_of(f);
	assert_int_equal(c.waiting_now, 0);
	assert_int_equal(c.waiting_most, 2);
	/* Nothing is left of it: it can be asked for again. */
	tftp_client_request(&f->client, "later.xml", "octet", "", 0);
	assert_false(tftp_client_receive(&f->client, 20));
	finder_tell(&f->finder, "ITLFile.tlv");
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.len, 12);
	finish(f);
	assert_int_equal(counters_of(f).completed, 1);
}

static void
test_limit_of_waiting(void **state)
{
	struct fixture *f = *state;
	char name[32];
	int i;

	/* One source gets all but the last eighth. */
	for (i = 0; i < MAX_WAITING; i++) {
		(void)str_printf(name, sizeof(name), "later%d.xml", i);
		tftp_client_request(&f->client, name, "octet", "", 0);
		if (i < MAX_WAITING - MAX_WAITING / 8)
			assert_false(tftp_client_receive(&f->client, 1));
		else
			expect_error(&f->client, 0, "Server busy, try again");
	}
	assert_int_equal(f->finder.cancelled, MAX_WAITING / 8);
	assert_int_equal(counters_of(f).refused_source, MAX_WAITING / 8);
	/* What needs no waiting is answered. */
	expect_alive(f);
	finder_tell(&f->finder, "none.xml");
	expect_error(&f->client, 1, "File not found");
	tftp_client_request(&f->client, "later.xml", "octet", "", 0);
	assert_false(tftp_client_receive(&f->client, 1));
	/* The end of the server calls off the rest. */
}

static void
test_windows(void **state)
{
	struct fixture *f = *state;
	uint8_t *want = make_file(f, "file.bin", 512 * 5 + 1), got[512 * 6];
	unsigned block;
	size_t len = 0;

	tftp_client_request(&f->client, "file.bin", "octet",
	    BYTES("WINDOWSIZE\0003\0"));
	assert_true(tftp_client_receive(&f->client, TFTP_CLIENT_WAIT_MS));
	assert_int_equal(f->client.len, 15);
	assert_memory_equal(f->client.packet, "\0\6windowsize\0003", 15);
	tftp_client_ack(&f->client, 0);
	for (block = 1; block <= 6; block++) {
		do {
			assert_true(tftp_client_receive(&f->client,
			    TFTP_CLIENT_WAIT_MS));
		} while (tftp_client_u16(&f->client, 2) != block);
		memcpy(got + len, f->client.packet + 4, f->client.len - 4);
		len += f->client.len - 4;
		if (block % 3 == 0)
			tftp_client_ack(&f->client, block);
	}
	assert_int_equal(len, 512 * 5 + 1);
	assert_memory_equal(got, want, len);
	expect_no_transfers(f);
	free(want);
}

static void
test_counters(void **state)
{
	struct fixture *f = *state;
	struct tftp_server_counters c = counters_of(f);

	assert_int_equal(c.receive_buffer_wanted, TFTP_RECEIVE_BUFFER);
	assert_int_equal(c.receive_buffer,
	    tftp_server_receive_buffer(f->server));
	assert_int_equal(c.requests_dropped, 0);
	assert_int_equal(c.answers_dropped, 0);
	expect_alive(f);
	expect_no_transfers(f);
	c = counters_of(f);
	assert_int_equal(c.requests, 1);
	assert_int_equal(c.transfers, 1);
	assert_int_equal(c.completed, 1);
	assert_int_equal(c.transfers_now, 0);
	assert_int_equal(c.transfers_most, 1);
	assert_int_equal(c.blocks - c.blocks_resent, 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_sizes),
		TEST(test_rollover),
		TEST(test_requests_of_phones),
		TEST(test_netascii),
		TEST(test_refusals),
		TEST(test_denied_again_and_again),
		TEST(test_errors_are_not_answered),
		TEST(test_repeated_request),
		TEST(test_replaced_in_the_middle),
		TEST(test_bad_network),
		TEST(test_garbage),
		TEST(test_many_transfers),
		TEST(test_limit_of_transfers),
		TEST(test_no_descriptors),
		TEST(test_own_address),
		TEST(test_cannot_listen),
		TEST(test_vanished_clients),
		TEST(test_waits),
		TEST(test_limit_of_waiting),
		TEST(test_windows),
		TEST(test_counters),
	};

	log_init("test_tftp_server", LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
