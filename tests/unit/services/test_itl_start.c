#include "services/itl_start.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "services/itl_source.h"
#include "tests/fakes/db_rows.h"
#include "tests/fakes/itl_node.h"
#include "tests/fakes/pg_cluster.h"
#include "tests/fakes/testing.h"
#include "trust/trustlist.h"

static int
setup(void **state)
{
	*state = itl_node_new();
	return 0;
}

static int
teardown(void **state)
{
	itl_node_free(*state);
	return 0;
}

static void
test_build(void **state)
{
	static const unsigned roles[] = { ROLE_SAST, ROLE_TFTP, ROLE_CAPF,
		ROLE_TVS, ROLE_SAST, ROLE_TVS };
	struct itl_node *n = *state;
	const struct cert *const certs[] = { n->callmanager.cert,
		n->callmanager.cert, n->capf.cert, n->tvs.cert,
		n->recovery.cert, n->further.cert };
	struct err e = ERR_INIT;
	struct trustlist l;
	uint8_t *data;
	size_t len, i, signer = 99;

	assert_int_equal(itl_start_build(&n->source, &data, &len, &e), 0);
	assert_int_equal(trustlist_parse(&l, data, len, &e), 0);
	assert_int_equal(trustlist_verify(&l, &signer, &e), 0);
	assert_int_equal(signer, 0);
	assert_int_equal(l.n_records, 6);
	assert_int_equal(l.header.digest, DIGEST_SHA1);
	for (i = 0; i < 6; i++) {
		assert_int_equal(l.record[i].role, roles[i]);
		assert_string_equal(l.record[i].subject, certs[i]->subject);
	}
	assert_false(itl_is_reset(data, len));
	trustlist_release(&l);
	free(data);
}

static void
test_build_sha512(void **state)
{
	struct itl_node *n = *state;
	struct err e = ERR_INIT;
	struct trustlist l;
	uint8_t *data;
	size_t len;

	n->digest = DIGEST_SHA512;
	assert_int_equal(itl_start_build(&n->source, &data, &len, &e), 0);
	assert_int_equal(trustlist_parse(&l, data, len, &e), 0);
	assert_int_equal(l.header.digest, DIGEST_SHA512);
	trustlist_release(&l);
	free(data);
}

static void
expect_no_build(struct itl_node *n, enum err_code code)
{
	struct err e = ERR_INIT;
	uint8_t *data = NULL;
	size_t len = 0;

	assert_int_equal(itl_start_build(&n->source, &data, &len, &e), -1);
	if (e.code != code)
		fail_msg("%s: %s", err_name(e.code), e.msg);
	assert_null(data);
}

static void
test_build_without_source(void **state)
{
	struct itl_node *n = *state;

	atomic_store(&n->failures, 1);
	expect_no_build(n, ERR_UNREACHABLE);
}

static void
test_build_without_key(void **state)
{
	struct itl_node *n = *state;
	char path[PATH_SIZE], *pem;
	struct err e = ERR_INIT;

	paths_in(path, "certs/CallManager.pem");
	assert_int_equal(unlink(path), 0);
	expect_no_build(n, ERR_NOT_FOUND);
	/* Neither is the database bothered then. */
	assert_int_equal(atomic_load(&n->reads), 0);
	pem = cert_to_pem(n->callmanager.cert);
	assert_int_equal(file_replace(path, pem, strlen(pem), 0600, &e), 0);
	expect_no_build(n, ERR_KEY);
	free(pem);
}

static void
test_build_with_anothers_key(void **state)
{
	struct itl_node *n = *state;
	char path[PATH_SIZE], *key, *cert, *both;
	struct err e = ERR_INIT;
	size_t len;

	assert_int_equal(key_to_pem(n->tvs.key, &key, &len, &e), 0);
	cert = cert_to_pem(n->callmanager.cert);
	both = mem_printf("%s%s", key, cert);
	paths_in(path, "certs/CallManager.pem");
	assert_int_equal(file_replace(path, both, strlen(both), 0600, &e), 0);
	expect_no_build(n, ERR_KEY);
	mem_free_wiped(both, strlen(both));
	mem_free_wiped(key, len);
	free(cert);
}

/* A cluster of so many nodes that the list does not fit. */
static int
read_too_many(void *self, struct itl_certs *out, struct err *e)
{
	struct itl_node *n = self;
	size_t i;

	if (n->source.read(n, out, e) == -1)
		return -1;
	out->further_tvs =
	    mem_resize(out->further_tvs, 300, sizeof(struct cert *));
	for (i = out->n_further; i < 300; i++)
		out->further_tvs[i] = cert_dup(n->further.cert);
	out->n_further = 300;
	return 0;
}

