#include "services/store_priv.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/signing_job.h"
#include "tests/fakes/phone_world.h"
#include "tests/fakes/testing.h"

static int
setup(void **state)
{
	*state = phone_world_new();
	return 0;
}

static int
teardown(void **state)
{
	phone_world_free(*state);
	return 0;
}

static void
put(struct phone_world *w, const char *name, const char *text)
{
	char *path = mem_printf("tftp/%s", name);

	testing_write(w->node->dir, path, text);
	free(path);
}

static void
drop(struct phone_world *w, const char *name)
{
	char *path = mem_printf("%s/tftp/%s", w->node->dir, name);

	assert_int_equal(unlink(path), 0);
	free(path);
}

static void
folder(struct phone_world *w, const char *name)
{
	char *path = mem_printf("%s/tftp/%s", w->node->dir, name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

static void
assert_content(struct phone_world *w, const char *name, const char *want)
{
	char *text = phone_world_content(w, name);

	assert_string_equal(text, want);
	free(text);
}

static void
assert_none(struct phone_world *w, const char *name)
{
	struct tftp_file *f = NULL;

	assert_int_equal(phone_world_ask(w, name, &f), PHONE_STORE_UNKNOWN);
}

/* What is there at the start, what comes, changes and goes. */
static void
files_come_and_go(void **state)
{
	struct phone_world *w = *state;

	put(w, "ringlist.xml", "<rings/>");
	folder(w, "New_Zealand");
	put(w, "New_Zealand/g3-tones.xml", "tones");
	put(w, "empty.txt", "");
	phone_world_start(w);
	assert_content(w, "ringlist.xml.sgn", "<rings/>");
	assert_content(w, "New_Zealand/g3-tones.xml.sgn", "tones");
	assert_content(w, "empty.txt.sgn", "");
	assert_none(w, "another.xml.sgn");
	assert_int_equal(phone_world_count(w).files, 3);

	/* No waiting: who has just written it gets the new one. */
	put(w, "ringlist.xml", "<rings>2</rings>");
	assert_content(w, "ringlist.xml.sgn", "<rings>2</rings>");
	put(w, "another.xml", "another");
	assert_content(w, "another.xml.sgn", "another");
	drop(w, "another.xml");
	assert_none(w, "another.xml.sgn");
	folder(w, "Desktops");
	folder(w, "Desktops/320x212x16");
	put(w, "Desktops/320x212x16/a.png", "png");
	assert_content(w, "Desktops/320x212x16/a.png.sgn", "png");
	assert_content(w, "ringlist.xml.sgn", "<rings>2</rings>");
}

/* A new folder is no reason to sign again what is in the others. */
static void
another_folder(void **state)
{
	struct phone_world *w = *state;
	uint64_t signatures;

	for (unsigned i = 0; i < 20; i++) {
		char name[32];

		(void)str_printf(name, sizeof(name), "ring%u.xml", i);
		put(w, name, "rings");
	}
	phone_world_start(w);
	phone_world_settle(w);
	/* With XMLDefault. */
	assert_int_equal(signed_cache_count(w->store->tools.cache), 21);
	signatures = phone_world_count(w).signed_files;
	folder(w, "New_Zealand");
	put(w, "New_Zealand/g3-tones.xml", "tones");
	assert_content(w, "New_Zealand/g3-tones.xml.sgn", "tones");
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).files, 21);
	assert_int_equal(phone_world_count(w).signed_files, signatures + 1);
	assert_int_equal(phone_world_count(w).reused, 20);
	assert_content(w, "ring7.xml.sgn", "rings");
}

/* A file that is requested in another case is one with its own name. */
static void
other_case(void **state)
{
	struct phone_world *w = *state;
	struct tftp_file *f = NULL;

	put(w, "DistinctiveRingList.xml", "rings");
	phone_world_start(w);
	assert_int_equal(phone_world_ask(w, "distinctiveringlist.XML.sgn", &f),
	    PHONE_STORE_FOUND);
	tftp_file_release(f);
	put(w, "distinctiveringlist.xml", "others");
	assert_content(w, "distinctiveringlist.xml.sgn", "others");
	assert_content(w, "DistinctiveRingList.xml.sgn", "rings");
}

