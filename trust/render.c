/* Trust lists as show itl and show ctl print them. */
#include "trust/render.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/digest.h"
#include "trust/signed_header.h"

#define HEAD                              \
	"BYTEPOS\tTAG\t\tLENGTH\tVALUE\n" \
	"-------\t---\t\t------\t-----\n"

/* A list, and what became of verifying it. */
struct view {
	struct out *o;
	const struct render_file *file;
	const struct trustlist *l;
	bool verified;
	size_t signer; /* index, when verified */
	const char *why; /* when not verified */
};

static const char *const header_names[HEADER_TAGS] = {
	[HEADER_SIGNER_ID] = "SIGNERID",
	[HEADER_SIGNER_NAME] = "SIGNERNAME",
	[HEADER_SERIAL] = "SERIALNUMBER",
	[HEADER_CA_NAME] = "CANAME",
	[HEADER_SIGNATURE_INFO] = "SIGNATUREINFO",
	[HEADER_DIGEST_ALG] = "DIGESTALGORTITHM",
	[HEADER_SIGNATURE_ALG_INFO] = "SIGNATUREALGOINFO",
	[HEADER_SIGNATURE_ALG] = "SIGNATUREALGORTITHM",
	[HEADER_SIGNATURE_MODULUS] = "SIGNATUREMODULUS",
	[HEADER_SIGNATURE] = "SIGNATURE",
	[HEADER_FILENAME] = "FILENAME",
	[HEADER_TIMESTAMP] = "TIMESTAMP",
	[HEADER_ENCRYPTION] = "ENCRYPTION",
	[HEADER_ENC_CIPHER] = "CIPHERINFO",
	[HEADER_ENC_18] = "CIPHERALGORITHM",
	[HEADER_ENC_IV] = "IV",
	[HEADER_ENC_PADDING] = "CIPHERPADDING",
	[HEADER_ENC_KEY] = "KEYINFO",
	[HEADER_ENC_22] = "KEYALGORITHM",
	[HEADER_ENC_KEY_BITS] = "KEYBITS",
	[HEADER_ENC_24] = "KEYTYPE",
	[HEADER_ENC_WRAPPED] = "WRAPPEDKEY",
	[HEADER_ENC_DIGEST_ALG] = "PLAINDIGEST",
	[HEADER_ENC_DIGEST] = "PLAINHASH",
	[HEADER_SIGNER_VERSION] = "SIGNERVERSION",
};

static const char *const record_names[RECORD_TAGS] = {
	[RECORD_LENGTH] = "RECORDLENGTH",
	[RECORD_DNS_NAME] = "DNSNAME",
	[RECORD_SUBJECT] = "SUBJECTNAME",
	[RECORD_FUNCTION] = "FUNCTION",
	[RECORD_ISSUER] = "ISSUERNAME",
	[RECORD_SERIAL] = "SERIALNUMBER",
	[RECORD_PUBLIC_KEY] = "PUBLICKEY",
	[RECORD_SIGNATURE] = "SIGNATURE",
	[RECORD_CERTIFICATE] = "CERTIFICATE",
	[RECORD_ADDRESS] = "IPADDRESS",
	[RECORD_HASH] = "CERTHASH",
	[RECORD_HASH_ALG] = "HASH ALGORITHM",
};

/* Upper-case hex pairs with sep between them; free with free(). */
static char *
hex_pairs(const uint8_t *p, size_t n, char sep)
{
	static const char digits[] = "0123456789ABCDEF";
	char *s = mem_alloc(3 * n + 1), *at = s;

	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*at++ = sep;
		*at++ = digits[p[i] >> 4];
		*at++ = digits[p[i] & 0xf];
	}
	return s;
}

/* A row; tags of fewer than 8 letters need a second tab. */
static void
row(struct out *o, unsigned tag, const char *name, size_t len,
    const char *value)
{
	out_printf(o, "%u\t%s\t%s%zu", tag, name, strlen(name) < 8 ? "\t" : "",
	    len);
	if (value != NULL)
		out_printf(o, "\t%s", value);
	out_puts(o, "\n");
}

