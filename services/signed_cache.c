#include "services/signed_cache.h"

#include <sys/queue.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/file_batch.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/tftp_name.h"
#include "trust/signed_file.h"

#define HEADER_MAX 65535
#define FOLDER_MARK '+' /* stands for the slash in the name of a folder */

/* A file that gets its name, or loses it. */
struct cache_op {
	STAILQ_ENTRY(cache_op) link;
	char *path; /* owned */
	size_t number; /* in the order of the calls */
	bool drop;
	struct file_pending pending; /* unless drop */
};

STAILQ_HEAD(op_queue, cache_op);

struct signed_cache {
	struct strlist old; /* names there at the start, sorted */
	bool *wanted; /* owned; of old */
	pthread_t thread;
	pthread_mutex_t lock; /* of wanted and what follows */
	pthread_cond_t work;
	pthread_cond_t idle;
	struct op_queue queue;
	size_t n_queued;
	bool busy; /* the thread is at work on what it took */
	bool hurry; /* somebody waits in signed_cache_flush() */
	bool stop;
	bool complained; /* a failure was logged, and no success since */
};

/* Where a file is kept: one folder for all. */
static char *
path_of(const char *name)
{
	char path[PATH_SIZE], *full, *p;

	full = mem_printf("%s/%s", paths_in(path, SIGNED_CACHE_DIR), name);
	for (p = full + strlen(path) + 1; *p != '\0'; p++)
		if (*p == '/')
			*p = FOLDER_MARK;
	return full;
}

static void
complain(struct signed_cache *c, const struct err *e)
{
	bool first;

	(void)pthread_mutex_lock(&c->lock);
	first = !c->complained;
	c->complained = true;
	(void)pthread_mutex_unlock(&c->lock);
	if (first)
		log_warning("signed files are not kept: %s", e->msg);
}

static void
op_free(struct cache_op *op)
{
	file_pending_release(&op->pending);
	free(op->path);
	free(op);
}

/* By path, then in the order of the calls. */
static int
compare_ops(const void *a, const void *b)
{
	const struct cache_op *const *x = a, *const *y = b;
	int order = strcmp((*x)->path, (*y)->path);

	if (order != 0)
		return order;
	return (*x)->number < (*y)->number ? -1 : 1;
}

/* Of several calls about one file the last one counts. */
static size_t
last_words(struct cache_op **op, size_t n)
{
	size_t kept = 0;

	qsort(op, n, sizeof(struct cache_op *), compare_ops);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && str_equal(op[i]->path, op[i + 1]->path))
			op_free(op[i]);
		else
			op[kept++] = op[i];
	}
	return kept;
}

static void
carry_out(struct signed_cache *c, struct cache_op **op, size_t n)
{
	struct file_pending **pending =
	    mem_array(n, sizeof(struct file_pending *));
	struct err e = ERR_INIT;
	size_t n_pending = 0;

	for (size_t i = 0; i < n; i++) {
		if (!op[i]->drop)
			pending[n_pending++] = &op[i]->pending;
		else if (unlink(op[i]->path) == -1 && errno != ENOENT)
			(void)err_errno(&e, "%s", op[i]->path);
	}
	if (n_pending > 0 && file_pending_commit(pending, n_pending, &e) == 0) {
		(void)pthread_mutex_lock(&c->lock);
		c->complained = false;
		(void)pthread_mutex_unlock(&c->lock);
	}
	if (e.code != ERR_NONE)
		complain(c, &e);
	for (size_t i = 0; i < n; i++)
		op_free(op[i]);
	free(pending);
}

/* Everything that is queued, as an array; the lock is held. */
static struct cache_op **
take_all(struct signed_cache *c, size_t *n)
{
	struct cache_op **op =
	    mem_array(c->n_queued, sizeof(struct cache_op *));

	*n = 0;
	while (!STAILQ_EMPTY(&c->queue)) {
		op[(*n)++] = STAILQ_FIRST(&c->queue);
		STAILQ_REMOVE_HEAD(&c->queue, link);
	}
	c->n_queued = 0;
	return op;
}

/* Let more come together; the lock is held. */
static void
pause_a_while(struct signed_cache *c)
{
	struct timespec end;

	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_nsec += SIGNED_CACHE_PAUSE_MS * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	while (!c->stop && !c->hurry &&
	    pthread_cond_timedwait(&c->work, &c->lock, &end) != ETIMEDOUT)
		;
}

static void *
keep(void *arg)
{
	struct signed_cache *c = arg;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->stop) {
		struct cache_op **op;
		size_t n;

		if (STAILQ_EMPTY(&c->queue)) {
			(void)pthread_cond_broadcast(&c->idle);
			(void)pthread_cond_wait(&c->work, &c->lock);
			continue;
		}
		pause_a_while(c);
		if (c->stop)
			break;
		op = take_all(c, &n);
		c->busy = true;
		(void)pthread_mutex_unlock(&c->lock);
		carry_out(c, op, last_words(op, n));
		free(op);
		(void)pthread_mutex_lock(&c->lock);
		c->busy = false;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* Learn what is there, and remove what a killed process has left. */
static void
read_folder(struct signed_cache *c, const char *path)
{
	const struct dirent *d;
	DIR *dir = opendir(path);

	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (dir != NULL && (d = readdir(dir)) != NULL) {
		if (file_is_temporary(d->d_name))
			(void)unlinkat(dirfd(dir), d->d_name, 0);
		else if (d->d_name[0] != '.')
			strlist_add(&c->old, d->d_name);
	}
	if (dir != NULL)
		(void)closedir(dir);
	strlist_sort(&c->old);
	c->wanted = mem_array(c->old.n, sizeof(*c->wanted));
}

static void
init_sync(struct signed_cache *c)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_mutex_init(&c->lock, NULL);
	(void)pthread_cond_init(&c->work, &attr);
	(void)pthread_cond_init(&c->idle, &attr);
	(void)pthread_condattr_destroy(&attr);
}

