#include "services/itl_source.h"

#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/certs.h"
#include "db/params.h"

/* The certificate of a row, or NULL with e set. */
static struct cert *
cert_of(const struct cert_row *row, const char *what, struct err *e)
{
	struct cert *c;

	if (row->pem == NULL) {
		(void)err_set(e, ERR_STATE,
		    "the database has no certificate %s of the publisher",
		    what);
		return NULL;
	}
	c = cert_from_pem(row->pem, strlen(row->pem), e);
	if (c == NULL)
		(void)err_wrap(e, "certificate %s of %s", what, row->node);
	return c;
}

static int
take_certs(const struct cert_itl *rows, struct itl_certs *out, struct err *e)
{
	size_t i;

	out->capf = cert_of(&rows->capf, "CAPF", e);
	if (out->capf == NULL)
		return -1;
	if (rows->tvs.n == 0 ||
	    !str_equal(rows->tvs.item[0].node, rows->capf.node))
		return err_set(e, ERR_STATE,
		    "the database has no certificate TVS of the publisher");
	out->tvs = cert_of(&rows->tvs.item[0], "TVS", e);
	out->recovery = cert_of(&rows->recovery, "ITLRecovery", e);
	if (out->tvs == NULL || out->recovery == NULL)
		return -1;
	(void)str_copy(out->tvs_node, sizeof(out->tvs_node),
	    rows->tvs.item[0].node);
	out->further_tvs = mem_array(rows->tvs.n, sizeof(struct cert *));
	out->further_node = mem_array(rows->tvs.n, sizeof(*out->further_node));
	for (i = 1; i < rows->tvs.n; i++) {
		struct cert *c = cert_of(&rows->tvs.item[i], "TVS", e);

		if (c == NULL)
			return -1;
		(void)str_copy(out->further_node[out->n_further],
		    sizeof(out->further_node[0]), rows->tvs.item[i].node);
		out->further_tvs[out->n_further++] = c;
	}
	return 0;
}

static int
take_digest(struct db *db, struct itl_certs *out, struct err *e)
{
	char value[PARAMS_VALUE_SIZE];

	if (params_get(db, PARAMS_SIGNATURE_ALGORITHM, value, e) == -1)
		return -1;
	if (str_equal(value, digest_name(DIGEST_SHA1)))
		out->digest = DIGEST_SHA1;
	else if (str_equal(value, digest_name(DIGEST_SHA512)))
		out->digest = DIGEST_SHA512;
	else
		return err_set(e, ERR_STATE, "parameter %s is \"%s\"",
		    PARAMS_SIGNATURE_ALGORITHM, value);
	return 0;
}

static int
read_database(void *self, struct itl_certs *out, struct err *e)
{
	struct cert_itl rows;
	struct db *db;
	int rc = -1;

	(void)self;
	memset(&rows, 0, sizeof(rows));
	db = db_open_local(DB_RW, e);
	if (db == NULL)
		return err_wrap(e, "database");
	if (certs_for_itl(db, &rows, e) == 0 &&
	    take_certs(&rows, out, e) == 0 && take_digest(db, out, e) == 0)
		rc = 0;
	if (rc == -1)
		itl_certs_release(out);
	cert_itl_release(&rows);
	db_close(db);
	return rc;
}

struct itl_source
itl_source_database(void)
{
	return (struct itl_source) { .read = read_database, .self = NULL };
}
