#include "services/certmon.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/certmon_mail.h"
#include "services/certmon_source.h"
#include "services/certmon_state.h"
#include "services/certmon_text.h"

struct certmon {
	struct certmon_config config;
	struct certmon_source source;
	struct cert_monitor settings;
	bool configured; /* settings have been read */
	bool unseen; /* the database has changed, the rest was not looked at */
	bool unnoted; /* nor is it known which ITLRecovery.p12 there is */
	struct certmon_state state; /* as in run/certmon */
	char tomcat[CERTS_SHA256_SIZE]; /* own certificate seen last */
	int64_t look_at; /* clock_ticks() of the next look at the database */
	struct certmon_mail *mail; /* under way; NULL: none */
	int64_t mail_run; /* of which state.mail it is */
	int64_t mail_at; /* clock_boot() of the next try */
	char complaint[ERR_MSG_SIZE]; /* logged last: not again and again */
	char key_complaint[ERR_MSG_SIZE]; /* the same for the recovery key */
	char mail_complaint[ERR_MSG_SIZE]; /* and for the day's e-mail */
};

/* Log a failure unless it is the one logged last. */
static void
complain(char last[ERR_MSG_SIZE], const char *what, const struct err *e)
{
	char text[ERR_MSG_SIZE];

	(void)str_printf(text, sizeof(text), "%s: %s", what, e->msg);
	if (str_equal(text, last))
		return;
	(void)str_copy(last, ERR_MSG_SIZE, text);
	log_error("%s", text);
}

static void
write_state(struct certmon *m)
{
	struct err e = ERR_INIT;

	if (certmon_state_write(&m->state, &e) == -1)
		complain(m->complaint, "the day's state", &e);
}

/*
 * What was done before this start.  At the very first one nothing has been
 * missed; a file that is broken may hide that something was.
 */
static void
remember(struct certmon *m)
{
	struct err e = ERR_INIT;

	if (certmon_state_read(&m->state, &e) == -1) {
		log_warning("%s", e.msg);
	} else if (m->state.ran == CERTMON_NEVER) {
		m->state.ran = clock_wall();
		write_state(m);
	}
}

/* --- e-mail -------------------------------------------------------------- */

static void
mail_settled(struct certmon *m)
{
	m->state.mail = CERTMON_NEVER;
	m->mail_complaint[0] = '\0';
	write_state(m);
}

static void
mail_failed(struct certmon *m, const struct err *e)
{
	m->mail_at = clock_boot() + CERTMON_MAIL_RETRY_S;
	complain(m->mail_complaint, "e-mail, to be tried again every hour", e);
}

static int
mail_begin(struct certmon *m, struct err *e)
{
	char helo[NODE_NAME_SIZE + NODE_DOMAIN_SIZE];
	char from[CERTMON_FROM_SIZE];
	struct cert_alarm_list active;
	struct certmon_mail_config config = { .host = m->settings.host,
		.port = m->settings.port,
		.helo = helo,
		.from = from,
		.to = m->settings.address };
	char *text;

	if (certmon_source_active(&m->source, m->config.conf, m->settings.days,
		&active, e) == -1)
		return -1;
	if (active.n == 0) {
		cert_alarm_list_release(&active);
		mail_settled(m);
		return 0;
	}
	certmon_text_fqdn(helo, m->config.conf);
	certmon_text_from(from, m->config.conf);
	text = certmon_text(m->config.conf, m->settings.address, clock_wall(),
	    &active);
	cert_alarm_list_release(&active);
	config.text = text;
	m->mail = certmon_mail_new(&config, e);
	m->mail_run = m->state.mail;
	free(text);
	return m->mail == NULL ? -1 : 0;
}

static void
mail_end(struct certmon *m)
{
	certmon_mail_free(m->mail);
	m->mail = NULL;
}

static void
mail_step(struct certmon *m)
{
	struct err e = ERR_INIT;
	bool done;

	if (certmon_mail_step(m->mail, &done, &e) == -1) {
		mail_end(m);
		mail_failed(m, &e);
	} else if (done) {
		mail_end(m);
		log_info("e-mail sent to %s", m->settings.address);
		/* Meanwhile there may have been another run. */
		if (m->state.mail == m->mail_run)
			mail_settled(m);
	}
}

static void
look_after_mail(struct certmon *m)
{
	struct err e = ERR_INIT;

	if (m->mail != NULL) {
		mail_step(m);
		return;
	}
	if (m->state.mail == CERTMON_NEVER)
		return;
	if (!m->settings.email)
		mail_settled(m);
	else if (clock_boot() >= m->mail_at && mail_begin(m, &e) == -1)
		mail_failed(m, &e);
}

/* --- alarms -------------------------------------------------------------- */

