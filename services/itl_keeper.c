#include "services/itl_keeper.h"

#include <sys/time.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/alarm.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "services/itl_builder.h"

struct itl_keeper {
	struct event_base *base;
	struct itl_keeper_config config;
	struct tftp_files *files;
	struct tftpd_status status;
	bool status_stale; /* the file does not say the same yet */
	char first_sha1[ITL_SHA1_HEX_SIZE]; /* served at the very start */
	struct tftp_file *seen; /* served when last looked; held, or NULL */
	int64_t begun; /* clock_ticks() */
	unsigned reported; /* bit n: err_code n was logged since the start */
	struct itl_builder *builder; /* NULL: no build under way */
	struct event *built; /* of the builder */
	struct event *retry;
	struct event *look;
};

static void
write_status(struct itl_keeper *k)
{
	bool was_stale = k->status_stale;
	struct err e = ERR_INIT;

	k->status_stale = tftpd_status_write(&k->status, &e) == -1;
	if (k->status_stale && !was_stale)
		log_error("status: %s", e.msg);
}

static void
set_state(struct itl_keeper *k, enum tftpd_state state, const char *reason)
{
	k->status.state = state;
	(void)str_copy(k->status.reason, sizeof(k->status.reason), reason);
	write_status(k);
}

/*
 * Learn what is served now.  A snapshot that is still the same needs no
 * second look.  True when something is different.
 */
static bool
look_at_file(struct itl_keeper *k)
{
	struct itl_facts facts = { .sha1 = "", .signer = "" };
	struct tftp_file *now = NULL;

	if (tftp_files_lookup(k->files, "ITLFile.tlv", &now, NULL) == -1)
		now = NULL;
	if (now == k->seen) {
		tftp_file_release(now);
		return false;
	}
	tftp_file_release(k->seen);
	k->seen = now;
	if (now != NULL) {
		size_t len;
		const uint8_t *data = tftp_file_bytes(now, TFTP_OCTET, &len);

		itl_facts_of(data, len, &facts);
	}
	(void)str_copy(k->status.sha1, sizeof(k->status.sha1), facts.sha1);
	(void)str_copy(k->status.signer, sizeof(k->status.signer),
	    facts.signer);
	k->status.reset_in_force = facts.is_reset;
	return true;
}

static void
raise_alarm(const struct itl_keeper *k, const char *text)
{
	const struct alarm_param params[] = {
		{ "Message", text },
		{ "AppID", "Cisco Tftp" },
		{ "ClusterID", "" },
		{ "NodeID", k->config.host },
	};
	const struct alarm alarm = { .host = k->config.host,
		.facility = "UC_TFTP",
		.severity = ALARM_ERROR,
		.name = "ITLFileBuildFailed",
		.params = params,
		.param_count = sizeof(params) / sizeof(params[0]),
		.text = "The ITL file could not be built; the node serves the "
			"one it had before." };
	struct err e = ERR_INIT;

	if (alarm_raise(NULL, &alarm, &e) == -1)
		log_error("alarm: %s", e.msg);
}

static void
start_timer(struct event *timer, unsigned ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };

	(void)event_add(timer, &tv);
}

/* What goes away by itself while a node starts. */
static bool
is_passing(enum err_code code)
{
	return code == ERR_UNREACHABLE || code == ERR_TIMEOUT ||
	    code == ERR_DATABASE || code == ERR_STATE;
}

/* Report a build that failed, once for each kind of failure; try again. */
static void
on_failure(struct itl_keeper *k, const struct err *e)
{
	const unsigned kind = 1U << e->code;
	bool passing = is_passing(e->code);

	start_timer(k->retry,
	    passing ? k->config.retry_ms : k->config.retry_slow_ms);
	if (passing && k->status.state == TFTPD_BUILDING &&
	    clock_ticks() - k->begun < k->config.patience_ms) {
		log_debug("ITLFile.tlv cannot be built yet: %s", e->msg);
		return;
	}
	if ((k->reported & kind) == 0) {
		k->reported |= kind;
		log_error("ITLFile.tlv cannot be built: %s", e->msg);
		raise_alarm(k, e->msg);
	}
	if (k->status.state != TFTPD_FAILED ||
	    !str_equal(k->status.reason, e->msg))
		set_state(k, TFTPD_FAILED, e->msg);
}

static void
on_success(struct itl_keeper *k)
{
	log_info("serving ITLFile.tlv %s signed by %s", k->status.sha1,
	    k->status.signer);
	set_state(k, TFTPD_SERVING, "");
}

