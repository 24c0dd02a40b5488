#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "cluster/agent_io.h"
#include "cluster/agent_words.h"
#include "cluster/fanout.h"
#include "cluster/link.h"
#include "cluster/roster.h"
#include "tests/fakes/link_agent.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"

#define PAYLOAD 100000
#define MANY 24

/*
 * The far node: sshd with this very program as forced command, which notes
 * what was asked for and answers with prepared bytes.  The near node's agent
 * is there too, and so are the node's root, key and known hosts.
 */
static struct sshd_server server;
static struct link_agent agent;
static struct roster_node node;

/* --- the far node ----------------------------------------------------------
 */

static void
note(const char *name, const void *p, size_t n)
{
	struct err e = ERR_INIT;

	if (file_replace(name, p, n, 0600, &e) == -1)
		_exit(99);
}

static void
copy_out(const char *name, int fd)
{
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	if (file_read(name, 1 << 20, &data, &len, &e) == -1 ||
	    agent_io_write_bytes(fd, data, len, 0, &e) == -1)
		_exit(98);
	free(data);
}

static int
far_node(const char *dir)
{
	const char *command = getenv("SSH_ORIGINAL_COMMAND");
	struct err e = ERR_INIT;
	struct agent_msg m;
	int status = 0;

	if (command == NULL || chdir(dir) == -1)
		return 97;
	note("command", command, strlen(command));
	while (status == 0) {
		char *words, *text;

		if (agent_io_read_request(STDIN_FILENO, &m, 0, &e) == -1)
			return 96;
		if (m.type == AGENT_END)
			break;
		words = agent_words_join(&m.words, &e);
		note("words", words, strlen(words));
		note("input", m.len > 0 ? (const char *)m.bytes : "", m.len);
		free(words);
		agent_msg_release(&m);
		text = testing_read(".", "status");
		status = (int)strtol(text, NULL, 10);
		free(text);
		copy_out("errors", STDERR_FILENO);
		copy_out("answer", STDOUT_FILENO);
	}
	return status;
}

/* --- the near node ---------------------------------------------------------
 */

static void
copy_file(const char *from, const char *to)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	assert_int_equal(file_read(from, 65536, &data, &len, &e), 0);
	assert_int_equal(file_replace(paths_in(path, "%s", to), data, len, 0600,
			     &e),
	    0);
	free(data);
}

static int
setup(void **state)
{
	char self[PATH_SIZE] = "";
	char script[2 * PATH_SIZE];
	char path[PATH_SIZE];

	(void)state;
	assert_int_not_equal(readlink("/proc/self/exe", self, sizeof(self) - 1),
	    -1);
	link_agent_start(&agent);
	snprintf(script, sizeof(script), "#!/bin/sh\nexec '%s' far '%s'\n",
	    self, agent.dir);
	testing_write(agent.dir, "peer.sh", script);
	assert_int_equal(chmod(paths_in(path, "peer.sh"), 0700), 0);
	sshd_server_start(&server, path);
	assert_int_equal(mkdir(paths_in(path, "certs"), 0700), 0);
	assert_int_equal(mkdir(paths_in(path, "ssh"), 0700), 0);
	copy_file(server.key_file, "certs/peer.pem");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sshd_server_stop(&server);
	link_agent_stop(&agent);
	return 0;
}

/* The roster's line for the far node. */
static void
reset_node(void)
{
	memset(&node, 0, sizeof(node));
	snprintf(node.name, sizeof(node.name), "test10sub");
	snprintf(node.address, sizeof(node.address), "127.0.0.1");
	node.ssh_port = server.port;
	node.role = NODE_SUBSCRIBER;
	assert_true(snprintf(node.host_key, sizeof(node.host_key), "%s",
			server.host_key) < (int)sizeof(node.host_key));
}

/* What the far node will say: the fake agent's answer, errors and status. */
static void
prepare(const char *errors, const char *status)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(paths_in(path, "answer"),
			     agent.answer.data, agent.answer.len, 0600, &e),
	    0);
	testing_write(agent.dir, "errors", errors);
	testing_write(agent.dir, "status", status);
	link_agent_clear(&agent);
}

