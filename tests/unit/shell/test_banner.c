#include "shell/banner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tests/fakes/golden.h"

static void
bytes_are_the_reference_s(void **state)
{
	struct machine m = {
		.cpus = 2,
		.cpu = "Intel(R) Xeon(R) CPU E5-4669 v4 @ 2.20GHz",
		.disk_gb = 146,
		.memory_mb = 10240,
	};
	struct out *out = out_new_mem(OUT_TEXT);
	char *expected = golden("cli/banner.txt");
	char *prompt = strstr(expected, "admin:");

	(void)state;
	assert_non_null(prompt);
	*prompt = '\0';
	banner_starting(out);
	banner_welcome(out, &m);
	assert_string_equal(out_text(out), expected);
	free(expected);
	out_free(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_the_reference_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
