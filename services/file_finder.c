#include "services/file_finder.h"

#include <stdlib.h>

#include "base/mem.h"

struct file_finder {
	struct file_finder_config config;
	struct phone_store *store; /* lent, or NULL */
	struct tftp_file *itl; /* looked at last; held, or NULL */
	bool itl_is_reset;
	size_t waiting;
};

/* One request, from the question to its answer. */
struct finder_wait {
	struct file_finder *finder;
	struct tftp_name name;
	bool forwarded;
	bool reset_for_all; /* the reset file, if no remote cluster knows it */
	/* What it waits for: one of the two, or nothing yet. */
	struct phone_store_waiter *in_store;
	struct remote_wait *in_remotes;
	bool answered;
	finder_fn *fn;
	void *self;
};

struct file_finder *
file_finder_new(const struct file_finder_config *config)
{
	struct file_finder *f = mem_alloc(sizeof(*f));

	f->config = *config;
	return f;
}

void
file_finder_use_store(struct file_finder *f, struct phone_store *store)
{
	f->store = store;
}

void
file_finder_free(struct file_finder *f)
{
	if (f == NULL)
		return;
	tftp_file_release(f->itl);
	free(f);
}

size_t
file_finder_waiting(const struct file_finder *f)
{
	return f->waiting;
}

/* The reset file that is in force, for the caller to release, or NULL. */
static struct tftp_file *
reset_file(struct file_finder *f)
{
	static const struct tftp_name itl = { .kind = TFTP_NAME_ITL,
		.text = "ITLFile.tlv",
		.mac = "" };
	struct tftp_file *file = NULL;

	if (tftp_files_find(f->config.files, &itl, &file, NULL) == -1)
		return NULL;
	if (file != f->itl) {
		size_t len;
		const uint8_t *data = tftp_file_bytes(file, TFTP_OCTET, &len);

		tftp_file_release(f->itl);
		f->itl = tftp_file_hold(file);
		f->itl_is_reset = f->config.is_reset(data, len);
	}
	if (f->itl_is_reset)
		return file;
	tftp_file_release(file);
	return NULL;
}

static bool
has_remotes(const struct file_finder *f)
{
	return f->config.remotes != NULL &&
	    remote_clusters_any(f->config.remotes);
}

static bool
is_in_database(const struct file_finder *f, const struct tftp_name *name)
{
	return name->mac[0] != '\0' && f->store != NULL &&
	    phone_store_knows(f->store, name->mac);
}

/* A phone in the database, or one whose ITL file is on disk. */
static bool
is_our_phone(struct file_finder *f, const struct tftp_name *name)
{
	struct tftp_file *file = NULL;

	if (is_in_database(f, name))
		return true;
	if (tftp_files_find(f->config.files, name, &file, NULL) == -1)
		return false;
	tftp_file_release(file);
	return true;
}

/* The end of a request; the callee has file, or NULL. */
static void
answer(struct finder_wait *w, enum finder_answer what, struct tftp_file *file,
    const struct err *why)
{
	w->answered = true;
	w->fn(w->self, what, file, why);
}

/* Let go of what has been answered. */
static void
finish(struct finder_wait *w)
{
	w->finder->waiting--;
	free(w);
}

/* All remote clusters have said no, or there is nobody to ask. */
static void
answer_missing(struct finder_wait *w)
{
	struct tftp_file *reset =
	    w->reset_for_all ? reset_file(w->finder) : NULL;

	answer(w, reset != NULL ? FINDER_FOUND : FINDER_MISSING, reset, NULL);
}

static void
on_remotes(void *self, enum remote_answer what, struct tftp_file *file)
{
	struct finder_wait *w = self;
	bool later = w->in_remotes != NULL;

	w->in_remotes = NULL;
	switch (what) {
	case REMOTE_FOUND:
		answer(w, FINDER_FOUND, file, NULL);
		break;
	case REMOTE_MISSING:
		answer_missing(w);
		break;
	case REMOTE_SILENT:
		answer(w, FINDER_MISSING, NULL, NULL);
		break;
	}
	if (later)
		finish(w);
}

