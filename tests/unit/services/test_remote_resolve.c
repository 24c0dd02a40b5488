/*
 * services/remote_resolve.c: the address of a remote cluster.  getaddrinfo()
 * is the test's own.
 */
#include "services/remote_resolve.h"

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
test_resolve(void **state)
{
	struct file_server host = { .name = "tftp.b.lab", .port = 6970 };
	struct sockaddr_in address;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_resolve(&host, &address, &e), 0);
	assert_int_equal(address.sin_family, AF_INET);
	assert_int_equal(ntohl(address.sin_addr.s_addr), 0x7f000a01);
	assert_int_equal(ntohs(address.sin_port), 6970);
	host.name[0] = 'x';
	assert_int_equal(remote_resolve(&host, &address, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
