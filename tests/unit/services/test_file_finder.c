/*
 * services/file_finder.c: where a file comes from.  Phone store and remote
 * clusters are the test's own.
 */
#include "services/file_finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define OURS "0011AABBCCDD" /* in the database */
#define ON_DISK "0011AABBCCEE" /* its ITL file is on disk */
#define STRANGER "0011AABBCCFF"

/* --- the phone store --------------------------------------------------------
 */

struct phone_store {
	enum phone_store_answer answer;
	const char *text; /* of what is FOUND */
	bool knows_nobody;
	size_t lookups;
	void (*fn)(void *self); /* who waits */
	void *self;
	bool cancelled;
};

struct phone_store_waiter {
	struct phone_store *store;
};

static struct phone_store_waiter waiter;

static struct tftp_file *
file_of(const char *text)
{
	size_t len = strlen(text);

	return tftp_file_new(mem_dup(text, len), len);
}

enum phone_store_answer
phone_store_lookup(struct phone_store *s, const struct tftp_name *name,
    struct tftp_file **out)
{
	s->lookups++;
	if (s->answer != PHONE_STORE_LATER && !str_equal(name->mac, OURS))
		return PHONE_STORE_UNKNOWN;
	if (s->answer == PHONE_STORE_FOUND)
		*out = file_of(s->text);
	return s->answer;
}

struct phone_store_waiter *
phone_store_wait(struct phone_store *s, const struct tftp_name *name,
    void (*fn)(void *self), void *self)
{
	(void)name;
	assert_null(s->fn);
	s->fn = fn;
	s->self = self;
	waiter.store = s;
	return &waiter;
}

void
phone_store_wait_cancel(struct phone_store_waiter *w)
{
	w->store->cancelled = true;
	w->store->fn = NULL;
}

bool
phone_store_knows(struct phone_store *s, const char mac[13])
{
	return !s->knows_nobody && str_equal(mac, OURS);
}

/* --- the remote clusters ----------------------------------------------------
 */

struct remote_clusters {
	bool any;
	bool later;
	enum remote_answer answer;
	size_t asked;
	char name[TFTP_NAME_SIZE]; /* asked for last */
	remote_fn *fn; /* who waits */
	void *self;
	bool cancelled;
};

struct remote_wait {
	struct remote_clusters *remotes;
};

static struct remote_wait remote_wait;

bool
remote_clusters_any(const struct remote_clusters *r)
{
	return r->any;
}

static void
answer_remote(const struct remote_clusters *r, remote_fn *fn, void *self)
{
	fn(self, r->answer,
	    r->answer == REMOTE_FOUND ? file_of("remote") : NULL);
}

struct remote_wait *
remote_clusters_ask(struct remote_clusters *r, const struct tftp_name *name,
    remote_fn *fn, void *self)
{
	r->asked++;
	(void)str_copy(r->name, sizeof(r->name), name->text);
	if (!r->later) {
		answer_remote(r, fn, self);
		return NULL;
	}
	r->fn = fn;
	r->self = self;
	remote_wait.remotes = r;
	return &remote_wait;
}

void
remote_wait_cancel(struct remote_wait *w)
{
	w->remotes->cancelled = true;
}

/* --- the test ---------------------------------------------------------------
 */

struct fixture {
	char *dir;
	struct tftp_files *files;
	struct phone_store store;
	struct remote_clusters remotes;
	struct file_finder *finder;
	/* the last answer */
	size_t answers;
	enum finder_answer answer;
	char text[64];
	enum err_code code;
};

static bool
starts_with_reset(const uint8_t *data, size_t len)
{
	return len >= 5 && !memcmp(data, "reset", 5);
}

static void
replace(const struct fixture *f, const char *name, const char *text)
{
	char *path = mem_printf("%s/%s", f->dir, name);
	struct err e = ERR_INIT;

	assert_int_equal(file_replace(path, text, strlen(text), 0644, &e), 0);
	free(path);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct file_finder_config config = { .is_reset = starts_with_reset };
	struct err e = ERR_INIT;

	f->dir = testing_dir();
	f->files = tftp_files_new(f->dir, &e);
	assert_non_null(f->files);
	config.files = f->files;
	config.remotes = &f->remotes;
	f->finder = file_finder_new(&config);
	file_finder_use_store(f->finder, &f->store);
	f->store.answer = PHONE_STORE_FOUND;
	f->store.text = "stored";
	f->remotes.answer = REMOTE_MISSING;
	replace(f, "ITLFile.tlv", "normal");
	replace(f, "ITLSEP" ON_DISK ".tlv", "on disk");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(file_finder_waiting(f->finder), 0);
	file_finder_free(f->finder);
	tftp_files_free(f->files);
	testing_dir_remove(f->dir);
	free(f);
	return 0;
}

