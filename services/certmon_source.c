#include "services/certmon_source.h"

#include "base/clock.h"
#include "base/paths.h"
#include "base/str.h"
#include "db/changes.h"
#include "db/monitor.h"
#include "db/recovery_backup.h"
#include "trust/digest.h"

#define P12_FILE "certs/ITLRecovery.p12"
#define P12_MAX 1048576

static int
need_open(struct certmon_source *s, struct err *e)
{
	if (s->db == NULL) {
		s->known = false;
		s->db = db_open_local(DB_RW, e);
	}
	return s->db == NULL ? -1 : 0;
}

static int
poll_open(struct certmon_source *s, struct cert_monitor *settings,
    bool *changed, struct err *e)
{
	struct cert_monitor now;
	uint64_t counter;

	if (changes_read(s->db, &counter, e) == -1)
		return -1;
	if (s->known && counter == s->counter)
		return 0;
	if (monitor_read(s->db, &now, e) == -1)
		return -1;
	*settings = now;
	*changed = true;
	s->known = true;
	s->counter = counter;
	return 0;
}

int
certmon_source_poll(struct certmon_source *s, struct cert_monitor *settings,
    bool *changed, struct err *e)
{
	*changed = false;
	if (need_open(s, e) == -1)
		return -1;
	if (poll_open(s, settings, changed, e) == 0)
		return 0;
	certmon_source_close(s);
	return -1;
}

/*
 * The publisher's p12: "" when there is none, because it is being made, and
 * when it cannot be read.
 */
static void
p12_sha256(const struct nodeconf *conf, char hex[DIGEST_HEX_SIZE],
    struct err *unread)
{
	char path[PATH_SIZE];

	err_clear(unread);
	hex[0] = '\0';
	if (conf->role != NODE_PUBLISHER ||
	    digest_file_hex(DIGEST_SHA256, paths_in(path, P12_FILE), P12_MAX,
		hex, unread) == 0)
		return;
	hex[0] = '\0';
	if (unread->code == ERR_NOT_FOUND)
		err_clear(unread);
}

int
certmon_source_note(struct certmon_source *s, const struct nodeconf *conf,
    struct err *unread, struct err *e)
{
	char hex[DIGEST_HEX_SIZE];

	p12_sha256(conf, hex, unread);
	if (hex[0] == '\0')
		return 0;
	if (need_open(s, e) == -1)
		return -1;
	if (recovery_backup_present(s->db, hex, clock_wall(), NULL, e) == 0)
		return 0;
	certmon_source_close(s);
	return -1;
}

int
certmon_source_active(struct certmon_source *s, const struct nodeconf *conf,
    unsigned days, struct cert_alarm_list *out, struct err *e)
{
	char hex[DIGEST_HEX_SIZE];
	struct err unread;
	struct cert_alarm_query q = { .node = conf->name,
		.now = clock_wall(),
		.days = days,
		.trust = conf->role == NODE_PUBLISHER };

	*out = (struct cert_alarm_list)CERT_ALARM_LIST_INIT;
	p12_sha256(conf, hex, &unread);
	if (unread.code != ERR_NONE)
		q.p12_trouble = unread.msg;
	else if (hex[0] != '\0')
		q.p12_sha256 = hex;
	if (need_open(s, e) == -1)
		return -1;
	if (cert_alarms_active(s->db, &q, out, e) == 0)
		return 0;
	certmon_source_close(s);
	return -1;
}

int
certmon_source_tomcat(struct certmon_source *s, const struct nodeconf *conf,
    char sha256[CERTS_SHA256_SIZE], struct err *e)
{
	struct cert_row row;
	struct err why = ERR_INIT;

	sha256[0] = '\0';
	if (need_open(s, e) == -1)
		return -1;
	if (certs_find(s->db, conf->name, "tomcat", &row, &why) == 0) {
		(void)str_copy(sha256, CERTS_SHA256_SIZE, row.sha256);
		cert_row_release(&row);
		return 0;
	}
	if (why.code == ERR_NOT_FOUND)
		return 0;
	certmon_source_close(s);
	return err_set(e, why.code, "%s", why.msg);
}

void
certmon_source_close(struct certmon_source *s)
{
	db_close(s->db);
	s->db = NULL;
}
