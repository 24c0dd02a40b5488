#include "sftp/remote_exec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/mem.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"

#define BIG ((size_t)300000)

static struct sshd_server server;

static int
setup(void **state)
{
	(void)state;
	sshd_server_start(&server, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sshd_server_stop(&server);
	return 0;
}

static struct session *
open_session(void)
{
	struct session_target t = {
		.host = "127.0.0.1",
		.port = server.port,
		.user = SSHD_SERVER_USER,
		.key_file = server.key_file,
		.known_hosts = server.known_hosts,
	};
	struct err e = ERR_INIT;
	struct session *s = session_open(&t, 0, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(s);
	return s;
}

static int
collect(void *self, const void *p, size_t n)
{
	wbuf_bytes(self, p, n);
	return 0;
}

static int
refuse(void *self, const void *p, size_t n)
{
	(void)self;
	(void)p;
	(void)n;
	return 1;
}

/* Run command and compare all that comes back. */
static void
expect(struct session *s, const char *command, int status, const char *output,
    const char *errors)
{
	struct wbuf got;
	struct remote_command c = { .command = command,
		.output = collect,
		.self = &got };
	struct remote_result r;
	struct err e = ERR_INIT;

	wbuf_init(&got, 0);
	if (remote_exec(s, &c, clock_ticks() + 10000, &r, &e) == -1)
		fail_msg("%s: %s: %s", command, err_name(e.code), e.msg);
	assert_int_equal(r.status, status);
	assert_string_equal(r.errors, errors);
	assert_int_equal(got.len, strlen(output));
	if (got.len > 0)
		assert_memory_equal(got.data, output, got.len);
	wbuf_release(&got);
}

static void
test_status_and_streams(void **state)
{
	struct session *s = open_session();

	(void)state;
	expect(s, "true", 0, "", "");
	expect(s, "printf hello", 0, "hello", "");
	expect(s, "printf out; printf 'a\\033]0;x' >&2; exit 7", 7, "out",
	    "a\\x1b]0;x");
	expect(s, "exit 255", 255, "", "");
	expect(s, "cat", 0, "", ""); /* no input is end of file at once */
	session_close(s);
}

static void
test_errors_are_bounded(void **state)
{
	struct session *s = open_session();
	struct remote_command c = { .command = "head -c 100000 /dev/zero >&2" };
	struct remote_result r;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 10000, &r, &e), 0);
	assert_int_equal(strlen(r.errors), REMOTE_ERRORS_MAX * 4);
	session_close(s);
}

/* More than any window or socket buffer of libssh, both ways at once. */
static void
test_big_payload(void **state)
{
	struct session *s = open_session();
	uint8_t *payload = mem_alloc(BIG);
	struct wbuf got;
	struct remote_command c = { .command = "cat",
		.input = payload,
		.input_len = BIG,
		.output = collect,
		.self = &got };
	struct remote_result r;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < BIG; i++)
		payload[i] = (uint8_t)(i * 7 + i / 251);
	wbuf_init(&got, 0);
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 20000, &r, &e), 0);
	assert_int_equal(r.status, 0);
	assert_int_equal(got.len, BIG);
	assert_memory_equal(got.data, payload, BIG);
	wbuf_release(&got);
	free(payload);
	session_close(s);
}

/* A command that ends without reading its input still has its status. */
static void
test_input_not_read(void **state)
{
	struct session *s = open_session();
	uint8_t *payload = mem_alloc(4 * BIG);
	struct remote_command c = { .command = "exit 3",
		.input = payload,
		.input_len = 4 * BIG };
	struct remote_result r;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 20000, &r, &e), 0);
	assert_int_equal(r.status, 3);
	free(payload);
	expect(s, "printf next", 0, "next", "");
	session_close(s);
}

/* One that neither reads nor ends: the deadline. */
static void
test_deadline(void **state)
{
	static const char *const command[] = { "sleep 5", "yes",
		"exec sleep 5 <&-" };
	uint8_t *payload = mem_alloc(16 * BIG);
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		struct session *s = open_session();
		struct remote_command c = { .command = command[i],
			.input = payload,
			.input_len = 16 * BIG };
		struct err e = ERR_INIT;
		int64_t start = clock_ticks();

		assert_int_equal(remote_exec(s, &c, start + 700, NULL, &e), -1);
		assert_int_equal(e.code, ERR_TIMEOUT);
		assert_in_range(clock_ticks() - start, 650, 4000);
		session_close(s);
	}
	free(payload);
}

/* The command kills the sshd that serves this connection. */
static void
test_connection_cut(void **state)
{
	struct session *s = open_session();
	struct wbuf got;
	struct remote_command c = {
		.command = "printf begun; sleep 0.2; kill -9 $PPID",
		.output = collect,
		.self = &got
	};
	struct remote_result r;
	struct err e = ERR_INIT;

	(void)state;
	wbuf_init(&got, 0);
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 10000, &r, &e), -1);
	if (e.code != ERR_UNREACHABLE)
		fail_msg("%s: %s", err_name(e.code), e.msg);
	assert_int_equal(got.len, 5);
	err_clear(&e);
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 2000, &r, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	wbuf_release(&got);
	session_close(s);
}

static void
test_killed_command(void **state)
{
	struct session *s = open_session();
	struct remote_command c = { .command = "kill -9 $$" };
	struct remote_result r;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 10000, &r, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	expect(s, "printf next", 0, "next", "");
	session_close(s);
}

