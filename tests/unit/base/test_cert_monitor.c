#include "base/cert_monitor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
addresses(void **state)
{
	static const char *const good[] = { "admin@example.com", "a@b",
		"first.last+tag@mail-1.example.com", "a@b,c@d", "o'neil@x.y" };
	static const char *const bad[] = { "", "admin", "@b", "a@", "a@b,",
		",a@b", "a@b c", "a@b\nBcc:c@d", "a@b\r\nDATA", "<a@b>",
		"\"a b\"@c", ".a@b", "a.@b", "a..b@c", "a@-b", "a@b-", "a@b..c",
		"a@b>,<c@d", "a@@b", "a@b;c@d", "a\x80@b", "a@b\xc3\xa4",
		"a@[127.0.0.1]", "a,b@c" };
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(cert_monitor_addresses(good[i], NULL, &e), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct strlist l = STRLIST_INIT;

		assert_int_equal(cert_monitor_addresses(bad[i], &l, &e), -1);
		assert_int_equal(e.code, ERR_USAGE);
		assert_null(strpbrk(e.msg, "\r\n"));
		assert_int_equal(l.n, 0);
	}
	assert_int_equal(cert_monitor_addresses("no one", NULL, &e), -1);
	assert_string_equal(e.msg, "\"no one\" is not an e-mail address.");
}

static void
addresses_come_as_a_list(void **state)
{
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;
	char many[CERT_MONITOR_ADDRESS_SIZE + 1];
	size_t i;

	(void)state;
	assert_int_equal(cert_monitor_addresses("a@b,c@d.e", &l, &e), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.item[1], "c@d.e");
	strlist_release(&l);
	assert_int_equal(cert_monitor_addresses(
			     "a@b,a@b,a@b,a@b,a@b,a@b,a@b,a@b,a@b,a@b,a@b", &l,
			     &e),
	    -1);
	for (i = 0; i < sizeof(many) - 1; i++)
		many[i] = "a@b,"[i % 4];
	many[sizeof(many) - 2] = 'b';
	many[sizeof(many) - 1] = '\0';
	assert_int_equal(cert_monitor_addresses(many, &l, &e), -1);
	assert_int_equal(l.n, 0);
}

static void
servers(void **state)
{
	static const struct {
		const char *text;
		const char *host;
		uint16_t port;
		const char *shown;
	} good[] = {
		{ "mail", "mail", 25, "mail:25" },
		{ "mail.example.com:587", "mail.example.com", 587,
		    "mail.example.com:587" },
		{ "127.0.0.1:2525", "127.0.0.1", 2525, "127.0.0.1:2525" },
		{ "[::1]", "::1", 25, "[::1]:25" },
		{ "[2001:db8::2]:465", "2001:db8::2", 465,
		    "[2001:db8::2]:465" },
	};
	static const char *const bad[] = { "", ":25", "mail:", "mail:0",
		"mail:65536", "mail:25x", "mail host", "::1", "[::1", "[::1]x",
		"[mail]:25", "mail/x", "mail@x", "-mail", "mail-", "a..b",
		"mail\r\nQUIT", "user:pw@mail:25", "[]", "[::1]:" };
	char host[CERT_MONITOR_HOST_SIZE];
	char shown[CERT_MONITOR_SERVER_SIZE];
	char big[CERT_MONITOR_HOST_SIZE + 10];
	struct cert_monitor m = { .host = "" };
	struct err e = ERR_INIT;
	uint16_t port;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(cert_monitor_server(good[i].text, m.host,
				     &m.port, &e),
		    0);
		assert_string_equal(m.host, good[i].host);
		assert_int_equal(m.port, good[i].port);
		assert_string_equal(cert_monitor_server_text(shown, &m),
		    good[i].shown);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cert_monitor_server(bad[i], host, &port, &e),
		    -1);
	memset(big, 'a', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	assert_int_equal(cert_monitor_server(big, host, &port, &e), -1);
	m.host[0] = '\0';
	assert_string_equal(cert_monitor_server_text(shown, &m), "");
}

static void
days(void **state)
{
	struct err e = ERR_INIT;
	unsigned n;

	(void)state;
	assert_int_equal(cert_monitor_days("1", &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(cert_monitor_days("3650", &n, &e), 0);
	assert_int_equal(n, 3650);
	assert_int_equal(cert_monitor_days("0", &n, &e), -1);
	assert_int_equal(cert_monitor_days("3651", &n, &e), -1);
	assert_int_equal(cert_monitor_days("-1", &n, &e), -1);
	assert_int_equal(cert_monitor_days("ten", &n, &e), -1);
	assert_string_equal(e.msg,
	    "The window is a number of days from 1 to 3650.");
}

static void
times(void **state)
{
	static const char *const bad[] = { "", "9:00", "24:00", "12:60", "12:5",
		"12.30", "12:300", "ab:cd", "1a:00", "12:0x", "-1:00" };
	struct err e = ERR_INIT;
	unsigned minute;
	size_t i;

	(void)state;
	assert_int_equal(cert_monitor_time("00:00", &minute, &e), 0);
	assert_int_equal(minute, 0);
	assert_int_equal(cert_monitor_time("23:59", &minute, &e), 0);
	assert_int_equal(minute, 1439);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(cert_monitor_time(bad[i], &minute, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(addresses_come_as_a_list),
		cmocka_unit_test(servers),
		cmocka_unit_test(days),
		cmocka_unit_test(times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
