#include "trust/certfile.h"

#include <sys/stat.h>

#include <unistd.h>

#include "tests/fakes/testing.h"
#include "trust_util.h"

struct world {
	char *dir;
	char *path;
	char *new;
	struct certfile a;
	struct certfile b;
};

static int
setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	w->dir = testing_dir();
	w->path = mem_printf("%s/CallManager.pem", w->dir);
	w->new = mem_printf("%s/CallManager.pem.new", w->dir);
	w->a = pair("sast1024");
	w->b = pair("seed_capf");
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	certfile_release(&w->a);
	certfile_release(&w->b);
	testing_dir_remove(w->dir);
	free(w->path);
	free(w->new);
	free(w);
	return 0;
}

static void
one_rename_replaces_both(void **state)
{
	struct world *w = *state;
	char want[CERT_FINGERPRINT_SIZE], got[CERT_FINGERPRINT_SIZE];
	struct certfile f = CERTFILE_INIT;
	struct err e = ERR_INIT;
	struct stat st;

	assert_int_equal(certfile_write(w->path, w->a.key, w->a.cert, &e), 0);
	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_false(certfile_has_new(w->path));
	assert_int_equal(certfile_write_new(w->path, w->b.key, w->b.cert, &e),
	    0);
	assert_true(certfile_has_new(w->path));
	assert_int_equal(certfile_fingerprint(w->new, got, &e), 0);
	cert_fingerprint(w->b.cert, want);
	assert_string_equal(got, want);
	assert_int_equal(certfile_fingerprint(w->path, got, &e), 0);
	cert_fingerprint(w->a.cert, want);
	assert_string_equal(got, want);
	assert_int_equal(certfile_commit(w->path, &e), 0);
	assert_int_equal(certfile_read(&f, w->path, &e), 0);
	assert_true(cert_equal(f.cert, w->b.cert));
	assert_int_equal(testing_count(w->dir), 1);
	certfile_release(&f);
}

static void
a_new_pair_can_be_discarded(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;

	assert_int_equal(certfile_discard(w->path, &e), 0);
	assert_int_equal(certfile_write_new(w->path, w->b.key, w->b.cert, &e),
	    0);
	assert_int_equal(certfile_discard(w->path, &e), 0);
	assert_false(certfile_has_new(w->path));
	assert_int_equal(certfile_commit(w->path, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
strangers_are_refused(void **state)
{
	struct world *w = *state;
	struct certfile f = CERTFILE_INIT;
	struct err e = ERR_INIT;
	char *cert = cert_to_pem(w->b.cert), *key, *text;
	size_t n;

	assert_int_equal(certfile_write_new(w->path, w->a.key, w->b.cert, &e),
	    -1);
	assert_err(e, ERR_KEY, "do not belong together");
	assert_false(certfile_has_new(w->path));
	assert_int_equal(key_to_pem(w->a.key, &key, &n, &e), 0);
	text = mem_printf("%s%s", key, cert);
	testing_write(w->dir, "CallManager.pem", text);
	assert_int_equal(certfile_read(&f, w->path, &e), -1);
	assert_err(e, ERR_KEY, "do not belong together");
	assert_null(f.key);
	assert_null(f.cert);
	testing_write(w->dir, "CallManager.pem", key);
	assert_int_equal(certfile_read(&f, w->path, &e), -1);
	assert_err(e, ERR_KEY, "no certificate");
	testing_write(w->dir, "CallManager.pem", cert);
	assert_int_equal(certfile_read(&f, w->path, &e), -1);
	assert_err(e, ERR_KEY, "no private key");
	free(text);
	free(cert);
	mem_free_wiped(key, n);
}

static void
a_missing_file(void **state)
{
	struct world *w = *state;
	struct certfile f = CERTFILE_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(certfile_read(&f, w->path, &e), -1);
	assert_err(e, ERR_NOT_FOUND, "CallManager.pem");
	certfile_release(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_rename_replaces_both, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_new_pair_can_be_discarded,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(strangers_are_refused, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(a_missing_file, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
