/*
 * node/dbtls.c: the cluster's CA and what it issues.
 */
#include "node/dbtls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "tests/fakes/testing.h"
#include "trust/cert.h"

static int
setup(void **state)
{
	static const char *const dirs[] = { "certs", "certs/cluster-ca", "db",
		"db/tls" };
	char path[PATH_SIZE];

	*state = testing_dir();
	paths_set_root(*state);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (file_mkdir(paths_in(path, "%s", dirs[i]), 0755, NULL) == -1)
			return -1;
	return 0;
}

static int
teardown(void **state)
{
	testing_dir_remove(*state);
	return 0;
}

static void
fill(struct nodeconf *n)
{
	nodeconf_defaults(n);
	(void)str_copy(n->name, sizeof(n->name), "pub");
	(void)str_copy(n->domain, sizeof(n->domain), "joemar2.lab");
	(void)str_copy(n->address, sizeof(n->address), "127.0.10.1");
	(void)str_copy(n->organization, sizeof(n->organization), "cisco");
}

/* Run a function of dbtls.h; its answer as a bundle. */
static void
ask(int (*run)(void *, struct wbuf *, struct err *), void *arg,
    struct bundle *out)
{
	struct err e = ERR_INIT;
	struct wbuf w;

	wbuf_init(&w, 0);
	assert_int_equal(run(arg, &w, &e), 0);
	if (out != NULL)
		assert_int_equal(bundle_decode(out, w.data, w.len, &e), 0);
	wbuf_release(&w);
}

/* All three requests of a node. */
static void
requests(struct nodeconf *n, struct bundle *all)
{
	struct bundle client;

	ask(dbtls_request_server, n, all);
	ask(dbtls_request_client, n, &client);
	bundle_add_text(all, "client_csr",
	    bundle_find(&client, "client_csr")->data);
	bundle_release(&client);
}

static struct cert *
cert_in(const struct bundle *b, const char *piece)
{
	struct err e = ERR_INIT;
	const char *text = bundle_text(b, piece, &e);
	struct cert *c;

	assert_non_null(text);
	c = cert_from_pem(text, strlen(text), &e);
	assert_non_null(c);
	return c;
}

static bool
der_holds(const struct cert *c, const void *p, size_t n)
{
	for (size_t i = 0; i + n <= c->der_len; i++)
		if (memcmp(c->der + i, p, n) == 0)
			return true;
	return false;
}

