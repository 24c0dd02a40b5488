#include "db/certs.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/certs_priv.h"
#include "db/db_priv.h"

/* "c" certificate, "s" typecertificateservice, "p" and "l" the node */
#define CERT_COLUMNS                                                 \
	"select c.pkid, coalesce(l.hostname, ''), coalesce(p.name, " \
	"c.ipv4address), s.name, c.subjectname, c.issuername, "      \
	"c.serialnumber, c.sha256, c.certificate, c.notbefore, "     \
	"c.notafter, c.selfsigned "
#define CERT_FROM                                              \
	"from certificate c "                                  \
	"join certificateservicecertificatemap m "             \
	"on m.fkcertificate = c.pkid "                         \
	"join typecertificateservice s "                       \
	"on s.enum = m.tkcertificateservice "                  \
	"left join certificateprocessnodemap n "               \
	"on n.fkcertificate = c.pkid "                         \
	"left join processnode p on p.pkid = n.fkprocessnode " \
	"left join nodelink l on l.fkprocessnode = p.pkid "
#define CERT_ORDER                                                      \
	" order by p.tknodeusage nulls last, p.nodeid, c.subjectname, " \
	"c.serialnumber "

/*
 * What comes with a unit's certificate: the trust units it is copied to and
 * the roles phones may trust it in.  Numbers of typecertificateservice and
 * typetrustrole; 0 ends the units, -1 the roles.
 */
