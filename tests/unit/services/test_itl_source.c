#include "services/itl_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/certs.h"
#include "db/params.h"
#include "tests/fakes/itl_node.h"

/* What the database below says; the functions of db/ carry no pointer. */
static struct {
	enum err_code open_code; /* ERR_NONE: it can be opened */
	enum err_code read_code;
	struct itl_node *node;
	size_t tvs; /* rows */
	const char *tvs_node; /* of the first row */
	const char *missing; /* the unit without a certificate, or "" */
	const char *broken; /* the unit whose certificate is none, or "" */
	const char *algorithm; /* NULL: no such parameter */
	int open; /* connections */
	int rows; /* lists not yet released */
} database;

struct db *
db_open_local(enum db_role role, struct err *e)
{
	static char handle;

	assert_int_equal(role, DB_RW);
	if (database.open_code != ERR_NONE) {
		(void)err_set(e, database.open_code, "no server");
		return NULL;
	}
	database.open++;
	return (struct db *)(void *)&handle;
}

void
/* cppcheck-suppress constParameter ; the prototype is that of db/db.h */
db_close(struct db *db)
{
	if (db != NULL)
		database.open--;
}

static void
set_row(struct cert_row *row, const char *unit, const char *node,
    const struct certfile *f)
{
	(void)str_copy(row->unit, sizeof(row->unit), unit);
	(void)str_copy(row->node, sizeof(row->node), node);
	if (str_equal(database.missing, unit))
		return;
	row->pem = str_equal(database.broken, unit) ? mem_strdup("rubbish") :
						      cert_to_pem(f->cert);
}

int
certs_for_itl(struct db *db, struct cert_itl *out, struct err *e)
{
	size_t i;

	assert_non_null(db);
	memset(out, 0, sizeof(*out));
	if (database.read_code != ERR_NONE)
		return err_set(e, database.read_code, "no rows");
	database.rows++;
	set_row(&out->capf, "CAPF", "test10pub", &database.node->capf);
	set_row(&out->recovery, "ITLRecovery", "test10pub",
	    &database.node->recovery);
	out->tvs.n = database.tvs;
	out->tvs.item = mem_array(database.tvs, sizeof(*out->tvs.item));
	for (i = 0; i < database.tvs; i++)
		set_row(&out->tvs.item[i], "TVS",
		    i == 0 ? database.tvs_node : "test10sub",
		    i == 0 ? &database.node->tvs : &database.node->further);
	return 0;
}

void
cert_itl_release(struct cert_itl *c)
{
	size_t i;

	free(c->capf.pem);
	free(c->recovery.pem);
	for (i = 0; i < c->tvs.n; i++)
		free(c->tvs.item[i].pem);
	if (c->tvs.item != NULL)
		database.rows--;
	free(c->tvs.item);
}

int
params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e)
{
	assert_non_null(db);
	assert_string_equal(name, "TFTP File Signature Algorithm");
	if (database.algorithm == NULL)
		return err_set(e, ERR_NOT_FOUND, "no parameter %s", name);
	return str_copy(value, PARAMS_VALUE_SIZE, database.algorithm);
}

static int
setup(void **state)
{
	memset(&database, 0, sizeof(database));
	database.node = itl_node_new();
	database.tvs = 3;
	database.tvs_node = "test10pub";
	database.missing = "";
	database.broken = "";
	database.algorithm = "SHA-1";
	*state = database.node;
	return 0;
}

static int
teardown(void **state)
{
	assert_int_equal(database.open, 0);
	assert_int_equal(database.rows, 0);
	itl_node_free(*state);
	return 0;
}

static void
test_all(void **state)
{
	struct itl_source source = itl_source_database();
	const struct itl_node *n = *state;
	struct itl_certs c = ITL_CERTS_INIT;
	struct err e = ERR_INIT;

	if (source.read(source.self, &c, &e) == -1)
		fail_msg("%s", e.msg);
	assert_true(cert_equal(c.capf, n->capf.cert));
	assert_true(cert_equal(c.tvs, n->tvs.cert));
	assert_true(cert_equal(c.recovery, n->recovery.cert));
	assert_int_equal(c.n_further, 2);
	assert_true(cert_equal(c.further_tvs[0], n->further.cert));
	assert_true(cert_equal(c.further_tvs[1], n->further.cert));
	assert_int_equal(c.digest, DIGEST_SHA1);
	itl_certs_release(&c);
	assert_null(c.capf);
	assert_int_equal(c.n_further, 0);

	database.tvs = 1;
	database.algorithm = "SHA-512";
	assert_int_equal(source.read(source.self, &c, &e), 0);
	assert_int_equal(c.n_further, 0);
	assert_int_equal(c.digest, DIGEST_SHA512);
	itl_certs_release(&c);
	itl_certs_release(NULL);
}

static void
expect_failure(enum err_code code, const char *why)
{
	struct itl_source source = itl_source_database();
	struct itl_certs c = ITL_CERTS_INIT;
	struct err e = ERR_INIT;

	assert_int_equal(source.read(source.self, &c, &e), -1);
	if (e.code != code || strstr(e.msg, why) == NULL)
		fail_msg("%s: %s", err_name(e.code), e.msg);
	assert_null(c.capf);
	assert_null(c.tvs);
	assert_null(c.recovery);
	assert_null(c.further_tvs);
}

static void
test_no_database(void **state)
{
	(void)state;
	database.open_code = ERR_UNREACHABLE;
	expect_failure(ERR_UNREACHABLE, "database: no server");
	database.open_code = ERR_NONE;
	database.read_code = ERR_TIMEOUT;
	expect_failure(ERR_TIMEOUT, "no rows");
}

static void
test_missing(void **state)
{
	static const char *const units[] = { "CAPF", "ITLRecovery", "TVS" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		database.missing = units[i];
		expect_failure(ERR_STATE, units[i]);
		database.missing = "";
		database.broken = units[i];
		expect_failure(ERR_FORMAT, units[i]);
		database.broken = "";
	}
	database.tvs = 0;
	expect_failure(ERR_STATE, "TVS of the publisher");
	/* The first row is another node's: the publisher has none. */
	database.tvs = 2;
	database.tvs_node = "test10sub";
	expect_failure(ERR_STATE, "TVS of the publisher");
}

static void
test_algorithm(void **state)
{
	(void)state;
	database.algorithm = NULL;
	expect_failure(ERR_NOT_FOUND, "TFTP File Signature Algorithm");
	database.algorithm = "SHA-256";
	expect_failure(ERR_STATE, "is \"SHA-256\"");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_all),
		TEST(test_no_database),
		TEST(test_missing),
		TEST(test_algorithm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
