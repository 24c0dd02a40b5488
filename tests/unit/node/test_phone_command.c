/*
 * node/phone_command.c: command lines of ucm-node phone, on a host of their
 * own with a real database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "node/hostuser.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/node_call.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/private_host.h"
#include "tests/fakes/testing.h"

#define SEP "SEP001122334455"

static struct pg_server server;

static int
start(void **state)
{
	struct err e = ERR_INIT;
	struct db *db;

	(void)state;
	private_host_enter();
	if (hostuser_make_system(&e) == -1)
		return -1;
	pg_server_start_migrated(&server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, server.conf.name, "127.0.0.1", NODE_PUBLISHER);
	db_close(db);
	/* the command becomes the service user */
	pg_server_halt(&server);
	testing_write(server.root, "etc/pg_ident.conf",
	    "admin postgres dbadmin\nucm ucm ucm_rw\n");
	pg_server_resume(&server);
	testing_write(server.root, "etc/finished", "");
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	pg_server_stop(&server);
	return 0;
}

static void
says(const char *line, const char *expected)
{
	struct err e = ERR_INIT;
	char text[4096];

	if (node_call_output(line, text, sizeof(text), &e) == -1)
		fail_msg("%s: %s", line, e.msg);
	assert_string_equal(text, expected);
}

static void
phones_are_added_set_listed_removed(void **state)
{
	struct err e = ERR_INIT;
	char text[4096];

	(void)state;
	says("phone add 00:11:22:33:44:55 --model 7965 --description Lobby",
	    "1 phone added.\n");
	says("phone list", SEP "  Cisco 7965      SIP   Default  Lobby\n");
	says("phone set " SEP " --settings-access restricted --web-access "
	     "enabled --ssh-access=enabled --span-to-pc-port enabled "
	     "--security encrypted",
	    "1 phone changed.\n");
	assert_int_equal(node_call_output("phone list " SEP " --json", text,
			     sizeof(text), &e),
	    0);
	assert_non_null(strstr(text, "\"settings-access\": \"restricted\""));
	assert_non_null(strstr(text, "\"security\": \"encrypted\""));
	says("phone remove 001122334455", "1 phone removed.\n");
	says("phone list", "");
	says("phone list --json", "[]\n");
	says("phone group list", "Default: no servers\n");
	says("phone pool list --json",
	    "[\n  {\n    \"name\": \"Default\",\n    \"group\": \"Default\",\n"
	    "    \"phones\": 0\n  }\n]\n");
}

static void
a_file_is_imported(void **state)
{
	char *file = mem_printf("%s/phones.csv", server.root);
	char *line = mem_printf("phone import %s", file);
	char *message =
	    mem_printf("%s: line 3: model: \"x\": no known model", file);

	(void)state;
	testing_write(server.root, "phones.csv",
	    "name,model\n" SEP ",8841\nSEP001122334456,x\n");
	node_call_refused(line, ERR_NOT_FOUND, message);
	says("phone list", "");
	testing_write(server.root, "phones.csv",
	    "name,model\n" SEP ",8841\nSEP001122334456,\n");
	says(line, "2 phones added.\n0 phones changed.\n0 phones as before.\n");
	says("phone remove " SEP " SEP001122334456", "2 phones removed.\n");
	testing_write(server.root, "phones.csv", "x\n");
	free(message);
	message = mem_printf("%s: line 1: no such column: \"x\"", file);
	node_call_refused(line, ERR_FORMAT, message);
	free(message);
	free(line);
	free(file);
}

static void
standard_input_is_imported(void **state)
{
	static const char text[] = "name\n" SEP "\n";
	int old = dup(STDIN_FILENO);
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], text, strlen(text)), strlen(text));
	close(fd[1]);
	(void)dup2(fd[0], STDIN_FILENO);
	close(fd[0]);
	says("phone import -",
	    "1 phone added.\n0 phones changed.\n0 phones as before.\n");
	(void)dup2(old, STDIN_FILENO);
	close(old);
	says("phone remove " SEP, "1 phone removed.\n");
}

static void
input_without_end_is_refused(void **state)
{
	int old = dup(STDIN_FILENO);
	int fd = open("/dev/zero", O_RDONLY);

	(void)state;
	(void)dup2(fd, STDIN_FILENO);
	close(fd);
	node_call_refused("phone import -", ERR_TOO_BIG,
	    "standard input: more than 67108864 bytes");
	(void)dup2(old, STDIN_FILENO);
	close(old);
}

