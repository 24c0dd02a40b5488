#include "node/dbtls.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "trust/cert.h"
#include "trust/csr.h"
#include "trust/key.h"

#define CA_YEARS 20
#define LEAF_YEARS 20
#define CN_SIZE 256

#define CLIENT_CN "ucm_rw" /* pg_ident maps it to the roles of services */
#define REPLICATOR_CN "replicator"
#define SERVER_CN "server" /* of a request; the CA puts the FQDN */

/* Starts a day early, for nodes whose clocks differ. */
static void
validity(struct cert_spec *spec, unsigned years)
{
	spec->not_before = clock_wall() - 86400;
	spec->not_after = cert_years(spec->not_before, years);
}

/* The key at path, made if it is missing. */
static struct key *
key_at(const char *path, struct err *e)
{
	struct key *k;

	if (access(path, F_OK) == 0)
		return key_load(path, e);
	k = key_generate_ec(e);
	if (k != NULL && key_save(k, path, 0600, e) == -1) {
		key_free(k);
		k = NULL;
	}
	return k;
}

int
dbtls_make_ca(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	struct cert_spec spec = { .uses = CERT_USE_CA };
	struct cert *ca = NULL;
	struct key *k = NULL;
	char cn[CN_SIZE];
	char path[PATH_SIZE];
	int rc = -1;

	(void)reply;
	paths_in(path, "certs/cluster-ca.pem");
	if (access(path, F_OK) == 0)
		return 0;
	k = key_at(paths_in(path, "certs/cluster-ca/ca.key"), e);
	if (k == NULL)
		goto out;
	(void)str_printf(cn, sizeof(cn), "Cluster CA %s", conf->name);
	spec.subject = cert_name_of(conf, cn);
	validity(&spec, CA_YEARS);
	ca = cert_self_sign(&spec, k, e);
	if (ca == NULL ||
	    cert_save(ca, paths_in(path, "certs/cluster-ca/ca.pem"), 0600, e) ==
		-1 ||
	    cert_save(ca, paths_in(path, "certs/cluster-ca.pem"), 0644, e) ==
		-1)
		goto out;
	rc = 0;
out:
	cert_free(ca);
	key_free(k);
	return rc == 0 ? 0 : err_wrap(e, "cluster CA");
}

/* A request for the key at path; cn is for the reader only. */
static int
request(const struct nodeconf *conf, const char *path, const char *cn,
    const char *piece, struct bundle *b, struct err *e)
{
	struct cert_spec spec = { .uses = CERT_USE_CLIENT };
	struct key *k = key_at(path, e);
	char *pem = NULL;

	if (k == NULL)
		return -1;
	spec.subject = cert_name_of(conf, cn);
	pem = csr_make(&spec, k, e);
	key_free(k);
	if (pem == NULL)
		return -1;
	bundle_add_text(b, piece, pem);
	free(pem);
	return 0;
}

int
dbtls_request_server(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	struct bundle b;
	char path[PATH_SIZE];
	int rc = -1;

	bundle_init(&b);
	if (request(conf, paths_in(path, "db/tls/server.key"), SERVER_CN,
		"server_csr", &b, e) == 0 &&
	    request(conf, paths_in(path, "db/tls/replicator.key"),
		REPLICATOR_CN, "replicator_csr", &b, e) == 0) {
		bundle_encode(&b, reply);
		rc = 0;
	}
	bundle_release(&b);
	return rc;
}

int
dbtls_request_client(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	struct bundle b;
	char path[PATH_SIZE];
	int rc;

	bundle_init(&b);
	rc = request(conf, paths_in(path, "certs/db-client.key"), CLIENT_CN,
	    "client_csr", &b, e);
	if (rc == 0)
		bundle_encode(&b, reply);
	bundle_release(&b);
	return rc;
}

/* The CA, what it was asked, and what it answers. */
struct ca {
	struct cert *cert;
	struct key *key;
	const struct bundle *requests;
	struct bundle *out;
};

/* Answer one request. */
static int
issue(const struct ca *ca, const char *csr, const struct cert_spec *spec,
    const char *piece, struct err *e)
{
	const char *pem = bundle_text(ca->requests, csr, e);
	struct cert *c;
	char *text;

	if (pem == NULL)
		return -1;
	c = csr_issue(pem, spec, ca->cert, ca->key, e);
	if (c == NULL)
		return err_wrap(e, "%s", csr);
	text = cert_to_pem(c);
	bundle_add_text(ca->out, piece, text);
	free(text);
	cert_free(c);
	return 0;
}

