#include "shell/complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/fake_table.h"
#include "tests/fakes/golden.h"

static struct completion c;

static void
tab(const char *line)
{
	completion_release(&c);
	complete_tab(fake_table, line, strlen(line), &c);
}

static void
question(const char *line)
{
	completion_release(&c);
	complete_question(fake_table, line, strlen(line), &c);
}

static int
release(void **state)
{
	(void)state;
	completion_release(&c);
	return 0;
}

static void
tab_completes_a_word(void **state)
{
	(void)state;
	tab("se");
	assert_string_equal(c.text, "    secure\n    set*\n");
	tab("sh");
	assert_string_equal(c.insert, "ow ");
	assert_string_equal(c.text, "");
	tab("show ite");
	assert_string_equal(c.insert, "ms");
	tab("show item");
	assert_string_equal(c.insert, "s");
	tab("set mode fu");
	assert_string_equal(c.insert, "ll");
	tab("file list activelog x det");
	assert_string_equal(c.insert, "ail");
	/* What needs a value gets the blank in front of it. */
	tab("file search activelog x y rel");
	assert_string_equal(c.insert, "time ");
	tab("file search activelog x y reltime fu");
	assert_string_equal(c.insert, "ll ");
}

static void
tab_adds_what_is_certain(void **state)
{
	(void)state;
	tab("show i");
	assert_string_equal(c.insert, "t");
	tab("utils start B");
	assert_string_equal(c.insert, "ig ");
	tab("utils start Big T");
	assert_string_equal(c.insert, "wo");
}

static void
tab_lists_what_may_follow(void **state)
{
	(void)state;
	tab("show");
	assert_string_equal(c.insert, "");
	assert_string_equal(c.text, "    items\n    itl\n");
	tab("show ");
	assert_string_equal(c.text, "    items\n    itl\n");
	tab("file");
	assert_string_equal(c.text, "    list*\n    search*\n");
	tab("help sh");
	assert_string_equal(c.insert, "ow ");
}

static void
nothing_to_add_is_nothing(void **state)
{
	(void)state;
	tab("nonsense");
	assert_string_equal(c.insert, "");
	assert_string_equal(c.text, "");
	tab("exit");
	assert_string_equal(c.insert, "");
	assert_string_equal(c.text, "");
	tab("show itl json");
	assert_string_equal(c.text, "");
	tab("run sql select");
	assert_string_equal(c.insert, "");
}

static void
question_acts_as_tab_above_commands(void **state)
{
	(void)state;
	question("show");
	assert_string_equal(c.text, "    items\n    itl\n");
	assert_false(c.behind);
	question("sh");
	assert_string_equal(c.text, "    show*\n");
	assert_string_equal(c.insert, "");
	question("");
	assert_int_equal(strncmp(c.text, "    ask\n", 8), 0);
	question("help show");
	assert_string_equal(c.text, "    items\n    itl\n");
}

static void
question_explains_a_command(void **state)
{
	char *block = golden("cli/help.txt");
	const char *reference = strstr(block, "activelog?Syntax:");
	size_t same = strlen("Syntax:\nfile list activelog file-spec "
			     "[options]\n"
			     "file-spec   mandatory   file to view\n"
			     "options     optional    page|detail|reverse|");

	(void)state;
	assert_non_null(reference);
	question("file list activelog");
	assert_true(c.behind);
	/* Behind that the reference groups words that exclude each other. */
	c.text[strlen(c.text) - 1] = '|';
	assert_memory_equal(c.text, reference + strlen("activelog?"), same);
	question("file list activelog x");
	assert_true(c.behind);
	free(block);
}

static void
question_is_text_inside_a_statement(void **state)
{
	(void)state;
	question("run sql select '");
	assert_true(c.literal);
	question("run sql");
	assert_false(c.literal);
	assert_true(c.behind);
	question("utils start Big");
	assert_false(c.literal);
	question("file search activelog x \"colou");
	assert_true(c.literal);
	question("file search activelog x \"colou?r\"");
	assert_false(c.literal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tab_completes_a_word),
		cmocka_unit_test(tab_adds_what_is_certain),
		cmocka_unit_test(tab_lists_what_may_follow),
		cmocka_unit_test(nothing_to_add_is_nothing),
		cmocka_unit_test(question_acts_as_tab_above_commands),
		cmocka_unit_test(question_explains_a_command),
		cmocka_unit_test(question_is_text_inside_a_statement),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
