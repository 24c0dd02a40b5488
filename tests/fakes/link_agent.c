#include "tests/fakes/link_agent.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/paths.h"
#include "cluster/agent_io.h"
#include "tests/fakes/testing.h"

#define ANSWER_MS 5000

/* Wait for fd; false when the server is to stop. */
static bool
wait_for(struct link_agent *s, int fd)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
		{ .fd = s->stop[0], .events = POLLIN } };

	return poll(p, 2, -1) > 0 && p[1].revents == 0;
}

/* One request; false when the connection is over. */
static bool
serve_one(struct link_agent *s, int fd)
{
	struct agent_msg m;
	struct wbuf copy;
	bool go_on;

	if (agent_io_read_request(fd, &m, clock_ticks() + ANSWER_MS, NULL) ==
		-1 ||
	    m.type == AGENT_END)
		return false;
	wbuf_init(&copy, 0);
	pthread_mutex_lock(&s->lock);
	agent_msg_release(&s->request);
	s->request = m;
	s->requests++;
	wbuf_bytes(&copy, s->answer.data, s->answer.len);
	pthread_mutex_unlock(&s->lock);
	go_on = copy.len > 0 &&
	    agent_io_write_bytes(fd, copy.data, copy.len,
		clock_ticks() + ANSWER_MS, NULL) == 0;
	wbuf_release(&copy);
	return go_on;
}

static void *
serve(void *arg)
{
	struct link_agent *s = arg;

	while (wait_for(s, s->fd)) {
		int fd = accept(s->fd, NULL, NULL);

		while (wait_for(s, fd) && serve_one(s, fd))
			;
		close(fd);
	}
	return NULL;
}

void
link_agent_start(struct link_agent *s)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[PATH_SIZE];

	memset(s, 0, sizeof(*s));
	s->dir = testing_dir();
	paths_set_root(s->dir);
	assert_int_equal(mkdir(paths_in(path, "run"), 0755), 0);
	paths_in(path, "run/agent.sock");
	assert_true(strlen(path) < sizeof(a.sun_path));
	memcpy(a.sun_path, path, strlen(path) + 1);
	s->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 8), 0);
	assert_int_equal(pipe(s->stop), 0);
	wbuf_init(&s->answer, 0);
	assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void
append(struct link_agent *s, const struct agent_msg *m)
{
	struct err e = ERR_INIT;
	int rc;

	pthread_mutex_lock(&s->lock);
	rc = agent_msg_encode(&s->answer, m, &e);
	pthread_mutex_unlock(&s->lock);
	assert_int_equal(rc, 0);
}

static void
append_bytes(struct link_agent *s, enum agent_msg_type type, const void *p,
    size_t n)
{
	struct agent_msg m;

	agent_msg_init(&m);
	m.type = type;
	m.bytes = mem_dup(p, n);
	m.len = n;
	m.has_bytes = true;
	append(s, &m);
	agent_msg_release(&m);
}

void
link_agent_text(struct link_agent *s, const char *text)
{
	append_bytes(s, AGENT_TEXT, text, strlen(text));
}

void
link_agent_data(struct link_agent *s, const void *p, size_t n)
{
	append_bytes(s, AGENT_DATA, p, n);
}

void
link_agent_row(struct link_agent *s, const char *a, const char *b)
{
	struct agent_msg m;

	agent_msg_init(&m);
	m.type = AGENT_ROW;
	strlist_add(&m.words, a);
	strlist_add(&m.words, b);
	append(s, &m);
	agent_msg_release(&m);
}

void
link_agent_result(struct link_agent *s, enum err_code code, const char *message,
    const char *hint)
{
	struct agent_msg m;

	agent_msg_init(&m);
	m.type = AGENT_RESULT;
	m.code = code;
	m.message = mem_strdup(message);
	m.hint = mem_strdup(hint);
	append(s, &m);
	agent_msg_release(&m);
}

void
link_agent_clear(struct link_agent *s)
{
	pthread_mutex_lock(&s->lock);
	s->answer.len = 0;
	agent_msg_release(&s->request);
	pthread_mutex_unlock(&s->lock);
}

void
link_agent_stop(struct link_agent *s)
{
	close(s->stop[1]);
	pthread_join(s->thread, NULL);
	close(s->stop[0]);
	close(s->fd);
	pthread_mutex_destroy(&s->lock);
	wbuf_release(&s->answer);
	agent_msg_release(&s->request);
	testing_dir_remove(s->dir);
}
