/*
 * node/agent_server.c: a connection with good and bad clients, over the real
 * socket in a temporary place.
 */
#include "node/agent_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/agent_io.h"
#include "cluster/agent_msg.h"
#include "tests/fakes/testing.h"

#define WAIT_MS 10000

static char *dir;
static struct agent agent;
static struct nodeconf conf;
static int listen_fd;
static int stop[2];
static pthread_t server;

static void *
run_server(void *arg)
{
	(void)arg;
	agent_server_run(&agent, listen_fd, stop[0]);
	return NULL;
}

static int
set_up(void **state)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	int fd[2];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "test10pub");
	if (mkdir(paths_in(path, "run"), 0755) == -1 || pipe(fd) == -1 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET, 0, stop) == -1)
		return -1;
	(void)close(fd[1]);
	agent_init(&agent, &conf, fd[0]);
	/* whoever runs this test is the service user */
	agent.ucm_uid = getuid();
	agent.peer_uid = (uid_t)-2;
	listen_fd = agent_server_listen(&e);
	if (listen_fd == -1)
		return -1;
	return pthread_create(&server, NULL, run_server, NULL);
}

static int
tear_down(void **state)
{
	(void)state;
	(void)close(stop[1]);
	(void)pthread_join(server, NULL);
	(void)close(stop[0]);
	(void)close(listen_fd);
	agent_release(&agent);
	testing_dir_remove(dir);
	return 0;
}

static int
connect_to(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char path[PATH_SIZE];
	int fd;

	(void)str_copy(sun.sun_path, sizeof(sun.sun_path),
	    paths_in(path, "run/agent.sock"));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(connect(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

static void
send_words(int fd, const char *a, const char *b)
{
	struct agent_msg m = { .type = AGENT_REQUEST };
	struct err e = ERR_INIT;

	strlist_add(&m.words, a);
	if (b != NULL)
		strlist_add(&m.words, b);
	assert_int_equal(agent_io_write(fd, &m, clock_ticks() + WAIT_MS, &e),
	    0);
	agent_msg_release(&m);
}

/* Read frames to the result; the code, and the first row in *row. */
static enum err_code
read_result(int fd, char *row, size_t size)
{
	struct err e = ERR_INIT;

	for (;;) {
		struct agent_msg m;
		enum err_code code;

		assert_int_equal(agent_io_read(fd, &m, clock_ticks() + WAIT_MS,
				     &e),
		    0);
		if (m.type == AGENT_ROW && row != NULL)
			(void)str_copy(row, size, m.words.item[0]);
		code = m.code;
		if (m.type == AGENT_RESULT) {
			agent_msg_release(&m);
			return code;
		}
		assert_int_not_equal(m.type, AGENT_END);
		agent_msg_release(&m);
	}
}

/* The server has closed the connection, with or without a last frame. */
static void
assert_closed(int fd)
{
	char buf[4096];
	ssize_t n;

	do
		n = recv(fd, buf, sizeof(buf), 0);
	while (n > 0);
	assert_true(n <= 0);
}

static void
answers_several_requests(void **state)
{
	char row[64] = "";
	int fd = connect_to();

	(void)state;
	send_words(fd, "node", "status");
	assert_int_equal(read_result(fd, row, sizeof(row)), ERR_NONE);
	assert_string_equal(row, "test10pub");
	send_words(fd, "nonsense", NULL);
	assert_int_equal(read_result(fd, NULL, 0), ERR_USAGE);
	send_words(fd, "node", "status");
	assert_int_equal(read_result(fd, row, sizeof(row)), ERR_NONE);
	(void)close(fd);
}

static void
the_socket_lets_everybody_connect(void **state)
{
	char path[PATH_SIZE];
	struct stat st;

	(void)state;
	assert_int_equal(stat(paths_in(path, "run/agent.sock"), &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0666);
}

static void
replaces_an_old_socket(void **state)
{
	struct err e = ERR_INIT;
	int fd = agent_server_listen(&e);

	(void)state;
	assert_int_not_equal(fd, -1);
	(void)close(fd);
}

static void
ends_a_connection_that_sends_nonsense(void **state)
{
	static const uint8_t garbage[] = { 0xff, 0xff, 0xff, 0xff, 1, 2, 3 };
	static const uint8_t text_frame[] = { 0, 0, 0, 7, 2, 4, 0, 0, 0, 1,
		'x' };
	int fd;

	(void)state;
	fd = connect_to();
	assert_true(send(fd, garbage, sizeof(garbage), MSG_NOSIGNAL) > 0);
	assert_closed(fd);
	(void)close(fd);
	fd = connect_to();
	assert_true(send(fd, text_frame, sizeof(text_frame), MSG_NOSIGNAL) > 0);
	assert_closed(fd);
	(void)close(fd);
}

static void
survives_clients_that_vanish(void **state)
{
	static const uint8_t half[] = { 0, 0, 0, 99, 1, 1, 0 };
	char row[64] = "";
	int fd;
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		fd = connect_to();
		assert_true(send(fd, half, sizeof(half), MSG_NOSIGNAL) > 0);
		(void)close(fd);
		fd = connect_to();
		send_words(fd, "node", "status");
		(void)close(fd);
	}
	fd = connect_to();
	send_words(fd, "node", "status");
	assert_int_equal(read_result(fd, row, sizeof(row)), ERR_NONE);
	(void)close(fd);
}

static void
bounds_its_connections(void **state)
{
	static int fd[AGENT_CONNECTIONS_MAX + 8];
	size_t served = 0;
	size_t refused = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		fd[i] = connect_to();
	for (i = 0; i < sizeof(fd) / sizeof(fd[0]); i++) {
		struct agent_msg m = { .type = AGENT_REQUEST };
		struct err e = ERR_INIT;

		strlist_add(&m.words, "whoami");
		(void)agent_io_write(fd[i], &m, clock_ticks() + WAIT_MS, &e);
		agent_msg_release(&m);
		if (read_result(fd[i], NULL, 0) == ERR_NONE)
			served++;
		else
			refused++;
	}
	assert_int_equal(served, AGENT_CONNECTIONS_MAX);
	assert_int_equal(refused, 8);
	for (i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		(void)close(fd[i]);
	/* and gets over it */
	for (i = 0; i < 100; i++) {
		int again = connect_to();
		enum err_code code;

		send_words(again, "whoami", NULL);
		code = read_result(again, NULL, 0);
		(void)close(again);
		if (code == ERR_NONE)
			return;
		(void)usleep(20000);
	}
	fail_msg("no connection was given back");
}

/* A process of another user, if this one can become it. */
static void
strangers_get_a_reason(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	agent.ucm_uid = (uid_t)-3;
	assert_int_equal(chmod(dir, 0755), 0);
	pid = fork();
	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		if (getuid() == 0 && setuid(65534) == -1)
			_exit(2);
		_exit(read_result(connect_to(), NULL, 0) == ERR_DENIED ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(answers_several_requests),
		TEST(the_socket_lets_everybody_connect),
		TEST(replaces_an_old_socket),
		TEST(ends_a_connection_that_sends_nonsense),
		TEST(survives_clients_that_vanish),
		TEST(bounds_its_connections),
		TEST(strangers_get_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
