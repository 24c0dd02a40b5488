/*
 * node/parent_serve.c: what the root end does, and what ends it.  The
 * services are directories with the pipes of runit in a temporary place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/parent.h"
#include "node/runit.h"
#include "tests/fakes/testing.h"

#define KEY                                                      \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA" \
	"aJ6Ut2Ic4G9zqZVQ3kmcV5yXlF0v4sW7x8dRrJ1hT3gYpNwQeKzXuM" \
	"B0aHcLJ2nVfS6tD8iOqE5rC7yWkPlZ4="

static char *dir;
static struct parent_state *ps;
static int ok_fd;
static int control_fd;

/* supervise/status of a running tftp; want 'u' or 'd'. */
static void
set_status(uint8_t state, uint8_t pid, char want, uint8_t term)
{
	uint8_t b[RUNIT_STATUS_SIZE] = { 0x40, 0, 0, 0, 0x67, 0x74, 0x85,
		0x8a };
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	b[12] = pid;
	b[17] = (uint8_t)want;
	b[18] = term;
	b[19] = state;
	assert_int_equal(file_replace(paths_in(path,
					  "service/tftp/supervise/status"),
			     b, sizeof(b), 0644, &e),
	    0);
}

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	if (mkdir(paths_in(path, "service"), 0755) == -1 ||
	    mkdir(paths_in(path, "ssh"), 0755) == -1 ||
	    mkdir(paths_in(path, "etc"), 0755) == -1 ||
	    mkdir(paths_in(path, "service/tftp"), 0755) == -1 ||
	    mkdir(paths_in(path, "service/tftp/supervise"), 0700) == -1 ||
	    mkfifo(paths_in(path, "service/tftp/supervise/ok"), 0600) == -1 ||
	    mkfifo(paths_in(path, "service/tftp/supervise/control"), 0600) ==
		-1)
		return -1;
	ok_fd = open(paths_in(path, "service/tftp/supervise/ok"),
	    O_RDONLY | O_NONBLOCK);
	control_fd = open(paths_in(path, "service/tftp/supervise/control"),
	    O_RDONLY | O_NONBLOCK);
	set_status(1, 77, 'u', 0);
	ps = parent_state_new();
	return ok_fd == -1 || control_fd == -1 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	parent_state_free(ps);
	(void)close(ok_fd);
	(void)close(control_fd);
	testing_dir_remove(dir);
	return 0;
}

/* The control letters sent so far. */
static void
assert_letters(const char *expected)
{
	char got[32] = "";
	ssize_t n = read(control_fd, got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, expected);
}

static int
request(enum parent_op op, struct parent_reply *reply)
{
	const struct parent_request rq = { .op = (uint32_t)op,
		.service = PARENT_TFTP };

	return parent_handle(ps, &rq, reply);
}

static void
tells_status(void **state)
{
	struct parent_reply reply;

	(void)state;
	assert_int_equal(request(PARENT_SERVICE_STATUS, &reply), 0);
	assert_int_equal(reply.code, 0);
	assert_int_equal(reply.status.watched, 1);
	assert_int_equal(reply.status.pid, 77);
	assert_int_equal(reply.status.state, RUNIT_RUN);
	assert_int_equal(reply.status.down, 0);
}

static void
tells_when_runit_does_not_watch(void **state)
{
	const struct parent_request rq = { .op = PARENT_SERVICE_STATUS,
		.service = PARENT_SSHD };
	const struct parent_request up = { .op = PARENT_SERVICE_RESTART,
		.service = PARENT_SSHD };
	struct parent_reply reply;

	(void)state;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, 0);
	assert_int_equal(reply.status.watched, 0);
	assert_int_equal(parent_handle(ps, &up, &reply), 0);
	assert_int_equal(reply.code, ERR_UNREACHABLE);
}

static void
stops_for_good_and_starts_again(void **state)
{
	struct parent_reply reply;

	(void)state;
	assert_int_equal(request(PARENT_SERVICE_DOWN, &reply), 0);
	assert_int_equal(reply.code, 0);
	assert_letters("d");
	assert_true(runit_is_down("tftp"));
	assert_int_equal(request(PARENT_SERVICE_UP, &reply), 0);
	assert_letters("u");
	assert_false(runit_is_down("tftp"));
	assert_int_equal(request(PARENT_SERVICE_RESTART, &reply), 0);
	assert_letters("tcu");
	assert_int_equal(request(PARENT_SERVICE_KILL, &reply), 0);
	assert_letters("k");
}

