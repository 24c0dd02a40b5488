#include "sftp/keytext.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "tests/fakes/testing.h"

/* Made with ssh-keygen; used nowhere else. */
static const char sec1[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIND8KaD6s3NXqL1UU7sI3owNMFZbRinZ5FqyLI6fVzyAoAoGCCqGSM49\n"
    "AwEHoUQDQgAEqWPntl7wqJPeOkv+8qWw1fIG2lpui586ZDKbDeWdXdiH0eNxIV1E\n"
    "Wfsb4+FTjvnrbpPpAcsg7t7BDAEbFHBE8A==\n"
    "-----END EC PRIVATE KEY-----\n";
static const char pkcs8[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0PwpoPqzc1eovVRT\n"
    "uwjejA0wVltGKdnkWrIsjp9XPIChRANCAASpY+e2XvCok946S/7ypbDV8gbaWm6L\n"
    "nzpkMpsN5Z1d2IfR43EhXURZ+xvj4VOO+etuk+kByyDu3sEMARsUcETw\n"
    "-----END PRIVATE KEY-----\n";
static const char locked[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "Proc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,EA9939D04E861442BD4A54BF9518AA68\n"
    "\n"
    "VI92sEzqNcC+2tdDJrx3ZVIPrtn4KOZb7MqPefYGtaBHpleH6aHFo1Nn5Myc2iRa\n"
    "pTf/Iwz4LKWDuwoPrEwqiB/2SpdnSNSZiMzWJKzWLn3fpKcjC3Dp+cVntx+NasVY\n"
    "3AtljYSL/fM0qxOooM1Oug12KbcF5G2lSqZ8X1Midag=\n"
    "-----END EC PRIVATE KEY-----\n";
static const char public[] =
    "ecdsa-sha2-nistp256 "
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKlj57Ze"
    "8KiT3jpL/vKlsNXyBtpaboufOmQymw3lnV3Yh9HjcSFdRFn7G+PhU475626T6QHLIO7ewQwBGxRwRPA=";
static const char fingerprint[] =
    "SHA256:NRiKyUW8prGsdmBef+nGb5ZGOzTnG/ryHWOyRY3r5Kc";

static void
test_public_of_text(void **state)
{
	char text[KEYTEXT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(keytext_public_of_text(sec1, text, &e), 0);
	assert_string_equal(text, public);
	assert_int_equal(keytext_public_of_text(pkcs8, text, &e), 0);
	assert_string_equal(text, public);
}

static void
test_check(void **state)
{
	char text[KEYTEXT_SIZE], line[KEYTEXT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	(void)snprintf(line, sizeof(line), "%s a comment", public);
	assert_int_equal(keytext_check(public, text, &e), 0);
	assert_string_equal(text, public);
	assert_int_equal(keytext_check(line, text, &e), 0);
	assert_string_equal(text, public);
	assert_int_equal(keytext_check("", text, &e), -1);
	assert_int_equal(keytext_check("ssh-rsa AAAA", text, &e), -1);
	assert_int_equal(keytext_check("ssh-rsa", text, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	/* A key of another type than it says. */
	line[0] = 'x';
	assert_int_equal(keytext_check(line, text, &e), -1);
}

static void
test_not_a_key(void **state)
{
	char text[KEYTEXT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(keytext_public_of_text("", text, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_int_equal(keytext_public_of_text(public, text, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	/* A passphrase is never asked for. */
	assert_int_equal(keytext_public_of_text(locked, text, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
}

static void
test_public_of_file(void **state)
{
	char *dir = testing_dir();
	char path[256], text[KEYTEXT_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, "key", sec1);
	str_printf(path, sizeof(path), "%s/key", dir);
	assert_int_equal(keytext_public_of_file(path, text, &e), 0);
	assert_string_equal(text, public);
	testing_write(dir, "key", "garbage");
	assert_int_equal(keytext_public_of_file(path, text, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_non_null(strstr(e.msg, path));
	str_printf(path, sizeof(path), "%s/none", dir);
	assert_int_equal(keytext_public_of_file(path, text, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_dir_remove(dir);
}

static void
test_fingerprint(void **state)
{
	static const char *const bad[] = { "", "ecdsa-sha2-nistp256",
		"ecdsa-sha2-nistp256 ", "ecdsa-sha2-nistp256 AAAA",
		"unknown-type AAAAB3NzaC1yc2E=", " a b" };
	char text[KEYTEXT_FINGERPRINT_SIZE], line[KEYTEXT_SIZE];
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	assert_int_equal(keytext_fingerprint(public, text, &e), 0);
	assert_string_equal(text, fingerprint);
	str_printf(line, sizeof(line), "%s a comment\n", public);
	assert_int_equal(keytext_fingerprint(line, text, &e), 0);
	assert_string_equal(text, fingerprint);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err_clear(&e);
		assert_int_equal(keytext_fingerprint(bad[i], text, &e), -1);
		assert_int_equal(e.code, ERR_KEY);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public_of_text),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_not_a_key),
		cmocka_unit_test(test_public_of_file),
		cmocka_unit_test(test_fingerprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
