#define _GNU_SOURCE /* memmem() */
#include "services/signed_cache.h"

#include <sys/stat.h>

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
#include "tests/fakes/itl_node.h"
#include "tests/fakes/testing.h"
#include "trust/encrypted_file.h"
#include "trust/file_signer.h"

#define NAME "SEP00000000000A.cnf.xml.sgn"
#define FOLDER_NAME "New_Zealand/g3-tones.xml.sgn"
#define ENCRYPTED "SEP00000000000A.cnf.xml.enc.sgn"
#define TEXT "<device/>"

struct fixture {
	struct itl_node *node;
	char *dir; /* of the cache */
	char *pack;
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
	f->pack = mem_printf("%s/" SIGNED_CACHE_PACK, f->node->dir);
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
	free(f->pack);
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

static struct signed_cache_key
key_of(const char *name, const char *text, enum digest_alg digest)
{
	return (struct signed_cache_key) { .name = name,
		.digest = digest,
		.content = { text, strlen(text) } };
}

static void
put(struct fixture *f, const char *name, const char *text)
{
	const struct signed_cache_key key = key_of(name, text, DIGEST_SHA1);
	uint8_t *data;
	size_t len;

	sign(&f->node->callmanager, name, text, &data, &len);
	signed_cache_put(f->cache, &key, data, len);
	free(data);
}

static bool
find(struct fixture *f, const char *name, const char *text,
    enum digest_alg digest)
{
	const struct signed_cache_key key = key_of(name, text, digest);
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
	uint8_t *pack;
	size_t len;

	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	put(f, NAME, TEXT);
	put(f, FOLDER_NAME, "");
	assert_int_equal(signed_cache_count(f->cache), 2);
	assert_int_equal(stat(f->dir, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	restart(f);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	assert_true(find(f, FOLDER_NAME, "", DIGEST_SHA1));
	/* Both were found: they stay. */
	signed_cache_sweep(f->cache);
	assert_int_equal(signed_cache_count(f->cache), 2);
	/* What it says is not on the disk. */
	assert_int_equal(file_read(f->pack, 4096, &pack, &len, NULL), 0);
	assert_non_null(memmem(pack, len, NAME, strlen(NAME)));
	assert_null(memmem(pack, len, TEXT, strlen(TEXT)));
	free(pack);
}

/* Whatever does not fit is no use. */
static void
unfit(void **state)
{
	struct fixture *f = *state;
	const struct signed_cache_key key = key_of(NAME, TEXT, DIGEST_SHA1);
	const struct signed_cache_key other =
	    key_of("SEP.sgn", TEXT, DIGEST_SHA1);
	uint8_t *data;
	size_t len;

	put(f, NAME, TEXT);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, "<device />", DIGEST_SHA1));
	assert_false(find(f, NAME, "<devicE/>", DIGEST_SHA1));
	assert_false(find(f, NAME, TEXT, DIGEST_SHA512));
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));

	/* Another's signature; another's name; another's bytes. */
	sign(&f->node->recovery, NAME, TEXT, &data, &len);
	signed_cache_put(f->cache, &key, data, len);
	free(data);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	sign(&f->node->callmanager, "SEP.sgn", TEXT, &data, &len);
	signed_cache_put(f->cache, &key, data, len);
	data[30] ^= 1;
	signed_cache_put(f->cache, &other, data, len);
	free(data);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	assert_false(find(f, "SEP.sgn", TEXT, DIGEST_SHA1));
	/* They were not found: they go. */
	restart(f);
	signed_cache_sweep(f->cache);
	assert_int_equal(signed_cache_count(f->cache), 0);
}

/* Is a file found that was encrypted to this phone? */
static bool
find_encrypted(struct fixture *f, const struct cert *phone, const char *text,
    enum digest_alg digest)
{
	struct signed_cache_key key = key_of(ENCRYPTED, text, digest);
	uint8_t *data = NULL;
	size_t len = 0;
	bool found;

	key.phone = phone;
	found = signed_cache_find(f->cache, f->checker, &key, &data, &len);
	free(data);
	return found;
}