/* What is signed already stays as it is. */
static void
not_signed(void **state)
{
	struct phone_world *w = *state;

	put(w, "ITLFile.tlv", "list");
	put(w, "a.loads", "firmware");
	put(w, "a.loads.sgn", "by hand");
	put(w, "b.sgn", "by hand");
	put(w, "c.xml.sha512", "signed");
	put(w, ".hidden.xml", "hidden");
	phone_world_start(w);
	phone_world_settle(w);
	assert_none(w, "ITLFile.tlv.sgn");
	assert_none(w, "a.loads.sgn");
	assert_none(w, "b.sgn.sgn");
	assert_none(w, "c.xml.sha512.sgn");
	assert_int_equal(phone_world_count(w).files, 0);
	drop(w, "a.loads.sgn");
	assert_content(w, "a.loads.sgn", "firmware");
	put(w, "a.loads.sgn", "by hand");
	assert_none(w, "a.loads.sgn");
}

/* An XMLDefault.cnf.xml on disk is the administrator's, ours is not. */
static void
own_default(void **state)
{
	struct phone_world *w = *state;

	phone_world_start(w);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "XMLDefault.cnf.xml"),
	    PHONE_STORE_FOUND);
	put(w, "XMLDefault.cnf.xml", "by hand");
	assert_int_equal(phone_world_look(w, "XMLDefault.cnf.xml"),
	    PHONE_STORE_UNKNOWN);
	assert_content(w, "XMLDefault.cnf.xml.sgn", "by hand");
	drop(w, "XMLDefault.cnf.xml");
	assert_int_equal(phone_world_look(w, "XMLDefault.cnf.xml"),
	    PHONE_STORE_FOUND);
}

/* A phone that is in no database may have a file by hand. */
static void
configuration_by_hand(void **state)
{
	struct phone_world *w = *state;

	put(w, "SEP0000000000FF.cnf.xml", "by hand");
	phone_world_start(w);
	assert_content(w, "SEP0000000000FF.cnf.xml.sgn", "by hand");
	assert_int_equal(phone_world_look(w, "SEP0000000000FF.cnf.xml"),
	    PHONE_STORE_UNKNOWN);
}

/* Too large a file gets none, and costs no memory. */
static void
firmware(void **state)
{
	struct phone_world *w = *state;
	char *path = mem_printf("%s/tftp/big.bin", w->node->dir);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(ftruncate(fileno(f), (off_t)SIGNING_STATIC_MAX + 1),
	    0);
	(void)fclose(f);
	phone_world_start(w);
	phone_world_settle(w);
	assert_none(w, "big.bin.sgn");
	assert_int_equal(truncate(path, 5), 0);
	put(w, "big.bin", "small");
	assert_content(w, "big.bin.sgn", "small");
	assert_int_equal(phone_world_count(w).failed, 0);
	free(path);
}

/*
 * More than may stay in memory: the first ones are read again when they are
 * wanted.
 */
static void
bounded(void **state)
{
	const size_t each = SIGNING_STATIC_MAX - 1000;
	const size_t n = PHONE_STORE_STATIC_MAX / each + 3;
	struct phone_world *w = *state;
	uint8_t *data;

	for (size_t i = 0; i < n; i++) {
		char *path = mem_printf("%s/tftp/f%zu.bin", w->node->dir, i);
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		assert_int_equal(ftruncate(fileno(f), (off_t)each), 0);
		(void)fclose(f);
		free(path);
	}
	phone_world_start(w);
	phone_world_settle(w);
	assert_true(phone_world_count(w).bytes <=
	    PHONE_STORE_STATIC_MAX + (uint64_t)100 * 1024);
	for (size_t i = 0; i < n; i++) {
		char *name = mem_printf("f%zu.bin.sgn", i);

		assert_int_equal(phone_world_signed(w, name, &data).content_len,
		    each);
		free(data);
		free(name);
	}
	assert_int_equal(phone_world_count(w).failed, 0);
}

/* Nothing can be signed before the digest is known. */
static void
no_database(void **state)
{
	struct phone_world *w = *state;
	int64_t deadline = clock_ticks() + 60000;

	w->patience_ms = 20;
	put(w, "ringlist.xml", "<rings/>");
	atomic_store(&w->node->failures, 1000000);
	phone_world_start(w);
	assert_int_equal(phone_world_look(w, "ringlist.xml.sgn"),
	    PHONE_STORE_LATER);
	assert_none(w, "ringlist.xml.sgn");
	atomic_store(&w->node->failures, 0);
	while (phone_world_look(w, "ringlist.xml.sgn") == PHONE_STORE_UNKNOWN &&
	    clock_ticks() < deadline)
		phone_world_step(w);
	assert_content(w, "ringlist.xml.sgn", "<rings/>");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(files_come_and_go, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(another_folder, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(other_case, setup, teardown),
		cmocka_unit_test_setup_teardown(not_signed, setup, teardown),
		cmocka_unit_test_setup_teardown(own_default, setup, teardown),
		cmocka_unit_test_setup_teardown(configuration_by_hand, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(firmware, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(no_database, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
