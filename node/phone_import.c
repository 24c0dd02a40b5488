#include "node/phone_import.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "base/mem.h"
#include "trust/cert.h"

#define SHOWN_MAX 80
#define COLUMN_NAME (-1) /* not a field of a phone but what it is called */

/* What stands in which column. */
struct header {
	int column[1 + DEVICE_FIELDS]; /* COLUMN_NAME or a device_field */
	size_t n;
};

void
phone_edits_release(struct phone_edits *l)
{
	if (l == NULL)
		return;
	free(l->item);
	strlist_release(&l->text);
	l->item = NULL;
	l->n = 0;
}

char *
phone_import_certificate(const void *pem, size_t len, struct err *e)
{
	struct cert *c = cert_from_pem(pem, len, e);
	char *text = NULL;

	if (c == NULL)
		return NULL;
	if (c->key_type == KEY_RSA)
		text = cert_to_pem(c);
	else
		(void)err_set(e, ERR_KEY,
		    "nothing can be encrypted to its key, which is not RSA");
	cert_free(c);
	return text;
}

static int
unknown_column(const char *text, struct err *e)
{
	char shown[SHOWN_MAX];
	char known[ERR_HINT_SIZE] = "name";

	str_visible(shown, sizeof(shown), text, strlen(text));
	if (strpbrk(text, ";\t") != NULL)
		return err_set(e, ERR_FORMAT,
		    "line 1: between columns stands a comma: \"%s\"", shown);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		size_t len = strlen(known);

		(void)str_printf(known + len, sizeof(known) - len, ", %s",
		    device_field_name((enum device_field)f));
	}
	(void)err_set(e, ERR_FORMAT, "line 1: no such column: \"%s\"", shown);
	return err_hint(e, "Columns: %s", known);
}

static int
find_column(const char *text, int *column, struct err *e)
{
	*column = COLUMN_NAME;
	if (strcasecmp(text, "name") == 0)
		return 0;
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		*column = (int)f;
		if (strcasecmp(text, device_field_name((enum device_field)f)) ==
		    0)
			return 0;
	}
	return unknown_column(text, e);
}

static int
read_header(struct csv *c, struct header *h, struct err *e)
{
	struct strlist fields = STRLIST_INIT;
	bool named = false;
	unsigned line;
	int rc = csv_next(c, &fields, &line, e);

	h->n = 0;
	for (size_t i = 0; i < fields.n && rc == 0; i++) {
		int column;

		rc = find_column(fields.item[i], &column, e);
		for (size_t k = 0; k < h->n && rc == 0; k++)
			if (h->column[k] == column)
				rc = err_set(e, ERR_FORMAT,
				    "line 1: column %s stands twice",
				    fields.item[i]);
		if (rc == 0)
			h->column[h->n++] = column;
		named = named || column == COLUMN_NAME;
	}
	strlist_release(&fields);
	if (rc == 0 && !named)
		rc = err_set(e, ERR_FORMAT,
		    "line 1: the first line names the columns, and one of "
		    "them is \"name\"");
	return rc;
}

/* Keep a value as long as the edits; returns it. */
static const char *
keep(struct phone_edits *l, const char *text)
{
	strlist_add(&l->text, text);
	return l->text.item[l->text.n - 1];
}

static int
take_certificate(struct phone_edits *l, struct device_edit *d, const char *text,
    struct err *e)
{
	char *pem = phone_import_certificate(text, strlen(text), e);

	if (pem == NULL)
		return err_wrap(e, "certificate");
	d->value[DEVICE_FIELD_CERTIFICATE] = keep(l, pem);
	free(pem);
	return 0;
}

/* What a record says of one field of a phone; "" if it may be that. */
static int
take_value(struct phone_edits *l, struct device_edit *d,
    enum device_field field, const char *text, struct err *e)
{
	if (text[0] == '\0')
		d->value[field] = device_field_may_be_empty(field) ? "" : NULL;
	else if (field == DEVICE_FIELD_CERTIFICATE)
		return take_certificate(l, d, text, e);
	else
		d->value[field] = keep(l, text);
	return 0;
}

static int
take_record(struct phone_edits *l, const struct header *h,
    const struct strlist *fields, struct device_edit *d, struct err *e)
{
	if (fields->n != h->n)
		return err_set(e, ERR_FORMAT,
		    "%zu field%s, but line 1 names %zu column%s", fields->n,
		    fields->n == 1 ? "" : "s", h->n, h->n == 1 ? "" : "s");
	for (size_t i = 0; i < h->n; i++) {
		const char *text = fields->item[i];
		int rc;

		if (h->column[i] == COLUMN_NAME)
			rc = device_name_parse(d->name, text, e);
		else
			rc = take_value(l, d, (enum device_field)h->column[i],
			    text, e);
		if (rc == -1)
			return -1;
	}
	return 0;
}

/* An empty line, or one of nothing but commas as spreadsheets leave it. */
static bool
is_blank(const struct strlist *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		if (fields->item[i][0] != '\0')
			return false;
	return true;
}

/* One more edit at the end; it has room for twice as many now and then. */
static struct device_edit *
new_edit(struct phone_edits *l, size_t *room)
{
	struct device_edit *d;

	if (l->n == *room) {
		*room = *room == 0 ? 64 : 2 * *room;
		l->item = mem_resize(l->item, *room, sizeof(*l->item));
	}
	d = &l->item[l->n++];
	memset(d, 0, sizeof(*d));
	return d;
}

static int
read_phones(struct csv *c, const struct header *h, struct phone_edits *l,
    struct err *e)
{
	size_t room = 0;

	for (;;) {
		struct strlist fields = STRLIST_INIT;
		struct device_edit *d;
		unsigned line;
		int rc;

		if (csv_next(c, &fields, &line, e) == -1)
			return -1;
		if (fields.n == 0)
			return 0;
		if (is_blank(&fields)) {
			strlist_release(&fields);
			continue;
		}
		if (l->n == PHONE_IMPORT_PHONES_MAX) {
			strlist_release(&fields);
			return err_set(e, ERR_TOO_BIG,
			    "line %u: more than %d phones", line,
			    PHONE_IMPORT_PHONES_MAX);
		}
		d = new_edit(l, &room);
		d->line = line;
		rc = take_record(l, h, &fields, d, e);
		strlist_release(&fields);
		if (rc == -1)
			return err_wrap(e, "line %u", line);
	}
}

int
phone_import_read(const void *text, size_t len, struct phone_edits *out,
    struct err *e)
{
	struct header h;
	struct csv c;

	memset(out, 0, sizeof(*out));
	csv_init(&c, text, len);
	if (read_header(&c, &h, e) == 0 && read_phones(&c, &h, out, e) == 0)
		return 0;
	phone_edits_release(out);
	return -1;
}
