#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "commands/table.h"
#include "tests/fakes/cmd_world.h"

#define PEM "tests/data/vectors/pem/callmanager.pem"

/* What the agent sends: a certificate of the vectors. */
static int
load(void **state)
{
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	if (file_read(PEM, 65536, &data, &len, &e) == -1)
		return -1;
	*state = data;
	return 0;
}

static int
unload(void **state)
{
	free(*state);
	return 0;
}

static void
shows_fields_and_ends_with_the_pem(void **state)
{
	struct fake_answer answers[] = {
		{ .words = "cert show own CallManager", .data = *state },
		{ .words = NULL },
	};
	struct cmd_world w;
	const char *text, *end = "-----END CERTIFICATE-----\n";

	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_own,
			     "CallManager/CallManager.pem"),
	    0);
	text = cmd_world_text(&w);
	assert_non_null(strstr(text, "Issuer Name: CN="));
	assert_non_null(strstr(text, "Subject Name: CN="));
	assert_non_null(strstr(text, "SignatureAlgorithm: SHA"));
	assert_non_null(strstr(text, "From: "));
	assert_non_null(strstr(text, "To: "));
	assert_true(strlen(text) > strlen(end));
	assert_string_equal(text + strlen(text) - strlen(end), end);
	assert_null(strstr(text, "PRIVATE KEY"));
	cmd_world_release(&w);
}

static void
trust_names_are_passed_on_whole(void **state)
{
	struct fake_answer answers[] = {
		{ .words = "cert show trust CAPF-trust/x.pem", .data = *state },
		{ .words = NULL },
	};
	struct cmd_world w;

	cmd_world_init(&w, answers, NULL, OUT_JSON);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_trust,
			     "CAPF-trust/x.pem"),
	    0);
	assert_int_equal(cmd_world_text(&w)[0], '{');
	cmd_world_release(&w);
}

static void
bytes_that_are_no_certificate_are_refused(void **state)
{
	struct fake_answer answers[] = {
		{ .words = "cert show own TVS", .data = "nonsense" },
		{ .words = "cert show own CAPF",
		    .code = ERR_NOT_FOUND,
		    .message = "none" },
		{ .words = NULL },
	};
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_own, "TVS"), -1);
	assert_int_not_equal(w.e.msg[0], '\0');
	assert_int_equal(cmd_world_run(&w, &cmd_show_cert_own, "CAPF"), -1);
	assert_string_equal(w.e.msg, "none");
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_fields_and_ends_with_the_pem),
		cmocka_unit_test(trust_names_are_passed_on_whole),
		cmocka_unit_test(bytes_that_are_no_certificate_are_refused),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
