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
#include <unistd.h>

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
	assert_non_null(strstr(e.msg, "/nonexistent"));
	assert_int_equal(render_node(&n, "/proc/self/fd", dir, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(e.msg, "/fd/sshd_config"));
	testing_dir_remove(dir);
}

/* --- a node that was made before ----------------------------------------- */

struct made {
	char *dir;
	char *templates; /* a copy of etc/ to change */
	struct nodeconf conf;
	struct strlist replaced;
};

static const char *const copied[] = { "sshd_config",
	"postgresql/postgresql.conf", "postgresql/pg_hba.conf",
	"postgresql/pg_ident.conf", "service/sshd/run", "service/sshd/log/run",
	"service/postgresql/run", "service/postgresql/control/t",
	"service/postgresql/log/run", "service/agent/run",
	"service/agent/log/run", "service/tftp/run", "service/tftp/log/run",
	"service/certmon/run", "service/certmon/log/run", "service/tvs/run",
	"service/tvs/log/run", "pam/ucm-sshd" };

static void
make(struct made *m)
{
	struct err e = ERR_INIT;

	m->dir = make_root();
	m->templates = testing_dir();
	m->replaced = (struct strlist)STRLIST_INIT;
	fill(&m->conf);
	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++) {
		char *to = mem_printf("%s/%s", m->templates, copied[i]);
		char *text = testing_read("etc", copied[i]);

		for (char *p = to + strlen(m->templates) + 1;
		     (p = strchr(p, '/')) != NULL; p++) {
			*p = '\0';
			assert_int_equal(file_mkdir(to, 0755, NULL), 0);
			*p = '/';
		}
		testing_write(m->templates, copied[i], text);
		free(text);
		free(to);
	}
	assert_int_equal(render_node(&m->conf, m->templates, m->dir, &e), 0);
}

static void
unmake(struct made *m)
{
	strlist_release(&m->replaced);
	testing_dir_remove(m->templates);
	testing_dir_remove(m->dir);
}

/* Again: so many files were replaced that were somebody's. */
static void
again(struct made *m, size_t replaced)
{
	struct err e = ERR_INIT;

	strlist_release(&m->replaced);
	assert_int_equal(render_again(&m->conf, m->dir, &m->replaced, &e), 0);
	assert_int_equal(m->replaced.n, replaced);
}

static void
is(const struct made *m, const char *name, const char *text)
{
	char *got = testing_read(m->dir, name);

	assert_string_equal(got, text);
	free(got);
}

static bool
there(const struct made *m, const char *name)
{
	struct stat st;
	char path[PATH_SIZE];

	(void)m;
	return lstat(paths_in(path, "%s", name), &st) == 0;
}

static void
what_is_missing_is_written_again(void **state)
{
	struct made m;
	struct stat st;
	char path[PATH_SIZE];

	(void)state;
	make(&m);
	assert_int_equal(unlink(paths_in(path, "service/tvs/run")), 0);
	again(&m, 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	unmake(&m);
}

static void
a_new_template_replaces_what_nobody_has_changed(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	testing_write(m.templates, "service/tftp/run", "new @NAME@\n");
	again(&m, 0);
	is(&m, "service/tftp/run", "new Sub-2\n");
	assert_false(there(&m, "service/tftp/run" RENDER_OLD));
	/* another setting in node.conf is like another template */
	m.conf.ssh_port = 2200;
	again(&m, 0);
	has(m.dir, "etc/sshd_config", "Port 2200\n");
	unmake(&m);
}

static void
what_was_changed_by_hand_stays(void **state)
{
	struct made m;

	(void)state;
	make(&m);
	testing_write(m.dir, "etc/sshd_config", "mine\n");
	testing_write(m.dir, "pam.d/ucm-sshd", "mine too\n");
	again(&m, 0);
	again(&m, 0);
	is(&m, "etc/sshd_config", "mine\n");
	is(&m, "pam.d/ucm-sshd", "mine too\n");
	/* until its template changes, and then it is not lost */
	testing_write(m.templates, "sshd_config", "new\n");
	again(&m, 1);
	assert_true(str_ends(m.replaced.item[0], "/etc/sshd_config"));
	is(&m, "etc/sshd_config", "new\n");
	is(&m, "etc/sshd_config" RENDER_OLD, "mine\n");
	is(&m, "pam.d/ucm-sshd", "mine too\n");
	testing_write(m.templates, "sshd_config", "newer\n");
	again(&m, 0);
	is(&m, "etc/sshd_config", "newer\n");
	is(&m, "etc/sshd_config" RENDER_OLD, "mine\n");
	unmake(&m);
}

static void
a_link_is_kept_as_a_link(void **state)
{
	struct made m;
	char path[PATH_SIZE];

	(void)state;
	make(&m);
	paths_in(path, "etc/postgresql/pg_hba.conf");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/nonexistent", path), 0);
	again(&m, 0);
	testing_write(m.templates, "postgresql/pg_hba.conf", "new\n");
	again(&m, 1);
	is(&m, "etc/postgresql/pg_hba.conf", "new\n");
	assert_true(there(&m, "etc/postgresql/pg_hba.conf" RENDER_OLD));
	unmake(&m);
}

/* Made by a version that did not say what it wrote. */
static void
without_a_list_every_difference_is_kept(void **state)
{
	struct made m;
	char *list;

	(void)state;
	make(&m);
	testing_write(m.dir, "service/agent/run", "older\n");
	/* the templates are not where they are installed: say that alone */
	list = mem_printf("# %s\n", m.templates);
	testing_write(m.dir, "etc/rendered", list);
	free(list);
	again(&m, 1);
	is(&m, "service/agent/run" RENDER_OLD, "older\n");
	again(&m, 0);
	unmake(&m);
}

static void
a_template_that_is_gone_is_named(void **state)
{
	struct made m;
	struct err e = ERR_INIT;
	char *path;

	(void)state;
	make(&m);
	path = mem_printf("%s/service/tvs/run", m.templates);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(render_again(&m.conf, m.dir, &m.replaced, &e), -1);
	assert_non_null(strstr(e.msg, path));
	assert_true(there(&m, "service/tvs/run"));
	free(path);
	unmake(&m);
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
		cmocka_unit_test(what_is_missing_is_written_again),
		cmocka_unit_test(
		    a_new_template_replaces_what_nobody_has_changed),
		cmocka_unit_test(what_was_changed_by_hand_stays),
		cmocka_unit_test(a_link_is_kept_as_a_link),
		cmocka_unit_test(without_a_list_every_difference_is_kept),
		cmocka_unit_test(a_template_that_is_gone_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
