#include "trust/tool_phone.h"

#include <unistd.h>

#include "tests/fakes/testing.h"
#include "trust_util.h"

#define PHONE VECTORS "pem/phone_lsc2048.pem"

static void
one_phone_for_all(void **state)
{
	struct tool_phone p = { .path = PHONE };
	struct err e = ERR_INIT;
	struct cert *c = tool_phone_cert(&p, "anything.at.all", &e);
	struct key *k = tool_phone_key(&p, "else", &e);

	(void)state;
	assert_non_null(c);
	assert_non_null(k);
	assert_true(cert_matches_key(c, k));
	cert_free(c);
	key_free(k);
}

static void
each_by_its_name(void **state)
{
	char *dir = testing_dir();
	char *path = mem_printf("%s/SEP58971ECC97C1.pem", dir);
	struct tool_phone p = { .dir = dir };
	struct bytes b = load(PHONE);
	struct err e = ERR_INIT;
	struct cert *c;
	struct key *k;

	(void)state;
	assert_int_equal(file_replace(path, b.p, b.n, 0600, &e), 0);
	c = tool_phone_cert(&p, "x.y/SEP58971ECC97C1.cnf.xml", &e);
	k = tool_phone_key(&p, "SEP58971ECC97C1.cnf.xml.enc.sgn", &e);
	assert_non_null(c);
	assert_non_null(k);
	cert_free(c);
	key_free(k);
	assert_null(tool_phone_cert(&p, "SEP000000000000.cnf.xml", &e));
	assert_err(e, ERR_NOT_FOUND, "/SEP000000000000.pem");
	assert_null(tool_phone_key(&p, "SEP000000000000.cnf.xml", &e));
	assert_err(e, ERR_NOT_FOUND, "/SEP000000000000.pem");
	free(b.p);
	free(path);
	testing_dir_remove(dir);
}

static void
files_without_what_is_wanted(void **state)
{
	struct tool_phone p = { .path = C01 };
	struct err e = ERR_INIT;

	(void)state;
	assert_null(tool_phone_cert(&p, "a", &e));
	assert_err(e, ERR_FORMAT, "c01_seed_shape_5302.tlv: no certificate");
	assert_null(tool_phone_key(&p, "a", &e));
	assert_err(e, ERR_KEY, "c01_seed_shape_5302.tlv: no private key");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_phone_for_all),
		cmocka_unit_test(each_by_its_name),
		cmocka_unit_test(files_without_what_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