static struct link *
open_link(void)
{
	struct err e = ERR_INIT;
	struct link *l = link_open_node(&node, clock_ticks() + 10000, &e);

	assert_string_equal(e.msg, "");
	assert_non_null(l);
	return l;
}

static int
count_row(void *self, const struct strlist *columns)
{
	size_t *n = self;

	assert_int_equal(columns->n, 2);
	(*n)++;
	return 0;
}

static int
refuse_text(void *self, const char *text, size_t n)
{
	(void)self;
	(void)text;
	(void)n;
	return -1;
}

static int
call(struct link *l, const char *verb, const struct link_sink *sink,
    struct err *e)
{
	struct link_request rq = { .payload = NULL };
	int rc;

	err_clear(e);
	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, verb);
	rc = link_call(l, &rq, sink, clock_ticks() + 10000, e);
	strlist_release(&rq.words);
	return rc;
}

static void
expect_file(const char *name, const char *text)
{
	char *got = testing_read(agent.dir, name);

	assert_string_equal(got, text);
	free(got);
}

static void
test_answer(void **state)
{
	size_t rows = 0;
	struct link_sink sink = { .row = count_row, .self = &rows };
	struct err e = ERR_INIT;
	struct link *l;
	size_t i;

	(void)state;
	reset_node();
	link_agent_text(&agent, "nobody takes this");
	for (i = 0; i < 3000; i++)
		link_agent_row(&agent, "test10sub", "a column of some length");
	link_agent_result(&agent, ERR_NONE, "Rows: 3000", "");
	prepare("", "0");
	l = open_link();
	assert_int_equal(call(l, "status", &sink, &e), 0);
	assert_int_equal(rows, 3000);
	assert_string_equal(link_message(l), "Rows: 3000");
	expect_file("command", "frames");
	expect_file("words", "itl status");
	/* A second request to the same process. */
	testing_write(agent.dir, "command", "");
	assert_int_equal(call(l, "activate", NULL, &e), 0);
	expect_file("words", "itl activate");
	expect_file("command", "");
	expect_file("input", "");
	link_close(l);
}

static void
test_payload(void **state)
{
	struct link_request rq = { .payload_len = PAYLOAD };
	struct err e = ERR_INIT;
	char *payload = mem_alloc(PAYLOAD + 1);
	struct link *l;

	(void)state;
	reset_node();
	memset(payload, 'p', PAYLOAD);
	rq.payload = payload;
	link_agent_result(&agent, ERR_NONE, "", "");
	prepare("", "0");
	l = open_link();
	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, "stage");
	strlist_add(&rq.words, "00ff");
	strlist_add(&rq.words, "100000");
	assert_int_equal(link_call(l, &rq, NULL, clock_ticks() + 10000, &e), 0);
	expect_file("words", "itl stage 00ff 100000");
	expect_file("input", payload);
	strlist_release(&rq.words);
	link_close(l);
	free(payload);
}

/* One request with a payload of n bytes that may not be sent. */
static void
expect_usage(const char *words, size_t n, const struct secret *secret)
{
	struct link_request rq = { .payload = n > 0 ? "payload" : NULL,
		.payload_len = n,
		.secret = secret };
	struct err e = ERR_INIT;
	struct link *l = open_link();
	char copy[64], *word, *rest = copy;

	snprintf(copy, sizeof(copy), "%s", words);
	while ((word = strsep(&rest, ",")) != NULL)
		strlist_add(&rq.words, word);
	assert_int_equal(link_call(l, &rq, NULL, clock_ticks() + 10000, &e),
	    -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(e.msg, "node test10sub: "));
	strlist_release(&rq.words);
	link_close(l);
}

static void
test_request_that_cannot_be_sent(void **state)
{
	struct secret secret;

	(void)state;
	reset_node();
	secret_set(&secret, "x", 1);
	expect_usage("itl,stage,00ff,9", 7, NULL);
	expect_usage("itl,stage,00ff,7", 0, NULL);
	expect_usage("itl,status", 7, NULL);
	expect_usage("service,restart,Cisco Tftp", 0, NULL);
	expect_usage("itl,status", 0, &secret);
	secret_release(&secret);
}

