#define _GNU_SOURCE /* memmem() */
#include "services/store_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/phone_world.h"
#include "trust/encrypted_file.h"

#define A "00000000000A"
#define B "00000000000B"

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
set(struct phone_world *w, const char *mac, bool encrypt, bool cert)
{
	const struct phone_spec spec = { .mac = mac,
		.text = "a secret text",
		.group = PHONE_NO_GROUP,
		.encrypt = encrypt,
		.cert = cert };

	phone_world_set(w, &spec);
}

/* How many files are kept for the next start. */
static size_t
kept(struct phone_world *w)
{
	return signed_cache_count(w->store->tools.cache);
}

/* The word is not in what is kept. */
static void
assert_nowhere(struct phone_world *w, const char *word)
{
	char *path = mem_printf("%s/" SIGNED_CACHE_PACK, w->node->dir);
	uint8_t *data;
	size_t len;

	assert_true(kept(w) > 0);
	assert_int_equal(file_read(path, 1 << 20, &data, &len, NULL), 0);
	assert_null(memmem(data, len, word, strlen(word)));
	free(data);
	free(path);
}

/* A stub, and a file that only the phone can read. */
static void
encrypted(void **state)
{
	struct phone_world *w = *state;
	struct signed_file f;
	uint8_t *data, *plain;
	struct err e = ERR_INIT;
	size_t len;
	char *text;

	set(w, A, true, true);
	phone_world_start(w);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml"),
	    PHONE_STORE_ABSENT);
	text = phone_world_content(w, "SEP" A ".cnf.xml.sgn");
	assert_non_null(strstr(text, "<encrConfig>true</encrConfig>"));
	assert_null(strstr(text, "secret"));
	free(text);
	f = phone_world_signed(w, "SEP" A ".cnf.xml.enc.sgn", &data);
	assert_true(f.encrypted);
	assert_int_equal(encrypted_file_decrypt(&f, w->phone.key, &plain, &len,
			     &e),
	    0);
	text = mem_strndup((const char *)plain, len);
	assert_non_null(strstr(text, "a secret text"));
	free(text);
	mem_free_wiped(plain, len);
	free(data);
	assert_int_equal(phone_world_count(w).encrypted, 1);
}

/* Nothing of it can be had until there is a certificate. */
static void
nothing_to_encrypt_to(void **state)
{
	static const char *const names[] = { "SEP" A ".cnf.xml",
		"SEP" A ".cnf.xml.sgn", "SEP" A ".cnf.xml.enc.sgn" };
	struct phone_world *w = *state;

	set(w, A, true, false);
	phone_world_start(w);
	phone_world_settle(w);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(phone_world_look(w, names[i]),
		    PHONE_STORE_ABSENT);
	assert_int_equal(phone_world_count(w).failed, 1);
	assert_nowhere(w, "secret");
	set(w, A, true, true);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, names[1]), PHONE_STORE_FOUND);
	assert_int_equal(phone_world_look(w, names[2]), PHONE_STORE_FOUND);
	assert_int_equal(phone_world_count(w).failed, 0);
}

/* What was readable before is not any more, in memory or on disk. */
static void
turned_on_and_off(void **state)
{
	struct phone_world *w = *state;

	set(w, A, false, false);
	phone_world_start(w);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml"),
	    PHONE_STORE_FOUND);
	set(w, A, true, true);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml"),
	    PHONE_STORE_ABSENT);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml.enc.sgn"),
	    PHONE_STORE_FOUND);
	/* Without a certificate the stub goes, too. */
	set(w, A, true, false);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml.sgn"),
	    PHONE_STORE_ABSENT);
	assert_int_equal(kept(w), 1); /* XMLDefault */
	set(w, A, false, true);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml"),
	    PHONE_STORE_FOUND);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml.enc.sgn"),
	    PHONE_STORE_ABSENT);
}

/* One that cannot be made harms no other, and is not served as it was. */
static void
broken(void **state)
{
	struct phone_world *w = *state;
	const struct phone_spec spec = { .mac = A, .text = "broken" };

	set(w, A, false, false);
	set(w, B, false, false);
	phone_world_start(w);
	phone_world_settle(w);
	phone_world_set(w, &spec);
	phone_world_settle(w);
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml.sgn"),
	    PHONE_STORE_ABSENT);
	assert_int_equal(phone_world_look(w, "SEP" B ".cnf.xml.sgn"),
	    PHONE_STORE_FOUND);
	assert_int_equal(phone_world_look(w, "ITLSEP" A ".tlv"),
	    PHONE_STORE_ABSENT); /* no ITLFile.tlv here */
	phone_world_remove(w, A);
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).failed, 0);
}

/* A restart of the source says all; what it leaves out is gone. */
static void
complete_reading(void **state)
{
	struct phone_world *w = *state;

	set(w, A, false, false);
	set(w, B, false, false);
	phone_world_start(w);
	phone_world_settle(w);
	phone_world_remove(w, B);
	phone_world_set(w,
	    &(const struct phone_spec) { .mac = A,
		.text = "new",
		.group = PHONE_NO_GROUP });
	(void)pthread_mutex_lock(&w->lock);
	w->started = false; /* the next reading is complete */
	(void)pthread_mutex_unlock(&w->lock);
	phone_world_settle(w);
	assert_int_equal(phone_world_count(w).phones, 1);
	assert_false(phone_store_knows(w->store, B));
	assert_int_equal(phone_world_look(w, "SEP" A ".cnf.xml"),
	    PHONE_STORE_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(encrypted, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_encrypt_to, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(turned_on_and_off, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(broken, setup, teardown),
		cmocka_unit_test_setup_teardown(complete_reading, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
