#include "services/phone_database.h"

#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/callmanager_groups.h"
#include "db/certs.h"
#include "db/devices.h"
#include "db/params.h"
#include "tests/fakes/itl_node.h"
#include "tests/fakes/testing.h"
#include "trust/digest.h"

#define POOL "11111111-1111-1111-1111-111111111111"
#define GROUP "22222222-2222-2222-2222-222222222222"

/* What the database below says; the functions of db/ carry no pointer. */
static struct {
	enum err_code open_code; /* ERR_NONE: it can be opened */
	enum err_code read_code;
	struct phone_version version;
	uint64_t since; /* of the last devices_changed() */
	unsigned n_devices; /* that it answers with */
	bool deleted; /* all of them are */
	const char *certificate; /* of the first */
	const char *second; /* node of the group */
	int open; /* connections */
	unsigned opened;
	unsigned layouts; /* read */
	unsigned devices; /* readings of them */
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
	database.opened++;
	return (struct db *)(void *)&handle;
}

void
/* cppcheck-suppress constParameter ; the prototype is that of db/db.h */
db_close(struct db *db)
{
	if (db != NULL)
		database.open--;
}

int
devices_version(struct db *db, struct phone_version *out, struct err *e)
{
	assert_non_null(db);
	if (database.read_code != ERR_NONE)
		return err_set(e, database.read_code, "no version");
	*out = database.version;
	return 0;
}

int
devices_changed(struct db *db, uint64_t since, struct device_list *out,
    struct err *e)
{
	assert_non_null(db);
	(void)e;
	database.devices++;
	database.since = since;
	out->n = database.n_devices;
	out->item = mem_array(out->n, sizeof(*out->item));
	for (size_t i = 0; i < out->n; i++) {
		struct device_row *d = &out->item[i];

		(void)str_printf(d->name, sizeof(d->name), "SEP%012zX", i);
		d->deleted = database.deleted;
		(void)str_copy(d->pool, sizeof(d->pool), i == 0 ? POOL : "x");
		d->encrypted_config = i == 1;
		if (i == 0 && database.certificate != NULL)
			d->certificate = mem_strdup(database.certificate);
	}
	return 0;
}

void
device_list_release(struct device_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->item[i].certificate);
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

int
phone_layout_read(struct db *db, struct phone_layout *out, struct err *e)
{
	struct callmanager_group *g;

	assert_non_null(db);
	(void)e;
	database.layouts++;
	memset(out, 0, sizeof(*out));
	out->group = mem_array(1, sizeof(*out->group));
	out->groups = 1;
	g = &out->group[0];
	(void)str_copy(g->pkid, sizeof(g->pkid), GROUP);
	(void)str_copy(g->name, sizeof(g->name), GROUPS_DEFAULT);
	(void)str_copy(g->server[0].node, sizeof(g->server[0].node),
	    "test10pub");
	(void)str_copy(g->server[1].node, sizeof(g->server[1].node),
	    database.second);
	g->servers = 2;
	return 0;
}

void
phone_layout_release(struct phone_layout *l)
{
	free(l->group);
	l->group = NULL;
}

const struct callmanager_group *
phone_layout_group(const struct phone_layout *l, const char *pool_pkid)
{
	return str_equal(pool_pkid, POOL) ? &l->group[0] : NULL;
}

const struct callmanager_group *
phone_layout_default(const struct phone_layout *l)
{
	return &l->group[0];
}

int
params_get(struct db *db, const char *name, char value[PARAMS_VALUE_SIZE],
    struct err *e)
{
	assert_non_null(db);
	(void)e;
	assert_string_equal(name, "Cluster ID");
	(void)str_copy(value, PARAMS_VALUE_SIZE, "Cluster-7");
	return 0;
}

/* Certificates are read by services/itl_source.c; not here. */
int
certs_for_itl(struct db *db, struct cert_itl *out, struct err *e)
{
	(void)db;
	(void)out;
	return err_set(e, ERR_STATE, "not asked for");
}

