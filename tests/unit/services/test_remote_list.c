/*
 * services/remote_list.c: the list of remote clusters, and their addresses.
 * getaddrinfo() is the test's own.
 */
#include "services/remote_list.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* It knows one name. */
int
getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
    struct addrinfo **pai)
{
	struct sockaddr_in *address;

	assert_null(service);
	assert_int_equal(req->ai_family, AF_INET);
	if (strcmp(name, "tftp.b.lab") != 0)
		return EAI_NONAME;
	*pai = mem_alloc(sizeof(**pai));
	address = mem_alloc(sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr = htonl(0x7f000a01);
	(*pai)->ai_family = AF_INET;
	(*pai)->ai_addr = (struct sockaddr *)address;
	return 0;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	free(ai->ai_addr);
	free(ai);
}

static void
test_lists(void **state)
{
	struct err e = ERR_INIT;
	struct remote_list l;

	(void)state;
	assert_int_equal(remote_list_parse(&l, "", &e), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(remote_list_parse(&l, " \t, ", &e), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(remote_list_parse(&l,
			     " tftp.b.lab 10.0.0.1:8080,\tC-1:1 tftp.B.lab:6970"
			     " 10.0.0.1 ",
			     &e),
	    0);
	assert_int_equal(l.n, 4);
	assert_string_equal(l.host[0].name, "tftp.b.lab");
	assert_int_equal(l.host[0].port, 6970);
	assert_string_equal(l.host[1].name, "10.0.0.1");
	assert_int_equal(l.host[1].port, 8080);
	assert_string_equal(l.host[2].name, "C-1");
	assert_int_equal(l.host[2].port, 1);
	assert_string_equal(l.host[3].name, "10.0.0.1");
	assert_int_equal(l.host[3].port, 6970);
}

static void
test_broken(void **state)
{
	static const char *const lists[] = { ":6970", "a:", "a:0", "a:65536",
		"a:b", "a:1:2", "a;b", "http://a", "a/b", "[::1]:6970",
		"a:6970x", "\xc3\xa4", "a\nb" };
	struct remote_list l;
	char *long_name;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct err e = ERR_INIT;
		char *text = mem_printf("first %s last", lists[i]);

		if (remote_list_parse(&l, text, &e) == 0)
			fail_msg("understood: %s", lists[i]);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_int_equal(l.n, 1);
		assert_string_equal(l.host[0].name, "first");
		free(text);
	}
	long_name = mem_alloc(REMOTE_HOST_SIZE + 1);
	memset(long_name, 'a', REMOTE_HOST_SIZE);
	assert_int_equal(remote_list_parse(&l, long_name, NULL), -1);
	long_name[REMOTE_HOST_SIZE - 1] = '\0';
	assert_int_equal(remote_list_parse(&l, long_name, NULL), 0);
	assert_string_equal(l.host[0].name, long_name);
	free(long_name);
}

static void
test_too_many(void **state)
{
	struct err e = ERR_INIT;
	struct remote_list l;

	(void)state;
	assert_int_equal(remote_list_parse(&l, "a b c d e f g h i j a b", &e),
	    0);
	assert_int_equal(l.n, REMOTE_CLUSTERS_MAX);
	assert_int_equal(remote_list_parse(&l, "a b c d e f g h i j k", &e),
	    -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
	assert_int_equal(l.n, REMOTE_CLUSTERS_MAX);
}

static void
test_resolve(void **state)
{
	struct remote_host host = { .name = "tftp.b.lab", .port = 6970 };
	struct sockaddr_in address;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_host_resolve(&host, &address, &e), 0);
	assert_int_equal(address.sin_family, AF_INET);
	assert_int_equal(ntohl(address.sin_addr.s_addr), 0x7f000a01);
	assert_int_equal(ntohs(address.sin_port), 6970);
	host.name[0] = 'x';
	assert_int_equal(remote_host_resolve(&host, &address, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