static void
raise_lines(const struct certmon *m, const struct cert_alarm_list *l)
{
	struct err e = ERR_INIT;

	if (certmon_raise_lines(m->config.conf, l, m->config.syslog, &e) == -1)
		log_error("%s", e.msg);
}

/* May take time. */
static void
raise_rows(const struct certmon *m, const struct cert_alarm_list *l)
{
	struct err e = ERR_INIT;

	if (certmon_raise_rows(m->config.conf, l, &e) == -1)
		log_warning("alarms are in CiscoSyslog only: %s", e.msg);
}

/* Has the node's tomcat certificate been made anew since the last look? */
static int
watch_tomcat(struct certmon *m, struct err *e)
{
	struct cert_alarm regen = { .kind = CERT_ALARM_TOMCAT_REGEN };
	const struct cert_alarm_list l = { .item = &regen, .n = 1 };
	char now[CERTS_SHA256_SIZE];

	if (certmon_source_tomcat(&m->source, m->config.conf, now, e) == -1)
		return -1;
	if (m->tomcat[0] != '\0' && now[0] != '\0' &&
	    !str_equal(m->tomcat, now)) {
		raise_lines(m, &l);
		raise_rows(m, &l);
	}
	(void)str_copy(m->tomcat, sizeof(m->tomcat), now);
	return 0;
}

/* The lines come first, then the note that they were written. */
static void
raise_all(struct certmon *m, const struct cert_alarm_list *active, int64_t now)
{
	raise_lines(m, active);
	m->state.ran = now;
	m->state.mail =
	    m->settings.email && active->n > 0 ? now : CERTMON_NEVER;
	m->mail_at = 0;
	m->mail_complaint[0] = '\0';
	write_state(m);
	log_info("alarms raised: %zu", active->n);
	raise_rows(m, active);
}

static int
run_if_due(struct certmon *m, struct err *e)
{
	struct cert_alarm_list active;
	int64_t now = clock_wall();

	if (!certmon_state_due(&m->state, now, m->settings.minute))
		return 0;
	if (certmon_source_active(&m->source, m->config.conf, m->settings.days,
		&active, e) == -1)
		return -1;
	raise_all(m, &active, now);
	cert_alarm_list_release(&active);
	return 0;
}

static bool
same_mail(const struct cert_monitor *a, const struct cert_monitor *b)
{
	return a->email == b->email && a->port == b->port &&
	    str_equal(a->host, b->host) && str_equal(a->address, b->address);
}

/* A key that cannot be read must not hold up the other alarms. */
static int
note_recovery(struct certmon *m, struct err *e)
{
	struct err unread;

	if (certmon_source_note(&m->source, m->config.conf, &unread, e) == -1)
		return -1;
	m->unnoted = unread.code != ERR_NONE;
	if (m->unnoted)
		complain(m->key_complaint, "the recovery key", &unread);
	else
		m->key_complaint[0] = '\0';
	return 0;
}

/* The settings, and what they ask for now. */
static int
look(struct certmon *m, struct err *e)
{
	const struct cert_monitor before = m->settings;
	bool changed;

	if (certmon_source_poll(&m->source, &m->settings, &changed, e) == -1)
		return -1;
	if (changed) {
		if (!same_mail(&before, &m->settings))
			m->mail_at = 0;
		m->configured = true;
		m->unseen = true;
		m->unnoted = true;
	}
	if ((m->unnoted && note_recovery(m, e) == -1) ||
	    (m->unseen && watch_tomcat(m, e) == -1))
		return -1;
	m->unseen = false;
	return run_if_due(m, e);
}

struct certmon *
certmon_new(const struct certmon_config *config)
{
	struct certmon *m = mem_alloc(sizeof(*m));

	m->config = *config;
	m->source = (struct certmon_source)CERTMON_SOURCE_INIT;
	m->look_at = clock_ticks() + (int64_t)config->quiet_ms;
	remember(m);
	return m;
}

void
certmon_free(struct certmon *m)
{
	if (m == NULL)
		return;
	certmon_mail_free(m->mail);
	certmon_source_close(&m->source);
	free(m);
}

unsigned
certmon_tick(struct certmon *m)
{
	struct err e = ERR_INIT;

	if (clock_ticks() >= m->look_at) {
		m->look_at = clock_ticks() + m->config.tick_ms;
		if (look(m, &e) == -1) {
			m->look_at = clock_ticks() + m->config.retry_ms;
			complain(m->complaint, "database", &e);
		} else {
			m->complaint[0] = '\0';
		}
	}
	if (m->configured)
		look_after_mail(m);
	return m->mail != NULL ? CERTMON_BUSY_MS : m->config.tick_ms;
}