void
cert_itl_release(struct cert_itl *c)
{
	(void)c;
}

struct fixture {
	struct itl_node *node;
	struct phone_source source;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));
	struct nodeconf conf;
	char path[PATH_SIZE];

	memset(&database, 0, sizeof(database));
	database.version.devices = 10;
	database.version.layout = 20;
	database.n_devices = 3;
	database.second = "test10sub";
	f->node = itl_node_new();
	assert_int_equal(mkdir(paths_in(path, "etc"), 0755), 0);
	assert_int_equal(mkdir(paths_in(path, "etc/phone"), 0755), 0);
	nodeconf_defaults(&conf);
	f->source = phone_database(&conf);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	f->source.close(f->source.self);
	assert_int_equal(database.open, 0);
	itl_node_free(f->node);
	free(f);
	return 0;
}

static struct phone_changes
read_all(struct fixture *f)
{
	struct phone_changes c = PHONE_CHANGES_INIT;
	struct err e = ERR_INIT;

	if (f->source.read(f->source.self, &c, &e) == -1)
		fail_msg("%s", e.msg);
	return c;
}

/* Everything at first, then only what has changed. */
static void
what_is_read(void **state)
{
	struct fixture *f = *state;
	struct phone_changes c = read_all(f);

	assert_true(c.complete);
	assert_non_null(c.basis);
	assert_int_equal(c.n, 3);
	assert_int_equal(database.since, 0);
	assert_string_equal(c.row[2]->mac, "000000000002");
	assert_false(c.row[0]->encrypt);
	assert_true(c.row[1]->encrypt);
	assert_int_equal(c.basis->n_groups, 1);
	assert_string_equal(c.basis->group[0].key, GROUP);
	assert_int_equal(c.basis->group[0].n_nodes, 2);
	assert_string_equal(c.basis->group[0].node[1], "test10sub");
	assert_int_equal(f->source.group(c.basis, c.row[0]), 0);
	assert_int_equal(f->source.group(c.basis, c.row[1]), PHONE_NO_GROUP);
	phone_changes_release(&c);

	c = read_all(f);
	assert_false(c.complete);
	assert_null(c.basis);
	assert_int_equal(c.n, 0);
	assert_int_equal(database.devices, 1);

	database.version.devices = 12;
	database.n_devices = 1;
	database.deleted = true;
	c = read_all(f);
	assert_int_equal(database.since, 10);
	assert_int_equal(c.n, 1);
	assert_true(c.row[0]->removed);
	assert_null(c.basis);
	assert_false(c.complete);
	phone_changes_release(&c);

	database.version.layout = 21;
	c = read_all(f);
	assert_non_null(c.basis);
	assert_int_equal(c.n, 0);
	phone_changes_release(&c);
	assert_int_equal(database.opened, 1);
}

/* A smaller number is another database: everything counts anew. */
static void
another_database(void **state)
{
	struct fixture *f = *state;
	struct phone_changes c = read_all(f);

	phone_changes_release(&c);
	database.version.devices = 3;
	c = read_all(f);
	assert_true(c.complete);
	assert_non_null(c.basis);
	assert_int_equal(database.since, 0);
	phone_changes_release(&c);
	database.version.layout = 1;
	c = read_all(f);
	assert_true(c.complete);
	phone_changes_release(&c);
}

