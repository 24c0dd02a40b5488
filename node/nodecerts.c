#include "node/nodecerts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "cluster/cert_unit.h"
#include "db/certs.h"
#include "db/db.h"
#include "trust/cert.h"
#include "trust/certfile.h"
#include "trust/key.h"

int
nodecerts_security_password(void *arg, struct wbuf *reply, struct err *e)
{
	const struct secret *s = arg;
	char path[PATH_SIZE];

	(void)reply;
	paths_in(path, "certs/security_password");
	return file_replace(path, s->text, s->len, 0600, e);
}

int
nodecerts_peer_key(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];
	struct key *k;
	char *text = NULL;
	int rc = -1;

	(void)arg;
	paths_in(path, "certs/peer.pem");
	if (access(path, F_OK) == 0) {
		k = key_load(path, e);
	} else {
		k = key_generate_ec(e);
		if (k != NULL && key_save(k, path, 0600, e) == -1)
			goto out;
	}
	if (k != NULL)
		text = key_ssh_public(k, e);
	if (text != NULL) {
		wbuf_bytes(reply, text, strlen(text));
		rc = 0;
	}
out:
	free(text);
	key_free(k);
	return rc;
}

/* Key and certificate of one unit, unless they are there. */
static int
make_unit(const struct nodeconf *conf, const char *unit, struct err *e)
{
	struct certfile f = CERTFILE_INIT;
	char path[PATH_SIZE];
	int rc;

	paths_in(path, "certs/%s.pem", unit);
	if (access(path, F_OK) == 0)
		return 0;
	if (cert_unit_make(conf, unit, &f, e) == -1)
		return -1;
	rc = certfile_write(path, f.key, f.cert, e);
	certfile_release(&f);
	return rc;
}

int
nodecerts_make(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;

	(void)reply;
	for (size_t i = 0; i < cert_units_n; i++)
		if (make_unit(conf, cert_units[i], e) == -1)
			return err_wrap(e, "%s", cert_units[i]);
	if (conf->role == NODE_PUBLISHER && !cert_unit_p12_current())
		return cert_unit_write_p12(e);
	return 0;
}

static int
record_unit(struct db *db, const struct nodeconf *conf, const char *unit,
    struct err *e)
{
	struct certfile f = CERTFILE_INIT;
	struct cert_row row;
	char path[PATH_SIZE];
	int rc;

	paths_in(path, "certs/%s.pem", unit);
	if (certfile_read(&f, path, e) == -1)
		return -1;
	rc = cert_unit_row(&row, conf->name, unit, f.cert, e);
	certfile_release(&f);
	if (rc == -1)
		return -1;
	rc = certs_replace(db, &row, e);
	cert_row_release(&row);
	return rc;
}

int
nodecerts_record(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	struct db *db = db_open_primary(conf, DB_RW, e);
	int rc = -1;

	(void)reply;
	if (db == NULL)
		return err_wrap(e, "record the certificates");
	if (db_begin(db, e) == -1)
		goto out;
	for (size_t i = 0; i < cert_units_n; i++)
		if (record_unit(db, conf, cert_units[i], e) == -1) {
			(void)err_wrap(e, "record %s", cert_units[i]);
			goto out;
		}
	rc = db_commit(db, e);
out:
	db_close(db);
	return rc;
}
