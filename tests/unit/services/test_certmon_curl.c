#include "services/certmon_curl_priv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"

static void
all_of_it_is_found_once(void **state)
{
	struct err e = ERR_INIT;
	const struct certmon_curl *c = certmon_curl(&e);
	CURL *easy;

	(void)state;
	assert_non_null(c);
	assert_ptr_equal(certmon_curl(&e), c);
	easy = c->easy_init();
	assert_non_null(easy);
	assert_int_equal(c->easy_set(easy, CURLOPT_URL, "smtp://localhost"),
	    CURLE_OK);
	assert_non_null(c->easy_strerror(CURLE_OPERATION_TIMEDOUT));
	c->easy_cleanup(easy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_is_found_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