static const struct unit {
	const char *name;
	int service;
	int trust[3];
	int role[3];
} units[] = {
	{ "CallManager", 3, { 4, 0 },
	    { CERT_ROLE_SAST, CERT_ROLE_CCM_TFTP, -1 } },
	{ "tomcat", 5, { 6, 0 }, { CERT_ROLE_APP_SERVER, -1 } },
	{ "ipsec", 7, { 8, 0 }, { CERT_ROLE_APP_SERVER, -1 } },
	{ "CAPF", 9, { 10, 4, 0 }, { CERT_ROLE_CAPF, -1 } },
	{ "TVS", 11, { 12, 0 }, { CERT_ROLE_TVS, -1 } },
	{ "ITLRecovery", 17, { 14, 0 }, { CERT_ROLE_SAST, -1 } },
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

/* The roles of a trust unit; what a foreign certificate gets. */
static const struct {
	const char *name;
	int role[3];
} trust_units[] = {
	{ "Phone-trust", { CERT_ROLE_APP_SERVER, -1 } },
	{ "Phone-VPN-trust", { CERT_ROLE_VPN, -1 } },
	{ "Phone-CTL-trust", { CERT_ROLE_APP_SERVER, -1 } },
	{ "Phone-SAST-trust", { CERT_ROLE_SAST, CERT_ROLE_TFTP, -1 } },
	{ "tomcat-trust", { CERT_ROLE_APP_SERVER, -1 } },
};

#define TRUST_COUNT (sizeof(trust_units) / sizeof(trust_units[0]))

void
cert_row_release(struct cert_row *c)
{
	if (c == NULL)
		return;
	free(c->subject);
	free(c->issuer);
	free(c->pem);
	memset(c, 0, sizeof(*c));
}

void
cert_list_release(struct cert_list *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++)
		cert_row_release(&l->item[i]);
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

void
cert_itl_release(struct cert_itl *c)
{
	if (c == NULL)
		return;
	cert_row_release(&c->capf);
	cert_row_release(&c->recovery);
	cert_list_release(&c->tvs);
}

static int
take_row(const PGresult *res, int row, struct cert_row *c, struct err *e)
{
	c->subject = mem_strdup(cell_text(res, row, 4));
	c->issuer = mem_strdup(cell_text(res, row, 5));
	c->pem = mem_strdup(cell_text(res, row, 8));
	c->not_before = cell_int(res, row, 9);
	c->not_after = cell_int(res, row, 10);
	c->self_signed = cell_bool(res, row, 11);
	if (cell_copy(c->pkid, sizeof(c->pkid), res, row, 0, e) == -1 ||
	    cell_copy(c->node, sizeof(c->node), res, row, 1, e) == -1 ||
	    cell_copy(c->address, sizeof(c->address), res, row, 2, e) == -1 ||
	    cell_copy(c->unit, sizeof(c->unit), res, row, 3, e) == -1 ||
	    cell_copy(c->serial, sizeof(c->serial), res, row, 6, e) == -1 ||
	    cell_copy(c->sha256, sizeof(c->sha256), res, row, 7, e) == -1)
		return err_wrap(e, "certificate %s", c->subject);
	return 0;
}

/* Run a query that selects CERT_COLUMNS. */
static int
list(struct db *db, const char *sql, const char *arg, struct cert_list *out,
    struct err *e)
{
	PGresult *res;
	int rc = 0;
	int i;

	memset(out, 0, sizeof(*out));
	if (db_query(db, sql, arg == NULL ? 0 : 1, &arg, &res, e) == -1)
		return -1;
	out->n = (size_t)PQntuples(res);
	out->item = mem_array(out->n, sizeof(*out->item));
	for (i = 0; i < PQntuples(res) && rc == 0; i++)
		rc = take_row(res, i, &out->item[i], e);
	PQclear(res);
	if (rc == -1)
		cert_list_release(out);
	return rc;
}

static const struct unit *
find_unit(const char *name)
{
	size_t i;

	for (i = 0; i < UNIT_COUNT; i++) {
		if (str_equal(units[i].name, name))
			return &units[i];
	}
	return NULL;
}

/* Insert the certificate row; its pkid goes to pkid. */
static int
insert_row(struct db *db, const struct cert_row *row, const char *address,
    char pkid[DB_PKID_SIZE], struct err *e)
{
	char before[ARG_INT_SIZE];
	char after[ARG_INT_SIZE];
	const char *arg[] = { row->node, row->subject, row->issuer, row->serial,
		row->pem, address, row->sha256,
		arg_int(before, row->not_before),
		arg_int(after, row->not_after), row->self_signed ? "t" : "f" };
	PGresult *res;
	int rc;

	if (db_query(db,
		"insert into certificate (servername, subjectname, issuername,"
		" serialnumber, certificate, ipv4address, sha256, notbefore,"
		" notafter, selfsigned)"
		" values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
		" returning pkid",
		10, arg, &res, e) == -1)
		return -1;
	rc = cell_copy(pkid, DB_PKID_SIZE, res, 0, 0, e);
	PQclear(res);
	return rc;
}

static int
add_service(struct db *db, const char *pkid, int service, struct err *e)
{
	char number[ARG_INT_SIZE];
	const char *arg[] = { pkid, arg_int(number, service) };

	return db_query(db,
	    "insert into certificateservicecertificatemap"
	    " (fkcertificate, tkcertificateservice) values ($1, $2)",
	    2, arg, NULL, e);
}

static int
add_roles(struct db *db, const char *pkid, const int *role, struct err *e)
{
	char number[ARG_INT_SIZE];
	const char *arg[] = { pkid, number };

	for (; *role != -1; role++) {
		arg_int(number, *role);
		if (db_query(db,
			"insert into certificatetrustrolemap"
			" (fkcertificate, tktrustrole) values ($1, $2)"
			" on conflict do nothing",
			2, arg, NULL, e) == -1)
			return -1;
	}
	return 0;
}

static int
check_row(const struct cert_row *row, struct err *e)
{
	if (row->subject == NULL || row->issuer == NULL || row->pem == NULL ||
	    row->serial[0] == '\0' || row->sha256[0] == '\0')
		return err_set(e, ERR_USAGE,
		    "a certificate needs names, a serial number and contents");
	if (strstr(row->pem, "PRIVATE KEY") != NULL)
		BUG("a private key on its way to the database");
	return 0;
}

int
certs_insert_own(struct db *db, const struct cert_row *row, const char *node,
    const char *address, struct err *e)
{
	const struct unit *u = find_unit(row->unit);
	char pkid[DB_PKID_SIZE];
	const char *old[] = { node, row->unit };
	const char *map[] = { pkid, node, row->node, address };
	const int *trust;

	if (u == NULL)
		return err_set(e, ERR_USAGE, "there is no certificate unit %s",
		    row->unit);
	if (check_row(row, e) == -1 ||
	    db_query(db,
		"delete from certificate c using certificateprocessnodemap n,"
		" certificateservicecertificatemap m, typecertificateservice s"
		" where n.fkcertificate = c.pkid and m.fkcertificate = c.pkid"
		" and s.enum = m.tkcertificateservice"
		" and n.fkprocessnode = $1 and s.name = $2",
		2, old, NULL, e) == -1 ||
	    insert_row(db, row, address, pkid, e) == -1 ||
	    db_query(db,
		"insert into certificateprocessnodemap (fkcertificate,"
		" fkprocessnode, servername, ipv4address)"
		" values ($1, $2, $3, $4)",
		4, map, NULL, e) == -1 ||
	    add_service(db, pkid, u->service, e) == -1)
		return -1;
	for (trust = u->trust; *trust != 0; trust++) {
		if (add_service(db, pkid, *trust, e) == -1)
			return -1;
	}
	return add_roles(db, pkid, u->role, e);
}

int
certs_replace(struct db *db, const struct cert_row *row, struct err *e)
{
	char node[DB_PKID_SIZE];
	char address[NODE_ADDRESS_SIZE];

	if (db_begin(db, e) == -1)
		return -1;
	if (nodes_lock(db, row->node, node, address, e) == -1 ||
	    certs_insert_own(db, row, node, address, e) == -1 ||
	    db_commit(db, e) == -1) {
		db_abort(db);
		return -1;
	}
	return 0;
}

/* The number of a trust unit. */
static int
find_trust(struct db *db, const char *unit, int *service, struct err *e)
{
	PGresult *res;
	int rc = 0;

	if (db_query(db,
		"select enum from typecertificateservice"
		" where usestruststore and name = $1",
		1, &unit, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_USAGE, "there is no trust unit %s", unit);
	else
		*service = (int)cell_int(res, 0, 0);
	PQclear(res);
	return rc;
}

/* Is this very certificate in that trust unit? */
static int
is_trusted(struct db *db, const struct cert_row *row, bool *yes, struct err *e)
{
	const char *arg[] = { row->sha256, row->unit };
	PGresult *res;

	if (db_query(db,
		"select exists (select " CERT_FROM
		"where c.sha256 = $1 and s.name = $2)",
		2, arg, &res, e) == -1)
		return -1;
	*yes = cell_bool(res, 0, 0);
	PQclear(res);
	return 0;
}

static int
insert_trust(struct db *db, const struct cert_row *row, struct err *e)
{
	struct cert_row foreign = *row;
	char pkid[DB_PKID_SIZE];
	bool there = false;
	int service = 0;
	size_t i;

	foreign.node[0] = '\0';
	if (check_row(row, e) == -1 ||
	    find_trust(db, row->unit, &service, e) == -1 ||
	    is_trusted(db, row, &there, e) == -1)
		return -1;
	if (there)
		return 0;
	if (insert_row(db, &foreign, "", pkid, e) == -1 ||
	    add_service(db, pkid, service, e) == -1)
		return -1;
	for (i = 0; i < TRUST_COUNT; i++) {
		if (str_equal(trust_units[i].name, row->unit))
			return add_roles(db, pkid, trust_units[i].role, e);
	}
	return 0;
}

int
certs_add_trust(struct db *db, const struct cert_row *row, struct err *e)
{
	if (db_begin(db, e) == -1)
		return -1;
	if (insert_trust(db, row, e) == -1 || db_commit(db, e) == -1) {
		db_abort(db);
		return -1;
	}
	return 0;
}

int
certs_find(struct db *db, const char *node, const char *unit,
    struct cert_row *out, struct err *e)
{
	const char *arg[] = { node, unit };
	PGresult *res;
	int rc;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		CERT_COLUMNS CERT_FROM
		"where lower(l.hostname) = lower($1) and s.name = $2"
		" and not s.usestruststore",
		2, arg, &res, e) == -1)
		return -1;
	if (PQntuples(res) == 0)
		rc = err_set(e, ERR_NOT_FOUND,
		    "the database has no %s certificate of node %s", unit,
		    node);
	else
		rc = take_row(res, 0, out, e);
	PQclear(res);
	if (rc == -1)
		cert_row_release(out);
	return rc;
}

