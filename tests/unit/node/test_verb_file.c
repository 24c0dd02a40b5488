#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "node/verb.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"
#include "tests/fakes/verb_call.h"

static enum err_code
ask(int level, const char *words)
{
	struct verb_call c;
	enum err_code code;

	code = verb_call(&c, NULL, level, words) == 0 ? ERR_NONE : c.e.code;
	verb_call_release(&c);
	return code;
}

static bool
is_there(const char *root, const char *name)
{
	char *path = mem_printf("%s/%s", root, name);
	struct stat st;
	bool there = lstat(path, &st) == 0;

	free(path);
	return there;
}

static void
files_are_deleted(void **state)
{
	assert_int_equal(ask(1, "file,delete,activelog,syslog/CiscoSyslog"),
	    ERR_NONE);
	assert_false(is_there(*state, "log/syslog/CiscoSyslog"));
	assert_int_equal(ask(1, "file,delete,activelog,syslog/CiscoSyslog"),
	    ERR_NOT_FOUND);
	assert_int_equal(ask(4,
			     "file,delete,activelog,cm/tftpdata/ITLFile.tlv"),
	    ERR_NONE);
	assert_false(is_there(*state, "tftp/ITLFile.tlv"));
}

static void
level_1_is_needed(void **state)
{
	(void)state;
	assert_int_equal(ask(0, "file,delete,tftp,rings/a.raw"), ERR_DENIED);
	assert_int_equal(ask(0, "file,rmdir,tftp,rings"), ERR_DENIED);
	assert_int_equal(ask(VERB_CALL_PEER, "file,delete,tftp,rings/a.raw"),
	    ERR_DENIED);
	assert_int_equal(ask(1, "file,delete,tftp"), ERR_USAGE);
}

static void
nothing_else_is_deleted(void **state)
{
	static const struct {
		const char *words;
		enum err_code code;
	} refused[] = {
		{ "file,delete,activelog,../etc/secret", ERR_USAGE },
		{ "file,delete,activelog,/etc/secret", ERR_USAGE },
		{ "file,delete,activelog,", ERR_USAGE },
		{ "file,delete,activelog,out/secret", ERR_DENIED },
		{ "file,delete,activelog,syslog/link", ERR_DENIED },
		{ "file,delete,activelog,syslog/fifo", ERR_DENIED },
		{ "file,delete,activelog,syslog", ERR_DENIED },
		{ "file,delete,activelog,.lock", ERR_USAGE },
		{ "file,delete,activelog,platform/log/cli00001.log",
		    ERR_DENIED },
		{ "file,delete,activelog,cm/trace/tftp/current", ERR_STATE },
		{ "file,delete,tftp,stray.key", ERR_NOT_FOUND },
		{ "file,delete,tftp,ITLRecovery.p12", ERR_NOT_FOUND },
		{ "file,delete,install,x", ERR_USAGE },
		{ "file,delete,etc,secret", ERR_USAGE },
		{ "file,delete,inactivelog,x", ERR_NOT_FOUND },
		{ "file,rmdir,activelog,syslog", ERR_USAGE },
		{ "file,rmdir,tftp,rings/a.raw", ERR_DENIED },
	};
	static const char *const kept[] = { "etc/secret", "log/syslog/link",
		"log/syslog/fifo", "log/.lock", "log/out", "tftp/stray.key",
		"log/platform/log/cli00001.log", "certs/ITLRecovery.p12",
		"log/cm/trace/tftp/current", "tftp/rings/a.raw" };
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_int_equal(ask(1, refused[i].words), refused[i].code);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		assert_true(is_there(*state, kept[i]));
}

static void
directories_go_when_they_are_empty(void **state)
{
	assert_int_not_equal(ask(1, "file,rmdir,tftp,rings/deep"), ERR_NONE);
	assert_int_equal(ask(1, "file,delete,tftp,rings/deep/b.raw"), ERR_NONE);
	assert_int_equal(ask(1, "file,rmdir,tftp,rings/deep"), ERR_NONE);
	assert_false(is_there(*state, "tftp/rings/deep"));
}

#define FINGERPRINT "SHA256:mr8lGcC7DrwMMEeLa8CjCrTsAC40qVAFcdzImBNVND4"
#define KEY                                  \
	"AAAAC3NzaC1lZDI1NTE5AAAAIJ7mUTiCfJ" \
	"5asD9RGAwOmNqlbglgZQ2afFNG9uIy2meR"

static void
known_servers_are_listed(void **state)
{
	struct verb_call c;

	assert_int_equal(verb_call(&c, NULL, 1, "file,sftpdetails"), 0);
	assert_string_equal(c.rows, "");
	verb_call_release(&c);
	testing_write(*state, "certs/sftp_known_hosts",
	    "# comment\nnonsense\nsftp.lab ssh-ed25519 " KEY "\n"
	    "[10.0.0.1]:2222 ssh-ed25519 " KEY "\nx y z\n");
	assert_int_equal(verb_call(&c, NULL, 1, "file,sftpdetails"), 0);
	assert_string_equal(c.rows,
	    "sftp.lab|ssh-ed25519|" FINGERPRINT "\n"
	    "[10.0.0.1]:2222|ssh-ed25519|" FINGERPRINT "\n");
	verb_call_release(&c);
	assert_int_equal(verb_call(&c, NULL, 0, "file,sftpdetails"), -1);
	verb_call_release(&c);
}

static void
programs_are_compared(void **state)
{
	struct verb_call c;

	assert_int_equal(verb_call(&c, NULL, 1, "file,check,100"), -1);
	assert_int_equal(c.e.code, ERR_NOT_FOUND);
	verb_call_release(&c);
	testing_write(*state, "etc/manifest", "version 1\n7 ucm-gone\n");
	assert_int_equal(verb_call(&c, NULL, 1, "file,check,100"), 0);
	assert_string_equal(c.rows, "removed|ucm-gone|7|0\n");
	assert_string_equal(c.message, "1");
	verb_call_release(&c);
	assert_int_equal(ask(1, "file,check,x"), ERR_USAGE);
	assert_int_equal(ask(0, "file,check,1"), ERR_DENIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_deleted),
		cmocka_unit_test(level_1_is_needed),
		cmocka_unit_test(nothing_else_is_deleted),
		cmocka_unit_test(known_servers_are_listed),
		cmocka_unit_test(programs_are_compared),
		cmocka_unit_test(directories_go_when_they_are_empty),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