/* A row whose VALUE is a number; LENGTH is always 2 then. */
static void
row_number(struct out *o, unsigned tag, const char *name, size_t value)
{
	char text[32];

	(void)str_printf(text, sizeof(text), "%zu", value);
	row(o, tag, name, 2, text);
}

/*
 * A name is shown as it stands, backslashes of other writers' escapes
 * included; only if it holds what no terminal should get, it is escaped.
 */
static void
row_text(struct out *o, unsigned tag, const char *name,
    const struct element *el)
{
	char *text = str_visible_dup(el->value, el->len - 1);
	size_t backslashes = 0;

	for (size_t i = 0; i + 1 < el->len; i++)
		if (el->value[i] == '\\')
			backslashes++;
	row(o, tag, name, el->len,
	    strlen(text) == el->len - 1 + backslashes ?
		(const char *)el->value :
		text);
	free(text);
}

static void
row_hex(struct out *o, unsigned tag, const char *name, const struct element *el,
    char sep)
{
	char *text = hex_pairs(el->value, el->len, sep);

	row(o, tag, name, el->len, text);
	free(text);
}

/* The signature, eight bytes a line, no leading zeros. */
static void
signature_block(struct out *o, const struct element *el)
{
	for (size_t i = 0; i < el->len; i++)
		out_printf(o, "%s%x%s", i % 8 == 0 ? "\t\t" : "  ",
		    el->value[i], i % 8 == 7 || i + 1 == el->len ? "\n" : "");
}

static void
header_row(struct out *o, const struct signed_header *h, unsigned tag)
{
	const struct element *el = &h->element[tag];
	const char *name = header_names[tag];
	char text[16];

	switch (tag) {
	case HEADER_VERSION:
	case HEADER_LENGTH:
		return; /* printed above the table */
	case HEADER_SIGNER_ID:
	case HEADER_SIGNATURE_INFO:
	case HEADER_SIGNATURE_ALG_INFO:
		row_number(o, tag, name, el->len);
		return;
	case HEADER_SIGNER_NAME:
	case HEADER_CA_NAME:
		row_text(o, tag, name, el);
		return;
	case HEADER_SERIAL:
		row_hex(o, tag, name, el, ':');
		return;
	case HEADER_SIGNER_VERSION:
		(void)str_printf(text, sizeof(text), "%u.%u", el->value[0],
		    el->value[1]);
		row(o, tag, name, el->len, text);
		return;
	case HEADER_SIGNATURE:
		row(o, tag, name, el->len, NULL);
		signature_block(o, el);
		return;
	default:
		row(o, tag, name, el->len, NULL);
		return;
	}
}

/* The certificate is shown by its SHA-1. */
static void
row_certificate(struct out *o, const struct element *el)
{
	uint8_t sum[DIGEST_MAX];
	char *hex, *text;

	digest_bytes(DIGEST_SHA1, el->value, el->len, sum);
	hex = hex_pairs(sum, digest_size(DIGEST_SHA1), ' ');
	text = mem_printf("%s (SHA1 Hash HEX)", hex);
	row(o, RECORD_CERTIFICATE, record_names[RECORD_CERTIFICATE], el->len,
	    text);
	free(text);
	free(hex);
}

/* The role's name, or its number; text has room for a number. */
static const char *
role_text(unsigned role, char text[16])
{
	const char *name = trust_role_name(role);

	if (name != NULL)
		return name;
	(void)str_printf(text, 16, "%u", role);
	return text;
}

/* A DNS name of blanks shows nothing. */
static bool
is_blank(const char *s)
{
	return s[strspn(s, " ")] == '\0';
}

