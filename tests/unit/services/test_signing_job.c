#define _GNU_SOURCE /* memmem() */
#include "services/signing_job.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/phone_world.h"
#include "tests/fakes/testing.h"
#include "trust/encrypted_file.h"
#include "trust/trustlist.h"

#define A "00000000000A"

#define BIG 300000

struct fixture {
	struct phone_world *world; /* its source alone */
	struct signing_tools tools;
	struct signed_cache *cache;
	struct signing_identity *id;
	struct phone_changes read;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	char path[PATH_SIZE];

	f->world = phone_world_new();
	f->id = signing_identity_new(&f->world->node->source, 1, NULL);
	assert_non_null(f->id);
	f->cache = signed_cache_open(NULL);
	assert_non_null(f->cache);
	f->tools.source = &f->world->source;
	f->tools.identity = f->id;
	f->tools.cache = f->cache;
	f->tools.dir = open(paths_in(path, "tftp"), O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(f->tools.dir, -1);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	phone_changes_release(&f->read);
	(void)close(f->tools.dir);
	signed_cache_close(f->cache);
	signing_identity_free(f->id);
	phone_world_free(f->world);
	free(f);
	return 0;
}

/* A job for phone A with this text. */
static struct signing_job *
phone_job(struct fixture *f, const char *text, bool encrypt, bool cert)
{
	const struct phone_spec spec = { .mac = A,
		.text = text,
		.encrypt = encrypt,
		.cert = cert };
	struct signing_job *j = signing_job_new(SIGNING_PHONE, NULL);

	phone_world_set(f->world, &spec);
	f->world->started = false;
	phone_changes_release(&f->read);
	assert_int_equal(f->world->source.read(f->world, &f->read, NULL), 0);
	j->row = phone_row_hold(f->read.row[0]);
	j->basis = phone_basis_hold(f->read.basis);
	return j;
}

static void
assert_signed(const struct fixture *f, const struct signing_file *made,
    const char *name)
{
	struct err e = ERR_INIT;
	struct signed_file s;

	if (signed_file_parse(&s, made->data, made->len, &e) == -1 ||
	    signed_file_verify(&s, f->id->own.cert, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(s.header.filename, name);
	if (!s.encrypted)
		assert_int_equal(s.header.len, made->header);
}

/* Made; found on disk; and known to be there already. */
static void
a_phone(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j = phone_job(f, "one", false, true), *again;

	signing_job_run(&f->tools, 0, j);
	assert_null(j->error);
	assert_false(j->unchanged);
	assert_int_equal(j->n_signed, 1);
	assert_signed(f, &j->file, "SEP" A ".cnf.xml.sgn");
	assert_null(j->encrypted.data);
	signed_cache_flush(f->cache);

	again = phone_job(f, "one", false, true);
	signing_job_run(&f->tools, 0, again);
	assert_int_equal(again->n_signed, 0);
	assert_int_equal(again->n_reused, 1);
	assert_int_equal(again->file.len, j->file.len);
	assert_memory_equal(again->file.data, j->file.data, j->file.len);
	signing_job_free(again);

	again = phone_job(f, "one", false, false);
	again->has_input = true;
	again->input = j->input;
	signing_job_run(&f->tools, 0, again);
	assert_true(again->unchanged);
	assert_null(again->file.data);
	signing_job_free(again);

	again = phone_job(f, "two", false, false);
	again->has_input = true;
	again->input = j->input;
	signing_job_run(&f->tools, 0, again);
	assert_false(again->unchanged);
	assert_int_equal(again->n_signed, 1);
	signing_job_free(again);
	signing_job_free(j);
	signing_job_free(NULL);
}

/* The default configuration, and nowhere to keep it. */
static void
the_default(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j = phone_job(f, "", false, false);

	phone_row_release(j->row);
	j->row = NULL;
	f->tools.cache = NULL;
	signing_job_run(&f->tools, 0, j);
	assert_null(j->error);
	assert_signed(f, &j->file, "XMLDefault.cnf.xml.sgn");
	signing_job_free(j);
}

static void
an_encrypted_phone(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j = phone_job(f, "secret", true, true);
	struct signing_job *again;
	struct signed_file s;
	uint8_t *plain;
	size_t len;

	signing_job_run(&f->tools, 0, j);
	assert_null(j->error);
	assert_int_equal(j->n_signed, 2);
	assert_signed(f, &j->file, "SEP" A ".cnf.xml.sgn");
	assert_signed(f, &j->encrypted, "SEP" A ".cnf.xml.enc.sgn");
	assert_null(memmem(j->file.data, j->file.len, "secret", 6));
	assert_int_equal(signed_file_parse(&s, j->encrypted.data,
			     j->encrypted.len, NULL),
	    0);
	assert_int_equal(encrypted_file_decrypt(&s, f->world->phone.key, &plain,
			     &len, NULL),
	    0);
	assert_non_null(memmem(plain, len, "secret", 6));
	mem_free_wiped(plain, len);
	assert_int_equal(j->n_encrypted, 1);

	/* Both are kept. */
	signed_cache_flush(f->cache);
	again = phone_job(f, "secret", true, true);
	signing_job_run(&f->tools, 0, again);
	assert_null(again->error);
	assert_int_equal(again->n_signed, 0);
	assert_int_equal(again->n_encrypted, 0);
	assert_int_equal(again->n_reused, 2);
	assert_int_equal(again->encrypted.len, j->encrypted.len);
	assert_memory_equal(again->encrypted.data, j->encrypted.data,
	    j->encrypted.len);
	signing_job_free(again);

	/* The same configuration in the clear is another file. */
	again = phone_job(f, "secret", false, true);
	again->has_input = true;
	again->input = j->input;
	signing_job_run(&f->tools, 0, again);
	assert_false(again->unchanged);
	signing_job_free(again);
	/* So it is for another certificate. */
	certfile_release(&f->world->phone);
	itl_node_pair(&f->world->phone, "another");
	again = phone_job(f, "secret", true, true);
	again->has_input = true;
	again->input = j->input;
	signing_job_run(&f->tools, 0, again);
	assert_false(again->unchanged);
	assert_int_equal(again->n_encrypted, 1);
	signing_job_free(again);
	signing_job_free(j);
}

static void
assert_failed(struct fixture *f, struct signing_job *j, enum err_code code)
{
	signing_job_run(&f->tools, 0, j);
	assert_non_null(j->error);
	assert_int_equal(j->error->code, code);
	assert_null(j->file.data);
	assert_null(j->encrypted.data);
	signing_job_free(j);
}

static void
what_cannot_be_made(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j;

	assert_failed(f, phone_job(f, "broken", false, false), ERR_TOO_BIG);
	assert_failed(f, phone_job(f, "text", true, false), ERR_KEY);
	/* Not well-formed: there is no stub, and no encrypted file either. */
	assert_failed(f, phone_job(f, "<oops", true, true), ERR_FORMAT);
	j = signing_job_new(SIGNING_GROUP, NULL);
	assert_failed(f, j, ERR_USAGE);
	j = signing_job_new(SIGNING_STATIC, NULL);
	(void)str_copy(j->name, sizeof(j->name), "missing.xml");
	assert_failed(f, j, ERR_NOT_FOUND);
	j = signing_job_new(SIGNING_STATIC, NULL);
	memset(j->name, 'x', sizeof(j->name) - 1);
	assert_failed(f, j, ERR_TOO_BIG);
	assert_int_equal(signed_cache_count(f->cache), 0);
}

static void
a_group(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j = signing_job_new(SIGNING_GROUP, NULL);
	struct trustlist l;

	j->group = f->world->group[1];
	signing_job_run(&f->tools, 0, j);
	assert_null(j->error);
	assert_int_equal(j->n_signed, 1);
	assert_int_equal(trustlist_parse(&l, j->file.data, j->file.len, NULL),
	    0);
	trustlist_release(&l);
	signing_job_free(j);
}

static void
a_file(void **state)
{
	struct fixture *f = *state;
	struct signing_job *j;
	struct stat st;
	char *dir = mem_printf("%s/tftp/New_Zealand", f->world->node->dir);
	char *kept = mem_printf("%s/" SIGNED_CACHE_PACK, f->world->node->dir);
	char *big = mem_alloc(BIG + 1);

	assert_int_equal(mkdir(dir, 0755), 0);
	testing_write(dir, "g3-tones.xml", "tones");
	j = signing_job_new(SIGNING_STATIC, NULL);
	(void)str_copy(j->name, sizeof(j->name), "New_Zealand/g3-tones.xml");
	signing_job_run(&f->tools, 0, j);
	assert_null(j->error);
	assert_signed(f, &j->file, "New_Zealand/g3-tones.xml.sgn");
	signing_job_free(j);

	/* Of a large one no more is kept than of others. */
	memset(big, 'x', BIG);
	testing_write(f->world->node->dir, "tftp/big.bin", big);
	for (unsigned i = 0; i < 2; i++) {
		j = signing_job_new(SIGNING_STATIC, NULL);
		(void)str_copy(j->name, sizeof(j->name), "big.bin");
		signing_job_run(&f->tools, 0, j);
		assert_null(j->error);
		assert_signed(f, &j->file, "big.bin.sgn");
		assert_int_equal(j->n_reused, i);
		signing_job_free(j);
		assert_int_equal(signed_cache_count(f->cache), 2);
	}
	assert_int_equal(stat(kept, &st), 0);
	assert_true(st.st_size < 4096);
	free(big);
	free(kept);
	free(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_phone, setup, teardown),
		cmocka_unit_test_setup_teardown(the_default, setup, teardown),
		cmocka_unit_test_setup_teardown(an_encrypted_phone, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(what_cannot_be_made, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_group, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