/* Encrypted files are for one phone and one content, too. */
static void
encrypted(void **state)
{
	struct fixture *f = *state;
	struct certfile phone = CERTFILE_INIT, other = CERTFILE_INIT;
	const struct signer s = { .cert = f->node->callmanager.cert,
		.key = f->node->callmanager.key,
		.digest = DIGEST_SHA1 };
	const struct file_draft d = { .filename = ENCRYPTED,
		.timestamp = 1393439067,
		.content = { TEXT, strlen(TEXT) } };
	struct signed_cache_key key = key_of(ENCRYPTED, TEXT, DIGEST_SHA1);
	struct file_signer *signer = file_signer_new(&s, NULL, NULL);
	uint8_t *data, *again;
	size_t len, n;

	itl_node_pair(&phone, "phone");
	itl_node_pair(&other, "other");
	assert_int_equal(encrypted_file_write(signer, &d, phone.cert, &data,
			     &len, NULL),
	    0);
	key.phone = phone.cert;
	signed_cache_put(f->cache, &key, data, len);
	signed_cache_flush(f->cache);
	restart(f);
	assert_false(find(f, ENCRYPTED, TEXT, DIGEST_SHA1));
	assert_false(find_encrypted(f, other.cert, TEXT, DIGEST_SHA1));
	assert_false(find_encrypted(f, phone.cert, "<devicE/>", DIGEST_SHA1));
	assert_false(find_encrypted(f, phone.cert, TEXT, DIGEST_SHA512));
	assert_true(find_encrypted(f, phone.cert, TEXT, DIGEST_SHA1));
	assert_true(signed_cache_find(f->cache, f->checker, &key, &again, &n));
	assert_int_equal(n, len);
	assert_memory_equal(again, data, len);
	free(again);
	free(data);
	file_signer_free(signer);
	certfile_release(&phone);
	certfile_release(&other);
}

/* The last word counts. */
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
	assert_int_equal(signed_cache_count(f->cache), 1);
	assert_true(find(f, FOLDER_NAME, TEXT, DIGEST_SHA1));
	signed_cache_drop(f->cache, FOLDER_NAME);
	signed_cache_drop(f->cache, "never.xml.sgn");
	assert_int_equal(signed_cache_count(f->cache), 0);
}

/* What was left by a killed process, and by phones that are gone. */
static void
cleaned(void **state)
{
	struct fixture *f = *state;

	put(f, NAME, TEXT);
	put(f, FOLDER_NAME, TEXT);
	/* An end waits for it, if not for the disk. */
	restart(f);
	testing_write(f->dir, "pack.1.new", "half");
	testing_write(f->dir, NAME, "of another version");
	restart(f);
	assert_int_equal(testing_count(f->dir), 1);
	assert_int_equal(signed_cache_count(f->cache), 2);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	signed_cache_sweep(f->cache);
	signed_cache_sweep(f->cache);
	assert_int_equal(signed_cache_count(f->cache), 1);
	assert_true(find(f, NAME, TEXT, DIGEST_SHA1));
	assert_int_equal(testing_count(f->dir), 1);
	signed_cache_close(NULL);
}

/* No folder can be made; and one that goes away is no reason to stop. */
static void
no_disk(void **state)
{
	struct fixture *f = *state;
	struct err e = ERR_INIT;

	assert_int_equal(unlink(f->pack), 0);
	assert_int_equal(rmdir(f->dir), 0);
	put(f, NAME, TEXT);
	signed_cache_drop(f->cache, NAME);
	signed_cache_sweep(f->cache);
	signed_cache_flush(f->cache);
	assert_false(find(f, NAME, TEXT, DIGEST_SHA1));
	signed_cache_close(f->cache);
	testing_write(f->node->dir, SIGNED_CACHE_DIR, "a file");
	f->cache = signed_cache_open(&e);
	assert_null(f->cache);
	assert_non_null(strstr(e.msg, SIGNED_CACHE_DIR));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(kept, setup, teardown),
		cmocka_unit_test_setup_teardown(unfit, setup, teardown),
		cmocka_unit_test_setup_teardown(encrypted, setup, teardown),
		cmocka_unit_test_setup_teardown(dropped, setup, teardown),
		cmocka_unit_test_setup_teardown(cleaned, setup, teardown),
		cmocka_unit_test_setup_teardown(no_disk, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
