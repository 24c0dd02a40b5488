#include "shell/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/fake_table.h"

static struct match m;

static enum match_why
match(const char *line)
{
	match_release(&m);
	match_line(fake_table, line, strlen(line), &m);
	return m.why;
}

static int
release(void **state)
{
	(void)state;
	match_release(&m);
	return 0;
}

/* The list in one string: "cert* itl". */
static const char *
list(const struct strlist *l)
{
	static char text[512];
	size_t i;

	text[0] = '\0';
	for (i = 0; i < l->n; i++) {
		if (i > 0)
			(void)strncat(text, " ",
			    sizeof(text) - strlen(text) - 1);
		(void)strncat(text, l->item[i],
		    sizeof(text) - strlen(text) - 1);
	}
	return text;
}

static void
whole_words_name_a_command(void **state)
{
	(void)state;
	assert_int_equal(match("show itl"), MATCH_OK);
	assert_string_equal(m.cmd->words, "show itl");
	assert_int_equal(m.path.n, 2);
	assert_int_equal(match("  show\t itl  "), MATCH_OK);
}

static void
words_may_be_abbreviated_when_unique(void **state)
{
	(void)state;
	assert_int_equal(match("sh itl"), MATCH_OK);
	assert_int_equal(match("sh itl j"), MATCH_OK);
	assert_true(m.args.json);
	assert_int_equal(match("fi l a x det"), MATCH_OK);
	assert_true(m.args.option[1]);
	assert_int_equal(match("s itl"), MATCH_AMBIGUOUS);
	assert_string_equal(m.bad, "s");
	assert_int_equal(match("show it"), MATCH_AMBIGUOUS);
	assert_int_equal(match("SHOW itl"), MATCH_UNKNOWN);
}

static void
what_is_wrong_is_told(void **state)
{
	(void)state;
	assert_int_equal(match(""), MATCH_EMPTY);
	assert_int_equal(match(" \t "), MATCH_EMPTY);
	assert_int_equal(match("show"), MATCH_INCOMPLETE);
	assert_int_equal(match("show nothing"), MATCH_UNKNOWN);
	assert_string_equal(m.bad, "nothing");
	assert_null(m.cmd);
	assert_int_equal(match("set mode"), MATCH_MISSING);
	assert_string_equal(m.cmd->words, "set mode");
	assert_int_equal(match("set mode fast now"), MATCH_EXTRA);
	assert_string_equal(m.bad, "now");
	assert_int_equal(match("show itl json json"), MATCH_EXTRA);
	assert_int_equal(match("set mode odd"), MATCH_VALUE);
	assert_string_equal(m.e.msg, "There is no such mode.");
	assert_null(m.args.value[0]);
	assert_int_equal(match("exit now"), MATCH_EXTRA);
}

static void
values_are_not_abbreviated(void **state)
{
	(void)state;
	assert_int_equal(match("set mode fa"), MATCH_VALUE);
	assert_int_equal(match("set mode fast"), MATCH_OK);
	assert_string_equal(m.args.value[0], "fast");
}

static void
the_rest_of_the_line_is_one_value(void **state)
{
	(void)state;
	assert_int_equal(match("run sql  select  a,b from c; json "), MATCH_OK);
	assert_string_equal(m.args.value[0], "select  a,b from c; json");
	assert_true(m.text);
	assert_int_equal(match("utils start Big  One"), MATCH_OK);
	assert_string_equal(m.args.value[0], "Big  One");
	assert_int_equal(match("run sql"), MATCH_MISSING);
}

/* Behind the rest of a line only "json" can stand, where it is taken. */
static void
the_rest_of_the_line_ends_before_json(void **state)
{
	(void)state;
	assert_int_equal(match("utils start Big One json"), MATCH_OK);
	assert_string_equal(m.args.value[0], "Big One");
	assert_true(m.args.json);
	assert_int_equal(match("utils start Big jso"), MATCH_OK);
	assert_string_equal(m.args.value[0], "Big jso");
	assert_false(m.args.json);
	assert_int_equal(match("utils start json"), MATCH_MISSING);
	(void)match("utils start j");
	assert_true(strlist_has(&m.here, "json"));
}

static void
lists_what_may_stand_and_follow(void **state)
{
	(void)state;
	assert_int_equal(match(""), MATCH_EMPTY);
	assert_string_equal(list(&m.next),
	    "ask exit fail file* help job run* secure set* show* utils*");
	(void)match("s");
	assert_string_equal(list(&m.here), "secure set* show*");
	assert_int_equal(m.stem, 0);
	(void)match("show");
	assert_true(m.exact);
	assert_string_equal(list(&m.next), "items itl");
	(void)match("show i");
	assert_false(m.exact);
	assert_string_equal(list(&m.here), "items itl");
	assert_int_equal(m.stem, 5);
	(void)match("set mode ");
	assert_string_equal(list(&m.next), "fast full slow");
	(void)match("set mode f");
	assert_string_equal(list(&m.here), "fast full");
	(void)match("file list activelog x ");
	assert_string_equal(list(&m.next), "page detail reverse");
	(void)match("file list activelog x detail p");
	assert_string_equal(list(&m.here), "page");
	(void)match("file list activelog x page ");
	assert_string_equal(list(&m.next), "detail reverse");
	(void)match("show itl ");
	assert_string_equal(list(&m.next), "json");
	(void)match("utils start Big O");
	assert_string_equal(list(&m.here), "Big One");
	assert_int_equal(m.stem, 12);
}

