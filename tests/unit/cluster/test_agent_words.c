#include "cluster/agent_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cluster/agent_msg.h"

static void
test_there_and_back(void **state)
{
	struct strlist l = STRLIST_INIT, back = STRLIST_INIT;
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	strlist_add(&l, "itl");
	strlist_add(&l, "activate");
	strlist_add(&l, "00ff");
	text = agent_words_join(&l, &e);
	assert_string_equal(text, "itl activate 00ff");
	free(text);
	assert_int_equal(agent_words_split("  itl   activate 00ff ", &back, &e),
	    0);
	assert_int_equal(back.n, 3);
	assert_string_equal(back.item[0], "itl");
	assert_string_equal(back.item[2], "00ff");
	strlist_release(&back);
	strlist_release(&l);
}

static void
expect_no_join(const char *word)
{
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;

	strlist_add(&l, "itl");
	strlist_add(&l, word);
	assert_null(agent_words_join(&l, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_null(strchr(e.msg, '\033'));
	strlist_release(&l);
}

static void
expect_no_split(const char *command)
{
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(agent_words_split(command, &l, &e), -1);
	assert_int_equal(e.code, ERR_USAGE);
	strlist_release(&l);
}

static void
test_refused(void **state)
{
	struct strlist none = STRLIST_INIT;
	struct err e = ERR_INIT;
	char *big = mem_alloc(AGENT_COMMAND_MAX + 2);

	(void)state;
	assert_null(agent_words_join(&none, &e));
	assert_int_equal(e.code, ERR_USAGE);
	expect_no_join("");
	expect_no_join("Cisco Tftp");
	expect_no_join("a\nb");
	expect_no_join("\033[2J");
	expect_no_join("\xc3\xa4");
	expect_no_split("");
	expect_no_split("   ");
	expect_no_split("itl\tstatus");
	expect_no_split("itl status\n");
	expect_no_split("itl \x7f");
	memset(big, 'x', AGENT_COMMAND_MAX);
	expect_no_join(big);
	big[AGENT_COMMAND_MAX] = 'x';
	expect_no_split(big);
	memset(big, ' ', AGENT_COMMAND_MAX + 1);
	memset(big, 'x', AGENT_COMMAND_MAX / 2);
	expect_no_split(big);
	free(big);
}

static void
test_too_many_words(void **state)
{
	char command[2 * AGENT_WORDS_MAX + 3] = "";
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(command) - 1; i++)
		command[i] = i % 2 == 0 ? 'w' : ' ';
	expect_no_split(command);
	command[sizeof(command) - 3] = '\0';
	assert_int_equal(agent_words_split(command, &l, &e), 0);
	assert_int_equal(l.n, AGENT_WORDS_MAX);
	strlist_release(&l);
}

/* The payload's size in a command; SIZE_MAX when it is refused. */
static size_t
payload_of(const char *command)
{
	struct strlist l = STRLIST_INIT;
	struct err e = ERR_INIT;
	size_t size;

	assert_int_equal(agent_words_split(command, &l, &e), 0);
	if (agent_words_payload(&l, &size, &e) == -1) {
		assert_int_equal(e.code, ERR_USAGE);
		size = SIZE_MAX;
	}
	strlist_release(&l);
	return size;
}

static void
test_payload(void **state)
{
	(void)state;
	assert_int_equal(payload_of("itl stage abcd 5000"), 5000);
	assert_int_equal(payload_of("itl stage abcd 524288"),
	    AGENT_PAYLOAD_MAX);
	assert_int_equal(payload_of("itl stage abcd 524289"), SIZE_MAX);
	assert_int_equal(payload_of("itl stage abcd 0"), SIZE_MAX);
	assert_int_equal(payload_of("itl stage abcd -1"), SIZE_MAX);
	assert_int_equal(payload_of("itl stage abcd x"), SIZE_MAX);
	assert_int_equal(payload_of("itl stage abcd"), 0);
	assert_int_equal(payload_of("itl stage abcd 10 10"), 0);
	assert_int_equal(payload_of("password stage abcd 12"), 12);
	assert_int_equal(payload_of("password settle abcd 12"), 0);
	assert_int_equal(payload_of("itl activate abcd 10"), 0);
	assert_int_equal(payload_of("itl status"), 0);
	assert_int_equal(payload_of("restore look 5000"), 5000);
	assert_int_equal(payload_of("restore adopt 1"), 1);
	assert_int_equal(payload_of("restore adopt 0"), SIZE_MAX);
	assert_int_equal(payload_of("restore adopt"), 0);
	assert_int_equal(payload_of("restore end 5000"), 0);
	assert_int_equal(payload_of("restore look 10 10"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many_words),
		cmocka_unit_test(test_payload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