static void
on_answer(void *self, enum finder_answer answer, struct tftp_file *file,
    const struct err *why)
{
	struct fixture *f = self;
	const uint8_t *data;
	size_t len;

	f->answers++;
	f->answer = answer;
	f->text[0] = '\0';
	f->code = why == NULL ? ERR_NONE : why->code;
	assert_true((answer == FINDER_FOUND) == (file != NULL));
	assert_true((answer == FINDER_BUSY) == (why != NULL));
	if (file == NULL)
		return;
	data = tftp_file_bytes(file, TFTP_OCTET, &len);
	assert_true(len < sizeof(f->text));
	memcpy(f->text, data, len);
	f->text[len] = '\0';
	tftp_file_release(file);
}

static struct finder_wait *
ask(struct fixture *f, const char *request, bool forwarded)
{
	struct finder_wait *w;

	f->answers = 0;
	w = file_finder_ask(f->finder, request, forwarded, on_answer, f);
	assert_true((w == NULL) == (f->answers == 1));
	return w;
}

/* text: what is found; NULL: it is missing. */
static void
expect_as(struct fixture *f, const char *request, bool forwarded,
    const char *text)
{
	assert_null(ask(f, request, forwarded));
	if (text == NULL) {
		assert_int_equal(f->answer, FINDER_MISSING);
	} else {
		assert_int_equal(f->answer, FINDER_FOUND);
		assert_string_equal(f->text, text);
	}
}

static void
expect(struct fixture *f, const char *request, const char *text)
{
	expect_as(f, request, false, text);
}

static void
test_order(void **state)
{
	struct fixture *f = *state;

	replace(f, "ITLSEP" OURS ".tlv", "not this one");
	replace(f, "RingList.xml", "rings");
	expect(f, "ITLSEP" OURS ".tlv", "stored");
	expect(f, "/sep0011aabbccdd.cnf.xml.sgn", "stored");
	expect(f, "ITLSEP" ON_DISK ".tlv", "on disk");
	expect(f, "itlfile.tlv", "normal");
	expect(f, "ringlist.xml", "rings");
	expect(f, "RingLists.xml", NULL);
	assert_int_equal(f->remotes.asked, 0);
}

static void
test_without_store(void **state)
{
	struct fixture *f = *state;

	file_finder_use_store(f->finder, NULL);
	expect(f, "ITLSEP" OURS ".tlv", NULL);
	expect(f, "ITLSEP" ON_DISK ".tlv", "on disk");
	assert_int_equal(f->store.lookups, 0);
}

static void
test_no_name(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	expect(f, "", NULL);
	expect(f, "ITLRecovery.p12", NULL);
	expect(f, "../ITLFile.tlv", NULL);
	assert_int_equal(f->store.lookups, 0);
	assert_int_equal(f->remotes.asked, 0);
}

static void
test_absent(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	f->store.answer = PHONE_STORE_ABSENT;
	replace(f, "SEP" OURS ".cnf.xml", "plain");
	expect(f, "SEP" OURS ".cnf.xml", NULL);
	assert_int_equal(f->remotes.asked, 0);
}

static void
test_unreadable(void **state)
{
	struct fixture *f = *state;
	char *path = mem_printf("%s/x.xml", f->dir);

	f->remotes.any = true;
	assert_int_equal(symlink("ITLFile.tlv", path), 0);
	free(path);
	assert_null(ask(f, "x.xml", false));
	assert_int_equal(f->answer, FINDER_BUSY);
	assert_int_equal(f->code, ERR_DENIED);
	assert_int_equal(f->remotes.asked, 0);
}

static void
test_store_later(void **state)
{
	struct fixture *f = *state;
	struct finder_wait *w;

	f->store.answer = PHONE_STORE_LATER;
	w = ask(f, "SEP" OURS ".cnf.xml.sgn", false);
	assert_non_null(w);
	assert_int_equal(file_finder_waiting(f->finder), 1);
	f->store.answer = PHONE_STORE_FOUND;
	f->store.fn(f->store.self);
	assert_int_equal(f->answers, 1);
	assert_string_equal(f->text, "stored");
}

