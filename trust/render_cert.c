/* Certificates as show cert prints them. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/render.h"

/* What Java calls a signature algorithm, which is what show cert prints. */
static const char *
algorithm_name(const char *oid)
{
	static const struct {
		const char *oid;
		const char *name;
	} table[] = { { "1.2.840.113549.1.1.4", "MD5withRSA" },
		{ "1.2.840.113549.1.1.5", "SHA1withRSA" },
		{ "1.2.840.113549.1.1.11", "SHA256withRSA" },
		{ "1.2.840.113549.1.1.12", "SHA384withRSA" },
		{ "1.2.840.113549.1.1.13", "SHA512withRSA" },
		{ "1.2.840.10045.4.3.2", "SHA256withECDSA" },
		{ "1.2.840.10045.4.3.3", "SHA384withECDSA" },
		{ "1.2.840.10045.4.3.4", "SHA512withECDSA" } };

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (str_equal(table[i].oid, oid))
			return table[i].name;
	return "unknown";
}

static const char *
key_name(enum key_type type)
{
	switch (type) {
	case KEY_RSA:
		return "RSA";
	case KEY_EC:
		return "EC";
	case KEY_OTHER:
		return "unknown";
	}
	return "unknown";
}

/* "CN=a, OU=b" of "CN=a;OU=b", made visible; free with free(). */
static char *
comma_name(const char *name)
{
	char *wide = mem_alloc(2 * strlen(name) + 1), *at = wide, *text;

	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0') {
			*at++ = *++p;
		} else if (*p == ';') {
			*at++ = ',';
			*at++ = ' ';
		} else {
			*at++ = *p;
		}
	}
	text = str_visible_dup(wide, (size_t)(at - wide));
	free(wide);
	return text;
}

static void
text_name(struct out *o, const char *label, const char *name)
{
	char *text = comma_name(name);

	out_printf(o, "  %s: %s\n", label, text);
	free(text);
}

static void
text_cert(struct out *o, const struct cert *c)
{
	char serial[CERT_SERIAL_HEX_SIZE], date[64];
	char *pem = cert_to_pem(c);

	cert_serial_hex(c, serial);
	out_printf(o, "[\n  Version: V%u\n", c->version);
	out_printf(o, "  Serial Number: %s\n", serial);
	out_printf(o, "  SignatureAlgorithm: %s (%s)\n",
	    algorithm_name(c->signature_oid), c->signature_oid);
	text_name(o, "Issuer Name", c->issuer);
	clock_format(date, sizeof(date), c->not_before);
	out_printf(o, "  Validity From: %s\n", date);
	clock_format(date, sizeof(date), c->not_after);
	out_printf(o, "           To:   %s\n", date);
	text_name(o, "Subject Name", c->subject);
	out_printf(o, "  Key: %s (%u bits)\n]\n", key_name(c->key_type),
	    c->key_bits);
	out_puts(o, pem);
	free(pem);
}

static void
json_cert(struct out *o, const struct cert *c)
{
	char serial[CERT_SERIAL_HEX_SIZE], hex[CERT_FINGERPRINT_SIZE];
	char *pem = cert_to_pem(c);

	out_object(o, NULL);
	out_int(o, "version", c->version);
	out_string(o, "subject", c->subject);
	out_string(o, "issuer", c->issuer);
	cert_serial_hex(c, serial);
	out_string(o, "serial_number", serial);
	out_string(o, "signature_algorithm", algorithm_name(c->signature_oid));
	out_string(o, "signature_oid", c->signature_oid);
	out_int(o, "not_before", c->not_before);
	out_int(o, "not_after", c->not_after);
	out_string(o, "key_type", key_name(c->key_type));
	out_int(o, "key_bits", c->key_bits);
	str_hex(hex, c->sha1, sizeof(c->sha1));
	out_string(o, "sha1", hex);
	cert_fingerprint(c, hex);
	out_string(o, "sha256", hex);
	out_string(o, "pem", pem);
	out_end(o);
	free(pem);
}

void
render_cert(struct out *o, const struct cert *c)
{
	if (out_json(o))
		json_cert(o, c);
	else
		text_cert(o, c);
}
