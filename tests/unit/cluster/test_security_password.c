/*
 * cluster/security_password.c: the present password and the one to come.
 */
#include "cluster/security_password.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include <cmocka.h>

#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define ID "00112233445566778899aabbccddeeff"
#define OTHER "ffeeddccbbaa99887766554433221100"
#define PRESENT "certs/security_password"
#define STAGED "certs/security_password.new"

static char *dir;

static int
set_up(void **state)
{
	char path[PATH_SIZE];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	if (mkdir(paths_in(path, "certs"), 0755) == -1)
		return -1;
	testing_write(dir, PRESENT, "old word");
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

static void
file_is(const char *name, const char *want)
{
	char *text = testing_read(dir, name);

	if (want == NULL)
		assert_null(text);
	else
		assert_string_equal(text, want);
	free(text);
}

static int
stage(const char *id, const char *text, struct err *e)
{
	struct secret s;
	int rc;

	secret_set(&s, text, strlen(text));
	rc = security_password_stage(id, &s, e);
	secret_release(&s);
	return rc;
}

static int
check(const char *text, struct err *e)
{
	struct secret s;
	int rc;

	secret_set(&s, text, strlen(text));
	rc = security_password_check(&s, e);
	secret_release(&s);
	return rc;
}

static void
line_end_is_no_part_of_it(void **state)
{
	static const char *const forms[] = { "se cret", "se cret\n",
		"se cret\r\nmore\n" };
	struct secret s;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		testing_write(dir, PRESENT, forms[i]);
		assert_int_equal(security_password_read(&s, &e), 0);
		assert_string_equal(s.text, "se cret");
		assert_int_equal(s.len, 7);
		secret_release(&s);
		assert_int_equal(check("se cret", &e), 0);
	}
	testing_write(dir, PRESENT, "\n");
	assert_int_equal(security_password_read(&s, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_null(s.text);
}

static void
another_one_is_wrong(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(check("old word", &e), 0);
	assert_int_equal(check("old wore", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(check("", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
	assert_int_equal(check("old word ", &e), -1);
	assert_int_equal(e.code, ERR_AUTH);
}

static void
written_as_it_is_and_for_its_owner_alone(void **state)
{
	char path[PATH_SIZE];
	struct secret s;
	struct stat st;
	struct err e = ERR_INIT;

	(void)state;
	secret_set(&s, "new word", 8);
	assert_int_equal(security_password_write(&s, &e), 0);
	secret_release(&s);
	file_is(PRESENT, "new word");
	assert_int_equal(stat(paths_in(path, PRESENT), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
new_one_lies_beside_the_present_one(void **state)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	char path[PATH_SIZE];
	struct stat st;
	struct err e = ERR_INIT;

	(void)state;
	assert_false(security_password_staged(id));
	assert_int_equal(stage(ID, "new word", &e), 0);
	file_is(PRESENT, "old word");
	file_is(STAGED, ID "\nnew word");
	assert_int_equal(stat(paths_in(path, STAGED), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(security_password_staged(id));
	assert_string_equal(id, ID);
	/* another change: the earlier one goes */
	assert_int_equal(stage(OTHER, "newer", &e), 0);
	assert_true(security_password_staged(id));
	assert_string_equal(id, OTHER);
}

static void
taken_by_its_number_only(void **state)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(security_password_take(ID, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(stage(ID, "new word", &e), 0);
	assert_int_equal(security_password_take(OTHER, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	file_is(PRESENT, "old word");
	assert_int_equal(security_password_take(ID, &e), 0);
	file_is(PRESENT, "new word");
	assert_false(security_password_staged(id));
	file_is(STAGED, NULL);
}

/* Killed between the two steps of taking it. */
static void
taking_may_be_repeated(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	testing_write(dir, PRESENT, "new word");
	assert_int_equal(stage(ID, "new word", &e), 0);
	assert_int_equal(security_password_take(ID, &e), 0);
	file_is(PRESENT, "new word");
	file_is(STAGED, NULL);
}

static void
discarded_without_a_trace(void **state)
{
	char id[SECURITY_CHANGE_ID_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(security_password_discard(&e), 0);
	assert_int_equal(stage(ID, "new word", &e), 0);
	assert_int_equal(security_password_discard(&e), 0);
	assert_false(security_password_staged(id));
	file_is(PRESENT, "old word");
}

static void
broken_files_have_no_number(void **state)
{
	static const char *const broken[] = { "", "x", ID, ID "\n",
		ID " word" };
	char id[SECURITY_CHANGE_ID_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		testing_write(dir, STAGED, broken[i]);
		assert_true(security_password_staged(id));
		assert_string_equal(id, "");
		assert_int_equal(security_password_take(ID, &e), -1);
		file_is(PRESENT, "old word");
	}
	assert_int_equal(stage("no number", "word", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_int_equal(stage(ID, "", &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(line_end_is_no_part_of_it),
		TEST(another_one_is_wrong),
		TEST(written_as_it_is_and_for_its_owner_alone),
		TEST(new_one_lies_beside_the_present_one),
		TEST(taken_by_its_number_only),
		TEST(taking_may_be_repeated),
		TEST(discarded_without_a_trace),
		TEST(broken_files_have_no_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