static void
test_cancelled(void **state)
{
	struct session *s = open_session();
	struct remote_command c = { .command = "yes", .output = refuse };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(remote_exec(s, &c, clock_ticks() + 10000, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	session_close(s);
}

/* What the first command costs; 40 ms more if the server waits for an ACK. */
static void
test_no_stall(void **state)
{
	int64_t opened = 0, done = 0;
	int i;

	(void)state;
	for (i = 0; i < 10; i++) {
		int64_t start = clock_ticks();
		struct session *s = open_session();

		opened += clock_ticks() - start;
		start = clock_ticks();
		expect(s, "exit 0", 0, "", "");
		done += clock_ticks() - start;
		session_close(s);
	}
	print_message("session %.1f ms, first command %.1f ms\n",
	    (double)opened / 10, (double)done / 10);
}

/* Output up to a number of bytes. */
struct answer {
	struct wbuf got;
	size_t want;
};

static int
collect_up_to(void *self, const void *p, size_t n)
{
	struct answer *a = self;

	wbuf_bytes(&a->got, p, n);
	return a->got.len >= a->want ? REMOTE_COMPLETE : 0;
}

/* Ask for n bytes of c; they come back. */
static void
ask(struct remote *remote, size_t n, char c)
{
	char *input = mem_alloc(n);
	struct answer a = { .want = n };
	struct remote_command command = { .input = input,
		.input_len = n,
		.output = collect_up_to,
		.self = &a };
	struct remote_result r;
	struct err e = ERR_INIT;

	memset(input, c, n);
	wbuf_init(&a.got, 0);
	if (remote_ask(remote, &command, clock_ticks() + 10000, &r, &e) == -1)
		fail_msg("%s: %s", err_name(e.code), e.msg);
	assert_int_equal(r.status, -1);
	assert_int_equal(a.got.len, n);
	assert_memory_equal(a.got.data, input, n);
	wbuf_release(&a.got);
	free(input);
}

static void
test_asked_again_and_again(void **state)
{
	struct session *s = open_session();
	struct err e = ERR_INIT;
	struct remote *r, *other;

	(void)state;
	r = remote_start(s, "cat", clock_ticks() + 10000, &e);
	assert_non_null(r);
	ask(r, 5, 'a');
	ask(r, BIG, 'b');
	ask(r, 1, 'c');
	/* Others may run beside it. */
	expect(s, "printf hello", 0, "hello", "");
	other = remote_start(s, "cat", clock_ticks() + 10000, &e);
	assert_non_null(other);
	ask(other, 3, 'd');
	ask(r, 3, 'e');
	remote_end(other);
	ask(r, 3, 'f');
	remote_end(r);
	remote_end(NULL);
	expect(s, "true", 0, "", "");
	session_close(s);
}

static void
test_ends_when_asked(void **state)
{
	struct session *s = open_session();
	struct answer a = { .want = 100 };
	struct remote_command c = { .input = "question",
		.input_len = 8,
		.output = collect_up_to,
		.self = &a };
	struct remote_result result;
	struct err e = ERR_INIT;
	struct remote *r;

	(void)state;
	wbuf_init(&a.got, 0);
	r = remote_start(s, "head -c 3; echo no >&2; exit 9",
	    clock_ticks() + 10000, &e);
	assert_non_null(r);
	assert_int_equal(remote_ask(r, &c, clock_ticks() + 10000, &result, &e),
	    0);
	assert_int_equal(result.status, 9);
	assert_string_equal(result.errors, "no\\n");
	assert_int_equal(a.got.len, 3);
	remote_end(r);
	wbuf_release(&a.got);
	r = remote_start(s, "sleep 100", clock_ticks() + 10000, &e);
	assert_non_null(r);
	assert_int_equal(remote_ask(r, &c, clock_ticks() + 300, NULL, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	remote_end(r);
	session_close(s);
}

/*
 * A command that answers 3 bytes, waits for a file, then does `then`; it must
 * be quiet before, and not for long afterwards.
 */
static void
expect_end_of_quiet(const char *then)
{
	struct session *s = open_session();
	struct err e = ERR_INIT;
	char command[2 * SSHD_SERVER_PATH];
	char path[SSHD_SERVER_PATH + 8];
	struct remote *r;
	int64_t end;

	snprintf(path, sizeof(path), "%s/go", server.dir);
	snprintf(command, sizeof(command),
	    "head -c 3; until [ -e %s ]; do sleep 0.05; done; %s", path, then);
	r = remote_start(s, command, clock_ticks() + 10000, &e);
	assert_non_null(r);
	ask(r, 3, 'a');
	assert_true(remote_is_quiet(r));
	assert_true(remote_is_quiet(r));
	testing_write(server.dir, "go", "");
	end = clock_ticks() + 30000;
	while (remote_is_quiet(r) && clock_ticks() < end)
		(void)usleep(1000);
	assert_false(remote_is_quiet(r));
	assert_int_equal(unlink(path), 0);
	remote_end(r);
	session_close(s);
}

static void
test_quiet(void **state)
{
	(void)state;
	expect_end_of_quiet("exit 0");
	expect_end_of_quiet("echo more; cat");
	expect_end_of_quiet("echo more >&2; cat");
	expect_end_of_quiet("kill -9 $PPID; cat"); /* sshd of this session */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_and_streams),
		cmocka_unit_test(test_errors_are_bounded),
		cmocka_unit_test(test_big_payload),
		cmocka_unit_test(test_input_not_read),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_connection_cut),
		cmocka_unit_test(test_killed_command),
		cmocka_unit_test(test_cancelled),
		cmocka_unit_test(test_asked_again_and_again),
		cmocka_unit_test(test_ends_when_asked),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_no_stall),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, setup, teardown);
}
