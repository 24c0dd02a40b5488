/*
 * node/render.c: names in templates, and every template of etc/.
 */
#include "node/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

static const struct render_var vars[] = {
	{ "NAME", "pub" },
	{ "A_B", "@NAME@" },
	{ "EMPTY", "" },
};

static void
rendered(const char *text, const char *want)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	wbuf_init(&w, 0);
	assert_int_equal(render_text(text, vars, 3, &w, &e), 0);
	wbuf_u8(&w, 0);
	assert_string_equal((char *)w.data, want);
	wbuf_release(&w);
}

static void
names_are_replaced(void **state)
{
	(void)state;
	rendered("", "");
	rendered("@NAME@", "pub");
	rendered("a @NAME@@NAME@ b\n@EMPTY@c", "a pubpub b\nc");
	rendered("@A_B@", "@NAME@"); /* a value is not looked at again */
}

static void
other_at_signs_stay(void **state)
{
	(void)state;
	rendered("aes@openssh.com,x@y", "aes@openssh.com,x@y");
	rendered("%u@%d @ @@ @name@ @NAME", "%u@%d @ @@ @name@ @NAME");
	rendered("@NAME @NAME@", "@NAME pub");
}

static void
an_unknown_name_is_an_error(void **state)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	assert_int_equal(render_text("a\n\nb @NAM@\n", vars, 3, &w, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_string_equal(e.msg, "line 3: unknown name @NAM@");
	wbuf_release(&w);
}

/* A root with the directories that render_node() writes in. */
static char *
make_root(void)
{
	static const char *const dirs[] = { "etc", "etc/postgresql", "pam.d",
		"service", "service/sshd", "service/sshd/log",
		"service/postgresql", "service/postgresql/control",
		"service/postgresql/log", "service/agent", "service/agent/log",
		"service/tftp", "service/tftp/log", "service/certmon",
		"service/certmon/log", "service/tvs", "service/tvs/log" };
	char *dir = testing_dir();
	char path[PATH_SIZE];

	paths_set_root(dir);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		assert_int_equal(file_mkdir(paths_in(path, "%s", dirs[i]), 0755,
				     NULL),
		    0);
	return dir;
}

static void
fill(struct nodeconf *n)
{
	nodeconf_defaults(n);
	(void)str_copy(n->name, sizeof(n->name), "Sub-2");
	(void)str_copy(n->address, sizeof(n->address), "127.0.10.2");
	(void)str_copy(n->publisher_address, sizeof(n->publisher_address),
	    "127.0.10.1");
	n->role = NODE_SUBSCRIBER;
	n->ssh_port = 2222;
}

static void
has(const char *dir, const char *name, const char *text)
{
	char *got = testing_read(dir, name);

	assert_non_null(got);
	assert_non_null(strstr(got, text));
	assert_null(strstr(got, "@ROOT@"));
	free(got);
}

static void
the_templates_of_etc(void **state)
{
	char *dir = make_root();
	struct err e = ERR_INIT;
	struct nodeconf n;
	struct stat st;
	char path[PATH_SIZE];
	char *text;

	(void)state;
	fill(&n);
	assert_int_equal(render_node(&n, "etc", dir, &e), 0);
	has(dir, "etc/sshd_config", "ListenAddress 127.0.10.2\n");
	has(dir, "etc/sshd_config", "Port 2222\n");
	has(dir, "etc/postgresql/postgresql.conf",
	    "primary_slot_name = 'sub_2'\n");
	has(dir, "etc/postgresql/postgresql.conf",
	    "primary_conninfo = 'host=127.0.10.1 port=5432 user=replicator ");
	has(dir, "pam.d/ucm-sshd", "pam_unix.so");
	text = mem_printf("exec %s/ssh/ucm-sshd ", dir);
	has(dir, "service/sshd/run", text);
	free(text);
	assert_int_equal(stat(paths_in(path, "service/agent/run"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(paths_in(path, "etc/sshd_config"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	n.role = NODE_PUBLISHER;
	assert_int_equal(render_node(&n, "etc", dir, &e), 0);
	text = testing_read(dir, "etc/postgresql/postgresql.conf");
	assert_null(strstr(text, "primary_"));
	free(text);
	testing_dir_remove(dir);
}

static void
missing_templates_are_named(void **state)
{
	char *dir = make_root();
	struct err e = ERR_INIT;
	struct nodeconf n;

	(void)state;
	fill(&n);
	assert_int_equal(render_node(&n, "/nonexistent", dir, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.msg, "/nonexistent/sshd_config"));
	testing_dir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_replaced),
		cmocka_unit_test(other_at_signs_stay),
		cmocka_unit_test(an_unknown_name_is_an_error),
		cmocka_unit_test(the_templates_of_etc),
		cmocka_unit_test(missing_templates_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
