#include "services/signed_pack.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

struct fixture {
	char *dir;
	char *path;
	struct signed_pack *pack;
	struct pack_changes changes;
};

static void
reopen(struct fixture *f)
{
	struct err e = ERR_INIT;

	signed_pack_close(f->pack);
	f->pack = signed_pack_open(f->path, &e);
	if (f->pack == NULL)
		fail_msg("%s", e.msg);
	signed_pack_load(f->pack);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->path = mem_printf("%s/pack", f->dir);
	STAILQ_INIT(&f->changes);
	reopen(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	signed_pack_close(f->pack);
	testing_dir_remove(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static void
add(struct fixture *f, struct pack_change *c)
{
	assert_non_null(c);
	STAILQ_INSERT_TAIL(&f->changes, c, link);
}

static void
put(struct fixture *f, const char *name, const char *data)
{
	add(f, pack_change_put(name, data, strlen(data)));
}

static void
apply(struct fixture *f)
{
	struct err e = ERR_INIT;

	if (signed_pack_apply(f->pack, &f->changes, true, &e) == -1)
		fail_msg("%s", e.msg);
	assert_true(STAILQ_EMPTY(&f->changes));
}

static void
assert_has(struct fixture *f, const char *name, const char *want)
{
	uint8_t *data = NULL;
	bool found;
	size_t len;

	found = signed_pack_find(f->pack, name, &data, &len);
	assert_int_equal(found, want != NULL);
	if (!found || want == NULL)
		return;
	assert_int_equal(len, strlen(want));
	assert_memory_equal(data, want, len);
	free(data);
}

static size_t
size_of(const struct fixture *f)
{
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	return (size_t)st.st_size;
}

/* The last word counts, now and for who opens it again. */
static void
last_words(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	put(f, "a", "one");
	put(f, "b/c", "");
	put(f, "a", "two");
	put(f, "d", "three");
	add(f, pack_change_drop("d"));
	add(f, pack_change_drop("never"));
	apply(f);
	for (int i = 0; i < 2; i++) {
		assert_has(f, "a", "two");
		assert_has(f, "b/c", "");
		assert_has(f, "e", NULL);
		assert_int_equal(signed_pack_count(f->pack), 2 + (size_t)i);
		/* What was dropped may return: it is for who asks to tell. */
		assert_has(f, "d", i == 0 ? NULL : "three");
		reopen(f);
	}
	put(f, "a", "four");
	apply(f);
	reopen(f);
	assert_has(f, "a", "four");
	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* Wherever it was cut, what is in front of that counts, and it goes on. */
static void
cut(void **state)
{
	struct fixture *f = *state;
	size_t first, all;

	put(f, "a", "one");
	apply(f);
	first = size_of(f);
	put(f, "b", "two");
	apply(f);
	all = size_of(f);
	for (size_t n = all; n-- > 0;) {
		assert_int_equal(truncate(f->path, (off_t)n), 0);
		reopen(f);
		assert_has(f, "a", n >= first ? "one" : NULL);
		assert_has(f, "b", NULL);
		put(f, "a", "one");
		put(f, "b", "two");
		apply(f);
		reopen(f);
		assert_has(f, "a", "one");
		assert_has(f, "b", "two");
		/* As long as it was, for the next round. */
		assert_int_equal(unlink(f->path), 0);
		reopen(f);
		put(f, "a", "one");
		put(f, "b", "two");
		apply(f);
		assert_int_equal(size_of(f), all);
	}
}

/* Any byte that changes costs no more than what is from there on. */
static void
spoilt(void **state)
{
	struct fixture *f = *state;
	size_t first, len;
	struct err e = ERR_INIT;
	uint8_t *data;

	put(f, "a", "one");
	apply(f);
	first = size_of(f);
	put(f, "b", "two");
	apply(f);
	assert_int_equal(file_read(f->path, 4096, &data, &len, &e), 0);
	for (size_t i = 0; i < len; i++) {
		data[i] ^= 0x81;
		assert_int_equal(file_replace(f->path, data, len, 0600, &e), 0);
		data[i] ^= 0x81;
		reopen(f);
		assert_has(f, "a", i >= first ? "one" : NULL);
		assert_has(f, "b", NULL);
	}
	/* While it is open: the record is read again. */
	assert_int_equal(file_replace(f->path, data, len, 0600, &e), 0);
	reopen(f);
	free(data);
	assert_has(f, "b", "two");
	assert_int_equal(truncate(f->path, (off_t)len - 1), 0);
	assert_has(f, "b", NULL);
	assert_has(f, "a", "one");
}

/* What nobody wanted goes, and its bytes with it. */
static void
swept(void **state)
{
	struct fixture *f = *state;
	size_t one;

	put(f, "a", "one");
	apply(f);
	one = size_of(f);
	put(f, "b", "two");
	apply(f);
	reopen(f);
	signed_pack_want(f->pack, "b");
	signed_pack_want(f->pack, "never");
	put(f, "c", "new");
	add(f, pack_change_sweep());
	apply(f);
	assert_has(f, "a", NULL);
	assert_int_equal(size_of(f), 2 * one);
	assert_int_equal(testing_count(f->dir), 1);
	reopen(f);
	assert_has(f, "a", NULL);
	assert_has(f, "b", "two");
	assert_has(f, "c", "new");
}

/* However often records are replaced, the file does not grow for ever. */
static void
bounded(void **state)
{
	struct fixture *f = *state;
	const size_t most = 300000;
	char *big = mem_alloc(most + 1);

	for (unsigned i = 0; i < 40; i++) {
		memset(big, 'a' + (int)(i % 26), most);
		put(f, "big", big);
		put(f, "small", "small");
		if (i % 3 == 0)
			apply(f);
		assert_true(size_of(f) < 10 * most);
	}
	apply(f);
	assert_has(f, "big", big);
	reopen(f);
	assert_has(f, "big", big);
	assert_has(f, "small", "small");
	free(big);
}

static void
too_big(void **state)
{
	char *big = mem_alloc(SIGNED_PACK_RECORD_MAX);

	(void)state;
	assert_null(pack_change_put("a", big, SIGNED_PACK_RECORD_MAX));
	free(big);
}

/* A folder that is gone: nothing is kept, and what was there is. */
static void
no_disk(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_null(signed_pack_open("/nonexistent/pack", &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	put(f, "a", "one");
	apply(f);
	reopen(f);
	assert_int_equal(unlink(f->path), 0);
	assert_int_equal(rmdir(f->dir), 0);
	put(f, "b", "two");
	add(f, pack_change_sweep());
	assert_int_equal(signed_pack_apply(f->pack, &f->changes, true, &e), -1);
	assert_non_null(strstr(e.msg, f->path));
	assert_has(f, "a", NULL);
	assert_has(f, "b", "two");
	assert_int_equal(mkdir(f->dir, 0700), 0);
	signed_pack_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(last_words, setup, teardown),
		cmocka_unit_test_setup_teardown(cut, setup, teardown),
		cmocka_unit_test_setup_teardown(spoilt, setup, teardown),
		cmocka_unit_test_setup_teardown(swept, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test(too_big),
		cmocka_unit_test_setup_teardown(no_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