/* It goes away and returns: what happened meanwhile is found. */
static void
gone_and_back(void **state)
{
	struct fixture *f = *state;
	struct phone_changes c = PHONE_CHANGES_INIT;
	struct err e = ERR_INIT;

	database.open_code = ERR_UNREACHABLE;
	assert_int_equal(f->source.read(f->source.self, &c, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	database.open_code = ERR_NONE;
	c = read_all(f);
	assert_true(c.complete);
	phone_changes_release(&c);
	database.read_code = ERR_TIMEOUT;
	database.version.devices = 11;
	assert_int_equal(f->source.read(f->source.self, &c, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(database.open, 0);
	assert_int_equal(c.n, 0);
	database.read_code = ERR_NONE;
	c = read_all(f);
	assert_false(c.complete);
	assert_int_equal(database.since, 10);
	assert_int_equal(database.opened, 2);
	phone_changes_release(&c);
}

static char *
rendered(struct fixture *f, const struct phone_changes *c,
    const struct phone_row *r, const struct cert *cert)
{
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;
	char *text;

	if (f->source.render(c->basis, r, cert, &data, &len, &e) == -1)
		fail_msg("%s", e.msg);
	text = mem_strndup((const char *)data, len);
	free(data);
	return text;
}

/* Our templates, with what the database says. */
static void
configurations(void **state)
{
	struct fixture *f = *state;
	struct phone_changes c = read_all(f);
	char *text;

	text = rendered(f, &c, c.row[0], NULL);
	assert_non_null(strstr(text, "<device>"));
	assert_non_null(strstr(text, "test10pub"));
	free(text);
	text = rendered(f, &c, NULL, NULL);
	assert_non_null(strstr(text, "test10pub"));
	free(text);
	phone_changes_release(&c);
}

/* An own template counts at once; a broken one changes nothing. */
static void
own_templates(void **state)
{
	struct fixture *f = *state;
	struct phone_changes c = read_all(f);
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t len;
	char *text;

	phone_changes_release(&c);
	testing_write(f->node->dir, "etc/phone/SEP.cnf.xml",
	    "<device><own>yes</own></device>");
	c = read_all(f);
	assert_non_null(c.basis);
	assert_int_equal(c.n, 0);
	text = rendered(f, &c, NULL, NULL);
	assert_null(strstr(text, "<own>"));
	free(text);
	phone_changes_release(&c);
	c = read_all(f);
	assert_null(c.basis);
	testing_write(f->node->dir, "etc/phone/SEP.cnf.xml", "<device>broken");
	assert_int_equal(f->source.read(f->source.self, &c, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	assert_null(c.basis);
	testing_write(f->node->dir, "etc/phone/SEP.cnf.xml",
	    "<device><own>again</own></device>");
	/* A broken default is no reason to do without phones. */
	testing_write(f->node->dir, "etc/phone/XMLDefault.cnf.xml", "<oops");
	c = read_all(f);
	assert_non_null(c.basis);
	assert_int_equal(f->source.render(c.basis, NULL, NULL, &data, &len, &e),
	    -1);
	assert_int_equal(e.code, ERR_FORMAT);
	phone_changes_release(&c);
}

static void
certificates(void **state)
{
	struct fixture *f = *state;
	char *pem = cert_to_pem(f->node->capf.cert), *text;
	char md5[DIGEST_HEX_SIZE];
	struct phone_changes c;
	struct err e = ERR_INIT;
	struct cert *cert;

	testing_write(f->node->dir, "etc/phone/SEP.cnf.xml",
	    "<device><certHash>${certificate.md5}</certHash></device>");
	database.certificate = pem;
	c = read_all(f);
	cert = f->source.cert(c.row[0], &e);
	assert_non_null(cert);
	assert_true(cert_equal(cert, f->node->capf.cert));
	digest_hex(DIGEST_MD5, cert->der, cert->der_len, md5);
	text = rendered(f, &c, c.row[0], cert);
	assert_non_null(strstr(text, md5));
	free(text);
	cert_free(cert);
	assert_null(f->source.cert(c.row[1], &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	phone_changes_release(&c);
	database.certificate = "rubbish";
	database.version.devices = 0;
	c = read_all(f);
	assert_null(f->source.cert(c.row[0], &e));
	assert_int_not_equal(e.code, ERR_NOT_FOUND);
	phone_changes_release(&c);
	free(pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(another_database, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(gone_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(configurations, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(own_templates, setup, teardown),
		cmocka_unit_test_setup_teardown(certificates, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
