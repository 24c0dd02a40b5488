#include "services/signed_cache.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/signed_pack.h"
#include "trust/signed_file.h"

#define CERT 32 /* bytes of a certificate's SHA-256 */
/* So much is written without a pause, and no more waits for a slow disk. */
#define QUEUE_FULL (4UL * 1024 * 1024)
#define QUEUE_MAX (64UL * 1024 * 1024)

struct signed_cache {
	struct signed_pack *pack;
	pthread_t thread;
	bool complained; /* the thread's: a failure was logged, and since then
			    no success */
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t work;
	pthread_cond_t idle;
	struct pack_changes queue;
	size_t queued; /* bytes */
	bool busy; /* the thread is at work on what it took */
	bool hurry; /* somebody waits in signed_cache_flush() */
	bool stop;
};

static void
carry_out(struct signed_cache *c, struct pack_changes *changes, bool sync)
{
	struct err e = ERR_INIT;

	if (signed_pack_apply(c->pack, changes, sync, &e) == 0) {
		c->complained = false;
		return;
	}
	if (!c->complained)
		log_warning("signed files are not kept: %s", e.msg);
	c->complained = true;
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
	while (!c->stop && !c->hurry && c->queued < QUEUE_FULL &&
	    pthread_cond_timedwait(&c->work, &c->lock, &end) != ETIMEDOUT)
		;
}

/* Everything that is queued; the lock is held. */
static void
take_all(struct signed_cache *c, struct pack_changes *all)
{
	STAILQ_INIT(all);
	STAILQ_CONCAT(all, &c->queue);
	c->queued = 0;
}