static void
test_failure_of_the_job(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	reset_node();
	link_agent_result(&agent, ERR_STATE, "Cisco Tftp is not activated",
	    "activate it");
	prepare("", "0");
	l = open_link();
	assert_int_equal(call(l, "activate", NULL, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_string_equal(e.msg, "Cisco Tftp is not activated");
	assert_string_equal(e.hint, "activate it");
	link_close(l);
}

static void
test_no_result(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	reset_node();
	link_agent_text(&agent, "and then nothing");
	prepare("sh: \033[2J not found", "127");
	l = open_link();
	assert_int_equal(call(l, "status", NULL, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_string_equal(e.msg,
	    "node test10sub: ended with status 127 and no result: "
	    "sh: \\x1b[2J not found");
	assert_int_equal(call(l, "status", NULL, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	link_close(l);
}

static void
test_not_our_protocol(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	reset_node();
	wbuf_bytes(&agent.answer, "This account is not available\n", 30);
	prepare("", "1");
	l = open_link();
	assert_int_equal(call(l, "status", NULL, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_non_null(strstr(e.msg, "node test10sub: "));
	link_close(l);
	link_agent_result(&agent, ERR_NONE, "", "");
	link_agent_text(&agent, "more");
	prepare("", "0");
	l = open_link();
	assert_int_equal(call(l, "status", NULL, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	link_close(l);
}

static void
test_sink_has_enough(void **state)
{
	struct link_sink sink = { .text = refuse_text };
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	reset_node();
	link_agent_text(&agent, "1");
	link_agent_result(&agent, ERR_NONE, "", "");
	prepare("", "0");
	l = open_link();
	assert_int_equal(call(l, "status", &sink, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	link_close(l);
}

/* This node is not reached by SSH. */
static void
test_local_node(void **state)
{
	struct err e = ERR_INIT;
	struct link *l;

	(void)state;
	reset_node();
	node.local = true;
	node.ssh_port = 1;
	link_agent_clear(&agent);
	link_agent_result(&agent, ERR_NONE, "local", "");
	l = open_link();
	assert_int_equal(call(l, "status", NULL, &e), 0);
	assert_string_equal(link_message(l), "local");
	link_agent_clear(&agent);
	link_close(l);
}

static void
test_host_keys(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	reset_node();
	node.host_key[40] = node.host_key[40] == 'A' ? 'B' : 'A';
	assert_null(link_open_node(&node, clock_ticks() + 10000, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_non_null(strstr(e.msg, "node test10sub: "));
	/* A roster without the key: ssh/known_hosts decides. */
	node.host_key[0] = '\0';
	assert_null(link_open_node(&node, clock_ticks() + 10000, &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	copy_file(server.known_hosts, "ssh/known_hosts");
	link_close(open_link());
}

static int
ask_status(void *self, size_t i, int64_t deadline_ticks, struct err *e)
{
	struct link_request rq = { .payload = NULL };
	struct link *l = link_open_node(&node, deadline_ticks, e);
	int rc;

	(void)self;
	(void)i;
	if (l == NULL)
		return -1;
	strlist_add(&rq.words, "itl");
	strlist_add(&rq.words, "status");
	rc = link_call(l, &rq, NULL, deadline_ticks, e);
	strlist_release(&rq.words);
	link_close(l);
	return rc;
}

/* Sessions in many threads do not disturb each other. */
static void
test_many_at_once(void **state)
{
	struct fanout f = { .n = MANY, .item_ms = 20000, .run = ask_status };
	struct err outcome[MANY];
	size_t i;

	(void)state;
	reset_node();
	link_agent_result(&agent, ERR_NONE, "", "");
	prepare("", "0");
	(void)fanout_run(&f, outcome);
	for (i = 0; i < MANY; i++)
		assert_string_equal(outcome[i].msg, "");
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_payload),
		cmocka_unit_test(test_request_that_cannot_be_sent),
		cmocka_unit_test(test_failure_of_the_job),
		cmocka_unit_test(test_no_result),
		cmocka_unit_test(test_not_our_protocol),
		cmocka_unit_test(test_sink_has_enough),
		cmocka_unit_test(test_local_node),
		cmocka_unit_test(test_many_at_once),
		cmocka_unit_test(test_host_keys),
	};

	if (argc == 3 && strcmp(argv[1], "far") == 0)
		return far_node(argv[2]);
	sshd_server_prepare();
	return cmocka_run_group_tests(tests, setup, teardown);
}