static void
options_may_have_values(void **state)
{
	(void)state;
	assert_int_equal(match("file search activelog f x rel fast 3 like \"a"
			       "  b\" json"),
	    MATCH_OK);
	assert_string_equal(m.args.value[1], "x");
	assert_true(m.args.option[0]);
	assert_string_equal(m.args.option_value[0][0], "fast");
	assert_string_equal(m.args.option_value[0][1], "3");
	assert_string_equal(m.args.option_value[2][0], "a  b");
	assert_true(m.args.json);
	assert_int_equal(match("file search activelog f x reltime fast"),
	    MATCH_MISSING);
	assert_string_equal(m.e.msg, "reltime: the number is missing.");
	assert_null(m.args.option_value[0][0]);
	assert_int_equal(match("file search activelog f x reltime odd 3"),
	    MATCH_VALUE);
	assert_string_equal(m.e.msg, "There is no such mode.");
}

static void
options_of_a_group_exclude_each_other(void **state)
{
	(void)state;
	assert_int_equal(match("file search activelog f x every like y"),
	    MATCH_OK);
	assert_int_equal(match("file search activelog f x every reltime fast"
			       " 3"),
	    MATCH_EXTRA);
	assert_string_equal(m.bad, "reltime");
	(void)match("file search activelog f x everything ");
	assert_string_equal(list(&m.next), "like json");
}

static void
an_option_may_be_a_value_alone(void **state)
{
	(void)state;
	assert_int_equal(match("file search activelog f x 20"), MATCH_OK);
	assert_true(m.args.option[3]);
	assert_string_equal(m.args.option_value[3][0], "20");
	assert_int_equal(match("file search activelog f x 20 30"), MATCH_EXTRA);
	assert_int_equal(match("file search activelog f x 100"), MATCH_EXTRA);
	assert_string_equal(m.bad, "100");
	assert_int_equal(match("file search activelog f x lines"), MATCH_EXTRA);
}

static void
quotation_marks_hold_blanks(void **state)
{
	(void)state;
	assert_int_equal(match("file search activelog f \"Server  Down\""),
	    MATCH_OK);
	assert_string_equal(m.args.value[1], "Server  Down");
	assert_int_equal(match("file search activelog f \"a\"b\" every"),
	    MATCH_OK);
	assert_string_equal(m.args.value[1], "a\"b");
	assert_int_equal(match("file search activelog f a\"b"), MATCH_OK);
	assert_string_equal(m.args.value[1], "a\"b");
	assert_int_equal(match("file search activelog \"a\" b"), MATCH_OK);
	assert_string_equal(m.args.value[0], "\"a\"");
	assert_int_equal(match("file search activelog f \"Server Down"),
	    MATCH_VALUE);
	assert_true(m.text);
	assert_int_equal(m.stem, 24);
}

static void
words_of_options_are_listed_with_their_values(void **state)
{
	(void)state;
	(void)match("file search activelog f x ");
	assert_string_equal(list(&m.next), "reltime everything like json");
	(void)match("file search activelog f x rel");
	assert_string_equal(list(&m.here), "reltime");
	assert_false(m.exact);
	(void)match("file search activelog f x reltime ");
	assert_string_equal(list(&m.next), "fast full slow");
	(void)match("file search activelog f x reltime f");
	assert_string_equal(list(&m.here), "fast full");
	(void)match("file search activelog f x reltime fast 2 ");
	assert_string_equal(list(&m.next), "like json");
}

static void
help_takes_the_words_of_a_command(void **state)
{
	(void)state;
	assert_int_equal(match("help"), MATCH_OK);
	assert_null(m.args.value[0]);
	assert_false(m.inner);
	assert_int_equal(match("help show i"), MATCH_OK);
	assert_string_equal(m.args.value[0], "show i");
	assert_true(m.inner);
	assert_string_equal(list(&m.here), "items itl");
	(void)match("help show ");
	assert_string_equal(list(&m.next), "items itl");
	assert_int_equal(match("help help help help"), MATCH_OK);
}

static void
bad_words_are_visible_and_short(void **state)
{
	char line[2048];

	(void)state;
	memset(line, 'x', sizeof(line));
	match_release(&m);
	match_line(fake_table, line, sizeof(line), &m);
	assert_int_equal(m.why, MATCH_UNKNOWN);
	assert_true(strlen(m.bad) <= 64);
	(void)match("\033]0;title");
	assert_string_equal(m.bad, "\\x1b]0;title");
}

static void
many_words_are_no_trouble(void **state)
{
	static char line[60000];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line); i++)
		line[i] = "help "[i % 5];
	match_release(&m);
	match_line(fake_table, line, sizeof(line) - 5, &m);
	assert_int_equal(m.why, MATCH_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_words_name_a_command),
		cmocka_unit_test(words_may_be_abbreviated_when_unique),
		cmocka_unit_test(what_is_wrong_is_told),
		cmocka_unit_test(values_are_not_abbreviated),
		cmocka_unit_test(the_rest_of_the_line_is_one_value),
		cmocka_unit_test(the_rest_of_the_line_ends_before_json),
		cmocka_unit_test(lists_what_may_stand_and_follow),
		cmocka_unit_test(options_may_have_values),
		cmocka_unit_test(options_of_a_group_exclude_each_other),
		cmocka_unit_test(an_option_may_be_a_value_alone),
		cmocka_unit_test(quotation_marks_hold_blanks),
		cmocka_unit_test(words_of_options_are_listed_with_their_values),
		cmocka_unit_test(help_takes_the_words_of_a_command),
		cmocka_unit_test(bad_words_are_visible_and_short),
		cmocka_unit_test(many_words_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
