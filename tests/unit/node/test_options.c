/*
 * node/options.c: options from a table, arguments kept in order.
 */
#include "node/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct values {
	bool flag;
	char text[8];
	const char *string;
	uint16_t port;
	unsigned number;
};

#define ARGS_MAX 12

/* Parse the words behind the command's name. */
static int
parse(struct values *v, char *words[ARGS_MAX], int *nargs, struct err *e)
{
	const struct option_def defs[] = {
		{ "flag", OPTION_FLAG, &v->flag, 0 },
		{ "text", OPTION_TEXT, v->text, sizeof(v->text) },
		{ "string", OPTION_STRING, &v->string, 0 },
		{ "port", OPTION_PORT, &v->port, 0 },
		{ "number", OPTION_NUMBER, &v->number, 100 },
	};
	int argc = 0;

	while (words[argc] != NULL)
		argc++;
	return options_parse(argc, words, defs, 5, nargs, e);
}

#define WORD(s) ((char[]) { s })

static void
takes_every_kind(void **state)
{
	char *words[ARGS_MAX] = { WORD("x"), WORD("--flag"), WORD("one"),
		WORD("--text"), WORD("abc"), WORD("--string=d=e"),
		WORD("--port"), WORD("65535"), WORD("--number=100"),
		WORD("two") };
	struct values v = { .flag = false };
	struct err e = ERR_INIT;
	int nargs;

	(void)state;
	assert_int_equal(parse(&v, words, &nargs, &e), 0);
	assert_true(v.flag);
	assert_string_equal(v.text, "abc");
	assert_string_equal(v.string, "d=e");
	assert_int_equal(v.port, 65535);
	assert_int_equal(v.number, 100);
	assert_int_equal(nargs, 2);
	assert_string_equal(words[1], "one");
	assert_string_equal(words[2], "two");
}

static void
two_hyphens_end_the_options(void **state)
{
	char *words[ARGS_MAX] = { WORD("x"), WORD("-"), WORD("--"),
		WORD("--flag") };
	struct values v = { .flag = false };
	struct err e = ERR_INIT;
	int nargs;

	(void)state;
	assert_int_equal(parse(&v, words, &nargs, &e), 0);
	assert_false(v.flag);
	assert_int_equal(nargs, 2);
	assert_string_equal(words[1], "-");
	assert_string_equal(words[2], "--flag");
}

/* One or two bad words, and what the message says. */
static void
refused(const char *one, const char *two, const char *message)
{
	char a[32];
	char b[32];
	char *words[ARGS_MAX] = { WORD("x"), a, two == NULL ? NULL : b };
	struct values v = { .flag = false };
	struct err e = ERR_INIT;
	int nargs;

	(void)strncpy(a, one, sizeof(a) - 1);
	a[sizeof(a) - 1] = '\0';
	(void)strncpy(b, two == NULL ? "" : two, sizeof(b) - 1);
	b[sizeof(b) - 1] = '\0';
	assert_int_equal(parse(&v, words, &nargs, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg, message);
}

static void
says_what_is_wrong(void **state)
{
	(void)state;
	refused("--nothing", NULL, "unknown option --nothing");
	refused("-f", NULL, "unknown option -f");
	refused("--text", NULL, "--text: value missing");
	refused("--text", "12345678", "--text: too long");
	refused("--port", "0", "--port: not a port");
	refused("--port=65536", NULL, "--port: not a port");
	refused("--number", "101", "--number: not a number up to 100");
	refused("--flag=yes", NULL, "--flag takes no value");
	refused("--flag", "--flag", "--flag: given twice");
	refused("--fla", NULL, "unknown option --fla");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_every_kind),
		cmocka_unit_test(two_hyphens_end_the_options),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
