/* Making certificates: names, extensions, signing. */
#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "trust/cert.h"
#include "trust/evp_priv.h"
#include "trust/openssl_err_priv.h"
#include "trust/openssl_priv.h"
#include "trust/password.h"

struct cert_name
cert_name_of(const struct nodeconf *conf, const char *cn)
{
	return (struct cert_name) { .cn = cn,
		.ou = conf->unit,
		.o = conf->organization,
		.l = conf->locality,
		.st = conf->state,
		.c = conf->country };
}

int64_t
cert_years(int64_t from, unsigned years)
{
	time_t t = (time_t)from;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL)
		BUG("no such time: %lld", (long long)from);
	tm.tm_year += (int)years;
	if (tm.tm_mon == 1 && tm.tm_mday == 29)
		tm.tm_mday = 28;
	return (int64_t)timegm(&tm) - 1;
}

static int
name_add(X509_NAME *n, const char *field, const char *value, struct err *e)
{
	if (value == NULL || *value == '\0')
		return 0;
	if (X509_NAME_add_entry_by_txt(n, field, MBSTRING_UTF8,
		(const unsigned char *)value, -1, -1, 0) != 1)
		return openssl_err(e, ERR_USAGE,
		    "not fit for the %s of a certificate: %s", field, value);
	return 0;
}

X509_NAME *
cert_x509_name(const struct cert_name *name, struct err *e)
{
	X509_NAME *n = X509_NAME_new();

	if (n == NULL) {
		openssl_err(e, ERR_INTERNAL, "no name");
		return NULL;
	}
	if (name_add(n, "CN", name->cn, e) == -1 ||
	    name_add(n, "OU", name->ou, e) == -1 ||
	    name_add(n, "O", name->o, e) == -1 ||
	    name_add(n, "L", name->l, e) == -1 ||
	    name_add(n, "ST", name->st, e) == -1 ||
	    name_add(n, "C", name->c, e) == -1)
		goto fail;
	if (X509_NAME_entry_count(n) == 0) {
		err_set(e, ERR_USAGE, "a certificate without a name");
		goto fail;
	}
	return n;
fail:
	X509_NAME_free(n);
	return NULL;
}

/* Add an extension whose value is one of our own fixed texts. */
static int
ext_text(STACK_OF(X509_EXTENSION) * list, int nid, const char *text,
    struct err *e)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, text);

	if (ext == NULL || sk_X509_EXTENSION_push(list, ext) == 0) {
		X509_EXTENSION_free(ext);
		return openssl_err(e, ERR_INTERNAL, "extension %s",
		    OBJ_nid2sn(nid));
	}
	return 0;
}

static int
ext_key_usage(STACK_OF(X509_EXTENSION) * list, unsigned uses,
    enum key_type type, struct err *e)
{
	static const struct {
		unsigned use;
		const char *name;
	} table[] = { { CERT_USE_SERVER, "serverAuth" },
		{ CERT_USE_CLIENT, "clientAuth" },
		{ CERT_USE_IPSEC, "1.3.6.1.5.5.7.3.5" } };
	char text[128] = "";
	size_t len = 0;
	const char *usage = "digitalSignature";

	if ((uses & CERT_USE_CA) != 0)
		usage = "critical,digitalSignature,keyCertSign,cRLSign";
	else if (type == KEY_RSA)
		usage = "digitalSignature,keyEncipherment,dataEncipherment";
	if (ext_text(list, NID_key_usage, usage, e) == -1)
		return -1;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if ((uses & table[i].use) == 0)
			continue;
		if (str_printf(text + len, sizeof(text) - len, "%s%s",
			len == 0 ? "" : ",", table[i].name) == -1)
			BUG("extended key usage");
		len = strlen(text);
	}
	if (len == 0)
		return 0;
	return ext_text(list, NID_ext_key_usage, text, e);
}

/* A general name of this type with these bytes. */
static int
san_add(GENERAL_NAMES *names, int type, const void *p, int n, struct err *e)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_STRING *s =
	    type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();

	if (name == NULL || s == NULL || ASN1_STRING_set(s, p, n) != 1) {
		GENERAL_NAME_free(name);
		ASN1_STRING_free(s);
		return openssl_err(e, ERR_INTERNAL, "alternative name");
	}
	GENERAL_NAME_set0_value(name, type, s);
	if (sk_GENERAL_NAME_push(names, name) == 0) {
		GENERAL_NAME_free(name);
		return openssl_err(e, ERR_INTERNAL, "alternative name");
	}
	return 0;
}

static int
san_fill(GENERAL_NAMES *names, const struct cert_spec *spec, struct err *e)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz"
				      "0123456789-._*";
	struct in_addr address;

	for (size_t i = 0; i < spec->dns.n; i++) {
		const char *s = spec->dns.item[i];

		if (*s == '\0' || s[strspn(s, letters)] != '\0')
			return err_set(e, ERR_USAGE,
			    "not a host name for a certificate: %s", s);
		if (san_add(names, GEN_DNS, s, (int)strlen(s), e) == -1)
			return -1;
	}
	for (size_t i = 0; i < spec->addresses.n; i++) {
		const char *s = spec->addresses.item[i];

		if (inet_pton(AF_INET, s, &address) != 1)
			return err_set(e, ERR_USAGE,
			    "not an IPv4 address for a certificate: %s", s);
		if (san_add(names, GEN_IPADD, &address, (int)sizeof(address),
			e) == -1)
			return -1;
	}
	return 0;
}

