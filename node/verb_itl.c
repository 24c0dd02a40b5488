/*
 * itl status, stage, activate, reset localkey and reset remotekey.
 */
#include <string.h>

#include "base/log.h"
#include "cluster/cert_regen.h"
#include "cluster/itl_reset.h"
#include "cluster/recovery_key.h"
#include "db/services.h"
#include "node/agent.h"
#include "node/itl_node.h"
#include "node/service.h"
#include "node/verb.h"
#include "trust/pkcs12.h"

#define JOB_WAIT_MS 120000 /* for a regeneration or another reset to end */

/* 40 hex digits in lower case. */
static int
need_sha1(const char *s, struct err *e)
{
	if (strlen(s) == ITL_NODE_HEX - 1 &&
	    strspn(s, "0123456789abcdef") == ITL_NODE_HEX - 1)
		return 0;
	return err_set(e, ERR_USAGE, "not a SHA-1 checksum in lower-case hex");
}

/*
 * Is Cisco Tftp activated here?  Without the database: a service that is not
 * held down must be.
 */
static bool
is_activated(const struct agent *a, const struct service_now *now)
{
	struct err e = ERR_INIT;
	bool active = !now->down;
	struct db *db;

	if ((db = db_open_local(DB_RW, &e)) == NULL)
		return active;
	if (services_is_active(db, a->conf.name, SERVICES_TFTP, &active, &e) ==
	    -1)
		active = !now->down;
	db_close(db);
	return active;
}

static int
run_status(struct verb_ctx *c, struct err *e)
{
	const struct service *tftp = service_find(SERVICES_TFTP);
	struct service_now now;
	struct itl_on_disk disk;
	char served[ITL_NODE_HEX];

	if (service_look(&c->agent->parent, tftp, &now, e) == -1)
		return -1;
	itl_node_look(&disk);
	itl_node_served(now.pid, served);
	{
		const char *const column[] = { disk.sha1, served, disk.signer,
			service_state_name(now.state),
			is_activated(c->agent, &now) ? "t" : "f" };

		verb_row_of(c, column, 5);
	}
	itl_on_disk_release(&disk);
	return 0;
}

static int
run_stage(struct verb_ctx *c, struct err *e)
{
	uint64_t size;

	if (need_sha1(c->args[0], e) == -1)
		return -1;
	if (str_number(c->args[1], 1, ITL_NODE_MAX, &size) == -1)
		return err_set(e, ERR_USAGE, "not a size of 1 to %d bytes",
		    ITL_NODE_MAX);
	if (size != c->payload_len)
		return err_set(e, ERR_USAGE, "%zu bytes came instead of %zu",
		    c->payload_len, (size_t)size);
	return itl_node_stage(c->args[0], c->payload, c->payload_len, e);
}

static int
run_activate(struct verb_ctx *c, struct err *e)
{
	if (need_sha1(c->args[0], e) == -1)
		return -1;
	return itl_node_activate(c->agent, c->args[0], e);
}

/* --- reset -------------------------------------------------------------- */

/* A key from outside on its way to being this node's. */
struct remote_key {
	struct verb_ctx *c;
	struct certfile pair;
	bool open; /* of cert_regen_adopt() */
};

static int
remote_open(void *self, struct err *e)
{
	struct remote_key *k = self;

	return recovery_key_open(k->c->payload, k->c->payload_len, &k->pair, e);
}

/*
 * The file the key came from opens to the same as the one made here, so it
 * is the copy outside.  Not being able to note that undoes nothing: the key
 * is then asked to be saved once more.
 */
static int
remote_adopt(void *self, struct err *e)
{
	struct remote_key *k = self;
	struct agent *a = k->c->agent;
	struct cert_regen_world world = { .conf = &a->conf };
	const struct cert_regen_ops ops = cert_regen_real(&world);
	const struct progress p = verb_progress(k->c);
	struct err why = ERR_INIT;
	int rc;

	if (agent_lock_take(&a->recovery, JOB_WAIT_MS, e) == -1)
		return -1;
	rc = cert_regen_adopt(&a->conf, &ops, &k->pair, &p, &k->open, e);
	cert_regen_close(&world);
	if (rc == 0 && recovery_key_note(&a->conf, true, &why) == -1)
		log_warning("backup of the recovery key: %s", why.msg);
	agent_lock_give(&a->recovery);
	if (rc == -1)
		return err_wrap(e, "the key of this node");
	log_info("the recovery key is now %s", k->pair.cert->subject);
	return 0;
}

static int
need_reset(const struct verb_ctx *c, struct err *e)
{
	if (c->agent->conf.role != NODE_PUBLISHER)
		return err_set(e, ERR_DENIED, "This is not a Publisher Node.");
	if (c->secret == NULL)
		return err_set(e, ERR_USAGE,
		    "the CCM Administrator password is missing");
	return 0;
}

/* One reset, when no other job runs. */
static int
reset(struct verb_ctx *c, const struct itl_reset_job *job, struct err *e)
{
	struct agent *a = c->agent;
	struct itl_reset_world world = { .conf = &a->conf, .links = a->links };
	const struct itl_reset_ops ops = itl_reset_real(&world);
	const struct progress p = verb_progress(c);
	int rc;

	/* before the lock, which the repair needs */
	if (agent_repaired(a, AGENT_REPAIR_WAIT_MS, e) == -1 ||
	    agent_lock_take(&a->job, JOB_WAIT_MS, e) == -1)
		return -1;
	rc = agent_repaired(a, 0, e);
	if (rc == 0)
		rc = itl_reset_run(&a->conf, &ops, job, &p, e);
	agent_lock_give(&a->job);
	return rc;
}

static int
run_localkey(struct verb_ctx *c, struct err *e)
{
	const struct itl_reset_job job = { .password = c->secret };

	return need_reset(c, e) == -1 ? -1 : reset(c, &job, e);
}

static int
run_remotekey(struct verb_ctx *c, struct err *e)
{
	struct remote_key k = { .c = c, .pair = CERTFILE_INIT };
	const struct itl_reset_job job = { .password = c->secret,
		.key = &k.pair,
		.open = remote_open,
		.adopt = remote_adopt,
		.self = &k };
	int rc;

	if (need_reset(c, e) == -1)
		return -1;
	if (c->payload_len == 0)
		return err_set(e, ERR_USAGE,
		    "the file ITLRecovery.p12 is "
		    "missing");
	rc = reset(c, &job, e);
	if (k.open)
		agent_set_repaired(c->agent, false);
	certfile_release(&k.pair);
	return rc;
}

const struct verb verb_itl_status = {
	.words = "itl status",
	.flags = VERB_PEER | VERB_ACCOUNTS,
	.level = 0,
	.run = run_status,
};

const struct verb verb_itl_stage = {
	.words = "itl stage",
	.flags = VERB_PEER,
	.args_min = 2,
	.args_max = 2,
	.payload_max = ITL_NODE_MAX,
	.run = run_stage,
};

const struct verb verb_itl_activate = {
	.words = "itl activate",
	.flags = VERB_PEER,
	.args_min = 1,
	.args_max = 1,
	.run = run_activate,
};

const struct verb verb_itl_reset_localkey = {
	.words = "itl reset localkey",
	.flags = VERB_ACCOUNTS,
	.level = VERB_LEVEL_MAX,
	.run = run_localkey,
};

const struct verb verb_itl_reset_remotekey = {
	.words = "itl reset remotekey",
	.flags = VERB_ACCOUNTS,
	.level = VERB_LEVEL_MAX,
	.payload_max = PKCS12_MAX_SIZE,
	.run = run_remotekey,
};
