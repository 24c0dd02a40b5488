#include "trust/itl.h"

#include "trust/trustlist.h"
#include "trust_util.h"

struct world {
	struct certfile ccm, capf, tvs, recovery, sub;
	const struct cert *further[1];
	struct itl_inputs in;
};

static int
setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	w->ccm = pair("seed_callmanager_pub");
	w->capf = pair("seed_capf");
	w->tvs = pair("seed_tvs_pub");
	w->recovery = pair("seed_itlrecovery_pub");
	w->sub = pair("seed_tvs_sub");
	w->further[0] = w->sub.cert;
	w->in = (struct itl_inputs) { .callmanager = w->ccm.cert,
		.callmanager_key = w->ccm.key,
		.capf = w->capf.cert,
		.tvs = w->tvs.cert,
		.recovery = w->recovery.cert,
		.further_tvs = w->further,
		.n_further = 1,
		.digest = DIGEST_SHA1,
		.timestamp = T2014 };
	*state = w;
	return 0;
}

static int
teardown(void **state)
{
	struct world *w = *state;

	certfile_release(&w->ccm);
	certfile_release(&w->capf);
	certfile_release(&w->tvs);
	certfile_release(&w->recovery);
	certfile_release(&w->sub);
	free(w);
	return 0;
}

/* From the certificates of the seed's nodes comes another writer's file. */
static void
the_bytes_of_the_seed(void **state)
{
	struct world *w = *state;
	struct bytes want = load(C01), made;
	struct err e = ERR_INIT;

	if (itl_build(&w->in, &made.p, &made.n, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(made.n, 5302);
	assert_memory_equal(made.p, want.p, want.n);
	free(made.p);
	free(want.p);
}

static void
alone_and_with_sha512(void **state)
{
	struct world *w = *state;
	struct err e = ERR_INIT;
	struct trustlist l;
	struct bytes made;

	w->in.n_further = 0;
	w->in.digest = DIGEST_SHA512;
	assert_int_equal(itl_build(&w->in, &made.p, &made.n, &e), 0);
	assert_int_equal(trustlist_parse(&l, made.p, made.n, &e), 0);
	assert_int_equal(l.n_records, 5);
	assert_int_equal(l.header.digest, DIGEST_SHA512);
	trustlist_release(&l);
	free(made.p);
}

static void
nothing_may_be_missing(void **state)
{
	struct world *w = *state;
	struct itl_inputs in = w->in;
	struct err e = ERR_INIT;
	struct bytes made;

	in.recovery = NULL;
	assert_int_equal(itl_build(&in, &made.p, &made.n, &e), -1);
	assert_err(e, ERR_USAGE, "an ITL needs the ITLRecovery certificate");
	in = w->in;
	in.callmanager_key = w->capf.key;
	assert_int_equal(itl_build(&in, &made.p, &made.n, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
}

static void
too_many_nodes(void **state)
{
	struct world *w = *state;
	const struct cert *many[100];
	struct err e = ERR_INIT;
	struct bytes made;

	for (size_t i = 0; i < 100; i++)
		many[i] = w->sub.cert;
	w->in.further_tvs = many;
	w->in.n_further = 100;
	assert_int_equal(itl_build(&w->in, &made.p, &made.n, &e), -1);
	assert_err(e, ERR_TOO_BIG, "65536");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_bytes_of_the_seed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(alone_and_with_sha512, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(nothing_may_be_missing, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(too_many_nodes, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
