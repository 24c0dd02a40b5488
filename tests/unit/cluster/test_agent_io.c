#include "cluster/agent_io.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "tests/fakes/link_agent.h"

#define BIG 300000 /* more than a socket or a pipe holds */

static int
make_pair(void **state)
{
	int *fd = mem_array(2, sizeof(*fd));

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	*state = fd;
	return 0;
}

static int
free_pair(void **state)
{
	int *fd = *state;

	close(fd[0]);
	close(fd[1]);
	free(fd);
	return 0;
}

static int64_t
soon(void)
{
	return clock_ticks() + 5000;
}

static void
test_frames(void **state)
{
	const int *fd = *state;
	struct strlist row = STRLIST_INIT;
	struct err result = { ERR_HELD, "held", "wait" };
	struct err e = ERR_INIT;
	struct agent_msg m;

	strlist_add(&row, "a");
	assert_int_equal(agent_io_text(fd[0], "hello", 5, soon(), &e), 0);
	assert_int_equal(agent_io_row(fd[0], &row, soon(), &e), 0);
	assert_int_equal(agent_io_data(fd[0], "a\0b", 3, soon(), &e), 0);
	assert_int_equal(agent_io_result(fd[0], &result, soon(), &e), 0);
	strlist_release(&row);

	assert_int_equal(agent_io_read(fd[1], &m, soon(), &e), 0);
	assert_int_equal(m.type, AGENT_TEXT);
	assert_string_equal((char *)m.bytes, "hello");
	agent_msg_release(&m);
	assert_int_equal(agent_io_read(fd[1], &m, soon(), &e), 0);
	assert_int_equal(m.type, AGENT_ROW);
	agent_msg_release(&m);
	assert_int_equal(agent_io_read(fd[1], &m, soon(), &e), 0);
	assert_int_equal(m.len, 3);
	agent_msg_release(&m);
	/* A request is wanted, a result comes. */
	assert_int_equal(agent_io_read_request(fd[1], &m, soon(), &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

static void
test_request_and_end(void **state)
{
	int *fd = *state;
	struct err e = ERR_INIT;
	struct agent_msg m, back;

	agent_msg_init(&m);
	m.type = AGENT_REQUEST;
	strlist_add(&m.words, "whoami");
	assert_int_equal(agent_io_write(fd[0], &m, soon(), &e), 0);
	assert_int_equal(agent_io_read_request(fd[1], &back, soon(), &e), 0);
	assert_string_equal(back.words.item[0], "whoami");
	agent_msg_release(&back);
	agent_msg_release(&m);
	assert_int_equal(shutdown(fd[0], SHUT_WR), 0);
	assert_int_equal(agent_io_read_request(fd[1], &back, soon(), &e), 0);
	assert_int_equal(back.type, AGENT_END);
}

static void
test_deadlines(void **state)
{
	const int *fd = *state;
	char *big = mem_alloc(BIG);
	struct err e = ERR_INIT;
	struct agent_msg m;
	int64_t start = clock_ticks();

	assert_int_equal(agent_io_read(fd[1], &m, start + 200, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_in_range(clock_ticks() - start, 180, 3000);
	/* The other side sends less than it has announced. */
	assert_int_equal(agent_io_write_bytes(fd[0], "\0\0\0\7\2\4", 6, soon(),
			     &e),
	    0);
	assert_int_equal(agent_io_read(fd[1], &m, clock_ticks() + 200, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	/* The other side does not read; the descriptor is a blocking one. */
	start = clock_ticks();
	assert_int_equal(agent_io_write_bytes(fd[1], big, BIG, start + 200, &e),
	    -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_in_range(clock_ticks() - start, 180, 3000);
	free(big);
}

static void
test_other_side_goes(void **state)
{
	int *fd = *state;
	struct err e = ERR_INIT;
	struct agent_msg m;

	assert_int_equal(agent_io_write_bytes(fd[0], "\0\0", 2, soon(), &e), 0);
	assert_int_equal(shutdown(fd[0], SHUT_WR), 0);
	assert_int_equal(agent_io_read(fd[1], &m, soon(), &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(shutdown(fd[0], SHUT_RD), 0);
	/* No SIGPIPE: its default action would end this test. */
	assert_int_equal(signal(SIGPIPE, SIG_DFL), SIG_DFL);
	assert_int_equal(agent_io_text(fd[1], "x", 1, soon(), &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
}

static void
test_length_that_lies(void **state)
{
	const int *fd = *state;
	struct err e = ERR_INIT;
	struct agent_msg m;

	assert_int_equal(agent_io_write_bytes(fd[0], "\xff\xff\xff\xff", 4,
			     soon(), &e),
	    0);
	assert_int_equal(agent_io_read(fd[1], &m, soon(), &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

/* Reads until the end and counts the bytes of text. */
static void *
read_all(void *arg)
{
	const int *fd = arg;
	struct agent_msg m;
	size_t *n = mem_alloc(sizeof(*n));

	while (
	    agent_io_read(*fd, &m, soon(), NULL) == 0 && m.type == AGENT_TEXT) {
		*n += m.len;
		agent_msg_release(&m);
	}
	return n;
}

static void
write_long_text(int to, int *from)
{
	char *big = mem_alloc(BIG);
	struct err e = ERR_INIT;
	pthread_t thread;
	void *n;

	assert_int_equal(pthread_create(&thread, NULL, read_all, from), 0);
	assert_int_equal(agent_io_text(to, big, BIG, soon(), &e), 0);
	close(to);
	assert_int_equal(pthread_join(thread, &n), 0);
	assert_int_equal(*(size_t *)n, BIG);
	free(n);
	free(big);
}

static void
test_long_text(void **state)
{
	int *fd = *state;

	write_long_text(fd[0], &fd[1]);
	fd[0] = open("/dev/null", O_RDONLY); /* for free_pair() */
}

static void
test_pipe(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	write_long_text(fd[1], &fd[0]);
	close(fd[0]);
}

static void
test_raw(void **state)
{
	static const uint8_t frame[] = { 0, 0, 0, 7, 9, 'a', 'n', 'y', 't', 'h',
		'!' };
	int *fd = *state;
	struct err e = ERR_INIT;
	uint8_t *got;
	size_t len;

	assert_int_equal(agent_io_write_bytes(fd[0], frame, sizeof(frame),
			     soon(), &e),
	    0);
	assert_int_equal(agent_io_read_raw(fd[1], &got, &len, soon(), &e), 0);
	assert_int_equal(len, sizeof(frame));
	assert_memory_equal(got, frame, len);
	free(got);
	assert_int_equal(shutdown(fd[0], SHUT_WR), 0);
	assert_int_equal(agent_io_read_raw(fd[1], &got, &len, soon(), &e), 0);
	assert_null(got);
}

static void
test_connect(void **state)
{
	struct link_agent agent;
	struct err e = ERR_INIT;
	char *long_root;
	int fd;

	(void)state;
	link_agent_start(&agent);
	fd = agent_io_connect(soon(), &e);
	assert_int_not_equal(fd, -1);
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	close(fd);
	link_agent_stop(&agent);
	assert_int_equal(agent_io_connect(soon(), &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	long_root = mem_printf("/tmp/%0120d", 0);
	paths_set_root(long_root);
	assert_int_equal(agent_io_connect(soon(), &e), -1);
	free(long_root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_frames, make_pair,
		    free_pair),
		cmocka_unit_test_setup_teardown(test_request_and_end, make_pair,
		    free_pair),
		cmocka_unit_test_setup_teardown(test_deadlines, make_pair,
		    free_pair),
		cmocka_unit_test_setup_teardown(test_other_side_goes, make_pair,
		    free_pair),
		cmocka_unit_test_setup_teardown(test_length_that_lies,
		    make_pair, free_pair),
		cmocka_unit_test_setup_teardown(test_long_text, make_pair,
		    free_pair),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test_setup_teardown(test_raw, make_pair, free_pair),
		cmocka_unit_test(test_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
