/*
 * sftp/resolve.c: names as addresses.  getaddrinfo() is the test's own.
 */
#include "sftp/resolve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"

static atomic_int answers; /* look-ups of names that have ended */
static atomic_bool held; /* names are looked up as long as this is true */

static int
find_address(const char *node, const char *service, struct addrinfo **list)
{
	struct addrinfo *a = calloc(1, sizeof(*a));
	struct sockaddr_in *in = calloc(1, sizeof(*in));
	uint64_t port;

	assert_non_null(a);
	assert_non_null(in);
	in->sin_family = AF_INET;
	assert_int_equal(str_number(service, 1, UINT16_MAX, &port), 0);
	in->sin_port = htons((uint16_t)port);
	assert_int_equal(inet_pton(AF_INET, node, &in->sin_addr), 1);
	a->ai_family = AF_INET;
	a->ai_addr = (struct sockaddr *)in;
	a->ai_addrlen = sizeof(*in);
	*list = a;
	return 0;
}

/* In the place of the C library's. */
int
getaddrinfo(const char *name, const char *service, const struct addrinfo *req,
    struct addrinfo **pai)
{
	if (strcmp(name, "127.0.0.7") == 0)
		return find_address(name, service, pai);
	if ((req->ai_flags & AI_NUMERICHOST) != 0)
		return EAI_NONAME;
	while (atomic_load(&held))
		(void)usleep(1000);
	atomic_fetch_add(&answers, 1);
	if (strcmp(name, "known") == 0)
		return find_address("127.0.0.8", service, pai);
	return strcmp(name, "broken") == 0 ? EAI_AGAIN : EAI_NONAME;
}

void
freeaddrinfo(struct addrinfo *ai)
{
	free(ai->ai_addr);
	free(ai);
}

static bool
stop(void *self)
{
	unsigned *left = self;

	return --*left == 0;
}

static int
look_up(const char *host, struct addrinfo **list, struct err *e)
{
	const struct resolve_wait wait = { .deadline_ticks =
					       clock_ticks() + 60000 };

	return resolve(host, 22, &wait, list, e);
}

static void
test_names(void **state)
{
	const struct sockaddr_in *in;
	struct addrinfo *list;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(look_up("127.0.0.7", &list, &e), 0);
	assert_int_equal(atomic_load(&answers), 0);
	freeaddrinfo(list);
	assert_int_equal(look_up("known", &list, &e), 0);
	in = (const void *)list->ai_addr;
	assert_int_equal(ntohs(in->sin_port), 22);
	freeaddrinfo(list);
	assert_int_equal(look_up("unknown", &list, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(look_up("broken", &list, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

/* A look-up that was left ends by itself and frees what it had. */
static void
test_left(void **state)
{
	struct addrinfo *list;
	struct err e = ERR_INIT;
	struct resolve_wait wait = { .stop = NULL };
	unsigned calls = 3;
	int before = atomic_load(&answers);

	(void)state;
	atomic_store(&held, true);
	wait.deadline_ticks = clock_ticks() + 100;
	assert_int_equal(resolve("known", 22, &wait, &list, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	wait.deadline_ticks = clock_ticks() + 600000;
	wait.stop = stop;
	wait.self = &calls;
	assert_int_equal(resolve("known", 22, &wait, &list, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	atomic_store(&held, false);
	while (atomic_load(&answers) < before + 2)
		(void)usleep(1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