/* The store makes us wait, and then it is not its file at all. */
static void
test_later_then_further(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	f->store.answer = PHONE_STORE_LATER;
	assert_non_null(ask(f, "SEP" STRANGER ".cnf.xml.sgn", false));
	f->store.answer = PHONE_STORE_FOUND;
	f->store.fn(f->store.self);
	assert_int_equal(f->answers, 1);
	assert_string_equal(f->text, "remote");
	/* The same, and the remote cluster makes us wait again. */
	f->store.fn = NULL;
	f->store.answer = PHONE_STORE_LATER;
	f->remotes.later = true;
	assert_non_null(ask(f, "SEP" STRANGER ".cnf.xml.sgn", false));
	f->store.answer = PHONE_STORE_FOUND;
	f->store.fn(f->store.self);
	assert_int_equal(f->answers, 0);
	assert_int_equal(file_finder_waiting(f->finder), 1);
	answer_remote(&f->remotes, f->remotes.fn, f->remotes.self);
	assert_int_equal(f->answers, 1);
}

static void
test_cancel(void **state)
{
	struct fixture *f = *state;

	f->store.answer = PHONE_STORE_LATER;
	finder_wait_cancel(ask(f, "SEP" OURS ".cnf.xml", false));
	assert_true(f->store.cancelled);
	f->store.answer = PHONE_STORE_FOUND;
	f->remotes.any = true;
	f->remotes.later = true;
	finder_wait_cancel(ask(f, "SEP" STRANGER ".cnf.xml", false));
	assert_true(f->remotes.cancelled);
	assert_int_equal(f->answers, 0);
}

static void
test_remotes(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	expect(f, "itlsep0011aabbccff.tlv", "remote");
	assert_string_equal(f->remotes.name, "ITLSEP" STRANGER ".tlv");
	expect(f, "SEP" STRANGER ".cnf.xml.sgn", "remote");
	expect(f, "German_Germany/x.jar", "remote");
	assert_int_equal(f->remotes.asked, 3);
	/* ours come from here, or from nowhere */
	expect(f, "ITLSEP" OURS ".tlv", "stored");
	expect(f, "ITLSEP" ON_DISK ".tlv", "on disk");
	f->store.answer = PHONE_STORE_UNKNOWN;
	expect(f, "CTLSEP" OURS ".tlv", NULL);
	assert_int_equal(f->remotes.asked, 3);
	f->remotes.answer = REMOTE_MISSING;
	expect(f, "SEP" STRANGER ".cnf.xml.sgn", NULL);
	f->remotes.answer = REMOTE_SILENT;
	expect(f, "SEP" STRANGER ".cnf.xml.sgn", NULL);
	assert_int_equal(f->remotes.asked, 5);
}

static void
test_default_names(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	expect(f, "ITLFile.tlv", "normal");
	expect(f, "CTLFile.tlv", NULL);
	expect(f, "XMLDefault.cnf.xml.sgn", NULL);
	expect(f, "SIPDefault.cnf", NULL);
	assert_int_equal(f->remotes.asked, 0);
}

static void
test_forwarded(void **state)
{
	struct fixture *f = *state;

	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	expect_as(f, "ITLSEP" STRANGER ".tlv", true, NULL);
	expect_as(f, "x.loads", true, NULL);
	expect_as(f, "ITLSEP" OURS ".tlv", true, "stored");
	assert_int_equal(f->remotes.asked, 0);
}

/* --- while a reset file is in force ----------------------------------------
 */

static void
test_reset_for_all(void **state)
{
	struct fixture *f = *state;

	replace(f, "ITLFile.tlv", "reset file");
	expect(f, "ITLSEP" OURS ".tlv", "reset file");
	expect(f, "ITLSEP" ON_DISK ".tlv", "reset file");
	expect(f, "ITLSEP" STRANGER ".tlv", "reset file");
	expect(f, "ITLFile.tlv", "reset file");
	expect(f, "CTLSEP" STRANGER ".tlv", NULL);
	expect(f, "SEP" OURS ".cnf.xml", "stored");
	replace(f, "ITLFile.tlv", "normal again");
	expect(f, "ITLSEP" OURS ".tlv", "stored");
	expect(f, "ITLSEP" ON_DISK ".tlv", "on disk");
	expect(f, "ITLSEP" STRANGER ".tlv", NULL);
	replace(f, "ITLFile.tlv", "reset once more");
	expect(f, "ITLSEP" OURS ".tlv", "reset once more");
}

