#include "services/tftpd_statistics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
expect(const struct service_statistics *st, const char *key, uint64_t value)
{
	const uint64_t *got = service_statistics_value(st, key);

	if (got == NULL || *got != value)
		fail_msg("%s", key);
}

/* Every counter has a key, and comes out under its own. */
static void
test_counters(void **state)
{
	struct service_statistics st = { .pid = 1 };
	const size_t fields = sizeof(struct tftpd_counters) / sizeof(uint64_t);
	struct tftpd_counters c;
	size_t i, n;

	(void)state;
	memset(&c, 0, sizeof(c));
	c.tftp.requests = 1;
	c.tftp.answers_dropped = 2;
	c.http.connections = 3;
	c.http.open = 4;
	c.store.phones = 5;
	c.store.pass_ms = 6;
	c.store.database = true;
	c.remotes.requests = 7;
	c.remotes.kept_bytes = 8;
	tftpd_statistics_set(&st, &c);
	n = st.n;
	assert_int_equal(n, fields);
	expect(&st, "tftp_requests", 1);
	expect(&st, "tftp_answers_dropped", 2);
	expect(&st, "http_connections", 3);
	expect(&st, "http_connections_now", 4);
	expect(&st, "phones", 5);
	expect(&st, "phone_pass_ms", 6);
	expect(&st, "phone_database", 1);
	expect(&st, "remote_requests", 7);
	expect(&st, "remote_bytes_now", 8);
	for (i = 0; i < n; i++)
		assert_true(st.item[i].value < 9);
	/* Again: the same keys with other values. */
	c.tftp.requests = 10;
	c.store.database = false;
	tftpd_statistics_set(&st, &c);
	assert_int_equal(st.n, n);
	expect(&st, "tftp_requests", 10);
	expect(&st, "phone_database", 0);
	service_statistics_release(&st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
