#include "services/signed_cache.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/itl_node.h"
#include "tests/fakes/testing.h"
#include "trust/file_signer.h"

#define NAME "SEP00000000000A.cnf.xml.sgn"
#define FOLDER_NAME "New_Zealand/g3-tones.xml.sgn"
#define TEXT "<device/>"

struct fixture {
	struct itl_node *node;
	char *dir; /* of the cache */
	struct file_checker *checker;
	struct signed_cache *cache;
};

static void
restart(struct fixture *f)
{
	struct err e = ERR_INIT;

	signed_cache_close(f->cache);
	f->cache = signed_cache_open(&e);
	assert_non_null(f->cache);
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->node = itl_node_new();
	f->dir = mem_printf("%s/" SIGNED_CACHE_DIR, f->node->dir);
	f->checker = file_checker_new(f->node->callmanager.cert, NULL);
	assert_non_null(f->checker);
	restart(f);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	signed_cache_close(f->cache);
	file_checker_free(f->checker);
	itl_node_free(f->node);
	free(f->dir);
	free(f);
	return 0;
}

static void
sign(const struct certfile *pair, const char *name, const char *text,
    uint8_t **data, size_t *len)
{
	const struct signer s = { .cert = pair->cert,
		.key = pair->key,
		.digest = DIGEST_SHA1 };
	const struct file_draft d = { .major = 1,
		.filename = name,
		.timestamp = 1393439067,
		.content = { text, strlen(text) } };
	struct file_signer *signer = file_signer_new(&s, NULL, NULL);

	assert_non_null(signer);
	assert_int_equal(file_signer_sign(signer, &d, data, len, NULL), 0);
	file_signer_free(signer);
}

static void
put(struct fixture *f, const char *name, const char *text)
{
	uint8_t *data;
	size_t len;

	sign(&f->node->callmanager, name, text, &data, &len);
	signed_cache_put(f->cache, name, data, len);
	free(data);
}

static bool
find(struct fixture *f, const char *name, const char *text,
    enum digest_alg digest)
{
	const struct signed_cache_key key = { .name = name,
		.digest = digest,
		.content = { text, strlen(text) } };
	uint8_t *data = NULL;
	size_t len = 0;
	bool found;

	found = signed_cache_find(f->cache, f->checker, &key, &data, &len);
	if (found) {
		assert_true(len > strlen(text));
		assert_memory_equal(data + len - strlen(text), text,
		    strlen(text));
		free(data);
	}
	return found;
}

/* Now, and after the next start; of any folder. */
static void
kept(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	put(f, NAME, TEXT);
	put(f, FOLDER_NAME, "");
	signed_cache_flush(f->cache);
	assert_int_equal(testing_count(f->dir), 2);
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	restart(f);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	assert_true(find(f, FOLDER_NAME, "", DIGEST_SHA1));
	/* Both were asked for: they stay. */
	signed_cache_sweep(f->cache);
	signed_cache_flush(f->cache);
	assert_int_equal(testing_count(f->dir), 2);
}

/* Whatever does not fit is no use, and goes. */
static void
unfit(void **state)
{
	struct fixture *f = *state;
	uint8_t *data;
	size_t len;

	put(f, NAME, TEXT);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, "<device />", DIGEST_SHA1));
	assert_int_equal(testing_count(f->dir), 0);
	put(f, NAME, TEXT);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA512));
	assert_int_equal(testing_count(f->dir), 0);

	/* Another's signature; another's name; another's bytes. */
	sign(&f->node->recovery, NAME, TEXT, &data, &len);
	signed_cache_put(f->cache, NAME, data, len);
	free(data);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	sign(&f->node->callmanager, "SEP.sgn", TEXT, &data, &len);
	signed_cache_put(f->cache, NAME, data, len);
	data[30] ^= 1;
	signed_cache_put(f->cache, "SEP.sgn", data, len);
	free(data);
	testing_write(f->dir, "rubbish.sgn", "rubbish");
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	assert_false(find(f, "SEP.sgn", TEXT, DIGEST_SHA1));
	assert_false(find(f, "rubbish.sgn", TEXT, DIGEST_SHA1));
	assert_int_equal(testing_count(f->dir), 0);
}

/* The last word counts, in whatever order the thread finds them. */
static void
dropped(void **state)
{
	struct fixture *f = *state;

	put(f, NAME, "one");
	signed_cache_drop(f->cache, NAME);
	put(f, FOLDER_NAME, "one");
	signed_cache_drop(f->cache, FOLDER_NAME);
	put(f, FOLDER_NAME, "two");
	put(f, FOLDER_NAME, TEXT);
	signed_cache_flush(f->cache);
	assert_int_equal(testing_count(f->dir), 1);
	assert_true(find(f, FOLDER_NAME, TEXT, DIGEST_SHA1));
	signed_cache_drop(f->cache, FOLDER_NAME);
	signed_cache_drop(f->cache, "never.xml.sgn");
	signed_cache_flush(f->cache);
	assert_int_equal(testing_count(f->dir), 0);
}

/* What was left by a killed process, and by phones that are gone. */
static void
cleaned(void **state)
{
	struct fixture *f = *state;

	put(f, NAME, TEXT);
	put(f, FOLDER_NAME, TEXT);
	signed_cache_flush(f->cache);
	testing_write(f->dir, NAME ".tmp0123abcd", "half");
	restart(f);
	assert_int_equal(testing_count(f->dir), 2);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	signed_cache_sweep(f->cache);
	signed_cache_sweep(f->cache);
	signed_cache_flush(f->cache);
	assert_int_equal(testing_count(f->dir), 1);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	/* What has no name yet at the end is given up. */
	put(f, FOLDER_NAME, TEXT);
	restart(f);
	assert_true(testing_count(f->dir) <= 2);
	signed_cache_close(NULL);
}

/* No folder can be made; and one that goes away is no reason to stop. */
static void
no_disk(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_int_equal(rmdir(f->dir), 0);
	put(f, NAME, TEXT);
	signed_cache_drop(f->cache, NAME);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	testing_write(f->node->dir, SIGNED_CACHE_DIR, "a file");
	signed_cache_close(f->cache);
	f->cache = signed_cache_open(&e);
	if (f->cache != NULL) {
		put(f, NAME, TEXT);
		signed_cache_flush(f->cache);
		assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept, setup, teardown),
		cmocka_unit_test_setup_teardown(unfit, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(cleaned, setup, teardown),
		cmocka_unit_test_setup_teardown(no_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
