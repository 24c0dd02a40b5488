/*
 * node/restore_talk.c: a rebuilt publisher and a subscriber that is a shell
 * script behind a real sshd.
 */
#include "node/restore_talk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/sshkeys.h"
#include "tests/fakes/pledges.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/testing.h"
#include "trust/cert.h"
#include "trust/key.h"

/*
 * What is said is a line of "said"; the answer is the file of that name in
 * the subscriber's directory, no file is a refusal.  What comes in is kept
 * as "in-" and the name.
 */
#define SCRIPT                                                  \
	"#!/bin/sh\n"                                           \
	"cd %s/answers || exit 1\n"                             \
	"set -- $SSH_ORIGINAL_COMMAND\n"                        \
	"echo \"$*\" >>../said\n"                               \
	"cat >\"../in-$1-$2\"\n"                                \
	"[ -e \"$1-$2\" ] && exec cat \"$1-$2\"\n"              \
	"echo \"ucm-node readmit: node $2: not reached\" >&2\n" \
	"exit 1\n"

static struct sshd_server server;
static char *dir;
static struct nodeconf conf;
static struct token token;

static void
save_bundle(const char *name, const struct bundle *b)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct wbuf w;

	wbuf_init(&w, 0);
	bundle_encode(b, &w);
	(void)str_printf(path, sizeof(path), "%s/answers/%s", dir, name);
	assert_int_equal(file_replace(path, w.data, w.len, 0644, &e), 0);
	wbuf_release(&w);
}

static void
forget(const char *name)
{
	char path[PATH_SIZE];

	(void)str_printf(path, sizeof(path), "%s/answers/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

/* What a node tells of itself. */
static void
save_look(const char *name, const char *timeline, const char *lsn)
{
	struct err e = ERR_INIT;
	struct bundle all;
	struct bundle b;
	struct wbuf w;
	char file[64];

	wbuf_init(&w, 0);
	assert_int_equal(dbtls_request_server(&conf, &w, &e), 0);
	assert_int_equal(bundle_decode(&all, w.data, w.len, &e), 0);
	wbuf_release(&w);
	wbuf_init(&w, 0);
	assert_int_equal(dbtls_request_client(&conf, &w, &e), 0);
	assert_int_equal(bundle_decode(&b, w.data, w.len, &e), 0);
	wbuf_release(&w);
	bundle_add_text(&all, "client_csr",
	    bundle_find(&b, "client_csr")->data);
	bundle_release(&b);
	bundle_add_text(&all, "timeline", timeline);
	bundle_add_text(&all, "lsn", lsn);
	(void)str_printf(file, sizeof(file), "look-%s", name);
	save_bundle(file, &all);
	bundle_release(&all);
}

static void
save_text(const char *file, const char *piece, const char *text)
{
	struct bundle b;

	bundle_init(&b);
	bundle_add_text(&b, piece, text);
	save_bundle(file, &b);
	bundle_release(&b);
}

static void
make_token(void)
{
	struct err e = ERR_INIT;
	char *print = key_ssh_fingerprint(server.host_key, &e);
	uint8_t *pem;
	size_t len;

	token = (struct token) { .publisher = true, .port = server.port };
	(void)str_copy(token.address, sizeof(token.address), "127.0.0.1");
	(void)str_copy(token.fingerprint, sizeof(token.fingerprint), print);
	free(print);
	assert_int_equal(file_read(server.key_file, sizeof(token.key), &pem,
			     &len, &e),
	    0);
	(void)str_copy(token.key, sizeof(token.key), (char *)pem);
	free(pem);
}

static int
start(void **state)
{
	static const char *const dirs[] = { "certs", "certs/cluster-ca", "db",
		"db/tls", "ssh", "answers" };
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	char script[1024];

	(void)state;
	dir = testing_dir();
	paths_set_root(dir);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		(void)mkdir(paths_in(path, "%s", dirs[i]), 0755);
	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), "pub");
	(void)str_copy(conf.domain, sizeof(conf.domain), "joemar2.lab");
	(void)str_copy(conf.address, sizeof(conf.address), "127.0.10.1");
	if (sshkeys_make(&e) == -1 || dbtls_make_ca(&conf, NULL, &e) == -1)
		return -1;
	(void)str_printf(script, sizeof(script), SCRIPT, dir);
	testing_write(dir, "script", script);
	(void)chmod(paths_in(path, "script"), 0755);
	sshd_server_start(&server, path);
	make_token();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sshd_server_stop(&server);
	testing_dir_remove(dir);
	return 0;
}

static void
says(const char *line)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	uint8_t *said;
	size_t len;

	assert_int_equal(file_read(paths_in(path, "said"), 65536, &said, &len,
			     &e),
	    0);
	if (strstr((char *)said, line) == NULL)
		fail_msg("not said: %s", line);
	free(said);
}

