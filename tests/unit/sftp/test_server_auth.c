/*
 * sftp/server_auth.c: logins by password, against real servers.
 */
#include "sftp/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/server_guest.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/tcp_proxy.h"

static struct sshd_server server;
static struct server_guest guest;

static void
begin(const char *methods, bool asks_twice)
{
	const struct sshd_server_kind kind = { .methods = methods,
		.asks_twice = asks_twice };

	sshd_server_start_kind(&server, &kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	strlist_add(&guest.known, server.host_key);
}

static void
end(void)
{
	server_guest_release(&guest);
	sshd_server_stop(&server);
}

/* Right and wrong passwords; nothing but the password is asked for. */
static void
check_methods(const char *methods)
{
	struct err e = ERR_INIT;

	begin(methods, false);
	session_close(server_guest_login(&guest));
	secret_release(&guest.password);
	secret_set(&guest.password, "wrong", 5);
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.msg, "127.0.0.1"));
	assert_non_null(strstr(e.msg, SSHD_SERVER_USER));
	assert_null(strstr(e.msg, "wrong password"));
	assert_int_equal(guest.asked.n, 0);
	end();
}

static void
test_methods(void **state)
{
	(void)state;
	check_methods(NULL);
	check_methods("password");
	check_methods("keyboard-interactive");
	check_methods("password,keyboard-interactive");
	check_methods("keyboard-interactive,password");
}

/* The password answers the first question only. */
static void
test_rounds(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	begin("keyboard-interactive", true);
	guest.answer = "joemar2@cisco.com";
	session_close(server_guest_login(&guest));
	assert_int_equal(guest.asked.n, 1);
	assert_non_null(strstr(guest.asked.item[0], "e-mail address"));
	assert_int_equal(guest.asked.item[0][0], '!');
	/* lines stay lines, and nothing else gets through to a terminal */
	assert_non_null(
	    strstr(guest.asked.item[0], "One \\x1b[2J thing\nmore."));
	guest.answer = NULL;
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_string_equal(e.msg, "no answer");
	end();
}

static void
test_no_passwords(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	sshd_server_start(&server, NULL);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	strlist_add(&guest.known, server.host_key);
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.msg, "takes no passwords"));
	assert_non_null(strstr(e.msg, "a public key"));
	end();
}

/* The server goes silent, or away, while it is about the login. */
static void
test_broken(void **state)
{
	struct err e = ERR_INIT;
	struct tcp_proxy *p;
	size_t whole;

	(void)state;
	begin(NULL, false);
	p = tcp_proxy_start(server.port);
	guest.target.port = tcp_proxy_port(p);
	session_close(server_guest_login(&guest));
	/* The last of it are the good-bye and the password's packet. */
	whole = tcp_proxy_sent(p);
	tcp_proxy_cut_next(p, whole - 200);
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	guest.target.step_ms = 1500;
	tcp_proxy_stall_next(p, whole - 200);
	assert_null(server_login(&guest.target, &e));
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_non_null(strstr(e.msg, "127.0.0.1 port "));
	tcp_proxy_stop(p);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_no_passwords),
		cmocka_unit_test(test_broken),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
