#include "db/trust_store.h"

#include <postgresql/libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/db_priv.h"

int
trust_store_version(struct db *db, uint64_t *version, struct err *e)
{
	PGresult *res;

	if (db_query(db,
		"select sum(value)::bigint from changecounter where tablename"
		" in ('certificate', 'certificateservicecertificatemap',"
		" 'certificatetrustrolemap', 'processconfig')",
		0, NULL, &res, e) == -1)
		return -1;
	*version = (uint64_t)cell_int(res, 0, 0);
	PQclear(res);
	return 0;
}

/* "0 2 21": numbers with one blank between them, each in a byte. */
static int
take_roles(struct trust_store_row *row, const char *text, struct err *e)
{
	while (*text != '\0') {
		char *end;
		unsigned long role = strtoul(text, &end, 10);

		if (end == text || role > UINT8_MAX ||
		    row->n_roles == TRUST_STORE_ROLES_MAX)
			return err_set(e, ERR_DATABASE,
			    "roles of a certificate: %s", text);
		row->role[row->n_roles++] = (uint8_t)role;
		text = *end == ' ' ? end + 1 : end;
	}
	return 0;
}

static int
take_row(const PGresult *res, int i, struct trust_store_row *row, struct err *e)
{
	row->pem = mem_strdup(cell_text(res, i, 1));
	row->ttl =
	    PQgetisnull(res, i, 2) ? TRUST_STORE_NO_TTL : cell_int(res, i, 2);
	if (cell_copy(row->sha256, sizeof(row->sha256), res, i, 0, e) == -1)
		return -1;
	return take_roles(row, cell_text(res, i, 3), e);
}

int
trust_store_read(struct db *db, struct trust_store *out, struct err *e)
{
	PGresult *res;
	int rc = 0;
	int i;

	memset(out, 0, sizeof(*out));
	if (db_query(db,
		"select c.sha256, c.certificate, c.timetolive,"
		" (select string_agg(r.tktrustrole::text, ' '"
		" order by r.tktrustrole) from certificatetrustrolemap r"
		" where r.fkcertificate = c.pkid)"
		" from certificate c where exists (select"
		" from certificateservicecertificatemap m"
		" where m.fkcertificate = c.pkid) order by c.pkid",
		0, NULL, &res, e) == -1)
		return -1;
	out->n = (size_t)PQntuples(res);
	out->item = mem_array(out->n, sizeof(*out->item));
	for (i = 0; i < PQntuples(res) && rc == 0; i++)
		rc = take_row(res, i, &out->item[i], e);
	PQclear(res);
	if (rc == -1)
		trust_store_release(out);
	return rc;
}

void
trust_store_release(struct trust_store *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n; i++)
		free(s->item[i].pem);
	free(s->item);
	s->item = NULL;
	s->n = 0;
}