static int
issue_all(const struct ca *ca, const struct dbtls_issue *is, struct err *e)
{
	struct cert_spec spec = { .uses = CERT_USE_SERVER };
	char fqdn[CN_SIZE];
	char *text;
	int rc;

	(void)str_printf(fqdn, sizeof(fqdn), "%s.%s", is->name,
	    is->conf->domain);
	validity(&spec, LEAF_YEARS);
	spec.subject = cert_name_of(is->conf, fqdn);
	strlist_add(&spec.dns, fqdn);
	strlist_add(&spec.addresses, is->address);
	rc = issue(ca, "server_csr", &spec, "server_cert", e);
	strlist_release(&spec.dns);
	strlist_release(&spec.addresses);
	spec.uses = CERT_USE_CLIENT;
	spec.subject = cert_name_of(is->conf, REPLICATOR_CN);
	if (rc == 0)
		rc = issue(ca, "replicator_csr", &spec, "replicator_cert", e);
	spec.subject = cert_name_of(is->conf, CLIENT_CN);
	if (rc == 0)
		rc = issue(ca, "client_csr", &spec, "client_cert", e);
	if (rc == -1)
		return -1;
	text = cert_to_pem(ca->cert);
	bundle_add_text(ca->out, "ca_cert", text);
	free(text);
	return 0;
}

int
dbtls_issue_into(const struct dbtls_issue *is, struct bundle *out,
    struct err *e)
{
	struct ca ca = {
		.cert = NULL,
		.key = NULL,
		.requests = is->requests,
		.out = out,
	};
	char path[PATH_SIZE];
	int rc = -1;

	ca.cert = cert_load(paths_in(path, "certs/cluster-ca/ca.pem"), e);
	if (ca.cert != NULL)
		ca.key = key_load(paths_in(path, "certs/cluster-ca/ca.key"), e);
	if (ca.key != NULL)
		rc = issue_all(&ca, is, e);
	cert_free(ca.cert);
	key_free(ca.key);
	return rc == 0 ? 0 : err_wrap(e, "cluster CA");
}

int
dbtls_issue(void *arg, struct wbuf *reply, struct err *e)
{
	struct bundle b;
	int rc;

	bundle_init(&b);
	rc = dbtls_issue_into(arg, &b, e);
	if (rc == 0)
		bundle_encode(&b, reply);
	bundle_release(&b);
	return rc;
}

/* One piece that is a certificate; NULL with e. */
static struct cert *
take_cert(const struct bundle *b, const char *piece, struct err *e)
{
	const char *text = bundle_text(b, piece, e);
	struct cert *c;

	if (text == NULL)
		return NULL;
	c = cert_from_pem(text, strlen(text), e);
	if (c == NULL)
		(void)err_wrap(e, "%s", piece);
	return c;
}

/*
 * Has the CA of the same message issued this certificate for the key that
 * lies there?  Any other would end the node's connections.  With save it is
 * put beside the key.
 */
static int
install_leaf(const struct bundle *b, const char *piece, const char *name,
    bool save, struct err *e)
{
	struct cert *ca = take_cert(b, "ca_cert", e);
	struct cert *c = ca == NULL ? NULL : take_cert(b, piece, e);
	struct key *k = NULL;
	char path[PATH_SIZE];
	int rc = -1;

	if (c != NULL)
		k = key_load(paths_in(path, "%s.key", name), e);
	if (k != NULL && !cert_matches_key(c, k))
		(void)err_set(e, ERR_KEY, "%s: for another key", piece);
	else if (k != NULL && cert_check_issued(c, ca, e) == -1)
		(void)err_wrap(e, "%s", piece);
	else if (k != NULL)
		rc = save ?
		    cert_save(c, paths_in(path, "%s.pem", name), 0600, e) :
		    0;
	key_free(k);
	cert_free(c);
	cert_free(ca);
	return rc;
}

static int
install_ca(const struct bundle *b, const char *name, unsigned mode,
    struct err *e)
{
	struct cert *ca = take_cert(b, "ca_cert", e);
	char path[PATH_SIZE];
	int rc;

	if (ca == NULL)
		return -1;
	rc = cert_save(ca, paths_in(path, "%s", name), mode, e);
	cert_free(ca);
	return rc;
}

int
dbtls_install_server(void *arg, struct wbuf *reply, struct err *e)
{
	const struct bundle *b = arg;

	(void)reply;
	for (int save = 0; save <= 1; save++)
		if (install_leaf(b, "server_cert", "db/tls/server", save == 1,
			e) == -1 ||
		    install_leaf(b, "replicator_cert", "db/tls/replicator",
			save == 1, e) == -1)
			return -1;
	return install_ca(b, "db/tls/cluster-ca.pem", 0600, e);
}

int
dbtls_install_client(void *arg, struct wbuf *reply, struct err *e)
{
	const struct bundle *b = arg;

	(void)reply;
	if (install_leaf(b, "client_cert", "certs/db-client", true, e) == -1)
		return -1;
	return install_ca(b, "certs/cluster-ca.pem", 0644, e);
}
