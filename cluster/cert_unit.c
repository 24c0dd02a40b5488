#include "cluster/cert_unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/security_password.h"
#include "trust/password.h"
#include "trust/pkcs12.h"

/* What is special about a unit. */
struct unit {
	const char *name;
	unsigned uses; /* enum cert_use flags */
};

static const struct unit units[] = {
	{ "tomcat", CERT_USE_SERVER | CERT_USE_CLIENT },
	{ "ipsec", CERT_USE_SERVER | CERT_USE_CLIENT | CERT_USE_IPSEC },
	{ CERT_UNIT_RECOVERY, CERT_USE_SERVER | CERT_USE_CLIENT },
	{ "CallManager", CERT_USE_SERVER | CERT_USE_CLIENT },
	{ "CAPF", CERT_USE_SERVER | CERT_USE_CA },
	{ "TVS", CERT_USE_SERVER | CERT_USE_CLIENT },
};

const char *const cert_units[] = { "tomcat", "ipsec", CERT_UNIT_RECOVERY,
	"CallManager", "CAPF", "TVS" };
const size_t cert_units_n = sizeof(cert_units) / sizeof(cert_units[0]);

static const struct unit *
find(const char *unit)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_equal(units[i].name, unit))
			return &units[i];
	return NULL;
}

bool
cert_unit_known(const char *unit)
{
	return find(unit) != NULL;
}

int
cert_unit_check(const char *unit, struct err *e)
{
	char seen[64];

	if (cert_unit_known(unit))
		return 0;
	(void)err_set(e, ERR_NOT_FOUND, "there is no certificate unit %s",
	    str_visible(seen, sizeof(seen), unit, strlen(unit)));
	return err_hint(e,
	    "Units: tomcat, ipsec, ITLRecovery, CallManager, CAPF, TVS");
}

/* The node's fully qualified name; the bare one without a domain. */
static void
fqdn(char *dst, size_t size, const struct nodeconf *conf)
{
	int rc;

	if (conf->domain[0] == '\0')
		rc = str_copy(dst, size, conf->name);
	else
		rc = str_printf(dst, size, "%s.%s", conf->name, conf->domain);
	if (rc == -1)
		BUG("name of a node");
}

char *
cert_unit_common_name(char dst[CERT_UNIT_CN_SIZE], const struct nodeconf *conf,
    const char *unit)
{
	char name[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];

	fqdn(name, sizeof(name), conf);
	if (str_equal(unit, "CAPF")) {
		uint8_t r[4];
		char hex[2 * sizeof(r) + 1];

		random_bytes(r, sizeof(r));
		str_hex(hex, r, sizeof(r));
		(void)str_printf(dst, CERT_UNIT_CN_SIZE, "CAPF-%s", hex);
	} else if (str_equal(unit, CERT_UNIT_RECOVERY)) {
		(void)str_printf(dst, CERT_UNIT_CN_SIZE, "ITLRECOVERY_%s",
		    name);
	} else {
		(void)str_copy(dst, CERT_UNIT_CN_SIZE, name);
	}
	return dst;
}

int
cert_unit_make(const struct nodeconf *conf, const char *unit,
    struct certfile *out, struct err *e)
{
	const struct unit *u = find(unit);
	char cn[CERT_UNIT_CN_SIZE];
	struct cert_spec spec = { .dns = STRLIST_INIT,
		.addresses = STRLIST_INIT };

	*out = (struct certfile)CERTFILE_INIT;
	if (u == NULL)
		return cert_unit_check(unit, e);
	cert_unit_common_name(cn, conf, unit);
	spec.subject = cert_name_of(conf, cn);
	spec.not_before = clock_wall();
	spec.not_after = cert_years(spec.not_before, CERT_UNIT_YEARS);
	spec.uses = u->uses;
	if ((out->key = key_generate_rsa(conf->key_bits, e)) != NULL)
		out->cert = cert_self_sign(&spec, out->key, e);
	if (out->cert == NULL) {
		certfile_release(out);
		return err_wrap(e, "make the certificate of %s", unit);
	}
	return 0;
}

int
cert_unit_row(struct cert_row *row, const char *node, const char *unit,
    const struct cert *c, struct err *e)
{
	*row = (struct cert_row) { 0 };
	if (str_copy(row->node, sizeof(row->node), node) == -1 ||
	    str_copy(row->unit, sizeof(row->unit), unit) == -1)
		return err_set(e, ERR_USAGE, "name of a node or unit");
	str_hex(row->serial, c->serial, c->serial_len);
	cert_fingerprint(c, row->sha256);
	row->subject = mem_strdup(c->subject);
	row->issuer = mem_strdup(c->issuer);
	row->pem = cert_to_pem(c);
	row->not_before = c->not_before;
	row->not_after = c->not_after;
	row->self_signed = c->self_issued;
	return 0;
}

int
cert_unit_encode_p12(const struct secret *password, uint8_t **data, size_t *len,
    struct err *e)
{
	char path[PATH_SIZE];
	struct certfile pair = CERTFILE_INIT;
	int rc;

	paths_in(path, "certs/%s.pem", CERT_UNIT_RECOVERY);
	if (certfile_read(&pair, path, e) == -1)
		return -1;
	rc = pkcs12_encode(pair.key, pair.cert, password, data, len, e);
	certfile_release(&pair);
	return rc;
}

int
cert_unit_install_p12(const uint8_t *data, size_t len, struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, "certs/%s.p12", CERT_UNIT_RECOVERY);
	return file_replace(path, data, len, 0640, e);
}

int
cert_unit_write_p12(struct err *e)
{
	struct secret password;
	uint8_t *data = NULL;
	size_t len = 0;
	int rc;

	if (security_password_read(&password, e) == -1)
		return -1;
	rc = cert_unit_encode_p12(&password, &data, &len, e);
	secret_release(&password);
	if (rc == 0)
		rc = cert_unit_install_p12(data, len, e);
	mem_free_wiped(data, len);
	return rc;
}

bool
cert_unit_p12_current(void)
{
	char path[PATH_SIZE];
	struct certfile pair = CERTFILE_INIT;
	struct secret password = { .text = NULL };
	struct key *key = NULL;
	struct cert *cert = NULL;
	struct err e = ERR_INIT;
	bool same = false;

	paths_in(path, "certs/%s.pem", CERT_UNIT_RECOVERY);
	if (certfile_read(&pair, path, &e) == -1)
		return false;
	paths_in(path, "certs/%s.p12", CERT_UNIT_RECOVERY);
	if (security_password_read(&password, &e) == 0 &&
	    pkcs12_load(path, &password, &key, &cert, &e) == 0)
		same = cert_equal(cert, pair.cert);
	secret_release(&password);
	key_free(key);
	cert_free(cert);
	certfile_release(&pair);
	return same;
}
