#include "db/cert_alarms.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "db/certs.h"
#include "db/recovery_backup.h"

#define NAME_SIZE 256

void
cert_alarm_list_release(struct cert_alarm_list *l)
{
	if (l == NULL)
		return;
	free(l->item);
	l->item = NULL;
	l->n = 0;
}

static struct cert_alarm *
append(struct cert_alarm_list *l)
{
	l->item = mem_resize(l->item, l->n + 1, sizeof(*l->item));
	memset(&l->item[l->n], 0, sizeof(*l->item));
	return &l->item[l->n++];
}

static void
append_recovery(const char *trouble, int64_t since, struct cert_alarm_list *out)
{
	struct cert_alarm *a = append(out);

	a->kind = CERT_ALARM_RECOVERY_BACKUP;
	a->since = since;
	if (trouble != NULL)
		(void)str_printf(a->message, sizeof(a->message),
		    "The recovery key cannot be read: %s", trouble);
	(void)cert_alarm_action(a->action, a->kind, NULL);
}

/* The database learns which file there is, so it knows since when. */
static int
add_recovery(struct db *db, const struct cert_alarm_query *q,
    struct cert_alarm_list *out, struct err *e)
{
	struct recovery_backup b;

	if (q->p12_trouble != NULL) {
		append_recovery(q->p12_trouble, 0, out);
		return 0;
	}
	if (q->p12_sha256 == NULL)
		return 0;
	if (recovery_backup_present(db, q->p12_sha256, q->now, &b, e) == -1)
		return -1;
	if (recovery_backup_due(&b))
		append_recovery(NULL, b.unsaved_since, out);
	return 0;
}

/* The common name of "CN=…;OU=…", or all of it. */
static void
common_name(char dst[NAME_SIZE], const char *subject)
{
	const char *part = strstr(subject, ";CN=");
	size_t n;

	if (str_starts(subject, "CN="))
		subject += strlen("CN=");
	else if (part != NULL)
		subject = part + strlen(";CN=");
	n = strcspn(subject, ";");
	if (n >= NAME_SIZE)
		n = NAME_SIZE - 1;
	memcpy(dst, subject, n);
	dst[n] = '\0';
}

static void
add_cert(const struct cert_row *row, bool trust,
    const struct cert_alarm_query *q, struct cert_alarm_list *out)
{
	char name[NAME_SIZE];
	const struct cert_alarm_subject s = { .name = trust ? name : row->unit,
		.unit = row->unit,
		.trust = trust,
		.not_after = row->not_after };
	enum cert_alarm_kind kind;
	struct cert_alarm *a;
	int64_t since;

	if (!cert_alarm_due(row->not_after, q->now, q->days, &kind, &since))
		return;
	common_name(name, row->subject);
	a = append(out);
	a->kind = kind;
	a->since = since;
	(void)cert_alarm_message(a->message, &s);
	(void)cert_alarm_action(a->action, kind, &s);
}

static void
add_certs(struct cert_list *rows, bool trust, const struct cert_alarm_query *q,
    struct cert_alarm_list *out)
{
	for (size_t i = 0; i < rows->n; i++)
		add_cert(&rows->item[i], trust, q, out);
	cert_list_release(rows);
}

int
cert_alarms_active(struct db *db, const struct cert_alarm_query *q,
    struct cert_alarm_list *out, struct err *e)
{
	struct cert_list rows = CERT_LIST_INIT;

	*out = (struct cert_alarm_list)CERT_ALARM_LIST_INIT;
	if (add_recovery(db, q, out, e) == -1 ||
	    certs_list_own(db, q->node, &rows, e) == -1)
		goto fail;
	add_certs(&rows, false, q, out);
	if (!q->trust)
		return 0;
	if (certs_list_trust(db, &rows, e) == -1)
		goto fail;
	add_certs(&rows, true, q, out);
	return 0;
fail:
	cert_alarm_list_release(out);
	return err_wrap(e, "alarms of certificates");
}
