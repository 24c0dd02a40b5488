/*
 * sftp/xfer_wire.c: the start of SFTP, and connections that end or go silent
 * under it.
 */
#include "sftp/xfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "sftp/session_priv.h"
#include "sftp/xfer_priv.h"
#include "tests/fakes/server_guest.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/tcp_proxy.h"

static void
test_no_sftp(void **state)
{
	static const struct sshd_server_kind kind = { .no_sftp = true };
	static const struct sshd_server_kind noise = { .sftp = "-h" };
	const struct sshd_server_kind *const kinds[] = { &kind, &noise };
	struct sshd_server server;
	struct server_guest guest;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct session *s;

		sshd_server_start_kind(&server, kinds[i]);
		server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
		s = server_guest_login(&guest);
		assert_null(xfer_open(s, &e));
		assert_true(e.code == ERR_DENIED || e.code == ERR_UNREACHABLE);
		session_close(s);
		server_guest_release(&guest);
		sshd_server_stop(&server);
	}
}

static void
test_room(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	struct sshd_server server;
	struct server_guest guest;
	struct err e = ERR_INIT;
	struct xfer_reply r;
	struct session *s;
	struct xfer *x;
	size_t whole;
	uint32_t id;

	(void)state;
	sshd_server_start_kind(&server, &kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	s = server_guest_login(&guest);
	x = xfer_open(s, &e);
	assert_non_null(x);
	assert_int_equal(x->extensions,
	    XFER_POSIX_RENAME | XFER_FSYNC | XFER_STATVFS);
	whole = xfer_room(x);
	id = xfer_begin(x, XFER_STAT);
	xfer_msg_text(&x->packet, "/");
	xfer_queue(x, NULL, 0);
	assert_int_equal(xfer_room(x), whole - x->packet.len);
	assert_int_equal(xfer_receive(x, XFER_NO_ROOM, &r, &e), 1);
	assert_int_equal(r.id, id);
	assert_int_equal(r.type, XFER_ATTRS);
	assert_int_equal(xfer_receive(x, 1, &r, &e), 0);
	assert_int_equal(xfer_room(x), whole);
	xfer_close(x);
	session_close(s);
	server_guest_release(&guest);
	sshd_server_stop(&server);
}

/* Log in through the proxy and ask something when that is over. */
static void
ask_through(struct server_guest *guest, struct tcp_proxy *p, bool stall,
    struct err *e)
{
	struct session *s = server_guest_login(guest);
	struct xfer *x = xfer_open(s, e);
	size_t sent = tcp_proxy_sent(p);

	assert_non_null(x);
	xfer_close(x);
	session_close(s);
	if (stall)
		tcp_proxy_stall_next(p, sent);
	else
		tcp_proxy_cut_next(p, sent);
	s = server_guest_login(guest);
	if (stall)
		s->step_ms = 1000;
	x = xfer_open(s, e);
	if (x != NULL)
		(void)xfer_check_directory(x, "/", e);
	xfer_close(x);
	session_close(s);
}

static void
test_lost_and_silent(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	struct sshd_server server;
	struct server_guest guest;
	struct tcp_proxy *p;
	struct err e = ERR_INIT;
	int64_t begun;

	(void)state;
	sshd_server_start_kind(&server, &kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	p = tcp_proxy_start(server.port);
	guest.target.port = tcp_proxy_port(p);
	ask_through(&guest, p, false, &e);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_non_null(strstr(e.msg, "the connection was lost"));
	err_clear(&e);
	begun = clock_ticks();
	ask_through(&guest, p, true, &e);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_non_null(strstr(e.msg, "has not answered for 1 seconds"));
	assert_true(clock_ticks() - begun >= 1000);
	tcp_proxy_stop(p);
	server_guest_release(&guest);
	sshd_server_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_sftp),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_lost_and_silent),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