static void
check_mode(const char *name, mode_t mode)
{
	char path[PATH_SIZE];
	struct stat st;

	assert_int_equal(stat(paths_in(path, "%s", name), &st), 0);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void
the_ca_is_made_once(void **state)
{
	struct nodeconf n;
	char *first;
	char *second;

	fill(&n);
	ask(dbtls_make_ca, &n, NULL);
	first = testing_read(*state, "certs/cluster-ca.pem");
	ask(dbtls_make_ca, &n, NULL);
	second = testing_read(*state, "certs/cluster-ca.pem");
	assert_string_equal(first, second);
	free(first);
	free(second);
	check_mode("certs/cluster-ca/ca.key", 0600);
	check_mode("certs/cluster-ca.pem", 0644);
}

static void
it_decides_what_is_issued(void **state)
{
	static const uint8_t address[] = { 127, 0, 10, 2 };
	struct bundle rq;
	struct bundle out;
	struct nodeconf n;
	struct dbtls_issue is = {
		.conf = &n,
		.name = "sub1",
		.address = "127.0.10.2",
		.requests = &rq,
	};
	struct err e = ERR_INIT;
	struct cert *ca;
	struct cert *c;

	(void)state;
	fill(&n);
	ask(dbtls_make_ca, &n, NULL);
	requests(&n, &rq);
	ask(dbtls_issue, &is, &out);
	ca = cert_in(&out, "ca_cert");
	c = cert_in(&out, "server_cert");
	assert_string_equal(c->common_name, "sub1.joemar2.lab");
	assert_int_equal(cert_check_issued(c, ca, &e), 0);
	assert_true(der_holds(c, "sub1.joemar2.lab", 16));
	assert_true(der_holds(c, address, sizeof(address)));
	cert_free(c);
	c = cert_in(&out, "replicator_cert");
	assert_string_equal(c->common_name, "replicator");
	assert_int_equal(cert_check_issued(c, ca, &e), 0);
	cert_free(c);
	c = cert_in(&out, "client_cert");
	assert_string_equal(c->common_name, "ucm_rw");
	assert_int_equal(cert_check_issued(c, ca, &e), 0);
	cert_free(c);
	cert_free(ca);
	bundle_release(&out);
	bundle_release(&rq);
}

static void
what_comes_back_is_put_beside_the_keys(void **state)
{
	struct bundle rq;
	struct bundle out;
	struct nodeconf n;
	struct dbtls_issue is = {
		.conf = &n,
		.name = "pub",
		.address = "127.0.10.1",
		.requests = &rq,
	};
	struct key *k;
	struct cert *c;
	char path[PATH_SIZE];

	(void)state;
	fill(&n);
	ask(dbtls_make_ca, &n, NULL);
	requests(&n, &rq);
	ask(dbtls_issue, &is, &out);
	ask(dbtls_install_server, &out, NULL);
	ask(dbtls_install_client, &out, NULL);
	check_mode("db/tls/server.key", 0600);
	check_mode("db/tls/server.pem", 0600);
	check_mode("certs/db-client.key", 0600);
	check_mode("certs/db-client.pem", 0600);
	k = key_load(paths_in(path, "db/tls/replicator.key"), NULL);
	c = cert_load(paths_in(path, "db/tls/replicator.pem"), NULL);
	assert_non_null(k);
	assert_non_null(c);
	assert_true(cert_matches_key(c, k));
	key_free(k);
	cert_free(c);
	bundle_release(&out);
	bundle_release(&rq);
}

/* A node that took them could not be reached any more. */
static void
certificates_for_others_are_refused(void **state)
{
	static const char *const pieces[] = { "server_cert", "replicator_cert",
		"client_cert", "ca_cert" };
	struct bundle rq;
	struct bundle good;
	struct nodeconf n;
	struct dbtls_issue is = {
		.conf = &n,
		.name = "pub",
		.address = "127.0.10.1",
		.requests = &rq,
	};
	char path[PATH_SIZE];
	struct err e = ERR_INIT;

	(void)state;
	fill(&n);
	ask(dbtls_make_ca, &n, NULL);
	requests(&n, &rq);
	ask(dbtls_issue, &is, &good);
	/* each piece in turn is the certificate of another one */
	for (size_t i = 0; i < 4; i++) {
		const char *wrong = i == 3 ? "client_cert" : "ca_cert";
		struct bundle b;

		bundle_init(&b);
		for (size_t k = 0; k < 4; k++)
			bundle_add_text(&b, pieces[k],
			    bundle_find(&good, k == i ? wrong : pieces[k])
				->data);
		if (i != 2) {
			assert_int_equal(dbtls_install_server(&b, NULL, &e),
			    -1);
			assert_int_equal(
			    access(paths_in(path, "db/tls/server.pem"), F_OK),
			    -1);
		}
		if (i >= 2) {
			assert_int_equal(dbtls_install_client(&b, NULL, &e),
			    -1);
			assert_int_equal(
			    access(paths_in(path, "certs/db-client.pem"), F_OK),
			    -1);
		}
		bundle_release(&b);
	}
	bundle_release(&good);
	bundle_release(&rq);
}

static void
bad_requests_are_refused(void **state)
{
	struct bundle rq;
	struct bundle out;
	struct nodeconf n;
	struct dbtls_issue is = {
		.conf = &n,
		.name = "sub1",
		.address = "127.0.10.2",
		.requests = &rq,
	};
	struct err e = ERR_INIT;

	(void)state;
	fill(&n);
	bundle_init(&rq);
	bundle_init(&out);
	assert_int_equal(dbtls_issue_into(&is, &out, &e), -1); /* no CA */
	ask(dbtls_make_ca, &n, NULL);
	assert_int_equal(dbtls_issue_into(&is, &out, &e), -1);
	assert_string_equal(e.msg, "cluster CA: server_csr is missing");
	bundle_add_text(&rq, "server_csr", "not a request");
	assert_int_equal(dbtls_issue_into(&is, &out, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	bundle_release(&rq);
	/* nothing that is no certificate gets a name */
	bundle_add_text(&out, "client_cert", "nonsense");
	assert_int_equal(dbtls_install_client(&out, NULL, &e), -1);
	assert_int_equal(testing_count(*state), 2);
	bundle_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_ca_is_made_once, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(it_decides_what_is_issued,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_comes_back_is_put_beside_the_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    certificates_for_others_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_requests_are_refused, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