int
certs_is_current(struct db *db, const char *node, const char *unit,
    const char *sha256, bool *yes, struct err *e)
{
	struct cert_row row;
	struct err absent = ERR_INIT;

	*yes = false;
	if (certs_find(db, node, unit, &row, &absent) == 0) {
		*yes = str_equal(row.sha256, sha256);
		cert_row_release(&row);
		return 0;
	}
	if (absent.code == ERR_NOT_FOUND)
		return 0;
	if (e != NULL)
		*e = absent;
	return -1;
}

int
certs_is_current_settled(struct db *primary, const char *node, const char *unit,
    const char *sha256, bool *yes, struct err *e)
{
	char pkid[DB_PKID_SIZE];
	char address[NODE_ADDRESS_SIZE];
	struct err why = ERR_INIT;
	int rc;

	*yes = false;
	if (db_begin(primary, e) == -1)
		return -1;
	/* whoever changes them has this lock until the end of his commit */
	if (nodes_lock(primary, node, pkid, address, &why) == 0)
		rc = certs_is_current(primary, node, unit, sha256, yes, e);
	else if (why.code == ERR_NOT_FOUND)
		rc = 0;
	else
		rc = err_set(e, why.code, "%s", why.msg);
	db_abort(primary);
	return rc;
}

int
certs_list_own(struct db *db, const char *node, struct cert_list *out,
    struct err *e)
{
	return list(db,
	    CERT_COLUMNS CERT_FROM
	    "where lower(l.hostname) = lower($1) and not s.usestruststore"
	    " order by s.enum",
	    node, out, e);
}