static void
free_all(struct signed_cache *c)
{
	struct cache_op *op;

	while ((op = STAILQ_FIRST(&c->queue)) != NULL) {
		STAILQ_REMOVE_HEAD(&c->queue, link);
		op_free(op);
	}
	(void)pthread_cond_destroy(&c->idle);
	(void)pthread_cond_destroy(&c->work);
	(void)pthread_mutex_destroy(&c->lock);
	strlist_release(&c->old);
	free(c->wanted);
	free(c);
}

struct signed_cache *
signed_cache_open(struct err *e)
{
	struct signed_cache *c;
	char path[PATH_SIZE];
	sigset_t all, before;
	int rc;

	if (file_mkdir(paths_in(path, SIGNED_CACHE_DIR), 0700, e) == -1)
		return NULL;
	c = mem_alloc(sizeof(*c));
	STAILQ_INIT(&c->queue);
	read_folder(c, path);
	init_sync(c);
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&c->thread, NULL, keep, c);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc == 0)
		return c;
	(void)err_set(e, ERR_INTERNAL, "no thread: %s", strerror(rc));
	free_all(c);
	return NULL;
}

void
signed_cache_close(struct signed_cache *c)
{
	if (c == NULL)
		return;
	(void)pthread_mutex_lock(&c->lock);
	c->stop = true;
	(void)pthread_cond_broadcast(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	(void)pthread_join(c->thread, NULL);
	free_all(c);
}

static void
add_op(struct signed_cache *c, struct cache_op *op)
{
	(void)pthread_mutex_lock(&c->lock);
	op->number = c->n_queued++;
	STAILQ_INSERT_TAIL(&c->queue, op, link);
	(void)pthread_cond_signal(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
}

/* A file of the start is asked for. */
static void
want(struct signed_cache *c, const char *path)
{
	const char *leaf = strrchr(path, '/') + 1;
	size_t low = 0, high = c->old.n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(leaf, c->old.item[middle]);

		if (order == 0) {
			(void)pthread_mutex_lock(&c->lock);
			c->wanted[middle] = true;
			(void)pthread_mutex_unlock(&c->lock);
			return;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
}

static bool
fits(struct file_checker *k, const struct signed_cache_key *key,
    const uint8_t *data, size_t len)
{
	struct signed_file f;

	return signed_file_parse(&f, data, len, NULL) == 0 && !f.encrypted &&
	    f.header.digest == key->digest &&
	    str_equal(f.header.filename, key->name) &&
	    f.content_len == key->content.len &&
	    (f.content_len == 0 ||
		memcmp(f.content, key->content.data, f.content_len) == 0) &&
	    file_checker_check(k, &f, NULL) == 0;
}

bool
signed_cache_find(struct signed_cache *c, struct file_checker *k,
    const struct signed_cache_key *key, uint8_t **out, size_t *len)
{
	char *path = path_of(key->name);
	struct err e = ERR_INIT;
	bool found = false;

	want(c, path);
	if (file_read(path, key->content.len + HEADER_MAX, out, len, &e) == 0) {
		found = fits(k, key, *out, *len);
		if (!found)
			free(*out);
	}
	if (!found && e.code != ERR_NOT_FOUND)
		(void)unlink(path);
	free(path);
	return found;
}

void
signed_cache_put(struct signed_cache *c, const char *name, const uint8_t *data,
    size_t len)
{
	struct cache_op *op = mem_alloc(sizeof(*op));
	struct err e = ERR_INIT;

	op->path = path_of(name);
	if (file_pending_write(&op->pending, op->path, data, len, 0600, &e) ==
	    0) {
		add_op(c, op);
		return;
	}
	complain(c, &e);
	op_free(op);
}

static void
drop_path(struct signed_cache *c, char *path)
{
	struct cache_op *op = mem_alloc(sizeof(*op));

	op->path = path;
	op->drop = true;
	add_op(c, op);
}

void
signed_cache_drop(struct signed_cache *c, const char *name)
{
	drop_path(c, path_of(name));
}

void
signed_cache_sweep(struct signed_cache *c)
{
	for (size_t i = 0; i < c->old.n; i++) {
		bool wanted;

		(void)pthread_mutex_lock(&c->lock);
		wanted = c->wanted[i];
		c->wanted[i] = true;
		(void)pthread_mutex_unlock(&c->lock);
		if (!wanted)
			drop_path(c, path_of(c->old.item[i]));
	}
}

void
signed_cache_flush(struct signed_cache *c)
{
	(void)pthread_mutex_lock(&c->lock);
	c->hurry = true;
	(void)pthread_cond_broadcast(&c->work);
	while (c->busy || !STAILQ_EMPTY(&c->queue))
		(void)pthread_cond_wait(&c->idle, &c->lock);
	c->hurry = false;
	(void)pthread_mutex_unlock(&c->lock);
}
