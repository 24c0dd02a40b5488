#include "trust/tool_trust.h"

#include "tool_util.h"

#define CCM (VECTORS "pem/callmanager.pem")

/* The verdict on a vector with this certificate, or without any. */
static enum tool_status
verdict(const char *path, const char *cert, bool no_verify, struct err *e)
{
	struct tool_batch b = { .command = &tool_unsign };
	struct tool_trust t = { .cert_path = cert, .no_verify = no_verify };
	struct bytes file = load(path);
	struct tool_job j = { .path = path, .data = file.p, .len = file.n };
	enum tool_status status;
	struct signed_file f;

	err_clear(e);
	assert_int_equal(tool_trust_load(&t, &b), TOOL_OK);
	status = tool_trust_check(&t, &f, &j, e);
	if (status == TOOL_OK)
		assert_ptr_equal(f.data, file.p);
	tool_trust_release(&t);
	tool_batch_release(&b);
	free(file.p);
	return status;
}

static void
verdicts(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(verdict(S01, CCM, false, &e), TOOL_OK);
	assert_int_equal(verdict(E01, CCM, false, &e), TOOL_OK);
	assert_int_equal(verdict(S01, (VECTORS "pem/capf.pem"), false, &e),
	    TOOL_SIGNATURE);
	assert_err(e, ERR_SIGNATURE, "signature invalid: ");
	assert_int_equal(verdict(S01, NULL, false, &e), TOOL_UNVERIFIABLE);
	assert_err(e, ERR_UNVERIFIABLE, "give that of CN=callmanager");
	assert_int_equal(verdict(S01, NULL, true, &e), TOOL_OK);
	assert_int_equal(verdict(C01, CCM, false, &e), TOOL_MALFORMED);
	assert_err(e, ERR_FORMAT,
	    "malformed: offset 0: header: VERSION is 1.2");
	assert_int_equal(verdict(C01, NULL, true, &e), TOOL_MALFORMED);
}

/* Complaints go where the test's own text goes, so they are caught. */
static void
certificates_that_are_none(void **state)
{
	(void)state;
	EXPECT(TOOL_NO_INPUT, "nothing.pem", &tool_unsign, "unsign", S01,
	    "--cert", "nothing.pem");
	EXPECT(TOOL_NO_INPUT, "no certificate", &tool_unsign, "unsign", S01,
	    "--cert", C01);
	EXPECT(TOOL_USAGE, "--cert or --no-verify, not both", &tool_unsign,
	    "unsign", S01, "--cert", CCM, "--no-verify");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(certificates_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
