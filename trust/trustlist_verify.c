/* Whether a trust list is what its signer wrote. */
#include <string.h>

#include "trust/outline_priv.h"
#include "trust/trustlist.h"

static bool
same_bytes(const struct element *el, const struct span *s)
{
	return el->len == s->len && memcmp(el->value, s->p, s->len) == 0;
}

/*
 * The certificate of a record is the one the record describes; elements it
 * does not have describe nothing.
 */
static int
check_certificate(const struct trustlist *l, size_t i, struct err *e)
{
	const struct trustlist_record *rec = &l->record[i];
	const struct element *el = rec->element;
	const char *differs = NULL;
	struct outline o;

	if (outline_read(&o, el[RECORD_CERTIFICATE].value,
		el[RECORD_CERTIFICATE].len, e) == -1)
		return err_wrap(e, "offset %zu: record %zu",
		    el[RECORD_CERTIFICATE].off, i + 1);
	if (el[RECORD_SERIAL].present &&
	    !same_bytes(&el[RECORD_SERIAL], &o.serial))
		differs = "SERIALNUMBER";
	else if (el[RECORD_PUBLIC_KEY].present &&
	    !same_bytes(&el[RECORD_PUBLIC_KEY], &o.public_key))
		differs = "PUBLICKEY";
	else if (el[RECORD_SIGNATURE].present &&
	    !same_bytes(&el[RECORD_SIGNATURE], &o.signature))
		differs = "SIGNATURE";
	else if (el[RECORD_SUBJECT].present &&
	    !outline_name_fits(&o.subject, rec->subject))
		differs = "SUBJECTNAME";
	else if (el[RECORD_ISSUER].present &&
	    !outline_name_fits(&o.issuer, rec->issuer))
		differs = "ISSUERNAME";
	if (differs == NULL)
		return 0;
	return err_set(e, ERR_FORMAT,
	    "offset %zu: record %zu: %s is not that of its CERTIFICATE",
	    rec->off, i + 1, differs);
}

static int
check_certificates(const struct trustlist *l, struct err *e)
{
	for (size_t i = 0; i < l->n_records; i++)
		if (l->record[i].element[RECORD_CERTIFICATE].present &&
		    check_certificate(l, i, e) == -1)
			return -1;
	return 0;
}

/* The header's signer is this record's certificate. */
static bool
is_signer(const struct trustlist *l, const struct trustlist_record *rec)
{
	const struct element *el = rec->element;
	const struct element *serial = &l->header.element[HEADER_SERIAL];

	return rec->role == ROLE_SAST && el[RECORD_SERIAL].present &&
	    el[RECORD_ISSUER].present && el[RECORD_SERIAL].len == serial->len &&
	    memcmp(el[RECORD_SERIAL].value, serial->value, serial->len) == 0 &&
	    strcmp(rec->issuer, l->header.ca_name) == 0;
}

/* The one record that can prove the signature. */
static int
find_signer(const struct trustlist *l, size_t *signer, struct err *e)
{
	const struct element *found = NULL;
	size_t bare = 0;

	for (size_t i = 0; i < l->n_records; i++) {
		const struct element *el =
		    &l->record[i].element[RECORD_CERTIFICATE];

		if (!is_signer(l, &l->record[i]))
			continue;
		if (!el->present) {
			bare = i + 1;
			continue;
		}
		if (found == NULL) {
			found = el;
			*signer = i;
			continue;
		}
		if (found->len != el->len ||
		    memcmp(found->value, el->value, el->len) != 0)
			return err_set(e, ERR_UNVERIFIABLE,
			    "records %zu and %zu both claim to be the signer "
			    "and differ",
			    *signer + 1, i + 1);
	}
	if (found != NULL)
		return 0;
	if (bare != 0)
		return err_set(e, ERR_UNVERIFIABLE,
		    "record %zu is the signer's and has no certificate", bare);
	return err_set(e, ERR_UNVERIFIABLE,
	    "no security token record has issuer and serial number of the "
	    "signer");
}

int
trustlist_verify(const struct trustlist *l, size_t *signer, struct err *e)
{
	const struct element *el;
	struct cert *c;
	size_t i = 0;
	int rc = -1;

	if (find_signer(l, &i, e) == -1)
		return -1;
	el = &l->record[i].element[RECORD_CERTIFICATE];
	c = cert_from_der(el->value, el->len, e);
	if (c == NULL)
		return err_wrap(e, "offset %zu: record %zu", el->off, i + 1);
	if (signed_header_check(&l->header, l->data, l->len, c, e) == -1)
		goto out;
	if (check_certificate(l, i, e) == -1) {
		if (e != NULL)
			e->code = ERR_UNVERIFIABLE;
		goto out;
	}
	if (strcmp(l->record[i].subject, l->header.signer_name) != 0) {
		err_set(e, ERR_UNVERIFIABLE,
		    "record %zu has issuer and serial number of the signer, "
		    "but another subject",
		    i + 1);
		goto out;
	}
	if (check_certificates(l, e) == -1)
		goto out;
	if (signer != NULL)
		*signer = i;
	rc = 0;
out:
	cert_free(c);
	return rc;
}

int
trustlist_verify_with(const struct trustlist *l, const struct cert *c,
    struct err *e)
{
	if (signed_header_check(&l->header, l->data, l->len, c, e) == -1)
		return -1;
	if (!signed_header_names(&l->header, c))
		return err_set(e, ERR_UNVERIFIABLE,
		    "signed with the key of %s, but the list names another "
		    "certificate",
		    c->subject);
	return check_certificates(l, e);
}