static void
test_reset_and_remotes(void **state)
{
	struct fixture *f = *state;

	replace(f, "ITLFile.tlv", "reset file");
	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	expect(f, "ITLSEP" OURS ".tlv", "reset file");
	expect(f, "ITLSEP" ON_DISK ".tlv", "reset file");
	assert_int_equal(f->remotes.asked, 0);
	expect(f, "ITLSEP" STRANGER ".tlv", "remote");
	f->remotes.answer = REMOTE_MISSING;
	expect(f, "ITLSEP" STRANGER ".tlv", "reset file");
	f->remotes.answer = REMOTE_SILENT;
	expect(f, "ITLSEP" STRANGER ".tlv", NULL);
	assert_int_equal(f->remotes.asked, 3);
	f->remotes.answer = REMOTE_MISSING;
	expect(f, "SEP" STRANGER ".cnf.xml", NULL);
}

/* Another cluster's phones never get this cluster's reset file. */
static void
test_reset_and_forwarded(void **state)
{
	struct fixture *f = *state;
	int any;

	replace(f, "ITLFile.tlv", "reset file");
	for (any = 0; any < 2; any++) {
		f->remotes.any = any == 1;
		expect_as(f, "ITLSEP" OURS ".tlv", true, "reset file");
		expect_as(f, "ITLSEP" ON_DISK ".tlv", true, "reset file");
		expect_as(f, "ITLSEP" STRANGER ".tlv", true, NULL);
	}
	assert_int_equal(f->remotes.asked, 0);
}

/* At the start it is not known yet whose phone it is. */
static void
test_reset_at_start(void **state)
{
	struct fixture *f = *state;

	replace(f, "ITLFile.tlv", "reset file");
	f->remotes.any = true;
	f->remotes.answer = REMOTE_FOUND;
	f->store.knows_nobody = true;
	f->store.answer = PHONE_STORE_LATER;
	assert_non_null(ask(f, "ITLSEP" OURS ".tlv", false));
	f->store.knows_nobody = false;
	f->store.answer = PHONE_STORE_FOUND;
	f->store.fn(f->store.self);
	assert_int_equal(f->answers, 1);
	assert_string_equal(f->text, "reset file");
	assert_int_equal(f->remotes.asked, 0);
}

/* The reset file goes while a remote cluster is being asked. */
static void
test_reset_ends(void **state)
{
	struct fixture *f = *state;

	replace(f, "ITLFile.tlv", "reset file");
	f->remotes.any = true;
	f->remotes.later = true;
	assert_non_null(ask(f, "ITLSEP" STRANGER ".tlv", false));
	replace(f, "ITLFile.tlv", "normal again");
	answer_remote(&f->remotes, f->remotes.fn, f->remotes.self);
	assert_int_equal(f->answers, 1);
	assert_int_equal(f->answer, FINDER_MISSING);
}

/* --- limits -----------------------------------------------------------------
 */

static void
test_too_many_wait(void **state)
{
	struct fixture *f = *state;
	struct finder_wait **w =
	    mem_array(FINDER_WAITING_MAX, sizeof(struct finder_wait *));
	size_t i;

	f->remotes.any = true;
	f->remotes.later = true;
	for (i = 0; i < FINDER_WAITING_MAX; i++)
		w[i] = ask(f, "SEP" STRANGER ".cnf.xml", false);
	assert_null(ask(f, "SEP" STRANGER ".cnf.xml", false));
	assert_int_equal(f->answer, FINDER_BUSY);
	assert_int_equal(f->code, ERR_STATE);
	for (i = 0; i < FINDER_WAITING_MAX; i++)
		finder_wait_cancel(w[i]);
	free(w);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_order),
		TEST(test_without_store),
		TEST(test_no_name),
		TEST(test_absent),
		TEST(test_unreadable),
		TEST(test_store_later),
		TEST(test_later_then_further),
		TEST(test_cancel),
		TEST(test_remotes),
		TEST(test_default_names),
		TEST(test_forwarded),
		TEST(test_reset_for_all),
		TEST(test_reset_and_remotes),
		TEST(test_reset_and_forwarded),
		TEST(test_reset_at_start),
		TEST(test_reset_ends),
		TEST(test_too_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
