/*
 * node/port_holder.c, with listeners of this very program.
 */
#include "node/port_holder.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

/* A listener on the address; *port is what the kernel chose. */
static int
listener(int family, const char *address, uint16_t *port)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr *sa = family == AF_INET ? (struct sockaddr *)&four :
						  (struct sockaddr *)&six;
	socklen_t len = family == AF_INET ? sizeof(four) : sizeof(six);
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	if (family == AF_INET)
		assert_int_equal(inet_pton(family, address, &four.sin_addr), 1);
	assert_int_equal(bind(fd, sa, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, sa, &len), 0);
	*port = ntohs(family == AF_INET ? four.sin_port : six.sin6_port);
	return fd;
}

static void
is_me(const char *address, uint16_t port)
{
	struct port_holder got;
	char want[64];

	snprintf(want, sizeof(want), "a\\\\b\\n (process %ld)", (long)getpid());
	assert_true(port_holder(&got, address, port));
	assert_string_equal(got.name, want);
	assert_int_equal(got.pid, getpid());
}

static void
the_holder_is_named(void **state)
{
	struct port_holder nobody;
	uint16_t port = 0;
	int fd;

	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a\\b\n"), 0);
	fd = listener(AF_INET, "127.0.0.1", &port);
	is_me("127.0.0.1", port);
	/* elsewhere it is free */
	assert_false(port_holder(&nobody, "127.0.0.2", port));
	close(fd);
	assert_false(port_holder(&nobody, "127.0.0.1", port));
	assert_false(port_holder(&nobody, "no address", port));
}

static void
all_addresses_are_in_the_way_of_each(void **state)
{
	uint16_t port = 0;
	int fd;

	(void)state;
	fd = listener(AF_INET, "0.0.0.0", &port);
	is_me("127.0.0.7", port);
	close(fd);
	fd = listener(AF_INET6, NULL, &port);
	if (fd != -1) { /* else there is no IPv6 here, nor a holder by it */
		is_me("127.0.0.7", port);
		close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_holder_is_named),
		cmocka_unit_test(all_addresses_are_in_the_way_of_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
