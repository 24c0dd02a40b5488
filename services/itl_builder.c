#include "services/itl_builder.h"

#include <sys/eventfd.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

struct itl_builder {
	atomic_int holders; /* the user and the thread; the last one frees */
	struct itl_source source;
	int fd; /* an eventfd, written by the thread when the rest is set */
	int rc;
	uint8_t *data; /* owned */
	size_t len;
	struct err err;
};

static void
let_go(struct itl_builder *b)
{
	if (atomic_fetch_sub(&b->holders, 1) > 1)
		return;
	(void)close(b->fd);
	free(b->data);
	free(b);
}

static void *
build(void *arg)
{
	struct itl_builder *b = arg;
	const uint64_t one = 1;

	b->rc = itl_start_build(&b->source, &b->data, &b->len, &b->err);
	if (write(b->fd, &one, sizeof(one)) != (ssize_t)sizeof(one))
		BUG("eventfd: %s", strerror(errno));
	let_go(b);
	return NULL;
}

/* A detached thread that takes no signals: those are the event loop's. */
static int
start_thread(struct itl_builder *b)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int rc;

	rc = pthread_attr_init(&attr);
	if (rc != 0)
		return rc;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attr, build, b);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return rc;
}

struct itl_builder *
itl_builder_start(const struct itl_source *source, struct err *e)
{
	struct itl_builder *b;
	int fd, rc;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd == -1) {
		(void)err_errno(e, "eventfd");
		return NULL;
	}
	b = mem_alloc(sizeof(*b));
	atomic_init(&b->holders, 2);
	b->source = *source;
	b->fd = fd;
	rc = start_thread(b);
	if (rc != 0) {
		(void)err_set(e, ERR_INTERNAL, "no thread: %s", strerror(rc));
		(void)close(fd);
		free(b);
		return NULL;
	}
	return b;
}

int
itl_builder_fd(const struct itl_builder *b)
{
	return b->fd;
}

int
itl_builder_take(struct itl_builder *b, uint8_t **out, size_t *len,
    struct err *e)
{
	uint64_t n;

	if (read(b->fd, &n, sizeof(n)) != (ssize_t)sizeof(n))
		BUG("the build is not over");
	if (b->rc == -1)
		return err_set(e, b->err.code, "%s", b->err.msg);
	*out = b->data;
	*len = b->len;
	b->data = NULL;
	return 0;
}

void
itl_builder_free(struct itl_builder *b)
{
	if (b != NULL)
		let_go(b);
}
