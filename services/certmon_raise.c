#include "services/certmon_raise.h"

#include <stdlib.h>
#include <syslog.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "db/alarms.h"

static void
real_line(void *self, int priority, const char *text)
{
	(void)self;
	syslog(LOG_LOCAL7 | priority, "%s", text);
}

const struct certmon_syslog certmon_syslog_real = { .line = real_line };

static int
raise_line(const struct nodeconf *conf, const struct cert_alarm *c,
    const struct certmon_syslog *log, struct err *e)
{
	const struct cert_alarm_text *t = cert_alarm_text(c->kind);
	const struct alarm_param params[] = {
		{ "Message", c->message },
		{ "AppID", CERT_ALARM_APP },
		{ "ClusterID", "" },
		{ "NodeID", conf->name },
	};
	const struct alarm alarm = { .host = conf->name,
		.facility = CERT_ALARM_FACILITY,
		.severity = t->severity,
		.name = t->name,
		.params = params,
		.param_count = sizeof(params) / sizeof(params[0]),
		.text = t->text };
	char *body = alarm_body(&alarm);

	log->line(log->self, (int)t->severity, body);
	free(body);
	return alarm_raise(NULL, &alarm, e);
}

int
certmon_raise_lines(const struct nodeconf *conf,
    const struct cert_alarm_list *l, const struct certmon_syslog *syslog,
    struct err *e)
{
	struct err again = ERR_INIT;
	int rc = 0;

	for (size_t i = 0; i < l->n; i++)
		if (raise_line(conf, &l->item[i], syslog,
			rc == 0 ? e : &again) == -1)
			rc = -1;
	return rc;
}

/* "MESSAGE SENTENCE", or the sentence; free it. */
static char *
row_message(const struct cert_alarm *c)
{
	const char *text = cert_alarm_text(c->kind)->text;

	if (c->message[0] == '\0')
		return mem_strdup(text);
	return mem_printf("%s: %s", c->message, text);
}

int
certmon_raise_rows(const struct nodeconf *conf, const struct cert_alarm_list *l,
    struct err *e)
{
	struct db *db = db_open_primary(conf, DB_RW, e);
	struct alarm_row *row;
	char **message;
	int rc;

	if (db == NULL)
		return -1;
	row = mem_array(l->n, sizeof(*row));
	message = mem_array(l->n, sizeof(*message));
	for (size_t i = 0; i < l->n; i++) {
		const struct cert_alarm_text *t =
		    cert_alarm_text(l->item[i].kind);

		message[i] = row_message(&l->item[i]);
		row[i] = (struct alarm_row) { .facility = CERT_ALARM_FACILITY,
			.severity = t->severity,
			.name = t->name,
			.message = message[i] };
	}
	rc = alarms_add(db, conf->name, clock_wall(), row, l->n, e);
	db_close(db);
	for (size_t i = 0; i < l->n; i++)
		free(message[i]);
	free(message);
	free(row);
	return rc;
}
