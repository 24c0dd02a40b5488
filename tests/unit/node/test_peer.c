#include "node/peer.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "cluster/agent_io.h"
#include "tests/fakes/link_agent.h"
#include "tests/fakes/testing.h"

#define PAYLOAD 100000
#define WATCHDOG_S 60 /* a peer that waits for nothing ends the test */

#define KEYS "restrict ecdsa-sha2-nistp256 AAAA test10sub\n"

static struct link_agent agent;

static int
setup(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	link_agent_start(&agent);
	assert_int_equal(mkdir(paths_in(path, "ssh"), 0755), 0);
	testing_write(agent.dir, "ssh/ssh_host_ecdsa_key", "key");
	testing_write(agent.dir, "ssh/authorized_keys.ucmnode", KEYS);
	alarm(WATCHDOG_S);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	link_agent_stop(&agent);
	return 0;
}

/* peer_main() with this command and these descriptors; its status. */
static int
run_peer(const char *command, int in, int out)
{
	int saved_in = dup(STDIN_FILENO);
	int saved_out = dup(STDOUT_FILENO);
	int status;

	if (command != NULL)
		assert_int_equal(setenv("SSH_ORIGINAL_COMMAND", command, 1), 0);
	else
		assert_int_equal(unsetenv("SSH_ORIGINAL_COMMAND"), 0);
	fflush(stdout);
	assert_int_equal(dup2(in, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(dup2(out, STDOUT_FILENO), STDOUT_FILENO);
	status = peer_main("test10sub");
	assert_int_equal(dup2(saved_in, STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(dup2(saved_out, STDOUT_FILENO), STDOUT_FILENO);
	close(saved_in);
	close(saved_out);
	return status;
}

/* An open file without a name, at its start. */
static int
scratch(void)
{
	char name[] = "/tmp/test_peerXXXXXX";
	int fd = mkstemp(name);

	assert_int_not_equal(fd, -1);
	assert_int_equal(unlink(name), 0);
	return fd;
}

/*
 * Run command with nothing on standard input, which stays open; *m is the
 * last frame of the output and *frames how many there were.
 */
static int
ask(const char *command, struct agent_msg *m, size_t *frames)
{
	struct err e = ERR_INIT;
	struct agent_msg next;
	int in[2], out = scratch();
	int status;

	assert_int_equal(pipe(in), 0);
	status = run_peer(command, in[0], out);
	close(in[0]);
	close(in[1]);
	assert_int_equal(lseek(out, 0, SEEK_SET), 0);
	agent_msg_init(m);
	for (*frames = 0;; (*frames)++) {
		assert_int_equal(agent_io_read(out, &next, clock_ticks() + 1000,
				     &e),
		    0);
		if (next.type == AGENT_END)
			break;
		agent_msg_release(m);
		*m = next;
	}
	close(out);
	assert_int_equal(m->type, AGENT_RESULT);
	return status;
}

static void
test_relays(void **state)
{
	struct agent_msg m;
	size_t frames;

	(void)state;
	link_agent_clear(&agent);
	link_agent_row(&agent, "a", "b");
	link_agent_text(&agent, "text");
	link_agent_result(&agent, ERR_NONE, "Rows: 1", "");
	assert_int_equal(ask(" itl  status ", &m, &frames), 0);
	assert_int_equal(frames, 3);
	assert_string_equal(m.message, "Rows: 1");
	agent_msg_release(&m);
	assert_int_equal(agent.request.words.n, 2);
	assert_string_equal(agent.request.words.item[1], "status");
	assert_false(agent.request.has_bytes);
}

/* A job that failed is an answer like any other. */
static void
test_relays_failure(void **state)
{
	struct agent_msg m;
	size_t frames;

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_STATE, "not activated", "activate it");
	assert_int_equal(ask("itl activate 00ff", &m, &frames), 0);
	assert_int_equal(m.code, ERR_STATE);
	assert_string_equal(m.hint, "activate it");
	agent_msg_release(&m);
}

static void
test_payload(void **state)
{
	char *payload = mem_alloc(PAYLOAD);
	int in = scratch(), out = scratch();

	(void)state;
	memset(payload, 'p', PAYLOAD);
	assert_int_equal(write(in, payload, PAYLOAD), PAYLOAD);
	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	assert_int_equal(run_peer("itl stage 00ff 99999", in, out), 0);
	assert_int_equal(agent.request.len, 99999);
	assert_memory_equal(agent.request.bytes, payload, 99999);
	/* One byte is left; more were announced: the agent hears nothing. */
	link_agent_clear(&agent);
	assert_int_equal(run_peer("itl stage 00ff 2", in, out), 1);
	assert_int_equal(agent.request.type, AGENT_END);
	close(in);
	close(out);
	free(payload);
}

static void
expect_refused(const char *command, enum err_code code)
{
	struct agent_msg m;
	size_t frames, before = agent.requests;

	assert_int_equal(ask(command, &m, &frames), 1);
	assert_int_equal(frames, 1);
	assert_int_equal(m.code, code);
	assert_string_not_equal(m.message, "");
	assert_int_equal(agent.requests, before);
	agent_msg_release(&m);
}

static void
test_refused(void **state)
{
	char *big = mem_alloc(70000);

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	expect_refused(NULL, ERR_USAGE);
	expect_refused("", ERR_USAGE);
	expect_refused("itl stage 00ff 0", ERR_USAGE);
	expect_refused("itl stage 00ff 999999999", ERR_USAGE);
	expect_refused("itl status\nsql", ERR_USAGE);
	expect_refused("\x1b[2J", ERR_USAGE);
	memset(big, 'x', 69999);
	expect_refused(big, ERR_USAGE);
	free(big);
}

/* A request as a frame, appended to an open file. */
static void
put_request(int fd, const char *verb, const char *payload)
{
	struct agent_msg m;
	struct err e = ERR_INIT;

	agent_msg_init(&m);
	m.type = AGENT_REQUEST;
	strlist_add(&m.words, "itl");
	strlist_add(&m.words, verb);
	if (payload != NULL) {
		m.bytes = mem_dup(payload, strlen(payload));
		m.len = strlen(payload);
		m.has_bytes = true;
	}
	assert_int_equal(agent_io_write(fd, &m, 0, &e), 0);
	agent_msg_release(&m);
}

/* Run `frames` with what is in the file; the results' codes and status. */
static int
run_frames(int in, enum err_code *code, size_t max, size_t *n)
{
	int out = scratch();
	int status;

	assert_int_equal(lseek(in, 0, SEEK_SET), 0);
	status = run_peer("frames", in, out);
	assert_int_equal(lseek(out, 0, SEEK_SET), 0);
	for (*n = 0;;) {
		struct agent_msg m;
		struct err e = ERR_INIT;

		assert_int_equal(agent_io_read(out, &m, clock_ticks() + 1000,
				     &e),
		    0);
		if (m.type == AGENT_END)
			break;
		if (m.type == AGENT_RESULT) {
			assert_true(*n < max);
			code[(*n)++] = m.code;
		}
		agent_msg_release(&m);
	}
	close(out);
	return status;
}

static void
test_frames(void **state)
{
	enum err_code code[4] = { ERR_INTERNAL };
	size_t n, before = agent.requests;
	int in = scratch();

	(void)state;
	link_agent_clear(&agent);
	link_agent_row(&agent, "a", "b");
	link_agent_result(&agent, ERR_NONE, "", "");
	put_request(in, "status", NULL);
	put_request(in, "stage", "payload");
	assert_int_equal(run_frames(in, code, 4, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(code[0], ERR_NONE);
	assert_int_equal(code[1], ERR_NONE);
	assert_int_equal(agent.requests, before + 2);
	assert_string_equal(agent.request.words.item[1], "stage");
	assert_int_equal(agent.request.len, 7);
	close(in);
}

/* Once the other node's key is another one, its requests are not heard. */
static void
test_frames_keys_change(void **state)
{
	enum err_code code[4] = { ERR_INTERNAL };
	size_t n, before = agent.requests;
	int in = scratch();

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	put_request(in, "status", NULL);
	testing_write(agent.dir, "ssh/authorized_keys.ucmnode", "");
	assert_int_equal(run_frames(in, code, 4, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(agent.requests, before);
	testing_write(agent.dir, "ssh/authorized_keys.ucmnode", KEYS);
	assert_int_equal(run_frames(in, code, 4, &n), 0);
	assert_int_equal(n, 1);
	close(in);
}

/* An agent that goes costs its own request only. */
static void
test_frames_agent_goes(void **state)
{
	enum err_code code[4] = { ERR_INTERNAL };
	size_t n;
	int in = scratch();

	(void)state;
	link_agent_clear(&agent);
	put_request(in, "status", NULL);
	put_request(in, "activate", NULL);
	assert_int_equal(run_frames(in, code, 4, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(code[0], ERR_UNREACHABLE);
	assert_int_equal(code[1], ERR_UNREACHABLE);
	close(in);
}

static void
test_frames_that_are_none(void **state)
{
	enum err_code code[4] = { ERR_INTERNAL };
	struct err e = ERR_INIT;
	size_t n;
	int in = scratch();

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	put_request(in, "status", NULL);
	assert_int_equal(agent_io_text(in, "text", 4, 0, &e), 0);
	put_request(in, "activate", NULL);
	assert_int_equal(run_frames(in, code, 4, &n), 1);
	assert_int_equal(n, 2);
	assert_int_equal(code[0], ERR_NONE);
	assert_int_equal(code[1], ERR_FORMAT);
	close(in);
}

static void
test_agent_goes(void **state)
{
	struct agent_msg m;
	size_t frames;

	(void)state;
	link_agent_clear(&agent);
	assert_int_equal(ask("itl status", &m, &frames), 1);
	assert_int_equal(m.code, ERR_UNREACHABLE);
	agent_msg_release(&m);
}

/* The other node is gone: no SIGPIPE, a status. */
static void
test_nobody_listens(void **state)
{
	int in[2], out[2];

	(void)state;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "", "");
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	close(out[0]);
	assert_int_equal(run_peer("itl status", in[0], out[1]), 1);
	close(in[0]);
	close(in[1]);
	close(out[1]);
}

static void
test_no_agent(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	assert_int_equal(unlink(paths_in(path, "run/agent.sock")), 0);
	expect_refused("itl status", ERR_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relays),
		cmocka_unit_test(test_relays_failure),
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_frames_agent_goes),
		cmocka_unit_test(test_frames_keys_change),
		cmocka_unit_test(test_frames_that_are_none),
		cmocka_unit_test(test_agent_goes),
		cmocka_unit_test(test_nobody_listens),
		cmocka_unit_test(test_no_agent),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