static void
disables_auto_restart(void **state)
{
	struct parent_request rq = { .op = PARENT_SERVICE_ONCE,
		.service = PARENT_TFTP,
		.number = 1 };
	struct parent_reply reply;

	(void)state;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, 0);
	assert_letters("o");
	assert_true(runit_is_once("tftp"));
	/* started, it is started once */
	set_status(0, 0, 'd', 0);
	assert_int_equal(request(PARENT_SERVICE_UP, &reply), 0);
	assert_letters("o");
	/* one that has crashed is not started by the switch */
	rq.number = 0;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_letters("");
	assert_false(runit_is_once("tftp"));
}

/* After a killed request: what the marks say is brought about. */
static void
settles_what_was_left(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	parent_settle();
	assert_letters("");
	set_status(0, 0, 'd', 0);
	parent_settle();
	assert_letters("u");
	assert_int_equal(runit_set_down("tftp", true, &e), 0);
	parent_settle();
	assert_letters("");
	set_status(1, 77, 'u', 0);
	parent_settle();
	assert_letters("d");
	assert_int_equal(runit_set_down("tftp", false, &e), 0);
	assert_int_equal(runit_set_once("tftp", true, &e), 0);
	set_status(0, 0, 'd', 0);
	parent_settle();
	assert_letters("");
}

static void
writes_the_files_of_ssh(void **state)
{
	struct parent_request rq = { .op = PARENT_KEYS_BEGIN };
	struct parent_reply reply;
	char path[PATH_SIZE];
	char *text;
	struct stat st;

	(void)state;
	testing_write(dir, "ssh/authorized_keys.ucmnode",
	    "restrict ecdsa-sha2-nistp256 old gone\n"
	    "restrict,expiry-time=\"20990101Z\" ecdsa-sha2-nistp256 x "
	    "invite:test10sub\n");
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	rq.op = PARENT_KEYS_ADD;
	rq.node.port = 22;
	(void)str_copy(rq.node.name, sizeof(rq.node.name), "test10pub");
	(void)str_copy(rq.node.address, sizeof(rq.node.address), "127.0.10.1");
	(void)str_copy(rq.node.host_key, sizeof(rq.node.host_key), KEY);
	(void)str_copy(rq.node.client_key, sizeof(rq.node.client_key), KEY);
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	rq.op = PARENT_KEYS_COMMIT;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, 0);

	text = testing_read(dir, "ssh/known_hosts");
	assert_string_equal(text, "127.0.10.1 ecdsa-sha2-nistp256 " KEY "\n");
	free(text);
	text = testing_read(dir, "ssh/authorized_keys.ucmnode");
	assert_string_equal(text,
	    "restrict,command=\"/usr/bin/ucm-node peer test10pub\" "
	    "ecdsa-sha2-nistp256 " KEY " test10pub\n"
	    "restrict,expiry-time=\"20990101Z\" ecdsa-sha2-nistp256 x "
	    "invite:test10sub\n");
	free(text);
	assert_int_equal(stat(paths_in(path, "ssh/known_hosts"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);

	rq.op = PARENT_INVITE_REMOVE;
	(void)str_copy(rq.node.name, sizeof(rq.node.name), "test10sub");
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	text = testing_read(dir, "ssh/authorized_keys.ucmnode");
	assert_null(strstr(text, "invite"));
	assert_non_null(strstr(text, "test10pub"));
	free(text);
}

static void
writes_the_session_timeout(void **state)
{
	struct parent_request rq = { .op = PARENT_CLI_TIMEOUT, .number = 20 };
	struct parent_reply reply;
	char *text;

	(void)state;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, 0);
	text = testing_read(dir, "etc/cli.conf");
	assert_string_equal(text, "session_timeout = 20\n");
	free(text);
	rq.number = 4;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.number = 100000;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
}

/* Nothing of this ever comes from our worker. */
static void
refuses_what_the_worker_never_sends(void **state)
{
	struct parent_request rq = { .op = 0 };
	struct parent_reply reply;

	(void)state;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.op = 99;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq = (struct parent_request) { .op = PARENT_SERVICE_UP,
		.service = PARENT_SERVICES };
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq = (struct parent_request) { .op = PARENT_SERVICE_ONCE,
		.service = PARENT_TFTP,
		.number = 2 };
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq = (struct parent_request) { .op = PARENT_KEYS_ADD };
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.op = PARENT_KEYS_COMMIT;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.op = PARENT_KEYS_BEGIN;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	rq.op = PARENT_KEYS_ADD;
	(void)str_copy(rq.node.name, sizeof(rq.node.name), "a\nb");
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq = (struct parent_request) { .op = PARENT_INVITE_REMOVE };
	memset(rq.node.name, 'a', sizeof(rq.node.name));
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	assert_letters("");
}