static void
record_row(struct out *o, const struct trustlist_record *rec, unsigned tag)
{
	const struct element *el = &rec->element[tag];
	const char *name = record_names[tag];
	char text[16];

	switch (tag) {
	case RECORD_LENGTH:
		row_number(o, tag, name, rec->len);
		return;
	case RECORD_DNS_NAME:
		if (is_blank(rec->dns_name))
			row(o, tag, name, el->len, NULL);
		else
			row_text(o, tag, name, el);
		return;
	case RECORD_SUBJECT:
	case RECORD_ISSUER:
		row_text(o, tag, name, el);
		return;
	case RECORD_FUNCTION:
		row(o, tag, name, 2, role_text(rec->role, text));
		return;
	case RECORD_SERIAL:
		row_hex(o, tag, name, el, ':');
		return;
	case RECORD_CERTIFICATE:
		row_certificate(o, el);
		return;
	case RECORD_HASH:
		row_hex(o, tag, name, el, ' ');
		return;
	case RECORD_HASH_ALG:
		row(o, tag, name, el->len, digest_name(rec->hash_alg));
		return;
	default:
		row(o, tag, name, el->len, NULL);
		return;
	}
}

/*
 * The header names this token as the signer: the record that proved it, and
 * any other of the same certificate.
 */
static bool
used(const struct view *v, const struct trustlist_record *rec)
{
	const struct trustlist_record *signer = &v->l->record[v->signer];
	const struct element *serial = &rec->element[RECORD_SERIAL];
	const struct element *wanted = &signer->element[RECORD_SERIAL];

	return v->verified && serial->present && serial->len == wanted->len &&
	    memcmp(serial->value, wanted->value, serial->len) == 0 &&
	    str_equal(rec->issuer, signer->issuer) &&
	    str_equal(rec->subject, signer->subject);
}

static void
text_record(const struct view *v, size_t i)
{
	const struct trustlist_record *rec = &v->l->record[i];
	const char *kind = trustlist_kind_name(v->l->kind);

	out_printf(v->o, "%s Record #:%zu\n----\n" HEAD, kind, i + 1);
	for (size_t n = 0; n < rec->n_order; n++)
		record_row(v->o, rec, rec->order[n]);
	if (rec->role == ROLE_SAST)
		out_printf(v->o,
		    "This etoken was %sused to sign the %s file.\n",
		    used(v, rec) ? "" : "not ", kind);
	out_puts(v->o, "\n");
}

/* Checksums, length and date, which need no parsing. */
static void
text_file(struct out *o, const struct render_file *f, const char *kind)
{
	char md5[DIGEST_HEX_SIZE], sha1[DIGEST_HEX_SIZE], date[64];

	digest_hex(DIGEST_MD5, f->data, f->len, md5);
	digest_hex(DIGEST_SHA1, f->data, f->len, sha1);
	clock_format(date, sizeof(date), f->mtime);
	out_printf(o, "The checksum value of the %s file:\n", kind);
	out_printf(o, "%s(MD5)\n%s(SHA1)\n\n\n", md5, sha1);
	out_printf(o, "Length of %s file: %zu\n", kind, f->len);
	out_printf(o, "The %s File was last modified on %s\n\n", kind, date);
	out_printf(o, "Parse %s File\n----------------\n\n", kind);
}

static void
text_failed(struct out *o, const char *kind)
{
	out_printf(o,
	    "Verification of the %s file failed.\n"
	    "Error parsing the %s file!!\n",
	    kind, kind);
}

static void
text_header(struct out *o, const struct signed_header *h)
{
	out_printf(o, "Version:\t%u.%u\nHeaderLength:\t%zu (BYTES)\n\n" HEAD,
	    h->major, h->minor, h->len);
	for (size_t i = 0; i < h->n_order; i++)
		header_row(o, h, h->order[i]);
	out_puts(o, "\n");
}

static void
text_list(const struct view *v)
{
	const char *kind = trustlist_kind_name(v->l->kind);

	text_file(v->o, v->file, kind);
	text_header(v->o, &v->l->header);
	for (size_t i = 0; i < v->l->n_records; i++)
		text_record(v, i);
	if (v->verified)
		out_printf(v->o, "The %s file was verified successfully.\n",
		    kind);
	else
		text_failed(v->o, kind);
}

