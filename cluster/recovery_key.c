#include "cluster/recovery_key.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "cluster/cert_unit.h"
#include "cluster/security_password.h"
#include "db/db.h"
#include "trust/digest.h"
#include "trust/pkcs12.h"

#define HINT_REGENERATE                                                 \
	"Regenerate ITLRecovery (set cert regen ITLRecovery), restart " \
	"Cisco Tftp on every node, then reset again."
#define KEY_BITS_NOW 2048

/* As long as the CallManager keys, when those have 2048 bits or more. */
static int
check_size(const struct certfile *recovery, const char *what, struct err *e)
{
	char path[PATH_SIZE];
	struct cert *callmanager;
	unsigned bits = key_bits(recovery->key);
	unsigned theirs;

	callmanager = cert_load(paths_in(path, "certs/CallManager.pem"), e);
	if (callmanager == NULL)
		return err_wrap(e, "the CallManager certificate");
	theirs = callmanager->key_bits;
	cert_free(callmanager);
	if (key_type(recovery->key) == KEY_RSA &&
	    (bits >= KEY_BITS_NOW || theirs < KEY_BITS_NOW))
		return 0;
	return err_set(e, ERR_KEY,
	    "the ITLRecovery key%s has %u bits, the cluster's certificates "
	    "have %u",
	    what, bits, theirs);
}

int
recovery_key_read(struct certfile *out, struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, "certs/%s.pem", CERT_UNIT_RECOVERY);
	if (certfile_read(out, path, e) == -1) {
		(void)err_wrap(e, "the ITLRecovery key");
		return err_hint(e, HINT_REGENERATE);
	}
	if (check_size(out, "", e) == 0)
		return 0;
	certfile_release(out);
	return err_hint(e, HINT_REGENERATE);
}

/* The sentence for a file that was not opened. */
static int
tell_unopened(struct err *e)
{
	if (e->code == ERR_AUTH) {
		(void)err_set(e, ERR_AUTH,
		    "The file does not open with the security password of this "
		    "cluster.");
		return err_hint(e,
		    "Nothing has been replaced. It opens with the password "
		    "that was in force when it was saved.");
	}
	if (e->code == ERR_FORMAT || e->code == ERR_TOO_BIG ||
	    e->code == ERR_KEY) {
		(void)err_wrap(e, "The file is no ITLRecovery.p12");
		return err_hint(e, "Nothing has been replaced.");
	}
	return -1;
}

/* *f is released when it is not the key that is wanted. */
static int
check_recovery(struct certfile *f, struct err *e)
{
	if (str_starts(f->cert->common_name, RECOVERY_KEY_PREFIX)) {
		if (check_size(f, " in the file", e) == 0)
			return 0;
		(void)err_hint(e,
		    "Nothing has been replaced. Regenerate ITLRecovery (set "
		    "cert regen ITLRecovery) and save that key.");
	} else {
		char *seen =
		    str_visible_dup(f->cert->subject, strlen(f->cert->subject));

		(void)err_set(e, ERR_KEY,
		    "The file is no ITLRecovery.p12: it holds the certificate "
		    "of %s",
		    seen);
		(void)err_hint(e, "Nothing has been replaced.");
		free(seen);
	}
	certfile_release(f);
	return -1;
}

int
recovery_key_open(const void *p12, size_t len, struct certfile *out,
    struct err *e)
{
	struct secret password;
	int rc;

	*out = (struct certfile)CERTFILE_INIT;
	if (security_password_read(&password, e) == -1)
		return -1;
	rc = pkcs12_decode(p12, len, &password, &out->key, &out->cert, e);
	secret_release(&password);
	if (rc == -1)
		return tell_unopened(e);
	return check_recovery(out, e);
}

int
recovery_key_sha256(char sha256[RECOVERY_BACKUP_SHA_SIZE], struct err *e)
{
	char path[PATH_SIZE];
	char hex[DIGEST_HEX_SIZE];
	uint8_t *data;
	size_t len;

	paths_in(path, "certs/%s.p12", CERT_UNIT_RECOVERY);
	if (file_read(path, PKCS12_MAX_SIZE, &data, &len, e) == -1)
		return -1;
	digest_hex(DIGEST_SHA256, data, len, hex);
	mem_free_wiped(data, len);
	(void)str_copy(sha256, RECOVERY_BACKUP_SHA_SIZE, hex);
	return 0;
}

int
recovery_key_note(const struct nodeconf *conf, bool saved, struct err *e)
{
	char sha256[RECOVERY_BACKUP_SHA_SIZE];
	struct db *db;
	int rc;

	if (recovery_key_sha256(sha256, e) == -1 ||
	    (db = db_open_primary(conf, DB_RW, e)) == NULL)
		return -1;
	if (saved)
		rc = recovery_backup_saved(db, sha256, clock_wall(), e);
	else
		rc = recovery_backup_present(db, sha256, clock_wall(), NULL, e);
	db_close(db);
	return rc;
}
