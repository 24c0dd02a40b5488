#include "services/signing_identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/paths.h"
#include "tests/fakes/itl_node.h"

static int
setup(void **state)
{
	*state = itl_node_new();
	return 0;
}

static int
teardown(void **state)
{
	itl_node_free(*state);
	return 0;
}

/* One signer and one checker for each thread, which fit each other. */
static void
tools(void **state)
{
	struct itl_node *n = *state;
	const struct file_draft d = { .major = 1,
		.filename = "a.xml.sgn",
		.timestamp = 1393439067,
		.content = { "text", 4 } };
	struct signing_identity *id;
	struct err e = ERR_INIT;

	n->digest = DIGEST_SHA512;
	id = signing_identity_new(&n->source, 3, &e);
	assert_non_null(id);
	assert_true(cert_equal(id->own.cert, n->callmanager.cert));
	assert_true(cert_equal(id->others.tvs, n->tvs.cert));
	assert_int_equal(id->threads, 3);
	for (unsigned i = 0; i < 3; i++) {
		struct signed_file f;
		uint8_t *data;
		size_t len;

		assert_int_equal(file_signer_digest(id->signer[i]),
		    DIGEST_SHA512);
		assert_int_equal(file_signer_sign(id->signer[i], &d, &data,
				     &len, &e),
		    0);
		assert_int_equal(signed_file_parse(&f, data, len, &e), 0);
		assert_int_equal(file_checker_check(id->checker[(i + 1) % 3],
				     &f, &e),
		    0);
		free(data);
	}
	signing_identity_free(id);
	signing_identity_free(NULL);
}

static void
what_is_missing(void **state)
{
	struct itl_node *n = *state;
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	atomic_store(&n->failures, 1);
	assert_null(signing_identity_new(&n->source, 2, &e));
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_int_equal(unlink(paths_in(path, "certs/CallManager.pem")), 0);
	assert_null(signing_identity_new(&n->source, 2, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tools, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_missing, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
