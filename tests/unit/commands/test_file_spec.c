#include "commands/file_spec.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"

/* What a spec finds: "dir/ file file", by the names that differ. */
static const char *
found(const char *root, const char *spec, unsigned flags)
{
	const struct file_find f = {
		.root = fileroot_find(root),
		.spec = spec,
		.flags = flags,
	};
	static char text[ERR_MSG_SIZE];
	struct err e = ERR_INIT;
	struct file_set set;
	struct cmd_world w;

	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	text[0] = '\0';
	if (file_find(&w.ctx, &f, &set, &e) == -1) {
		(void)str_copy(text, sizeof(text), e.msg);
	} else {
		size_t i;

		for (i = 0; i < set.n; i++) {
			(void)strncat(text, i > 0 ? " " : "", 2);
			(void)strncat(text, file_entry_name(&set, i), 64);
			(void)strncat(text, set.entry[i].dir ? "/" : "", 2);
		}
	}
	file_set_release(&set);
	cmd_world_release(&w);
	return text;
}

static void
patterns_match_like_those_of_a_shell(void **state)
{
	char *pattern = mem_alloc(2002);
	char *name = mem_alloc(256);
	size_t i;

	(void)state;
	assert_true(file_pattern_match("*", "a"));
	assert_true(file_pattern_match("a*c", "abc"));
	assert_true(file_pattern_match("a*c", "ac"));
	assert_true(file_pattern_match("*a*", "bab"));
	assert_true(file_pattern_match("**", ""));
	assert_false(file_pattern_match("a*c", "abd"));
	assert_false(file_pattern_match("*.log", "log"));
	assert_false(file_pattern_match("*", ".hidden"));
	assert_false(file_pattern_match("", "a"));
	assert_true(file_pattern_match("?", "?"));
	assert_false(file_pattern_match("[a]", "a"));
	/* The worst case is no worse than the product of both. */
	for (i = 0; i < 2000; i++)
		pattern[i] = "*a"[i % 2];
	pattern[2000] = 'b';
	memset(name, 'a', 255);
	assert_false(file_pattern_match(pattern, name));
	free(pattern);
	free(name);
}

static void
a_directory_stands_for_what_is_in_it(void **state)
{
	(void)state;
	assert_string_equal(found("activelog", "platform/log", 0),
	    "cli00001.log cli00002.log");
	assert_string_equal(found("activelog", "/platform//log/./", 0),
	    "cli00001.log cli00002.log");
	assert_string_equal(found("activelog", "/", 0),
	    "cm/ platform/ syslog/");
	assert_string_equal(found("activelog", "*", 0),
	    "cm/ platform/ syslog/");
	assert_string_equal(found("activelog", "platform/*", 0), "log/");
	assert_string_equal(found("activelog", "platform/log", FILE_FIND_SELF),
	    "log/");
}

static void
wildcards_stand_in_any_name(void **state)
{
	(void)state;
	assert_string_equal(found("activelog", "platform/log/*2.log", 0),
	    "cli00002.log");
	assert_string_equal(found("activelog", "*/C*g", 0),
	    "syslog/CiscoSyslog");
	assert_string_equal(found("activelog", "*/l*/c*", 0),
	    "platform/log/cli00001.log platform/log/cli00002.log");
	assert_string_equal(found("activelog", "nothing*", 0), "");
	assert_string_equal(found("activelog", "nothing/there", 0), "");
	assert_string_equal(found("salog", "*", 0), "");
}

static void
no_spec_leaves_its_root(void **state)
{
	static const char *const attacks[] = { "..", "../etc/secret",
		"syslog/../../etc/secret", "/../../etc", "*/..", "syslog/..",
		"./../etc" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++)
		assert_non_null(strstr(found("activelog", attacks[i], 0),
		    "cannot contain \"..\""));
	assert_string_equal(found("activelog", "out/secret", 0), "");
	assert_string_equal(found("activelog", "out/*", 0), "");
	assert_string_equal(found("activelog", "syslog/link", 0), "");
	assert_string_equal(found("activelog", "syslog/l*", 0), "");
	assert_string_equal(found("activelog", "syslog/fifo", 0), "");
	assert_string_equal(found("activelog", "o*/s*", FILE_FIND_RECURS), "");
	assert_string_equal(found("activelog", "..\\etc", 0), "");
	assert_string_equal(found("activelog", "%2e%2e/etc", 0), "");
	assert_string_equal(found("activelog", ".lock", 0), "");
	assert_string_equal(found("tftp", "stray.key", 0), "");
	assert_string_equal(found("tftp", "*.key", 0), "");
}

static void
long_specs_find_nothing(void **state)
{
	char *spec = mem_alloc(16001);
	size_t i;

	(void)state;
	memset(spec, 'a', 16000);
	assert_string_equal(found("activelog", spec, 0), "");
	for (i = 1; i < 16000; i += 2)
		spec[i] = '/';
	assert_string_equal(found("activelog", spec, 0), "");
	for (i = 0; i < 16000; i += 2)
		spec[i] = '*';
	assert_string_equal(found("activelog", spec, FILE_FIND_RECURS), "");
	free(spec);
}

static void
the_recovery_key_is_seen_in_tftp(void **state)
{
	struct err e = ERR_INIT;
	struct file_set set;
	struct cmd_world w;

	(void)state;
	assert_string_equal(found("tftp", "*", 0),
	    "rings/ ITLFile.tlv ITLRecovery.p12");
	assert_string_equal(found("tftp", "ITLRecovery.p12", 0),
	    "ITLRecovery.p12");
	assert_string_equal(found("tftp", "rings/ITLRecovery.p12", 0), "");
	assert_string_equal(found("activelog", "cm/tftpdata/*", 0),
	    "rings/ ITLFile.tlv");
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_find_one(&w.ctx, fileroot_find("tftp"),
			     "ITLRecovery.p12", &set, &e),
	    -1);
	assert_int_equal(e.code, ERR_DENIED);
	file_set_release(&set);
	cmd_world_release(&w);
}

