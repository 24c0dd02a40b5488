/*
 * services/remote_watch.c: the list of remote clusters, followed by a thread.
 */
#include "services/remote_watch.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

#define DEADLINE_MS 30000

struct remote_clusters {
	size_t sets;
	struct sockaddr_in address[REMOTE_CLUSTERS_MAX];
	size_t n;
};

void
remote_clusters_set(struct remote_clusters *r,
    const struct sockaddr_in *address, size_t n)
{
	r->sets++;
	r->n = n;
	if (n > 0)
		memcpy(r->address, address, n * sizeof(*address));
}

/* What the thread reads; resolve() carries no pointer. */
static struct {
	pthread_mutex_t lock;
	char text[FILE_SERVERS_TEXT_SIZE];
	bool down;
	bool no_names;
	bool held; /* a reading does not end */
	int reads;
	int closed;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER };

struct fixture {
	struct event_base *base;
	struct remote_clusters remotes;
	struct remote_watch *watch;
};

static void
lock(void)
{
	assert_int_equal(pthread_mutex_lock(&world.lock), 0);
}

static void
unlock(void)
{
	assert_int_equal(pthread_mutex_unlock(&world.lock), 0);
}

static int
read_world(void *self, char text[FILE_SERVERS_TEXT_SIZE], struct err *e)
{
	int rc;

	(void)self;
	lock();
	world.reads++;
	while (world.held) {
		unlock();
		(void)poll(NULL, 0, 1);
		lock();
	}
	(void)str_copy(text, FILE_SERVERS_TEXT_SIZE, world.text);
	rc = world.down ? err_set(e, ERR_UNREACHABLE, "no server") : 0;
	unlock();
	return rc;
}

/* The host "N" has the address N. */
static int
resolve_world(const struct file_server *host, struct sockaddr_in *address,
    struct err *e)
{
	bool no_names;

	lock();
	no_names = world.no_names;
	unlock();
	if (no_names)
		return err_set(e, ERR_NOT_FOUND, "%s: no address", host->name);
	memset(address, 0, sizeof(*address));
	address->sin_family = AF_INET;
	address->sin_addr.s_addr =
	    htonl((uint32_t)strtoul(host->name, NULL, 10));
	address->sin_port = htons(host->port);
	return 0;
}

static void
close_world(void *self)
{
	(void)self;
	lock();
	world.closed++;
	unlock();
}

static void
set_text(const char *text)
{
	lock();
	(void)str_copy(world.text, sizeof(world.text), text);
	unlock();
}

static int
setup(void **state)
{
	const struct remote_watch_config config = {
		.source = { .read = read_world,
		    .resolve = resolve_world,
		    .close = close_world },
		.poll_ms = 1,
		.resolve_ms = 1
	};
	struct fixture *f = mem_alloc(sizeof(*f));
	struct err e = ERR_INIT;

	lock();
	world.text[0] = '\0';
	world.down = world.no_names = world.held = false;
	world.reads = world.closed = 0;
	unlock();
	f->base = event_base_new();
	assert_non_null(f->base);
	f->watch = remote_watch_new(f->base, &config, &f->remotes, &e);
	if (f->watch == NULL)
		fail_msg("%s", e.msg);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	bool held;

	lock();
	held = world.held;
	unlock();
	/* A reading may just be under way; it ends on its own. */
	if (!remote_watch_free(f->watch))
		assert_false(held);
	lock();
	world.held = false;
	while (world.closed == 0) {
		unlock();
		(void)poll(NULL, 0, 1);
		lock();
	}
	assert_int_equal(world.closed, 1);
	unlock();
	event_base_free(f->base);
	free(f);
	return 0;
}

/* Until the list has these hosts. */
static void
until(struct fixture *f, size_t n, uint32_t first)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;

	while (f->remotes.sets == 0 || f->remotes.n != n ||
	    (n > 0 && ntohl(f->remotes.address[0].sin_addr.s_addr) != first)) {
		if (clock_ticks() > deadline)
			fail_msg("%zu hosts", f->remotes.n);
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
}

/* Until there are two hosts and the second one is this. */
static void
until_second(struct fixture *f, uint32_t second)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;

	until(f, 2, 2);
	while (ntohl(f->remotes.address[1].sin_addr.s_addr) != second) {
		if (clock_ticks() > deadline)
			fail_msg("the second host has no news");
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
	}
}

/* Until so many further readings have begun. */
static void
more_reads(const struct fixture *f, int n)
{
	int64_t deadline = clock_ticks() + DEADLINE_MS;
	int wanted, now;

	lock();
	wanted = world.reads + n;
	unlock();
	do {
		if (clock_ticks() > deadline)
			fail_msg("nothing is read");
		(void)event_base_loop(f->base, EVLOOP_NONBLOCK);
		(void)poll(NULL, 0, 1);
		lock();
		now = world.reads;
		unlock();
	} while (now < wanted);
}

static void
test_follow(void **state)
{
	struct fixture *f = *state;

	until(f, 0, 0);
	set_text("1:80 2");
	until(f, 2, 1);
	assert_int_equal(ntohs(f->remotes.address[0].sin_port), 80);
	assert_int_equal(ntohs(f->remotes.address[1].sin_port), 6970);
	/* What is wrong does not count, the rest does. */
	set_text("3 x:y 4");
	until(f, 1, 3);
	set_text("");
	until(f, 0, 0);
}

static void
test_failures(void **state)
{
	struct fixture *f = *state;

	set_text("1 2");
	until(f, 2, 1);
	lock();
	world.down = true;
	unlock();
	set_text("");
	more_reads(f, 3);
	assert_int_equal(f->remotes.n, 2);
	/*
	 * Names without an address for now keep the one they had, and one that
	 * had none is still there.
	 */
	lock();
	world.down = false;
	world.no_names = true;
	unlock();
	set_text("2 3");
	until_second(f, INADDR_ANY);
	assert_int_equal(ntohl(f->remotes.address[0].sin_addr.s_addr), 2);
	lock();
	world.no_names = false;
	unlock();
	until_second(f, 3);
}

static void
test_left_behind(void **state)
{
	const struct fixture *f = *state;

	lock();
	world.held = true;
	unlock();
	more_reads(f, 1);
	/* The end is in teardown(). */
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_follow),
		TEST(test_failures),
		TEST(test_left_behind),
	};

	assert_false(remote_watch_free(NULL));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