/* --- JSON ---------------------------------------------------------------- */

static void
json_hex(struct out *o, const char *key, const struct element *el)
{
	char *hex = mem_alloc(2 * el->len + 1);

	str_hex(hex, el->value, el->len);
	out_string(o, key, hex);
	free(hex);
}

static void
json_serial(struct out *o, const struct element *el)
{
	char *text = hex_pairs(el->value, el->len, ':');

	out_string(o, "serial_number", text);
	free(text);
}

static void
json_file(struct out *o, const struct render_file *f, const char *kind)
{
	char hex[DIGEST_HEX_SIZE];

	out_string(o, "kind", kind);
	out_int(o, "length", (int64_t)f->len);
	digest_hex(DIGEST_MD5, f->data, f->len, hex);
	out_string(o, "md5", hex);
	digest_hex(DIGEST_SHA1, f->data, f->len, hex);
	out_string(o, "sha1", hex);
	out_int(o, "last_modified", f->mtime);
}

static void
json_header(struct out *o, const struct signed_header *h)
{
	const struct element *signer = &h->element[HEADER_SIGNER_VERSION];
	char version[16];

	(void)str_printf(version, sizeof(version), "%u.%u", h->major, h->minor);
	out_string(o, "version", version);
	if (signer->present) {
		(void)str_printf(version, sizeof(version), "%u.%u",
		    signer->value[0], signer->value[1]);
		out_string(o, "signer_version", version);
	}
	out_int(o, "header_length", (int64_t)h->len);
	out_object(o, "signer");
	out_string(o, "name", h->signer_name);
	json_serial(o, &h->element[HEADER_SERIAL]);
	out_string(o, "ca_name", h->ca_name);
	out_end(o);
	out_string(o, "digest_algorithm", digest_name(h->digest));
	json_hex(o, "signature", &h->element[HEADER_SIGNATURE]);
	out_string(o, "filename", h->filename);
	out_int(o, "timestamp", h->timestamp);
}

static void
json_names(struct out *o, const struct trustlist_record *rec)
{
	const struct element *el = rec->element;

	if (el[RECORD_DNS_NAME].present)
		out_string(o, "dns_name", rec->dns_name);
	if (el[RECORD_SUBJECT].present)
		out_string(o, "subject_name", rec->subject);
	if (el[RECORD_ISSUER].present)
		out_string(o, "issuer_name", rec->issuer);
	if (el[RECORD_SERIAL].present)
		json_serial(o, &el[RECORD_SERIAL]);
}

static void
json_certificate(struct out *o, const struct trustlist_record *rec)
{
	const struct element *el = rec->element;

	if (el[RECORD_PUBLIC_KEY].present)
		out_int(o, "public_key_length",
		    (int64_t)el[RECORD_PUBLIC_KEY].len);
	if (el[RECORD_SIGNATURE].present)
		out_int(o, "signature_length",
		    (int64_t)el[RECORD_SIGNATURE].len);
	if (el[RECORD_CERTIFICATE].present) {
		char hex[DIGEST_HEX_SIZE];

		digest_hex(DIGEST_SHA1, el[RECORD_CERTIFICATE].value,
		    el[RECORD_CERTIFICATE].len, hex);
		out_int(o, "certificate_length",
		    (int64_t)el[RECORD_CERTIFICATE].len);
		out_string(o, "certificate_sha1", hex);
	}
	if (el[RECORD_HASH].present) {
		json_hex(o, "certificate_hash", &el[RECORD_HASH]);
		out_string(o, "hash_algorithm", digest_name(rec->hash_alg));
	}
}