static void
a_view_is_a_directory(void **state)
{
	(void)state;
	assert_string_equal(found("activelog", "cm", 0), "tftpdata/ trace/");
	assert_string_equal(found("activelog", "cm/tftpdata", FILE_FIND_SELF),
	    "tftpdata/");
	assert_string_equal(found("activelog", "c*/t*a/I*", 0),
	    "cm/tftpdata/ITLFile.tlv");
}

static void
recurs_goes_down(void **state)
{
	const unsigned files = FILE_FIND_FILES;
	const unsigned deep = FILE_FIND_FILES | FILE_FIND_RECURS;

	(void)state;
	assert_string_equal(found("tftp", "rings", files), "a.raw");
	assert_string_equal(found("tftp", "rings", deep), "a.raw deep/b.raw");
	assert_string_equal(found("tftp", "rings/*", files), "a.raw");
	assert_string_equal(found("tftp", "*.raw", files), "");
	assert_string_equal(found("tftp", "*.raw", deep),
	    "rings/a.raw rings/deep/b.raw");
	assert_string_equal(found("tftp", "rings", FILE_FIND_RECURS),
	    "deep/ a.raw deep/b.raw");
}

static void
files_can_be_chosen(void **state)
{
	struct file_when when = { .from = 5000, .to = 6000 };
	struct file_find f = {
		.root = fileroot_find("activelog"),
		.spec = "platform/log/*",
		.flags = FILE_FIND_FILES,
	};
	const struct timespec times[2] = { { .tv_sec = 5500 },
		{ .tv_sec = 5500 } };
	char *path =
	    mem_printf("%s/log/platform/log/cli00002.log", (char *)*state);
	struct err e = ERR_INIT;
	struct file_set set;
	struct cmd_world w;
	char *shown;

	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	f.when = &when;
	assert_int_equal(file_find(&w.ctx, &f, &set, &e), 0);
	assert_int_equal(set.n, 1);
	assert_int_equal(set.bytes, 28);
	shown = file_entry_shown(&set, 0);
	assert_string_equal(shown, "/var/log/active/platform/log/cli00002.log");
	free(shown);
	file_set_release(&set);
	f.when = NULL;
	assert_int_equal(regexp_new(&f.match, "1\\.log$", false, &e), 0);
	assert_int_equal(file_find(&w.ctx, &f, &set, &e), 0);
	assert_int_equal(set.n, 1);
	assert_string_equal(set.entry[0].path, "platform/log/cli00001.log");
	file_set_release(&set);
	regexp_free(f.match);
	cmd_world_release(&w);
	free(path);
}

static void
a_leading_slash_is_kept_where_it_is_shown(void **state)
{
	struct err e = ERR_INIT;
	struct file_set set;
	struct cmd_world w;
	char *shown;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_find_one(&w.ctx, fileroot_find("activelog"),
			     "/syslog/CiscoSyslog", &set, &e),
	    0);
	shown = file_entry_shown(&set, 0);
	assert_string_equal(shown, "/var/log/active//syslog/CiscoSyslog");
	free(shown);
	file_set_release(&set);
	cmd_world_release(&w);
}

static void
one_file_is_one_file(void **state)
{
	static const struct {
		const char *spec;
		const char *msg;
	} wrong[] = {
		{ "syslog/none", "File not found: syslog/none" },
		{ "syslog/\303\244", "File not found: syslog/\303\244" },
		{ "syslog", "\"syslog\" is a directory." },
		{ "platform/log/*",
		    "\"platform/log/*\" must match exactly one file, but "
		    "matches 2." },
	};
	struct err e = ERR_INIT;
	struct file_set set;
	struct cmd_world w;
	size_t i;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(file_find_one(&w.ctx,
				     fileroot_find("activelog"), wrong[i].spec,
				     &set, &e),
		    -1);
		assert_string_equal(e.msg, wrong[i].msg);
		file_set_release(&set);
	}
	cmd_world_release(&w);
}

static void
deep_trees_end(void **state)
{
	char *path = mem_printf("%s/log/deep", (char *)*state);
	size_t i;

	for (i = 0; i < FILE_DEPTH_MAX + 4; i++) {
		char *longer;

		assert_int_equal(mkdir(path, 0755), 0);
		longer = mem_printf("%s/d", path);
		free(path);
		path = longer;
	}
	free(path);
	assert_non_null(strstr(found("activelog", "deep",
				   FILE_FIND_FILES | FILE_FIND_RECURS),
	    "inside each other"));
	assert_string_equal(found("activelog", "deep", 0), "d/");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_like_those_of_a_shell),
		cmocka_unit_test(a_directory_stands_for_what_is_in_it),
		cmocka_unit_test(wildcards_stand_in_any_name),
		cmocka_unit_test(no_spec_leaves_its_root),
		cmocka_unit_test(long_specs_find_nothing),
		cmocka_unit_test(the_recovery_key_is_seen_in_tftp),
		cmocka_unit_test(a_view_is_a_directory),
		cmocka_unit_test(recurs_goes_down),
		cmocka_unit_test(files_can_be_chosen),
		cmocka_unit_test(a_leading_slash_is_kept_where_it_is_shown),
		cmocka_unit_test(one_file_is_one_file),
		cmocka_unit_test(deep_trees_end),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