static int
ext_alt_names(STACK_OF(X509_EXTENSION) * list, const struct cert_spec *spec,
    struct err *e)
{
	GENERAL_NAMES *names;
	int rc = -1;

	if (spec->dns.n + spec->addresses.n == 0)
		return 0;
	names = GENERAL_NAMES_new();
	if (names == NULL)
		return openssl_err(e, ERR_INTERNAL, "alternative names");
	if (san_fill(names, spec, e) == -1)
		goto out;
	if (X509V3_add1_i2d(&list, NID_subject_alt_name, names, 0, 0) != 1) {
		openssl_err(e, ERR_INTERNAL, "alternative names");
		goto out;
	}
	rc = 0;
out:
	GENERAL_NAMES_free(names);
	return rc;
}

STACK_OF(X509_EXTENSION) *
    cert_extensions(const struct cert_spec *spec, enum key_type type,
	struct err *e)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	bool ca = (spec->uses & CERT_USE_CA) != 0;

	if (list == NULL) {
		openssl_err(e, ERR_INTERNAL, "extensions");
		return NULL;
	}
	if ((ca &&
		ext_text(list, NID_basic_constraints,
		    "critical,CA:TRUE,pathlen:0", e) == -1) ||
	    ext_key_usage(list, spec->uses, type, e) == -1 ||
	    ext_alt_names(list, spec, e) == -1) {
		sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
		return NULL;
	}
	return list;
}

/* Copy the extensions into the certificate and name its key and issuer's. */
static int
put_extensions(X509 *x, X509 *issuer, const struct cert_spec *spec,
    struct err *e)
{
	enum key_type type = evp_key_type(X509_get0_pubkey(x));
	STACK_OF(X509_EXTENSION) *list = cert_extensions(spec, type, e);
	X509V3_CTX ctx;
	X509_EXTENSION *id;
	int rc = -1;

	if (list == NULL)
		return -1;
	for (int i = 0; i < sk_X509_EXTENSION_num(list); i++)
		if (X509_add_ext(x, sk_X509_EXTENSION_value(list, i), -1) != 1)
			goto out;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	id =
	    X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_key_identifier, "hash");
	if (id == NULL || X509_add_ext(x, id, -1) != 1) {
		X509_EXTENSION_free(id);
		goto out;
	}
	X509_EXTENSION_free(id);
	if (issuer == x) {
		rc = 0;
		goto out;
	}
	id = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier,
	    "keyid");
	if (id == NULL || X509_add_ext(x, id, -1) != 1) {
		X509_EXTENSION_free(id);
		goto out;
	}
	X509_EXTENSION_free(id);
	rc = 0;
out:
	if (rc == -1)
		openssl_err(e, ERR_INTERNAL, "extensions");
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return rc;
}

/* Version, serial, validity, subject and public key. */
static int
put_fields(X509 *x, const struct cert_spec *spec, EVP_PKEY *public_key,
    struct err *e)
{
	X509_NAME *name = cert_x509_name(&spec->subject, e);
	uint8_t bytes[16];
	BIGNUM *bn;
	int rc = -1;

	if (name == NULL)
		return -1;
	random_serial(bytes);
	bn = BN_bin2bn(bytes, sizeof(bytes), NULL);
	if (bn != NULL &&
	    BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(x)) != NULL &&
	    X509_set_version(x, X509_VERSION_3) == 1 &&
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)spec->not_before) !=
		NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)spec->not_after) !=
		NULL &&
	    X509_set_subject_name(x, name) == 1 &&
	    X509_set_pubkey(x, public_key) == 1)
		rc = 0;
	else
		openssl_err(e, ERR_INTERNAL, "cannot make a certificate");
	BN_free(bn);
	X509_NAME_free(name);
	return rc;
}

struct cert *
cert_make(const struct cert_spec *spec, EVP_PKEY *public_key,
    const struct cert *issuer, const struct key *issuer_key, struct err *e)
{
	struct cert *c = NULL;
	X509 *x = X509_new(), *ca = NULL;

	if (spec->not_after <= spec->not_before) {
		err_set(e, ERR_USAGE, "a certificate that is never valid");
		goto out;
	}
	if (x == NULL) {
		openssl_err(e, ERR_INTERNAL, "cannot make a certificate");
		goto out;
	}
	if (issuer != NULL && (ca = cert_x509(issuer, e)) == NULL)
		goto out;
	if (put_fields(x, spec, public_key, e) == -1)
		goto out;
	if (X509_set_issuer_name(x,
		X509_get_subject_name(ca == NULL ? x : ca)) != 1) {
		openssl_err(e, ERR_INTERNAL, "issuer");
		goto out;
	}
	if (put_extensions(x, ca == NULL ? x : ca, spec, e) == -1)
		goto out;
	if (X509_sign(x, key_evp(issuer_key), EVP_sha256()) <= 0) {
		openssl_err(e, ERR_KEY, "cannot sign a certificate");
		goto out;
	}
	c = cert_of_x509(x, e);
out:
	X509_free(ca);
	X509_free(x);
	return c;
}

struct cert *
cert_self_sign(const struct cert_spec *spec, const struct key *k, struct err *e)
{
	return cert_make(spec, key_evp(k), NULL, k, e);
}
