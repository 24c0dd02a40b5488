/*
 * sftp/server.c: reaching servers and their host keys, against real ones.
 */
#include "sftp/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "tests/fakes/server_guest.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/tcp_proxy.h"

static struct sshd_server server;
static struct server_guest guest;

static void
begin(const struct sshd_server_kind *kind)
{
	sshd_server_start_kind(&server, kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
}

static void
end(void)
{
	server_guest_release(&guest);
	sshd_server_stop(&server);
}

static void
check_kind(const char *key, const char *name)
{
	const struct sshd_server_kind kind = { .key = key };
	char sha256[KEYTEXT_FINGERPRINT_SIZE];
	struct err e = ERR_INIT;

	begin(&kind);
	session_close(server_guest_login(&guest));
	assert_int_equal(guest.shown_count, 1);
	assert_string_equal(guest.shown.type, name);
	assert_string_equal(guest.shown.text, server.host_key);
	assert_int_equal(keytext_fingerprint(server.host_key, sha256, &e), 0);
	assert_string_equal(guest.shown.sha256, sha256);
	assert_int_equal(strlen(guest.shown.md5), 16 * 3 - 1);
	assert_int_equal(strspn(guest.shown.md5, "0123456789abcdef:"), 47);
	/* Once it is known nobody is asked. */
	strlist_add(&guest.known, guest.shown.text);
	session_close(server_guest_login(&guest));
	assert_int_equal(guest.shown_count, 1);
	end();
}

static void
test_kinds_of_keys(void **state)
{
	(void)state;
	check_kind("rsa", "RSA");
	check_kind("ecdsa", "ECDSA");
	check_kind("ed25519", "ED25519");
}

static void
test_declined(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	struct err e = ERR_INIT;

	(void)state;
	begin(&kind);
	guest.declines = true;
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_string_equal(e.msg, "declined");
	end();
}

static void
test_changed(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	struct err e = ERR_INIT;

	(void)state;
	begin(&kind);
	strlist_add(&guest.known, server.host_key);
	sshd_server_change_host_key(&server);
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_non_null(strstr(e.msg, "HAS CHANGED"));
	assert_non_null(strstr(e.msg, "127.0.0.1"));
	assert_int_equal(guest.shown_count, 0);
	end();
}

/* A server with two keys shows the one that is known. */
static void
test_prefers_what_is_known(void **state)
{
	static const struct sshd_server_kind kind = { .key = "rsa",
		.second_key = "ed25519" };
	struct err e = ERR_INIT;

	(void)state;
	begin(&kind);
	session_close(server_guest_login(&guest));
	assert_string_equal(guest.shown.type, "RSA");
	strlist_add(&guest.known, server.second_host_key);
	session_close(server_guest_login(&guest));
	assert_int_equal(guest.shown_count, 1);
	/* A kind of key that the server has no more is another key. */
	strlist_release(&guest.known);
	strlist_add(&guest.known,
	    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAA");
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_int_equal(guest.shown_count, 1);
	end();
}

static void
test_nobody_there(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	server_guest_init(&guest, sshd_server_free_port(), "x");
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_non_null(strstr(e.msg, "127.0.0.1 port "));
	guest.target.host = "no such host";
	assert_null(server_login(&guest.target, &e));
	assert_true(e.code == ERR_NOT_FOUND || e.code == ERR_UNREACHABLE);
	assert_non_null(strstr(e.msg, "no such host"));
	server_guest_release(&guest);
}

static void
test_silent(void **state)
{
	struct tcp_proxy *p = tcp_proxy_start(0);
	int64_t begun = clock_ticks();
	struct err e = ERR_INIT;

	(void)state;
	server_guest_init(&guest, tcp_proxy_port(p), "x");
	guest.target.step_ms = 1000;
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_non_null(strstr(e.msg, "does not answer within 1 seconds"));
	assert_true(clock_ticks() - begun >= 1000);
	guest.target.step_ms = 600000;
	guest.stop_after = guest.stops_asked + 3;
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_CANCELLED);
	server_guest_release(&guest);
	tcp_proxy_stop(p);
}

/* Wherever the connection ends: one message, soon. */
static void
test_cut(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	static const unsigned percent[] = { 1, 10, 50, 80 };
	struct err e = ERR_INIT;
	struct tcp_proxy *p;
	size_t i, whole;

	(void)state;
	begin(&kind);
	p = tcp_proxy_start(server.port);
	guest.target.port = tcp_proxy_port(p);
	session_close(server_guest_login(&guest));
	whole = tcp_proxy_sent(p);
	for (i = 0; i < sizeof(percent) / sizeof(percent[0]); i++) {
		tcp_proxy_cut_next(p, whole * percent[i] / 100);
		assert_null(server_login(&guest.target, &e));
		assert_int_equal(e.code, ERR_UNREACHABLE);
		assert_non_null(strstr(e.msg, "127.0.0.1"));
	}
	tcp_proxy_stop(p);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds_of_keys),
		cmocka_unit_test(test_declined),
		cmocka_unit_test(test_changed),
		cmocka_unit_test(test_prefers_what_is_known),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_cut),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
