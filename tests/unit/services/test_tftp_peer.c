#include "services/tftp_peer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define BITS 12
#define N (1U << BITS)

static struct sockaddr_in
peer(uint32_t address, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };

	sin.sin_addr.s_addr = htonl(address);
	sin.sin_port = htons(port);
	return sin;
}

static void
test_same(void **state)
{
	struct sockaddr_in a = peer(0x7f000a01, 1000);
	struct sockaddr_in b = peer(0x7f000a01, 1000);
	struct sockaddr_in port = peer(0x7f000a01, 1001);
	struct sockaddr_in address = peer(0x7f000a02, 1000);

	(void)state;
	assert_true(tftp_same_peer(&a, &b));
	assert_false(tftp_same_peer(&a, &port));
	assert_false(tftp_same_peer(&a, &address));
	assert_int_equal(tftp_peer_hash(&a, 12345, BITS),
	    tftp_peer_hash(&b, 12345, BITS));
}

static void
test_secret(void **state)
{
	(void)state;
	assert_int_equal(tftp_hash_secret() & 1, 1);
	assert_true(tftp_hash_secret() != tftp_hash_secret());
}

/* So many peers in as many buckets: no bucket is crowded. */
static void
test_spread(void **state)
{
	uint64_t secret = tftp_hash_secret();
	unsigned ports[N] = { 0 }, phones[N] = { 0 }, addresses[N] = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < N; i++) {
		struct sockaddr_in a = peer(0x0a000001, (uint16_t)(32768 + i));
		struct sockaddr_in b = peer(0x0a000000 + i, 50000);

		assert_true(tftp_peer_hash(&a, secret, BITS) < N);
		assert_true(tftp_address_hash(b.sin_addr, secret, BITS) < N);
		ports[tftp_peer_hash(&a, secret, BITS)]++;
		phones[tftp_peer_hash(&b, secret, BITS)]++;
		addresses[tftp_address_hash(b.sin_addr, secret, BITS)]++;
	}
	for (i = 0; i < N; i++) {
		assert_in_range(ports[i], 0, N / 64);
		assert_in_range(phones[i], 0, N / 64);
		assert_in_range(addresses[i], 0, N / 64);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_spread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
