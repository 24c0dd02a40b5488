#include "shell/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "commands/table.h"
#include "tests/fakes/fake_table.h"
#include "tests/fakes/golden.h"

static char *
printed(const char *words, int rc)
{
	struct out *out = out_new_mem(OUT_TEXT);
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(help_print(fake_table, out, words, &e), rc);
	text = mem_strdup(rc == 0 ? out_text(out) : e.msg);
	out_free(out);
	return text;
}

static void
a_command_is_explained(void **state)
{
	char *text = printed("file list activelog", 0);

	(void)state;
	assert_string_equal(text,
	    "file list activelog help:\n"
	    "This will list active logging files\n"
	    "\nparameters are:\n"
	    "file-spec - file to view\n"
	    "\noptions are:\n"
	    "page    - pause output\n"
	    "detail  - show detailed listing\n"
	    "reverse - reverse sort order\n"
	    "\nExample:\n"
	    "admin:file list activelog platform detail\n");
	free(text);
	text = printed("show it", -1);
	free(text);
	text = printed("sh itl", 0);
	assert_string_equal(text,
	    "show itl help:\nThis will show the list.\n"
	    "\noptions are:\njson - print the result as JSON\n");
	free(text);
	text = printed("secure", 0);
	assert_string_equal(text,
	    "secure help:\nThis will be refused to many.\n"
	    "It changes\nnothing.\n");
	free(text);
}

static void
the_oldest_commands_are_explained_their_way(void **state)
{
	char *text = printed("file search activelog", 0);

	(void)state;
	assert_string_equal(text,
	    "activelog help:\n"
	    "This will search active logging files\n"
	    "\noptions are:\n"
	    "reltime mode n - of the last time\n"
	    "everything     - of all time\n"
	    "like text      - like that\n"
	    "lines          - how many lines\n"
	    "json           - print the result as JSON\n"
	    "\nfile-spec can contain '*'\n");
	free(text);
}

/* text without the piece that is ours; the caller frees it. */
static char *
without(const char *text, const char *ours)
{
	const char *at = strstr(text, ours);

	assert_non_null(at);
	return mem_printf("%.*s%s", (int)(at - text), text, at + strlen(ours));
}

static void
file_list_is_explained_as_in_the_reference(void **state)
{
	struct out *out = out_new_mem(OUT_TEXT);
	char *block = golden("cli/help.txt");
	struct err e = ERR_INIT;
	char *help, *syntax, *text;

	(void)state;
	assert_int_equal(help_print(cmd_table, out, "file list activelog", &e),
	    0);
	help = without(out_text(out), "json    - print the result as JSON\n");
	text = help_syntax(&cmd_file_list_activelog);
	syntax = without(text, "|json");
	free(text);
	text = mem_printf("admin:help file list activelog\n%s"
			  "admin:file list activelog?%s",
	    help, syntax);
	assert_string_equal(text, block);
	free(text);
	free(syntax);
	free(help);
	free(block);
	out_free(out);
}

static void
options_that_exclude_each_other_stand_in_brackets(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; fake_table[i] != NULL; i++) {
		char *text;

		if (strcmp(fake_table[i]->words, "file search activelog") != 0)
			continue;
		text = help_syntax(fake_table[i]);
		assert_string_equal(text,
		    "Syntax:\n"
		    "file search activelog file-spec text [options]\n"
		    "file-spec   mandatory   file to search\n"
		    "text        mandatory   text to find\n"
		    "options     optional    [reltime mode n|everything]|like "
		    "text|lines|json\n");
		free(text);
	}
}

static void
beginnings_and_nothing_list_commands(void **state)
{
	char *text = printed("show", 0);

	(void)state;
	assert_string_equal(text,
	    "    show items   This will show items.\n"
	    "    show itl     This will show the list.\n");
	free(text);
	text = printed(NULL, 0);
	assert_non_null(strstr(text, "    secure                "));
	assert_non_null(strstr(text, "    utils start           "));
	free(text);
}

/* Every line fits a terminal of 80 columns; an example is one to copy. */
static void
is_narrow(const char *text)
{
	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		if (n > 80 && !str_starts(text, "admin:"))
			fail_msg("%zu columns: %.*s", n, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void
the_help_of_all_commands_is_narrow(void **state)
{
	struct err e = ERR_INIT;
	struct out *out = out_new_mem(OUT_TEXT);
	size_t i;

	(void)state;
	assert_int_equal(help_print(cmd_table, out, NULL, &e), 0);
	for (i = 0; cmd_table[i] != NULL; i++)
		assert_int_equal(help_print(cmd_table, out, cmd_table[i]->words,
				     &e),
		    0);
	is_narrow(out_text(out));
	out_free(out);
}

static void
long_texts_are_wrapped(void **state)
{
	static const struct command
	    longest = { .words = "utils disaster_recovery prepare restore",
		    .help = "This will say much more than fits into a single "
			    "line of a list, word by word." },
	    plain = { .words = "utils start", .help = "This will start." };
	static const struct command *const table[] = { &longest, &plain, NULL };
	struct err e = ERR_INIT;
	struct out *out = out_new_mem(OUT_TEXT);

	(void)state;
	assert_int_equal(help_print(table, out, "utils", &e), 0);
	assert_string_equal(out_text(out),
	    "    utils disaster_recovery prepare restore\n"
	    "                  This will say much more than fits into a single "
	    "line of a\n"
	    "                  list, word by word.\n"
	    "    utils start   This will start.\n");
	out_free(out);
}

static void
unknown_words_have_no_help(void **state)
{
	char *text = printed("nothing", -1);

	(void)state;
	assert_string_equal(text,
	    "There is no help for \"nothing\": no command has these words.");
	free(text);
}

static void
usage_and_syntax_come_from_the_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; fake_table[i] != NULL; i++) {
		char *text;

		text = help_usage(fake_table[i]);
		assert_int_equal(strncmp(text, fake_table[i]->words,
				     strlen(fake_table[i]->words)),
		    0);
		free(text);
		text = help_syntax(fake_table[i]);
		assert_int_equal(strncmp(text, "Syntax:\n", 8), 0);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_help_of_all_commands_is_narrow),
		cmocka_unit_test(long_texts_are_wrapped),
		cmocka_unit_test(a_command_is_explained),
		cmocka_unit_test(the_oldest_commands_are_explained_their_way),
		cmocka_unit_test(file_list_is_explained_as_in_the_reference),
		cmocka_unit_test(
		    options_that_exclude_each_other_stand_in_brackets),
		cmocka_unit_test(beginnings_and_nothing_list_commands),
		cmocka_unit_test(unknown_words_have_no_help),
		cmocka_unit_test(usage_and_syntax_come_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