/* May another cluster have it, and is it to be asked? */
static bool
is_for_remotes(const struct finder_wait *w)
{
	return !w->forwarded && has_remotes(w->finder) &&
	    !tftp_name_is_default(&w->name) &&
	    !is_in_database(w->finder, &w->name);
}

/* On disk, or else in another cluster. */
static void
look_further(struct finder_wait *w)
{
	struct file_finder *f = w->finder;
	struct tftp_file *file = NULL;
	struct err e = ERR_INIT;

	if (tftp_files_find(f->config.files, &w->name, &file, &e) == 0) {
		answer(w, FINDER_FOUND, file, NULL);
	} else if (e.code != ERR_NOT_FOUND) {
		answer(w, FINDER_BUSY, NULL, &e);
	} else if (is_for_remotes(w)) {
		w->in_remotes = remote_clusters_ask(f->config.remotes, &w->name,
		    on_remotes, w);
	} else {
		answer_missing(w);
	}
}

/*
 * While a reset file is in force: true when it is the answer, and was given.
 * Otherwise the remote clusters come first, if they may be asked.
 */
static bool
answer_reset(struct finder_wait *w)
{
	struct file_finder *f = w->finder;
	struct tftp_file *reset;

	w->reset_for_all = false;
	if (w->name.kind != TFTP_NAME_ITL_PHONE)
		return false;
	reset = reset_file(f);
	if (reset == NULL)
		return false;
	if (is_our_phone(f, &w->name) || (!w->forwarded && !has_remotes(f))) {
		answer(w, FINDER_FOUND, reset, NULL);
		return true;
	}
	tftp_file_release(reset);
	w->reset_for_all = !w->forwarded;
	return false;
}

static void look_up(struct finder_wait *w);

static void
on_store(void *self)
{
	struct finder_wait *w = self;

	w->in_store = NULL;
	look_up(w);
	if (w->answered)
		finish(w);
}

/*
 * Begin, or begin again after the store has made us wait: whose phone it is
 * may have become known only now.
 */
static void
look_up(struct finder_wait *w)
{
	struct phone_store *store = w->finder->store;
	enum phone_store_answer what = PHONE_STORE_UNKNOWN;
	struct tftp_file *file = NULL;

	if (answer_reset(w))
		return;
	if (store != NULL)
		what = phone_store_lookup(store, &w->name, &file);
	switch (what) {
	case PHONE_STORE_FOUND:
		answer(w, FINDER_FOUND, file, NULL);
		break;
	case PHONE_STORE_UNKNOWN:
		look_further(w);
		break;
	case PHONE_STORE_ABSENT:
		answer(w, FINDER_MISSING, NULL, NULL);
		break;
	case PHONE_STORE_LATER:
		w->in_store = phone_store_wait(store, &w->name, on_store, w);
		break;
	}
}

struct finder_wait *
file_finder_ask(struct file_finder *f, const char *request, bool forwarded,
    finder_fn *fn, void *self)
{
	struct err e = ERR_INIT;
	struct finder_wait *w;
	struct tftp_name name;

	if (tftp_name_parse(&name, request) == -1) {
		fn(self, FINDER_MISSING, NULL, NULL);
		return NULL;
	}
	if (f->waiting >= FINDER_WAITING_MAX) {
		(void)err_set(&e, ERR_STATE, "%zu requests wait", f->waiting);
		fn(self, FINDER_BUSY, NULL, &e);
		return NULL;
	}
	w = mem_alloc(sizeof(*w));
	w->finder = f;
	w->name = name;
	w->forwarded = forwarded;
	w->fn = fn;
	w->self = self;
	f->waiting++;
	look_up(w);
	if (!w->answered)
		return w;
	finish(w);
	return NULL;
}

void
finder_wait_cancel(struct finder_wait *w)
{
	if (w->in_store != NULL)
		phone_store_wait_cancel(w->in_store);
	if (w->in_remotes != NULL)
		remote_wait_cancel(w->in_remotes);
	finish(w);
}
