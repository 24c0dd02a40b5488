#include "node/agent.h"

#include <errno.h>
#include <time.h>

#include "base/clock.h"

/* Both ready, the condition by the clock that nobody sets. */
static void
sync_init(pthread_mutex_t *mutex, pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	if (pthread_mutex_init(mutex, NULL) != 0 ||
	    pthread_condattr_init(&attr) != 0 ||
	    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) != 0 ||
	    pthread_cond_init(cond, &attr) != 0)
		BUG("lock");
	(void)pthread_condattr_destroy(&attr);
}

/* The time wait_ms from now, for pthread_cond_timedwait(). */
static struct timespec
after(int64_t wait_ms)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += wait_ms / 1000;
	t.tv_nsec += (wait_ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

static void
lock_init(struct agent_lock *l)
{
	l->held = false;
	sync_init(&l->mutex, &l->freed);
}

static void
lock_release(struct agent_lock *l)
{
	(void)pthread_cond_destroy(&l->freed);
	(void)pthread_mutex_destroy(&l->mutex);
}

void
agent_init(struct agent *a, const struct nodeconf *conf, int fd)
{
	*a = (struct agent) { .conf = *conf,
		.started = clock_wall(),
		.links = link_pool_new() };
	parent_link_init(&a->parent, fd);
	lock_init(&a->job);
	lock_init(&a->recovery);
	lock_init(&a->service);
	sync_init(&a->shares.mutex, &a->shares.freed);
	sync_init(&a->mutex, &a->changed);
	a->keys_stale = true;
}

void
agent_release(struct agent *a)
{
	parent_link_release(&a->parent);
	link_pool_free(a->links);
	lock_release(&a->job);
	lock_release(&a->recovery);
	lock_release(&a->service);
	(void)pthread_cond_destroy(&a->shares.freed);
	(void)pthread_mutex_destroy(&a->shares.mutex);
	(void)pthread_cond_destroy(&a->changed);
	(void)pthread_mutex_destroy(&a->mutex);
}

int
agent_lock_take(struct agent_lock *l, int64_t wait_ms, struct err *e)
{
	const struct timespec until = after(wait_ms);
	int rc = 0;

	(void)pthread_mutex_lock(&l->mutex);
	while (l->held && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&l->freed, &l->mutex, &until);
	if (l->held) {
		(void)pthread_mutex_unlock(&l->mutex);
		return err_set(e, ERR_STATE,
		    "another operation is still running on this node");
	}
	l->held = true;
	(void)pthread_mutex_unlock(&l->mutex);
	return 0;
}

void
agent_lock_give(struct agent_lock *l)
{
	(void)pthread_mutex_lock(&l->mutex);
	if (!l->held)
		BUG("a lock that nobody holds");
	l->held = false;
	(void)pthread_cond_signal(&l->freed);
	(void)pthread_mutex_unlock(&l->mutex);
}

/* Is there one for this user?  With the mutex. */
static bool
may_share(const struct agent_shares *s, uid_t uid)
{
	size_t same = 0;
	size_t i;

	for (i = 0; i < s->n; i++)
		same += s->holder[i] == uid;
	return same < AGENT_SHARE && s->n < AGENT_SHARES_MAX;
}

int
agent_share_take(struct agent_shares *s, uid_t uid, int64_t wait_ms,
    struct err *e)
{
	const struct timespec until = after(wait_ms);
	bool taken;
	int rc = 0;

	(void)pthread_mutex_lock(&s->mutex);
	while (!may_share(s, uid) && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&s->freed, &s->mutex, &until);
	taken = may_share(s, uid);
	if (taken)
		s->holder[s->n++] = uid;
	(void)pthread_mutex_unlock(&s->mutex);
	if (taken)
		return 0;
	return err_set(e, ERR_STATE,
	    "this account has %d such requests running already; try again "
	    "when one has ended",
	    AGENT_SHARE);
}

void
agent_share_give(struct agent_shares *s, uid_t uid)
{
	size_t i = 0;

	(void)pthread_mutex_lock(&s->mutex);
	while (i < s->n && s->holder[i] != uid)
		i++;
	if (i == s->n)
		BUG("a share that nobody holds");
	s->holder[i] = s->holder[--s->n];
	/* those who wait do not all wait for this one */
	(void)pthread_cond_broadcast(&s->freed);
	(void)pthread_mutex_unlock(&s->mutex);
}

int
agent_repaired(struct agent *a, int64_t wait_ms, struct err *e)
{
	const struct timespec until = after(wait_ms);
	bool repaired;
	int rc = 0;

	(void)pthread_mutex_lock(&a->mutex);
	while (!a->repaired && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&a->changed, &a->mutex, &until);
	repaired = a->repaired;
	(void)pthread_mutex_unlock(&a->mutex);
	if (repaired)
		return 0;
	(void)err_set(e, ERR_STATE,
	    "certificates and database have not been compared yet since this "
	    "node started");
	return err_hint(e,
	    "That needs the publisher's database: check that the publisher "
	    "runs, then try again.");
}

void
agent_set_repaired(struct agent *a, bool repaired)
{
	(void)pthread_mutex_lock(&a->mutex);
	a->repaired = repaired;
	(void)pthread_cond_broadcast(&a->changed);
	(void)pthread_mutex_unlock(&a->mutex);
}

void
agent_keys_changed(struct agent *a)
{
	(void)pthread_mutex_lock(&a->mutex);
	a->keys_stale = true;
	(void)pthread_mutex_unlock(&a->mutex);
}

bool
agent_take_keys_changed(struct agent *a)
{
	bool stale;

	(void)pthread_mutex_lock(&a->mutex);
	stale = a->keys_stale;
	a->keys_stale = false;
	(void)pthread_mutex_unlock(&a->mutex);
	return stale;
}