int
certs_list_trust(struct db *db, struct cert_list *out, struct err *e)
{
	return list(db,
	    CERT_COLUMNS CERT_FROM
	    "where s.usestruststore"
	    " order by s.enum, c.subjectname, p.nodeid, c.serialnumber",
	    NULL, out, e);
}

int
certs_by_unit(struct db *db, const char *unit, struct cert_list *out,
    struct err *e)
{
	return list(db, CERT_COLUMNS CERT_FROM "where s.name = $1" CERT_ORDER,
	    unit, out, e);
}

int
certs_by_role(struct db *db, enum cert_role role, struct cert_list *out,
    struct err *e)
{
	char number[ARG_INT_SIZE];

	/* once for each certificate, with the first of its units */
	return list(db,
	    CERT_COLUMNS CERT_FROM
	    "where exists (select from certificatetrustrolemap r"
	    " where r.fkcertificate = c.pkid and r.tktrustrole = $1)"
	    " and not exists (select from certificateservicecertificatemap f"
	    " where f.fkcertificate = c.pkid and"
	    " (select usestruststore from typecertificateservice"
	    " where enum = f.tkcertificateservice) < s.usestruststore)"
	    " and not exists (select from certificateservicecertificatemap f"
	    " join typecertificateservice o on o.enum = f.tkcertificateservice"
	    " where f.fkcertificate = c.pkid"
	    " and o.usestruststore = s.usestruststore and o.enum < s.enum)" CERT_ORDER,
	    arg_int(number, role), out, e);
}

/* Move what of the publisher is in the list into one row. */
static void
take_publisher(struct cert_list *l, const char *publisher, struct cert_row *out)
{
	if (l->n > 0 && str_equal(l->item[0].node, publisher)) {
		*out = l->item[0];
		memset(&l->item[0], 0, sizeof(l->item[0]));
	}
	cert_list_release(l);
}

static int
read_itl(struct db *db, struct cert_itl *out, struct err *e)
{
	struct cert_list l;
	PGresult *res;
	char publisher[NODE_NAME_SIZE] = "";
	int rc = 0;

	if (db_query(db,
		"select l.hostname from processnode p"
		" join nodelink l on l.fkprocessnode = p.pkid"
		" where p.tknodeusage = 0",
		0, NULL, &res, e) == -1)
		return -1;
	if (PQntuples(res) > 0)
		rc = cell_copy(publisher, sizeof(publisher), res, 0, 0, e);
	PQclear(res);
	if (rc == -1 || certs_by_unit(db, "CAPF", &l, e) == -1)
		return -1;
	take_publisher(&l, publisher, &out->capf);
	if (certs_by_unit(db, "ITLRecovery", &l, e) == -1)
		return -1;
	take_publisher(&l, publisher, &out->recovery);
	return certs_by_unit(db, "TVS", &out->tvs, e);
}

int
certs_for_itl(struct db *db, struct cert_itl *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	if (db_begin(db, e) == -1)
		return -1;
	/* inside another's transaction its level counts */
	if ((db->depth == 1 &&
		db_query(db, "set transaction isolation level repeatable read",
		    0, NULL, NULL, e) == -1) ||
	    read_itl(db, out, e) == -1 || db_commit(db, e) == -1) {
		db_abort(db);
		cert_itl_release(out);
		return -1;
	}
	return 0;
}
