#include "base/alarm.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "tests/fakes/testing.h"

#define LOCK 1 /* the file of base/logdir */

static const struct alarm_param params[] = {
	{ "Message", "" },
	{ "AppID", "Cisco Certificate Monitor" },
	{ "ClusterID", "" },
	{ "NodeID", "test10pub" },
};

static const struct alarm backup = {
	.host = "test10pub",
	.facility = "UC_CERT",
	.severity = ALARM_WARNING,
	.name = "ITLRecoveryCertBackup",
	.params = params,
	.param_count = 4,
	.text = "This cluster has an ITLRecovery certificate that has not "
		"been backed up.",
};

static int
setup(void **state)
{
	char *dir = testing_dir();

	paths_set_root(dir);
	*state = dir;
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static bool
matches(const char *text, const char *pattern)
{
	regex_t re;
	int rc;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	rc = regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	return rc == 0;
}

static void
the_line_has_the_known_shape(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(alarm_raise(*state, &backup, &e), 0);
	text = testing_read(*state, "CiscoSyslog");
	assert_non_null(text);
	assert_true(matches(text,
	    "^[A-Z][a-z]{2} [0-9]{2} [0-9:]{8} test10pub local7 4 : "
	    "[0-9]+: test10pub: [A-Z][a-z]{2} [0-9]{2} [0-9]{4} "
	    "[0-9:]{8} [AP]M\\.[0-9]{3} UTC :  "
	    "%UC_CERT-4-ITLRecoveryCertBackup: %\\[Message=\\]"
	    "\\[AppID=Cisco Certificate Monitor\\]\\[ClusterID=\\]"
	    "\\[NodeID=test10pub\\]: This cluster has an ITLRecovery "
	    "certificate that has not been backed up\\.\n$"));
	free(text);
}

static void
the_nodes_own_directory_is_the_default(void **state)
{
	char *log = mem_printf("%s/log", (char *)*state);
	char *dir = mem_printf("%s/log/syslog", (char *)*state);
	struct err e = ERR_INIT;
	char *text;

	assert_int_equal(alarm_raise(NULL, &backup, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_int_equal(mkdir(log, 0700), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(alarm_raise(NULL, &backup, &e), 0);
	text = testing_read(dir, "CiscoSyslog");
	assert_non_null(text);
	free(text);
	free(dir);
	free(log);
}

static void
values_cannot_forge_a_line(void **state)
{
	const struct alarm_param hostile[] = { { "Name", "a\nb\033[2J" } };
	struct alarm a = backup;
	struct err e = ERR_INIT;
	char *text;

	a.params = hostile;
	a.param_count = 1;
	a.text = "line\nbreak";
	assert_int_equal(alarm_raise(*state, &a, &e), 0);
	text = testing_read(*state, "CiscoSyslog");
	assert_non_null(strstr(text, "%[Name=a\\nb\\x1b[2J]: line\\nbreak\n"));
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

static void
full_files_move_on(void **state)
{
	char *full = mem_alloc(ALARM_FILE_MAX + 1);
	struct err e = ERR_INIT;
	char *text;

	memset(full, 'x', ALARM_FILE_MAX);
	for (int i = 0; i < ALARM_FILES_KEPT + 2; i++) {
		testing_write(*state, "CiscoSyslog", full);
		assert_int_equal(alarm_raise(*state, &backup, &e), 0);
	}
	assert_int_equal(testing_count(*state), LOCK + ALARM_FILES_KEPT + 1);
	text = testing_read(*state, "CiscoSyslog");
	assert_true(strlen(text) < 1000);
	free(text);
	text = testing_read(*state, "CiscoSyslog.1");
	assert_int_equal(strlen(text), ALARM_FILE_MAX);
	free(text);
	free(full);
}

static void
processes_write_together(void **state)
{
	struct err e = ERR_INIT;
	size_t lines = 0;
	char *text;

	for (int i = 0; i < 4; i++) {
		pid_t pid = fork();

		assert_true(pid != -1);
		if (pid > 0)
			continue;
		for (int n = 0; n < 50; n++)
			if (alarm_raise(*state, &backup, &e) == -1)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 4; i++) {
		int status;

		assert_true(wait(&status) != -1);
		assert_int_equal(status, 0);
	}
	text = testing_read(*state, "CiscoSyslog");
	for (const char *p = text; (p = strstr(p, "backed up.\n")) != NULL; p++)
		lines++;
	assert_int_equal(lines, 200);
	free(text);
}

/* What a log gets that writes time and host itself. */
static void
the_body_is_the_end_of_the_line(void **state)
{
	char *body = alarm_body(&backup);
	struct err e = ERR_INIT;
	char *text;

	assert_string_equal(body,
	    "%UC_CERT-4-ITLRecoveryCertBackup: %[Message=]"
	    "[AppID=Cisco Certificate Monitor][ClusterID=][NodeID=test10pub]: "
	    "This cluster has an ITLRecovery certificate that has not been "
	    "backed up.");
	assert_int_equal(alarm_raise(*state, &backup, &e), 0);
	text = testing_read(*state, "CiscoSyslog");
	assert_non_null(text);
	assert_non_null(strstr(text, body));
	free(text);
	free(body);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_line_has_the_known_shape),
		TEST(the_nodes_own_directory_is_the_default),
		TEST(values_cannot_forge_a_line),
		TEST(full_files_move_on),
		TEST(processes_write_together),
		TEST(the_body_is_the_end_of_the_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
