/*
 * recovery p12 and recovery saved: how the recovery key leaves the publisher.
 */
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "cluster/cert_unit.h"
#include "cluster/recovery_key.h"
#include "node/agent.h"
#include "node/verb.h"
#include "trust/digest.h"
#include "trust/pkcs12.h"

#define WAIT_MS 120000 /* for a regeneration to end */

static int
need_publisher(const struct agent *a, struct err *e)
{
	if (a->conf.role == NODE_PUBLISHER)
		return 0;
	(void)err_set(e, ERR_NOT_FOUND, "this node has no %s.p12",
	    CERT_UNIT_RECOVERY);
	return err_hint(e, "The publisher has it: %s.", a->conf.publisher_name);
}

/*
 * Is this the file of the present key?  Opening it takes long, so what was
 * found right is remembered: by itself and by the certificate it was held
 * against.  With the lock.
 */
static int
prove(struct agent *a, const char *sha256, struct err *e)
{
	char path[PATH_SIZE];
	char now[AGENT_PROVEN_SIZE];
	char fingerprint[CERT_FINGERPRINT_SIZE];

	paths_in(path, "certs/%s.pem", CERT_UNIT_RECOVERY);
	if (certfile_fingerprint(path, fingerprint, e) == -1)
		return -1;
	(void)str_printf(now, sizeof(now), "%s %s", sha256, fingerprint);
	if (str_equal(a->proven, now))
		return 0;
	if (!cert_unit_p12_current()) {
		(void)err_set(e, ERR_STATE,
		    "%s.p12 does not hold the present key", CERT_UNIT_RECOVERY);
		return err_hint(e,
		    "The node makes it anew as soon as its database answers; "
		    "try again.");
	}
	(void)str_copy(a->proven, sizeof(a->proven), now);
	return 0;
}

/* Read it, and see that it is right.  With the lock. */
static int
read_p12(struct agent *a, uint8_t **data, size_t *len, struct err *e)
{
	char path[PATH_SIZE];
	char sha256[DIGEST_HEX_SIZE];

	paths_in(path, "certs/%s.p12", CERT_UNIT_RECOVERY);
	if (file_read(path, PKCS12_MAX_SIZE, data, len, e) == -1)
		return -1;
	digest_hex(DIGEST_SHA256, *data, *len, sha256);
	if (prove(a, sha256, e) == 0)
		return 0;
	mem_free_wiped(*data, *len);
	return -1;
}

static int
run_p12(struct verb_ctx *c, struct err *e)
{
	struct agent *a = c->agent;
	uint8_t *data;
	size_t len;
	int rc;

	if (need_publisher(a, e) == -1 ||
	    agent_lock_take(&a->recovery, WAIT_MS, e) == -1)
		return -1;
	rc = read_p12(a, &data, &len, e);
	agent_lock_give(&a->recovery);
	if (rc == -1)
		return -1;
	verb_data(c, data, len);
	mem_free_wiped(data, len);
	return 0;
}

/* With the lock: the key does not change between question and answer. */
static int
note_saved(struct agent *a, const char *sha256, struct err *e)
{
	char present[RECOVERY_BACKUP_SHA_SIZE];

	if (recovery_key_sha256(present, e) == -1)
		return -1;
	if (str_equal(present, sha256))
		return recovery_key_note(&a->conf, true, e);
	(void)err_set(e, ERR_STATE,
	    "the recovery key has changed since this copy was taken");
	return err_hint(e, "Save it again: file get tftp %s.p12",
	    CERT_UNIT_RECOVERY);
}

static int
run_saved(struct verb_ctx *c, struct err *e)
{
	struct agent *a = c->agent;
	int rc;

	if (strlen(c->args[0]) != RECOVERY_BACKUP_SHA_SIZE - 1)
		return err_set(e, ERR_USAGE, "not a SHA-256 checksum in hex");
	if (need_publisher(a, e) == -1 ||
	    agent_lock_take(&a->recovery, WAIT_MS, e) == -1)
		return -1;
	rc = note_saved(a, c->args[0], e);
	agent_lock_give(&a->recovery);
	return rc;
}

const struct verb verb_recovery_p12 = {
	.words = "recovery p12",
	.flags = VERB_ACCOUNTS | VERB_COSTLY,
	.level = 0,
	.run = run_p12,
};

const struct verb verb_recovery_saved = {
	.words = "recovery saved",
	.flags = VERB_ACCOUNTS,
	.level = 0,
	.args_min = 1,
	.args_max = 1,
	.run = run_saved,
};