static void
json_record(const struct view *v, size_t i)
{
	const struct trustlist_record *rec = &v->l->record[i];
	const uint8_t *ip = rec->element[RECORD_ADDRESS].value;
	char text[16];

	out_object(v->o, NULL);
	out_int(v->o, "number", (int64_t)i + 1);
	out_int(v->o, "record_length", (int64_t)rec->len);
	out_string(v->o, "function", role_text(rec->role, text));
	out_int(v->o, "role", rec->role);
	json_names(v->o, rec);
	json_certificate(v->o, rec);
	if (rec->element[RECORD_ADDRESS].present) {
		(void)str_printf(text, sizeof(text), "%u.%u.%u.%u", ip[0],
		    ip[1], ip[2], ip[3]);
		out_string(v->o, "ip_address", text);
	}
	if (rec->role == ROLE_SAST)
		out_bool(v->o, "signed_this_file", used(v, rec));
	out_end(v->o);
}

static void
json_list(const struct view *v)
{
	out_object(v->o, NULL);
	json_file(v->o, v->file, trustlist_kind_name(v->l->kind));
	json_header(v->o, &v->l->header);
	out_array(v->o, "records");
	for (size_t i = 0; i < v->l->n_records; i++)
		json_record(v, i);
	out_end(v->o);
	out_bool(v->o, "verified", v->verified);
	if (!v->verified)
		out_string(v->o, "error", v->why);
	out_end(v->o);
}

/* A file that is no trust list. */
static void
render_broken(struct out *o, const struct render_file *f, const char *why)
{
	const char *kind = trustlist_kind_name(f->expect);

	if (!out_json(o)) {
		text_file(o, f, kind);
		text_failed(o, kind);
		return;
	}
	out_object(o, NULL);
	json_file(o, f, kind);
	out_bool(o, "verified", false);
	out_string(o, "error", why);
	out_end(o);
}

int
render_trustlist(struct out *o, const struct render_file *f, struct err *e)
{
	struct view v = { .o = o, .file = f };
	struct err why = ERR_INIT;
	struct trustlist l;
	int rc;

	if (trustlist_parse(&l, f->data, f->len, &why) == -1) {
		render_broken(o, f, why.msg);
		if (e != NULL)
			*e = why;
		return -1;
	}
	rc = trustlist_verify(&l, &v.signer, &why);
	v.l = &l;
	v.verified = rc == 0;
	v.why = why.msg;
	if (out_json(o))
		json_list(&v);
	else
		text_list(&v);
	trustlist_release(&l);
	if (rc == -1 && e != NULL)
		*e = why;
	return rc;
}

void
render_signed_file(struct out *o, const struct render_file *f,
    const struct signed_file *s)
{
	const char *kind = s->encrypted ? "encrypted" : "signed";

	if (out_json(o)) {
		out_object(o, NULL);
		json_file(o, f, kind);
		json_header(o, &s->header);
		out_int(o, "content_length", (int64_t)s->content_len);
		out_end(o);
		return;
	}
	text_file(o, f, kind);
	text_header(o, &s->header);
	out_puts(o, "Name of the file when it was signed: ");
	out_visible(o, s->header.filename, strlen(s->header.filename));
	out_printf(o,
	    "\nLength of content: %zu\n"
	    "The signature was not checked: the signer's certificate is not in "
	    "the file.\n",
	    s->content_len);
}

int
render_trustlist_missing(struct out *o, enum trustlist_kind kind, struct err *e)
{
	const char *name = trustlist_kind_name(kind);

	out_printf(o, "Length of %s file: 0\n", name);
	if (kind == TRUSTLIST_CTL)
		out_puts(o,
		    "CTL File not found. Please run CTLClient plugin or run "
		    "the CLI - utils ctl.. to generate the CTL file.\n");
	else
		out_puts(o,
		    "ITL File not found. Please restart the Cisco Tftp "
		    "service to generate the ITL file.\n");
	out_printf(o, "Error parsing the %s File.\n", name);
	if (out_json(o)) {
		out_object(o, NULL);
		out_string(o, "kind", name);
		out_int(o, "length", 0);
		out_bool(o, "verified", false);
		out_string(o, "error", "file not found");
		out_end(o);
	}
	return err_set(e, ERR_NOT_FOUND, "no %s file", name);
}
