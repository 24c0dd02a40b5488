/*
 * node/parent_keys.c: what may enter the files of ssh/, and their text.
 */
#include "node/parent_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"

#define KEY_A                                                    \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA" \
	"aJ6Ut2Ic4G9zqZVQ3kmcV5yXlF0v4sW7x8dRrJ1hT3gYpNwQeKzXuM" \
	"B0aHcLJ2nVfS6tD8iOqE5rC7yWkPlZ4="
#define KEY_B                                                    \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBB" \
	"aJ6Ut2Ic4G9zqZVQ3kmcV5yXlF0v4sW7x8dRrJ1hT3gYpNwQeKzXuM" \
	"B0aHcLJ2nVfS6tD8iOqE5rC7yWkPlZ4="
#define INVITE                                                       \
	"restrict,expiry-time=\"20260101000000Z\",command=\"join\" " \
	"ecdsa-sha2-nistp256 " KEY_B " invite:"

static struct parent_node
node(const char *name, const char *address, uint16_t port)
{
	struct parent_node n = { .port = port };

	(void)str_copy(n.name, sizeof(n.name), name);
	(void)str_copy(n.address, sizeof(n.address), address);
	(void)str_copy(n.host_key, sizeof(n.host_key), KEY_A);
	(void)str_copy(n.client_key, sizeof(n.client_key), KEY_B);
	return n;
}

static char *
text_of(struct wbuf *w)
{
	uint8_t *p;
	size_t len;

	wbuf_u8(w, 0);
	assert_int_equal(wbuf_detach(w, &p, &len), 0);
	return (char *)p;
}

static void
takes_a_good_node(void **state)
{
	struct parent_node n = node("test10sub", "127.0.10.2", 22);
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(strlen(KEY_A), 140);
	assert_int_equal(parent_keys_check(&n, &e), 0);
	n.host_key[0] = '\0';
	n.client_key[0] = '\0';
	assert_int_equal(parent_keys_check(&n, &e), 0);
}

static void
refuses_bad_text(void **state)
{
	struct err e = ERR_INIT;
	struct parent_node n;

	(void)state;
	n = node("two words", "127.0.10.2", 22);
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2\nx", 22);
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2", 0);
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2", 22);
	memset(n.name, 'a', sizeof(n.name));
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2", 22);
	n.client_key[70] = '\n';
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n.client_key[70] = '"';
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2", 22);
	n.client_key[5] = 'x';
	assert_int_equal(parent_keys_check(&n, &e), -1);
	n = node("test10sub", "127.0.10.2", 22);
	n.host_key[139] = '\0';
	assert_int_equal(parent_keys_check(&n, &e), -1);
	memset(n.host_key, 'A', sizeof(n.host_key));
	assert_int_equal(parent_keys_check(&n, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

static void
renders_authorized_keys(void **state)
{
	struct parent_node n[2] = { node("test10pub", "127.0.10.1", 22),
		node("test10sub", "127.0.10.2", 22) };
	struct wbuf w;
	char *s;

	(void)state;
	n[1].client_key[0] = '\0';
	wbuf_init(&w, 0);
	parent_keys_authorized(&w, "", n, 2, NULL);
	s = text_of(&w);
	assert_string_equal(s,
	    "restrict,command=\"/usr/bin/ucm-node peer test10pub\" "
	    "ecdsa-sha2-nistp256 " KEY_B " test10pub\n");
	free(s);
}

static void
keeps_open_invitations(void **state)
{
	static const char old[] = "# comment expiry-time=\"x\n"
				  "restrict ecdsa-sha2-nistp256 old\n\n" INVITE
				  "test10sub\n" INVITE "test10sub2";
	struct wbuf w;
	char *s;

	(void)state;
	wbuf_init(&w, 0);
	parent_keys_authorized(&w, old, NULL, 0, NULL);
	s = text_of(&w);
	assert_string_equal(s, INVITE "test10sub\n" INVITE "test10sub2\n");
	free(s);
	wbuf_init(&w, 0);
	parent_keys_authorized(&w, old, NULL, 0, "test10sub");
	s = text_of(&w);
	assert_string_equal(s, INVITE "test10sub2\n");
	free(s);
}

static void
removes_one_invitation(void **state)
{
	static const char old[] = "restrict ecdsa-sha2-nistp256 A node\n" INVITE
				  "test10sub\n" INVITE "test10sub2\n";
	struct wbuf w;
	char *s;

	(void)state;
	wbuf_init(&w, 0);
	parent_keys_without_invite(&w, old, "test10sub2");
	s = text_of(&w);
	assert_string_equal(s,
	    "restrict ecdsa-sha2-nistp256 A node\n" INVITE "test10sub\n");
	free(s);
	wbuf_init(&w, 0);
	parent_keys_without_invite(&w, old, "other");
	s = text_of(&w);
	assert_string_equal(s, old);
	free(s);
}

static void
renders_known_hosts(void **state)
{
	struct parent_node n[2] = { node("test10pub", "127.0.10.1", 22),
		node("test10sub", "127.0.10.2", 2222) };
	struct wbuf w;
	char *s;

	(void)state;
	wbuf_init(&w, 0);
	parent_keys_known_hosts(&w, n, 2);
	s = text_of(&w);
	assert_string_equal(s,
	    "127.0.10.1 ecdsa-sha2-nistp256 " KEY_A "\n"
	    "[127.0.10.2]:2222 ecdsa-sha2-nistp256 " KEY_A "\n");
	free(s);
}

/* A reader of the directory would keep the root parent waiting for ever. */
static void
readers_cannot_take_the_lock(void **state)
{
	char *root = testing_dir();
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	struct stat st;
	int dir;
	int fd;

	(void)state;
	paths_set_root(root);
	assert_int_equal(mkdir(paths_in(path, "ssh"), 0755), 0);
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_not_equal(dir, -1);
	assert_int_equal(flock(dir, LOCK_EX), 0);
	(void)alarm(10);
	fd = parent_keys_lock(&e);
	(void)alarm(0);
	assert_int_not_equal(fd, -1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)close(fd);
	(void)close(dir);
	testing_dir_remove(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_good_node),
		cmocka_unit_test(refuses_bad_text),
		cmocka_unit_test(renders_authorized_keys),
		cmocka_unit_test(keeps_open_invitations),
		cmocka_unit_test(removes_one_invitation),
		cmocka_unit_test(renders_known_hosts),
		cmocka_unit_test(readers_cannot_take_the_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