/*
 * Somebody has put a reset file in place since the start: the agent, which
 * is about to restart this process.  That file stands.
 */
static bool
overtaken_by_reset(struct itl_keeper *k)
{
	(void)look_at_file(k);
	return k->status.reset_in_force &&
	    !str_equal(k->status.sha1, k->first_sha1);
}

static void
on_built(evutil_socket_t fd, short what, void *arg)
{
	struct itl_keeper *k = arg;
	struct err e = ERR_INIT;
	uint8_t *data = NULL;
	size_t len = 0;
	int rc;

	(void)fd;
	(void)what;
	event_free(k->built);
	k->built = NULL;
	rc = itl_builder_take(k->builder, &data, &len, &e);
	itl_builder_free(k->builder);
	k->builder = NULL;
	if (rc == 0 && !overtaken_by_reset(k))
		rc = itl_start_install(data, len, &e);
	free(data);
	if (rc == -1) {
		on_failure(k, &e);
		return;
	}
	(void)look_at_file(k);
	on_success(k);
}

static void
start_build(struct itl_keeper *k)
{
	struct err e = ERR_INIT;

	k->builder = itl_builder_start(&k->config.source, &e);
	if (k->builder == NULL) {
		on_failure(k, &e);
		return;
	}
	k->built = event_new(k->base, itl_builder_fd(k->builder), EV_READ,
	    on_built, k);
	if (k->built == NULL || event_add(k->built, NULL) == -1)
		BUG("no event for the build");
}

static void
on_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	start_build(arg);
}

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct itl_keeper *k = arg;

	(void)fd;
	(void)what;
	if (look_at_file(k)) {
		log_info("ITLFile.tlv was replaced: %s signed by %s",
		    k->status.sha1[0] == '\0' ? "nothing" : k->status.sha1,
		    k->status.signer);
		write_status(k);
	} else if (k->status_stale) {
		write_status(k);
	}
	start_timer(k->look, k->config.look_ms);
}

static unsigned
or_default(unsigned value, unsigned other)
{
	return value == 0 ? other : value;
}

static void
set_config(struct itl_keeper *k, const struct itl_keeper_config *config)
{
	k->config = *config;
	k->config.retry_ms = or_default(config->retry_ms, ITL_RETRY_MS);
	k->config.retry_slow_ms =
	    or_default(config->retry_slow_ms, ITL_RETRY_SLOW_MS);
	k->config.patience_ms =
	    or_default(config->patience_ms, ITL_PATIENCE_MS);
	k->config.look_ms = or_default(config->look_ms, ITL_LOOK_MS);
}

struct itl_keeper *
itl_keeper_new(struct event_base *base, const struct itl_keeper_config *config,
    struct tftp_files *files, struct err *e)
{
	struct itl_keeper *k = mem_alloc(sizeof(*k));
	struct err why = ERR_INIT;

	k->base = base;
	k->files = files;
	set_config(k, config);
	k->begun = clock_ticks();
	k->status.pid = getpid();
	k->status.started = clock_boot();
	k->retry = evtimer_new(base, on_retry, k);
	k->look = evtimer_new(base, on_look, k);
	if (k->retry == NULL || k->look == NULL) {
		(void)err_set(e, ERR_INTERNAL, "no event for the ITL file");
		itl_keeper_free(k);
		return NULL;
	}
	itl_start_clean();
	start_timer(k->look, k->config.look_ms);
	(void)look_at_file(k);
	(void)str_copy(k->first_sha1, sizeof(k->first_sha1), k->status.sha1);
	if (itl_start_keep(&why) == 0) {
		log_info("ITLFile.tlv is kept as the reset has put it");
		on_success(k);
		return k;
	}
	if (why.code != ERR_NOT_FOUND)
		log_warning("%s", why.msg);
	set_state(k, TFTPD_BUILDING, "");
	start_build(k);
	return k;
}

void
itl_keeper_free(struct itl_keeper *k)
{
	struct err e = ERR_INIT;

	if (k == NULL)
		return;
	if (k->built != NULL)
		event_free(k->built);
	if (k->retry != NULL)
		event_free(k->retry);
	if (k->look != NULL)
		event_free(k->look);
	itl_builder_free(k->builder);
	tftp_file_release(k->seen);
	if (tftpd_status_remove(&e) == -1)
		log_error("status: %s", e.msg);
	free(k);
}

bool
itl_keeper_building(const struct itl_keeper *k)
{
	return k->builder != NULL;
}

const struct tftpd_status *
itl_keeper_status(const struct itl_keeper *k)
{
	return &k->status;
}