static void *
keep(void *arg)
{
	struct signed_cache *c = arg;

	signed_pack_load(c->pack);
	(void)pthread_mutex_lock(&c->lock);
	while (!c->stop || !STAILQ_EMPTY(&c->queue)) {
		struct pack_changes changes;
		bool sync;

		if (STAILQ_EMPTY(&c->queue)) {
			(void)pthread_cond_broadcast(&c->idle);
			(void)pthread_cond_wait(&c->work, &c->lock);
			continue;
		}
		pause_a_while(c);
		take_all(c, &changes);
		c->busy = true;
		/* At the end nobody is to wait for the disk. */
		sync = !c->stop;
		(void)pthread_mutex_unlock(&c->lock);
		carry_out(c, &changes, sync);
		(void)pthread_mutex_lock(&c->lock);
		c->busy = false;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return NULL;
}

/* What a killed process or an older one has left. */
static void
clean(const char *path, const char *pack)
{
	const struct dirent *d;
	DIR *dir = opendir(path);

	/* The directory stream is this function's alone. */
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (!str_equal(d->d_name, ".") && !str_equal(d->d_name, "..") &&
		    !str_equal(d->d_name, pack))
			(void)unlinkat(dirfd(dir), d->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
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
	(void)pthread_cond_destroy(&c->idle);
	(void)pthread_cond_destroy(&c->work);
	(void)pthread_mutex_destroy(&c->lock);
	signed_pack_close(c->pack);
	free(c);
}

static struct signed_pack *
open_pack(struct err *e)
{
	char dir[PATH_SIZE], path[PATH_SIZE];

	if (file_mkdir(paths_in(dir, SIGNED_CACHE_DIR), 0700, e) == -1)
		return NULL;
	paths_in(path, SIGNED_CACHE_PACK);
	clean(dir, strrchr(path, '/') + 1);
	return signed_pack_open(path, e);
}

struct signed_cache *
signed_cache_open(struct err *e)
{
	struct signed_pack *pack = open_pack(e);
	struct signed_cache *c;
	sigset_t all, before;
	int rc;

	if (pack == NULL)
		return NULL;
	c = mem_alloc(sizeof(*c));
	c->pack = pack;
	STAILQ_INIT(&c->queue);
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
add(struct signed_cache *c, struct pack_change *change)
{
	bool empty, full;

	(void)pthread_mutex_lock(&c->lock);
	empty = STAILQ_EMPTY(&c->queue);
	full = change->kind == PACK_PUT && c->queued >= QUEUE_MAX;
	if (!full) {
		c->queued += change->len;
		STAILQ_INSERT_TAIL(&c->queue, change, link);
	}
	/* Nobody is woken for each of thousands. */
	if (empty || c->queued >= QUEUE_FULL)
		(void)pthread_cond_signal(&c->work);
	(void)pthread_mutex_unlock(&c->lock);
	if (full)
		pack_change_free(change);
}

/* The phone's certificate, or zeros. */
static void
cert_of(const struct signed_cache_key *key, uint8_t cert[CERT])
{
	if (key->phone == NULL)
		memset(cert, 0, CERT);
	else
		memcpy(cert, key->phone->sha256, CERT);
}

/* It says that its content, once decrypted, is this. */
static bool
encrypts(const struct signed_file *f, const struct signed_cache_key *key)
{
	const struct element *el = f->header.element;
	uint8_t sum[DIGEST_MAX];

	digest_bytes(key->digest, key->content.data, key->content.len, sum);
	return el[HEADER_ENC_DIGEST_ALG].value[0] == (uint8_t)key->digest &&
	    el[HEADER_ENC_DIGEST].len == digest_size(key->digest) &&
	    memcmp(el[HEADER_ENC_DIGEST].value, sum,
		digest_size(key->digest)) == 0;
}

static bool
fits(struct file_checker *k, const struct signed_cache_key *key,
    const uint8_t *data, size_t len)
{
	struct signed_file f;

	return signed_file_parse(&f, data, len, NULL) == 0 &&
	    f.encrypted == (key->phone != NULL) &&
	    f.header.digest == key->digest &&
	    str_equal(f.header.filename, key->name) &&
	    (f.encrypted ? encrypts(&f, key) :
			   f.content_len == key->content.len) &&
	    file_checker_check(k, &f, NULL) == 0;
}

/* What was kept becomes the whole file again. */
static uint8_t *
whole_file(const struct signed_cache_key *key, const uint8_t *kept, size_t n,
    size_t *len)
{
	const size_t rest = key->phone == NULL ? key->content.len : 0;
	uint8_t *file = mem_alloc(n + rest);

	memcpy(file, kept, n);
	if (rest > 0)
		memcpy(file + n, key->content.data, rest);
	*len = n + rest;
	return file;
}

bool
signed_cache_find(struct signed_cache *c, struct file_checker *k,
    const struct signed_cache_key *key, uint8_t **out, size_t *len)
{
	uint8_t cert[CERT], *kept, *file = NULL;
	size_t n;

	if (!signed_pack_find(c->pack, key->name, &kept, &n))
		return false;
	cert_of(key, cert);
	if (n > CERT && memcmp(kept, cert, CERT) == 0)
		file = whole_file(key, kept + CERT, n - CERT, len);
	free(kept);
	if (file == NULL || !fits(k, key, file, *len)) {
		free(file);
		return false;
	}
	signed_pack_want(c->pack, key->name);
	*out = file;
	return true;
}

void
signed_cache_put(struct signed_cache *c, const struct signed_cache_key *key,
    const uint8_t *data, size_t len)
{
	const size_t n = key->phone == NULL ? len - key->content.len : len;
	struct pack_change *change;
	uint8_t *kept;

	kept = mem_alloc(CERT + n);
	cert_of(key, kept);
	memcpy(kept + CERT, data, n);
	change = pack_change_put(key->name, kept, CERT + n);
	free(kept);
	if (change != NULL)
		add(c, change);
}

void
signed_cache_drop(struct signed_cache *c, const char *name)
{
	add(c, pack_change_drop(name));
}

void
signed_cache_sweep(struct signed_cache *c)
{
	add(c, pack_change_sweep());
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

size_t
signed_cache_count(struct signed_cache *c)
{
	signed_cache_flush(c);
	return signed_pack_count(c->pack);
}
