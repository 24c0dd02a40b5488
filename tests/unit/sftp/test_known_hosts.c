/*
 * sftp/known_hosts.c: finding, adding and removing lines.
 */
#include "sftp/known_hosts.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/testing.h"

#define ED                                                   \
	"ssh-ed25519 "                                       \
	"AAAAC3NzaC1lZDI1NTE5AAAAICXxG1teeLWGyAupact5rePeVO" \
	"MzqEQkBcQyrG8opKVZ"
#define EC                                                   \
	"ecdsa-sha2-nistp256 "                               \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAA" \
	"BBBAG2284bmh3exFd8+gVl2jXivwm8uDJWV87DMY48L83HyEeB" \
	"JOcOcLT6Q1pRqn+AcL5iMJzCODL7rHSOsUjr9tk="

static char *dir;
static char path[256];

static int
set_up(void **state)
{
	(void)state;
	dir = testing_dir();
	(void)snprintf(path, sizeof(path), "%s/known", dir);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	testing_dir_remove(dir);
	return 0;
}

/* How many keys; they are thrown away. */
static size_t
count(const char *host, uint16_t port)
{
	struct strlist keys = STRLIST_INIT;
	struct err e = ERR_INIT;
	size_t n;

	assert_int_equal(known_hosts_find(path, host, port, &keys, &e), 0);
	n = keys.n;
	strlist_release(&keys);
	return n;
}

static int
add(const char *host, uint16_t port, const char *key, enum err_code code)
{
	struct err e = ERR_INIT;
	int rc = known_hosts_add(path, host, port, key, &e);

	assert_int_equal(e.code, code);
	return rc;
}

static void
test_add_and_find(void **state)
{
	struct stat st;
	char *text;

	(void)state;
	assert_int_equal(count("a.example", 22), 0);
	assert_int_equal(add("A.Example", 22, ED, ERR_NONE), 0);
	assert_int_equal(add("a.example", 2222, ED " comment", ERR_NONE), 0);
	assert_int_equal(add("::1", 22, ED, ERR_NONE), 0);
	assert_int_equal(count("a.EXAMPLE", 22), 1);
	assert_int_equal(count("a.example", 2222), 1);
	assert_int_equal(count("a.example", 23), 0);
	assert_int_equal(count("a.exampl", 22), 0);
	assert_int_equal(count("::1", 22), 1);
	text = testing_read(dir, "known");
	assert_string_equal(text,
	    "a.example " ED "\n[a.example]:2222 " ED "\n::1 " ED "\n");
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void
test_same_and_other(void **state)
{
	(void)state;
	assert_int_equal(add("h", 22, ED, ERR_NONE), 0);
	assert_int_equal(add("h", 22, ED, ERR_NONE), 0);
	assert_int_equal(count("h", 22), 1);
	assert_int_equal(add("h", 22, EC, ERR_EXISTS), -1);
	assert_int_equal(add("h", 23, EC, ERR_NONE), 0);
}

/* Lines of other shapes stay and mean nothing. */
static void
test_strange_lines(void **state)
{
	static const char before[] = "# comment\n"
				     "h nonsense\n"
				     "h ssh-ed25519 AAAA\n"
				     "@revoked h " ED "\n"
				     "|1|salt|hash " ED "\n"
				     "other,h " ED "\n"
				     "last " ED;
	char *text;

	(void)state;
	testing_write(dir, "known", before);
	assert_int_equal(count("h", 22), 0);
	assert_int_equal(count("last", 22), 1);
	assert_int_equal(add("h", 22, ED, ERR_NONE), 0);
	text = testing_read(dir, "known");
	assert_memory_equal(text, before, strlen(before));
	assert_string_equal(text + strlen(before), "\nh " ED "\n");
	free(text);
}

static void
test_forget(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	assert_int_equal(known_hosts_forget(path, "h", 22, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	testing_write(dir, "known",
	    "# made by hand\nh " ED "\nhh " ED "\n\n[h]:2222 " ED "\nh " EC);
	e = (struct err)ERR_INIT;
	assert_int_equal(known_hosts_forget(path, "H", 22, &e), 0);
	text = testing_read(dir, "known");
	assert_string_equal(text,
	    "# made by hand\nhh " ED "\n\n[h]:2222 " ED "\n");
	free(text);
	assert_int_equal(known_hosts_forget(path, "h", 22, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "a b", "a,b", "*", "a\nb", "-o",
		"|1|", "#x", "@x", "a\x1b" };
	struct err e = ERR_INIT;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(known_hosts_check_host(bad[i], &e), -1);
		assert_int_equal(add(bad[i], 22, ED, ERR_USAGE), -1);
	}
	assert_int_equal(add("h", 0, ED, ERR_USAGE), -1);
	assert_int_equal(add("h", 22, "ssh-ed25519", ERR_KEY), -1);
	assert_int_equal(add("h", 22, "ssh-ed25519 AAAA", ERR_KEY), -1);
	assert_int_equal(add("h", 22, ED "\nx " ED, ERR_NONE), 0);
	assert_int_equal(count("x", 22), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_add_and_find, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_same_and_other, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_strange_lines, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_forget, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