/* What is exported is imported as what there is; what was emptied goes. */
static void
a_table_goes_out_and_in_again(void **state)
{
	static char table[65536];
	char *file = mem_printf("%s/phones.csv", server.root);
	char *line = mem_printf("phone import %s", file);
	struct err e = ERR_INIT;
	char *place;

	(void)state;
	says("phone add " SEP " --model 7965 --description \"a,b\" --load x.1",
	    "1 phone added.\n");
	says("phone add SEP001122334456 --protocol SCCP", "1 phone added.\n");
	assert_int_equal(node_call_output("phone export", table, sizeof(table),
			     &e),
	    0);
	assert_string_equal(table,
	    "name,description,model,pool,protocol,load,settings-access,"
	    "web-access,ssh-access,span-to-pc-port,security,encrypted-config,"
	    "certificate\n" SEP ",\"\"\"a,b\"\"\",Cisco 7965,Default,SIP,x.1,"
	    "enabled,disabled,disabled,disabled,non-secure,disabled,\n"
	    "SEP001122334456,,Unknown,Default,SCCP,,enabled,"
	    "disabled,disabled,disabled,non-secure,disabled,\n");
	testing_write(server.root, "phones.csv", table);
	says(line, "0 phones added.\n0 phones changed.\n2 phones as before.\n");
	place = strstr(table, "\"\"\"a,b\"\"\"");
	assert_non_null(place);
	memmove(place, place + 9, strlen(place + 9) + 1);
	testing_write(server.root, "phones.csv", table);
	says(line, "0 phones added.\n1 phone changed.\n1 phone as before.\n");
	says("phone list",
	    SEP "  Cisco 7965      SIP   Default\n"
		"SEP001122334456  Unknown         SCCP  Default\n");
	says("phone remove " SEP " SEP001122334456", "2 phones removed.\n");
	free(line);
	free(file);
}

static void
certificates_come_from_files(void **state)
{
	char *bad =
	    mem_printf("phone add " SEP " --certificate %s/etc/finished",
		server.root);
	char *message;

	(void)state;
	message = mem_printf("%s/etc/finished: ", server.root);
	{
		struct err e = ERR_INIT;

		assert_int_equal(node_call_line(bad, NULL, &e), -1);
		assert_true(str_starts(e.msg, message));
	}
	node_call_refused("phone add " SEP " --encrypted-config enabled",
	    ERR_STATE,
	    SEP ": an encrypted configuration needs the phone's certificate");
	free(message);
	free(bad);
}

static void
wrong_lines_are_refused(void **state)
{
	(void)state;
	node_call_refused("phone", ERR_USAGE,
	    "add, set, import, export, remove, list, models, group or pool");
	node_call_refused("phone group", ERR_USAGE,
	    "add, set, import, export, remove, list, models, group or pool");
	node_call_refused("phone add", ERR_USAGE,
	    "add: wrong number of arguments");
	node_call_refused("phone group set North", ERR_USAGE,
	    "group set: wrong number of arguments");
	node_call_refused("phone group set N a b c d", ERR_USAGE,
	    "group set: wrong number of arguments");
	node_call_refused("phone set " SEP, ERR_USAGE,
	    "set: what is to be set?");
	node_call_refused("phone add " SEP " --json", ERR_USAGE,
	    "add: no option --json");
	node_call_refused("phone list --model x", ERR_USAGE,
	    "list: no option --model");
	node_call_refused("phone add " SEP " --colour red", ERR_USAGE,
	    "unknown option --colour");
	node_call_refused("phone add SEP1", ERR_USAGE,
	    "\"SEP1\" is no phone: a phone is named SEP and the 12 hex digits "
	    "of its MAC address");
	node_call_refused("phone add " SEP " " SEP, ERR_EXISTS,
	    SEP " is given twice");
}

static void
a_host_that_is_no_node_has_no_phones(void **state)
{
	char *path = mem_printf("%s/etc/finished", server.root);

	(void)state;
	assert_int_equal(unlink(path), 0);
	node_call_refused("phone list", ERR_STATE, "this host is no node");
	testing_write(server.root, "etc/finished", "");
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phones_are_added_set_listed_removed),
		cmocka_unit_test(a_file_is_imported),
		cmocka_unit_test(standard_input_is_imported),
		cmocka_unit_test(input_without_end_is_refused),
		cmocka_unit_test(a_table_goes_out_and_in_again),
		cmocka_unit_test(certificates_come_from_files),
		cmocka_unit_test(wrong_lines_are_refused),
		cmocka_unit_test(a_host_that_is_no_node_has_no_phones),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
