/*
 * node/bundle.c: what is put in comes out, and nothing else is taken.
 */
#include "node/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#include "tests/fakes/testing.h"

static void
fill(struct bundle *b)
{
	bundle_init(b);
	bundle_add_text(b, "one", "1");
	bundle_add(b, "two_2", "a\0b", 3);
	bundle_add(b, "empty", NULL, 0);
}

static void
encoded(struct wbuf *w)
{
	struct bundle b;

	fill(&b);
	wbuf_init(w, 0);
	bundle_encode(&b, w);
	assert_false(w->failed);
	bundle_release(&b);
}

static void
comes_back_whole(void **state)
{
	struct err e = ERR_INIT;
	struct bundle b;
	struct wbuf w;

	(void)state;
	encoded(&w);
	assert_int_equal(bundle_decode(&b, w.data, w.len, &e), 0);
	assert_int_equal(b.n, 3);
	assert_string_equal(bundle_text(&b, "one", &e), "1");
	assert_int_equal(bundle_find(&b, "two_2")->len, 3);
	assert_memory_equal(bundle_find(&b, "two_2")->data, "a\0b", 4);
	assert_string_equal(bundle_text(&b, "empty", &e), "");
	assert_null(bundle_find(&b, "three"));
	bundle_release(&b);
	assert_int_equal(b.n, 0);
	wbuf_release(&w);
}

static void
texts_are_texts(void **state)
{
	struct err e = ERR_INIT;
	struct bundle b;

	(void)state;
	fill(&b);
	assert_null(bundle_text(&b, "two_2", &e));
	assert_string_equal(e.msg, "two_2 is no text");
	assert_null(bundle_text(&b, "three", &e));
	assert_string_equal(e.msg, "three is missing");
	bundle_release(&b);
}

static void
every_cut_is_refused(void **state)
{
	struct err e = ERR_INIT;
	struct bundle b;
	struct wbuf w;

	(void)state;
	encoded(&w);
	for (size_t n = 0; n < w.len; n++) {
		assert_int_equal(bundle_decode(&b, w.data, n, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_int_equal(b.n, 0);
	}
	wbuf_u8(&w, 0);
	assert_int_equal(bundle_decode(&b, w.data, w.len, &e), -1);
	assert_string_equal(e.msg, "bytes behind the last piece");
	wbuf_release(&w);
}

static void
broken_pieces_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "UCMB2\0", 6 }, /* another version */
		{ "UCMB1\x19", 6 }, /* too many pieces */
		{ "UCMB1\1\0\0\0\0\0", 11 }, /* no name */
		{ "UCMB1\1\1A\0\0\0\0", 12 }, /* an upper-case one */
		{ "UCMB1\1\1a\0\0\0\1", 12 }, /* a byte too few */
		{ "UCMB1\1\1a\xff\xff\xff\xff", 12 },
		{ "UCMB1\2\1a\0\0\0\0\1a\0\0\0\0", 18 }, /* twice */
	};
	struct err e = ERR_INIT;
	struct bundle b;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(bundle_decode(&b, bad[i].bytes, bad[i].len,
				     &e),
		    -1);
		assert_int_equal(e.code, ERR_FORMAT);
		assert_int_equal(b.n, 0);
	}
}

static void
add_twice(void)
{
	struct bundle b;

	bundle_init(&b);
	bundle_add_text(&b, "a", "");
	bundle_add_text(&b, "a", "");
}

static void
add_badly_named(void)
{
	struct bundle b;

	bundle_init(&b);
	bundle_add_text(&b, "two words", "");
}

static void
misuse_is_a_bug(void **state)
{
	(void)state;
	assert_true(testing_aborts(add_twice));
	assert_true(testing_aborts(add_badly_named));
}

static void
a_conf_is_a_piece(void **state)
{
	char *dir = testing_dir();
	char path[PATH_SIZE];
	struct nodeconf n;
	struct bundle b;
	struct err e = ERR_INIT;

	(void)state;
	paths_set_root(dir);
	nodeconf_defaults(&n);
	(void)str_copy(n.name, sizeof(n.name), "sub1");
	bundle_init(&b);
	/* there is no run/ */
	assert_int_equal(bundle_add_conf(&b, &n, &e), -1);
	assert_int_equal(file_mkdir(paths_in(path, "run"), 0755, &e), 0);
	assert_int_equal(bundle_add_conf(&b, &n, &e), 0);
	assert_non_null(
	    strstr(bundle_text(&b, "node_conf", &e), "name = sub1\n"));
	assert_int_equal(access(paths_in(path, "run/join-sub1.conf"), F_OK),
	    -1);
	bundle_release(&b);
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_whole),
		cmocka_unit_test(texts_are_texts),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(broken_pieces_are_refused),
		cmocka_unit_test(misuse_is_a_bug),
		cmocka_unit_test(a_conf_is_a_piece),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
