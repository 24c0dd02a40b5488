#include "trust/password.h"

#include "trust_util.h"

static void
only_the_password_fits(void **state)
{
	char stored[PASSWORD_HASH_SIZE], again[PASSWORD_HASH_SIZE];
	struct err e = ERR_INIT;
	struct secret right, wrong;

	(void)state;
	secret_set(&right, "C1sco!23", 8);
	secret_set(&wrong, "C1sco!24", 8);
	assert_int_equal(password_hash(stored, &right, &e), 0);
	assert_true(str_starts(stored, "pbkdf2-sha256$600000$"));
	assert_int_equal(password_hash(again, &right, &e), 0);
	assert_string_not_equal(stored, again);
	assert_int_equal(password_verify(stored, &right, &e), 0);
	assert_int_equal(password_verify(stored, &wrong, &e), -1);
	assert_err(e, ERR_AUTH, "wrong password");
	secret_release(&right);
	secret_release(&wrong);
}

/* PBKDF2-HMAC-SHA256, one round, by another implementation (hashlib). */
static void
known_answer(void **state)
{
	struct err e = ERR_INIT;
	struct secret s;

	(void)state;
	secret_set(&s, "password", 8);
	assert_int_equal(password_verify("pbkdf2-sha256$1$"
					 "000102030405060708090a0b0c0d0e0f$"
					 "e1b08f92be8174d9f442d95d89aa4ccd"
					 "c311231a4d70d0b854d1548de8fabdfd",
			     &s, &e),
	    0);
	secret_release(&s);
}

static void
what_is_no_hash_is_refused(void **state)
{
	static const char *const bad[] = { "", "pbkdf2-sha256$", "secret",
		"pbkdf2-sha256$0$00$00", "pbkdf2-sha256$1$00$00",
		"pbkdf2-sha256$999999999999$000102030405060708090a0b0c0d0e0f$"
		"000102030405060708090a0b0c0d0e0f"
		"000102030405060708090a0b0c0d0e0f",
		"pbkdf2-sha256$1$000102030405060708090a0b0c0d0eXX$"
		"000102030405060708090a0b0c0d0e0f"
		"000102030405060708090a0b0c0d0e0f" };
	struct err e = ERR_INIT;
	struct secret s;

	(void)state;
	secret_set(&s, "", 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(password_verify(bad[i], &s, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
	}
	secret_release(&s);
}

/* hashlib: pbkdf2_hmac("sha256", b"password", sha256(b"abc"), 600000) */
static void
a_proof_is_for_its_statement(void **state)
{
	char proof[PASSWORD_PROOF_SIZE], other[PASSWORD_PROOF_SIZE];
	struct err e = ERR_INIT;
	struct secret right, wrong;

	(void)state;
	secret_set(&right, "password", 8);
	secret_set(&wrong, "passwore", 8);
	assert_int_equal(password_prove(proof, &right, "abc", 3, &e), 0);
	assert_string_equal(proof,
	    "e77c94b7c6e6c8b80bb3891d2dc0c8ad"
	    "a69841ae69e80ed5c8bc0060f438df5f");
	assert_int_equal(password_prove(other, &right, "abd", 3, &e), 0);
	assert_string_not_equal(proof, other);
	assert_int_equal(password_proven(proof, &right, "abc", 3, &e), 0);
	assert_int_equal(password_proven(proof, &right, "abd", 3, &e), -1);
	assert_err(e, ERR_AUTH, "wrong password");
	assert_int_equal(password_proven(proof, &wrong, "abc", 3, &e), -1);
	assert_int_equal(password_proven("", &right, "abc", 3, &e), -1);
	proof[PASSWORD_PROOF_SIZE - 2] ^= 1;
	assert_int_equal(password_proven(proof, &right, "abc", 3, &e), -1);
	secret_release(&right);
	secret_release(&wrong);
}

static void
tokens_are_base64url(void **state)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789-_";
	char a[64], b[64];

	(void)state;
	for (size_t n = 1; n <= 24; n++) {
		random_token(a, sizeof(a), n);
		assert_int_equal(strlen(a), (4 * n + 2) / 3);
		assert_int_equal(strspn(a, letters), strlen(a));
	}
	random_token(b, sizeof(b), 24);
	assert_string_not_equal(a, b);
}

static void
serials_are_positive_and_minimal(void **state)
{
	uint8_t a[16], b[16];

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		random_serial(a);
		assert_true(a[0] >= 0x40 && a[0] < 0x80);
	}
	random_serial(b);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_password_fits),
		cmocka_unit_test(known_answer),
		cmocka_unit_test(what_is_no_hash_is_refused),
		cmocka_unit_test(a_proof_is_for_its_statement),
		cmocka_unit_test(tokens_are_base64url),
		cmocka_unit_test(serials_are_positive_and_minimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