/* Where a database is copied from, and what stands in its messages. */
static void
refuses_bad_database_requests(void **state)
{
	static const struct {
		const char *address;
		uint32_t number;
	} bad[] = {
		{ "127.0.10.x", 1 },
		{ "127.0.10.2 sslmode=disable", 1 },
		{ "", 1 },
		{ "127.0.10.2", 0 }, /* a subscriber's is the publisher's */
		{ "127.0.10.2", 2 },
	};
	struct parent_request rq = { .op = PARENT_DB_RENEWED };
	struct parent_reply reply;

	(void)state;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, ERR_STATE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rq = (struct parent_request) { .op = PARENT_DB_RENEW,
			.number = bad[i].number };
		(void)str_copy(rq.node.address, sizeof(rq.node.address),
		    bad[i].address);
		assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	}
	rq = (struct parent_request) { .op = PARENT_TLS_INSTALL,
		.len = PARENT_BYTES_MAX + 1 };
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.len = 5;
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, ERR_FORMAT);
}

/* Neither a publisher follows another, nor a subscriber takes over. */
static void
the_role_decides_on_a_database(void **state)
{
	struct parent_request rq = { .op = PARENT_DB_RENEW };
	struct parent_reply reply;
	struct nodeconf conf;
	struct err e = ERR_INIT;
	int i;

	(void)state;
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	(void)str_copy(conf.domain, sizeof(conf.domain), "joemar2.lab");
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.1");
	(void)str_copy(conf.publisher_name, sizeof(conf.publisher_name),
	    "test10pub");
	(void)str_copy(conf.publisher_address, sizeof(conf.publisher_address),
	    "127.0.10.1");
	for (i = 0; i < 2; i++) {
		conf.role = i == 0 ? NODE_PUBLISHER : NODE_SUBSCRIBER;
		assert_int_equal(nodeconf_save(&conf, NULL, &e), 0);
		rq.number = (uint32_t)i;
		(void)str_copy(rq.node.address, sizeof(rq.node.address),
		    i == 0 ? "" : "127.0.10.2");
		assert_int_equal(parent_handle(ps, &rq, &reply), 0);
		assert_int_equal(reply.code, ERR_STATE);
	}
}

/* parent_serve() in a child; its exit status when the packet is sent. */
static void
serve_one(const void *packet, size_t len, bool answered)
{
	struct parent_reply reply;
	int status;
	int fd[2];
	pid_t pid;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		(void)close(fd[0]);
		(void)close(2);
		_exit(parent_serve(fd[1]));
	}
	(void)close(fd[1]);
	if (len > 0)
		assert_int_equal(send(fd[0], packet, len, MSG_NOSIGNAL), len);
	if (answered)
		assert_int_equal(recv(fd[0], &reply, sizeof(reply), 0),
		    sizeof(reply));
	else if (len > 0)
		assert_int_equal(recv(fd[0], &reply, sizeof(reply), 0), 0);
	(void)close(fd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
changes_passwords_of_administrators_only(void **state)
{
	static const char texts[] = "root\0old word\0New-Word-1";
	struct parent_request rq = { .op = PARENT_ADMIN_PASSWORD,
		.len = sizeof(texts) };
	struct parent_reply reply;

	(void)state;
	memcpy(rq.bytes, texts, sizeof(texts));
	assert_int_equal(parent_handle(ps, &rq, &reply), 0);
	assert_int_equal(reply.code, ERR_DENIED);
	/* and what is no such request */
	rq.len = sizeof(texts) - 1;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.len = PARENT_BYTES_MAX + 1;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.len = 0;
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
	rq.len = sizeof(texts);
	rq.bytes[0] = '/';
	assert_int_equal(parent_handle(ps, &rq, &reply), -1);
}

static void
ends_with_the_worker_and_at_nonsense(void **state)
{
	static const struct parent_request rq = { .op = PARENT_SERVICE_STATUS,
		.service = PARENT_TFTP };
	static const uint8_t big[sizeof(rq) + 1];

	(void)state;
	serve_one(&rq, sizeof(rq), true);
	serve_one(NULL, 0, false);
	serve_one(&rq, sizeof(rq) - 1, false);
	serve_one(big, sizeof(big), false);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(tells_status),
		TEST(tells_when_runit_does_not_watch),
		TEST(stops_for_good_and_starts_again),
		TEST(disables_auto_restart),
		TEST(settles_what_was_left),
		TEST(writes_the_files_of_ssh),
		TEST(writes_the_session_timeout),
		TEST(refuses_what_the_worker_never_sends),
		TEST(refuses_bad_database_requests),
		TEST(the_role_decides_on_a_database),
		TEST(changes_passwords_of_administrators_only),
		TEST(ends_with_the_worker_and_at_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