static void
facts_are_the_subscriber_s(void **state)
{
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	assert_int_equal(restore_talk_facts(&token, &text, &e), -1);
	assert_null(text);
	save_text("facts-", "node_conf", "name = pub\n");
	assert_int_equal(restore_talk_facts(&token, &text, &e), 0);
	assert_string_equal(text, "name = pub\n");
	free(text);
	save_text("facts-", "other", "name = pub\n");
	assert_int_equal(restore_talk_facts(&token, &text, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
}

static int
keep_text(void *self, const char *text)
{
	wbuf_bytes(self, text, strlen(text));
	return 0;
}

static int
adopt(struct restore_result *r, struct wbuf *lines, struct err *e)
{
	const struct progress progress = { .text = keep_text, .self = lines };
	struct secret security;
	const struct restore_talk t = {
		.conf = &conf,
		.token = &token,
		.security = &security,
		.progress = &progress,
	};
	int rc;

	secret_set(&security, PLEDGES_PASSWORD, strlen(PLEDGES_PASSWORD));
	wbuf_init(lines, 0);
	rc = restore_talk_adopt(&t, r, e);
	wbuf_u8(lines, '\0');
	secret_release(&security);
	return rc;
}

/* What sub2 was sent: certificates of this CA, and a pledge that holds. */
static void
check_adoption(void)
{
	struct err e = ERR_INIT;
	char path[PATH_SIZE];
	struct secret security;
	struct bundle b;
	struct pledge p;
	struct cert *c;
	uint8_t *data;
	size_t len;
	const char *pem;

	assert_int_equal(file_read(paths_in(path, "in-adopt-sub2"), BUNDLE_MAX,
			     &data, &len, &e),
	    0);
	assert_int_equal(bundle_decode(&b, data, len, &e), 0);
	free(data);
	assert_int_equal(pledge_take(&p, &b, &e), 0);
	secret_set(&security, PLEDGES_PASSWORD, strlen(PLEDGES_PASSWORD));
	assert_int_equal(pledge_check(&p, &security, &e), 0);
	secret_release(&security);
	pem = bundle_text(&b, "server_cert", &e);
	c = cert_from_pem(pem, strlen(pem), &e);
	assert_string_equal(c->common_name, "sub2.joemar2.lab");
	cert_free(c);
	/* the keys here are this node's, so the certificates fit them */
	assert_int_equal(dbtls_install_server(&b, NULL, &e), 0);
	assert_int_equal(dbtls_install_client(&b, NULL, &e), 0);
	bundle_release(&b);
}

static void
the_most_advanced_of_those_that_adopt(void **state)
{
	struct restore_result r;
	struct err e = ERR_INIT;
	struct wbuf lines;

	(void)state;
	save_text("nodes-", "nodes",
	    "sub1 127.0.10.2\nsub2 127.0.10.3\nsub3 127.0.10.4\n"
	    "sub4 127.0.10.5\n");
	/* sub3 is not reached; sub4 is ahead, but does not adopt */
	save_look("sub1", "1", "5000");
	save_look("sub2", "2", "400");
	save_look("sub4", "9", "9000");
	save_text("adopt-sub1", "x", "");
	save_text("adopt-sub2", "x", "");
	if (adopt(&r, &lines, &e) == -1)
		fail_msg("%s", e.msg);
	assert_string_equal(r.source_name, "sub2");
	assert_string_equal(r.source_address, "127.0.10.3");
	assert_int_equal(r.left_out.n, 2);
	assert_string_equal(r.left_out.item[0],
	    "sub3: the subscriber refuses: node sub3: not reached");
	assert_true(str_starts(r.left_out.item[1], "sub4: "));
	assert_non_null(strstr((char *)lines.data,
	    "Node sub1 has adopted this publisher.\n"));
	assert_non_null(strstr((char *)lines.data, "Node sub3 is left out: "));
	assert_non_null(strstr((char *)lines.data,
	    "The database of sub2 is the most advanced.\n"));
	check_adoption();
	restore_result_release(&r);
	wbuf_release(&lines);
	says("adopt sub2\n");
}

static void
without_any_node_it_fails(void **state)
{
	struct restore_result r;
	struct err e = ERR_INIT;
	struct wbuf lines;

	(void)state;
	save_text("nodes-", "nodes", "sub3 127.0.10.4\n");
	assert_int_equal(adopt(&r, &lines, &e), -1);
	assert_string_equal(e.msg, "no subscriber's database can be reached");
	wbuf_release(&lines);
	save_text("nodes-", "nodes", "");
	assert_int_equal(adopt(&r, &lines, &e), -1);
	wbuf_release(&lines);
	/* who does not accept the password refuses this already */
	forget("nodes-");
	assert_int_equal(adopt(&r, &lines, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	wbuf_release(&lines);
}

static void
a_broken_answer_is_refused(void **state)
{
	static const char *const bad[] = { "sub1\n", " \n", "sub1 \n",
		"a_b 127.0.10.2\n",
		"sub1 1234567890123456789012345678901234567890123456789\n" };
	struct restore_result r;
	struct err e = ERR_INIT;
	struct wbuf lines;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		save_text("nodes-", "nodes", bad[i]);
		assert_int_equal(adopt(&r, &lines, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		wbuf_release(&lines);
	}
	save_text("nodes-", "nodes", "sub1 127.0.10.2\n");
	save_look("sub1", "0", "1");
	assert_int_equal(adopt(&r, &lines, &e), -1);
	assert_non_null(strstr((char *)lines.data, "not a position"));
	wbuf_release(&lines);
}

static void
the_end_is_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(restore_talk_end(&token, &e), -1);
	save_text("end-", "x", "");
	assert_int_equal(restore_talk_end(&token, &e), 0);
	says("end\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_are_the_subscriber_s),
		cmocka_unit_test(the_most_advanced_of_those_that_adopt),
		cmocka_unit_test(without_any_node_it_fails),
		cmocka_unit_test(a_broken_answer_is_refused),
		cmocka_unit_test(the_end_is_told),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, start, stop);
}