static void
test_build_too_large(void **state)
{
	struct itl_node *n = *state;
	const struct itl_source many = { .read = read_too_many, .self = n };
	struct err e = ERR_INIT;
	uint8_t *data = NULL;
	size_t len = 0;

	assert_int_equal(itl_start_build(&many, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_TOO_BIG);
}

static void
test_install(void **state)
{
	struct itl_node *n = *state;
	struct err e = ERR_INIT;
	uint8_t *got;
	size_t len;

	assert_int_equal(itl_start_install((const uint8_t *)"one", 3, &e), 0);
	assert_int_equal(itl_start_install((const uint8_t *)"second", 6, &e),
	    0);
	got = itl_node_get(n, &len);
	assert_int_equal(len, 6);
	assert_memory_equal(got, "second", 6);
	free(got);
	paths_set_root("/nonexistent");
	assert_int_equal(itl_start_install((const uint8_t *)"third", 5, &e),
	    -1);
	paths_set_root(n->dir);
}

static void
test_facts(void **state)
{
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	assert_int_equal(itl_start_build(&n->source, &data, &len, &e), 0);
	itl_facts_of(data, len, &facts);
	assert_string_equal(facts.signer,
	    "CN=test10pub.joemar2.lab;OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	assert_false(facts.is_reset);
	free(data);
	itl_node_reset_file(n, &data, &len);
	itl_facts_of(data, len, &facts);
	assert_string_equal(facts.signer,
	    "CN=ITLRECOVERY_test10pub.joemar2.lab;"
	    "OU=tac;O=cisco;L=rtp;ST=nc;C=US");
	assert_true(facts.is_reset);
	assert_true(itl_is_reset(data, len));
	assert_false(itl_is_reset(data, len - 1));
	free(data);
	itl_facts_of((const uint8_t *)"abc", 3, &facts);
	assert_string_equal(facts.sha1,
	    "a9993e364706816aba3e25717850c26c9cd0d89d");
	assert_string_equal(facts.signer, "");
	assert_false(facts.is_reset);
	assert_false(itl_is_reset((const uint8_t *)"", 0));
}

/* A reset file in place, and its checksum. */
static void
put_reset_file(struct itl_node *n, struct itl_facts *facts)
{
	uint8_t *data;
	size_t len;

	itl_node_reset_file(n, &data, &len);
	itl_facts_of(data, len, facts);
	itl_node_put(n, data, len);
	free(data);
}

static void
expect_marker_gone(void)
{
	struct itl_marker m;
	struct err e = ERR_INIT;

	assert_int_equal(itl_marker_read(&m, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
test_keep(void **state)
{
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;

	put_reset_file(n, &facts);
	assert_int_equal(itl_marker_write(facts.sha1, &e), 0);
	if (itl_start_keep(&e) == -1)
		fail_msg("%s", e.msg);
	expect_marker_gone();
	/* The next start builds. */
	assert_int_equal(itl_start_keep(&e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
}

static void
expect_not_kept(const char *why)
{
	struct err e = ERR_INIT;

	assert_int_equal(itl_start_keep(&e), -1);
	assert_int_equal(e.code, ERR_STATE);
	if (strstr(e.msg, why) == NULL)
		fail_msg("%s", e.msg);
	expect_marker_gone();
}

static void
test_keep_another_file(void **state)
{
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;

	put_reset_file(n, &facts);
	assert_int_equal(
	    itl_marker_write("0123456789abcdef0123456789abcdef01234567", &e),
	    0);
	expect_not_kept("names the file 0123456789abcdef");
}

static void
test_keep_nothing(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
	    itl_marker_write("0123456789abcdef0123456789abcdef01234567", &e),
	    0);
	expect_not_kept("ITLFile.tlv");
}

static void
test_keep_what_does_not_verify(void **state)
{
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;

	itl_node_reset_file(n, &data, &len);
	data[len - 1] ^= 1;
	itl_facts_of(data, len, &facts);
	itl_node_put(n, data, len);
	free(data);
	assert_int_equal(itl_marker_write(facts.sha1, &e), 0);
	expect_not_kept("not obeyed");
}

/* The marker with one of its lines changed. */
static void
write_marker(const struct itl_node *n, const char *sha1, const char *boot,
    long long time)
{
	char *text =
	    mem_printf("sha1 %s\nboot %s\ntime %lld\n", sha1, boot, time);

	testing_write(n->dir, "run/itl-keep", text);
	free(text);
}

static void
test_keep_in_time(void **state)
{
	const int64_t limit = ITL_MARKER_AGE_MAX;
	char boot[CLOCK_BOOT_ID_SIZE];
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;

	put_reset_file(n, &facts);
	clock_boot_id(boot);
	write_marker(n, facts.sha1, boot, clock_boot() - limit);
	expect_not_kept(" s old");
	write_marker(n, facts.sha1, boot, clock_boot() + 100);
	expect_not_kept("ahead of time");
	write_marker(n, facts.sha1, "01234567-89ab-cdef-0123-456789abcdef",
	    clock_boot());
	expect_not_kept("another boot");
	write_marker(n, facts.sha1, "", clock_boot());
	expect_not_kept("another boot");
	write_marker(n, facts.sha1, boot, clock_boot() - limit + 10);
	assert_int_equal(itl_start_keep(&e), 0);
	expect_marker_gone();
}

static void
test_keep_broken_marker(void **state)
{
	struct itl_node *n = *state;
	struct itl_facts facts;
	struct err e = ERR_INIT;

	put_reset_file(n, &facts);
	testing_write(n->dir, "run/itl-keep", "rubbish\n");
	assert_int_equal(itl_start_keep(&e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	expect_marker_gone();
}

static void
add_cert(struct db *db, const char *node, const char *unit,
    const struct certfile *f)
{
	struct cert_row row = { .subject = f->cert->subject,
		.issuer = f->cert->issuer,
		.not_before = f->cert->not_before,
		.not_after = f->cert->not_after,
		.self_signed = true };
	struct err e = ERR_INIT;

	(void)str_copy(row.node, sizeof(row.node), node);
	(void)str_copy(row.unit, sizeof(row.unit), unit);
	cert_serial_hex(f->cert, row.serial);
	cert_fingerprint(f->cert, row.sha256);
	row.pem = cert_to_pem(f->cert);
	if (certs_replace(db, &row, &e) == -1)
		fail_msg("%s", e.msg);
	free(row.pem);
}

/* The node's certificates in a database of its own, beside its files. */
static void
fill_database(struct pg_server *server, const struct itl_node *n)
{
	char path[PATH_SIZE];
	struct err e = ERR_INIT;
	struct db *db;

	pg_server_start_migrated(server);
	db = pg_server_open(DB_RW);
	db_rows_add_node(db, "test10pub", "127.0.10.1", NODE_PUBLISHER);
	db_rows_add_node(db, "test10sub", "127.0.10.2", NODE_SUBSCRIBER);
	add_cert(db, "test10pub", "CAPF", &n->capf);
	add_cert(db, "test10pub", "TVS", &n->tvs);
	add_cert(db, "test10pub", "ITLRecovery", &n->recovery);
	add_cert(db, "test10sub", "TVS", &n->further);
	db_close(db);
	assert_int_equal(file_mkdir(paths_in(path, "certs"), 0700, &e), 0);
	paths_in(path, "certs/CallManager.pem");
	assert_int_equal(certfile_write(path, n->callmanager.key,
			     n->callmanager.cert, &e),
	    0);
}

/* The same list from a real database as from the fake one. */
static void
test_with_real_database(void **state)
{
	struct itl_node *n = *state;
	struct itl_source database = itl_source_database();
	struct itl_facts facts;
	struct pg_server server;
	struct trustlist l;
	struct err e = ERR_INIT;
	uint8_t *data, *want;
	size_t len, want_len;

	assert_int_equal(itl_start_build(&n->source, &want, &want_len, &e), 0);
	fill_database(&server, n);
	if (itl_start_build(&database, &data, &len, &e) == -1)
		fail_msg("%s", e.msg);
	assert_int_equal(len, want_len);
	assert_int_equal(trustlist_parse(&l, data, len, &e), 0);
	assert_int_equal(trustlist_verify(&l, NULL, &e), 0);
	assert_memory_equal(data + l.header.len, want + l.header.len,
	    len - l.header.len);
	itl_facts_of(data, len, &facts);
	assert_string_equal(facts.signer, n->callmanager.cert->subject);
	trustlist_release(&l);
	free(data);
	free(want);
	pg_server_halt(&server);
	assert_int_equal(itl_start_build(&database, &data, &len, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	pg_server_stop(&server);
	paths_set_root(n->dir);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_build),
		TEST(test_build_sha512),
		TEST(test_build_without_source),
		TEST(test_build_without_key),
		TEST(test_build_with_anothers_key),
		TEST(test_build_too_large),
		TEST(test_install),
		TEST(test_facts),
		TEST(test_keep),
		TEST(test_keep_another_file),
		TEST(test_keep_nothing),
		TEST(test_keep_what_does_not_verify),
		TEST(test_keep_in_time),
		TEST(test_keep_broken_marker),
		TEST(test_with_real_database),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
