#include "node/itl_node.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/itl_state.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/service.h"
#include "trust/digest.h"
#include "trust/trustlist.h"

#define STAGE_PREFIX ".itl-stage-"
#define LOCK_MS 10000
#define POLL_MS 5

static char *
stage_path(char dst[PATH_SIZE], const char *sha1)
{
	return paths_in(dst, "tftp/" STAGE_PREFIX "%s", sha1);
}

/* A list that is an ITL and proves itself. */
static int
check_list(const uint8_t *data, size_t len, struct err *e)
{
	struct trustlist l;
	int rc;

	if (trustlist_parse(&l, data, len, e) == -1)
		return -1;
	if (l.kind != TRUSTLIST_ITL)
		rc = err_set(e, ERR_FORMAT, "not an ITL file");
	else
		rc = trustlist_verify(&l, NULL, e);
	trustlist_release(&l);
	return rc;
}

static void
sha1_of(const uint8_t *data, size_t len, char sha1[ITL_NODE_HEX])
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(DIGEST_SHA1, data, len, hex);
	(void)str_copy(sha1, ITL_NODE_HEX, hex);
}

void
itl_node_look(struct itl_on_disk *d)
{
	char path[PATH_SIZE];
	struct trustlist l;
	uint8_t *data;
	size_t len;
	struct err e = ERR_INIT;

	d->sha1[0] = '\0';
	d->signer = NULL;
	if (file_read(paths_in(path, "tftp/ITLFile.tlv"), TRUSTLIST_MAX_SIZE,
		&data, &len, &e) == 0) {
		sha1_of(data, len, d->sha1);
		if (trustlist_parse(&l, data, len, &e) == 0) {
			d->signer = str_visible_dup(l.header.signer_name,
			    strlen(l.header.signer_name));
			trustlist_release(&l);
		}
		free(data);
	}
	if (d->signer == NULL)
		d->signer = mem_strdup("");
}

void
itl_on_disk_release(struct itl_on_disk *d)
{
	free(d->signer);
	d->signer = NULL;
}

void
itl_node_served(pid_t tftp_pid, char sha1[ITL_NODE_HEX])
{
	struct tftpd_status st;
	struct err e = ERR_INIT;

	sha1[0] = '\0';
	if (tftp_pid != 0 && tftpd_status_read(&st, &e) == 0 &&
	    st.pid == tftp_pid)
		(void)str_copy(sha1, ITL_NODE_HEX, st.sha1);
}

int
itl_node_stage(const char *sha1, const uint8_t *data, size_t len, struct err *e)
{
	char path[PATH_SIZE];
	char have[ITL_NODE_HEX];
	struct err ignored = ERR_INIT;

	sha1_of(data, len, have);
	if (!str_equal(have, sha1))
		return err_set(e, ERR_USAGE,
		    "the file does not have the checksum %s", sha1);
	if (check_list(data, len, e) == -1)
		return err_wrap(e, "the file sent");
	stage_path(path, sha1);
	if (file_write_synced(path, data, len, 0644, e) == 0)
		return 0;
	(void)file_remove(path, &ignored);
	return -1;
}

/*
 * Put the staged file in place of tftp/ITLFile.tlv.  Done already when that
 * has the checksum.
 */
static int
install(const char *sha1, struct err *e)
{
	char path[PATH_SIZE];
	char have[ITL_NODE_HEX];
	struct itl_on_disk now;
	struct err ignored = ERR_INIT;
	uint8_t *data;
	size_t len;
	int rc;

	stage_path(path, sha1);
	itl_node_look(&now);
	if (str_equal(now.sha1, sha1)) {
		itl_on_disk_release(&now);
		(void)file_remove(path, &ignored);
		return 0;
	}
	itl_on_disk_release(&now);
	if (file_read(path, ITL_NODE_MAX, &data, &len, e) == -1) {
		if (e->code == ERR_NOT_FOUND)
			return err_set(e, ERR_NOT_FOUND,
			    "no file with checksum %s has been sent", sha1);
		return -1;
	}
	sha1_of(data, len, have);
	rc = check_list(data, len, e);
	if (rc == 0 && !str_equal(have, sha1))
		rc = err_set(e, ERR_FORMAT, "the file sent has been altered");
	free(data);
	if (rc == 0) {
		char itl[PATH_SIZE];

		rc = file_rename(path, paths_in(itl, "tftp/ITLFile.tlv"), e);
	}
	return rc;
}

/* Wait until process pid of Cisco Tftp serves the file. */
static int
wait_served(pid_t pid, const char *sha1, int64_t deadline, struct err *e)
{
	struct tftpd_status st;
	struct err ignored = ERR_INIT;

	while (clock_ticks() < deadline) {
		if (tftpd_status_read(&st, &ignored) == -1 || st.pid != pid) {
			clock_nap(POLL_MS);
			continue;
		}
		if (st.state == TFTPD_SERVING && str_equal(st.sha1, sha1))
			return 0;
		if (st.state == TFTPD_SERVING)
			return err_set(e, ERR_STATE,
			    "Cisco Tftp serves another file");
		if (st.state == TFTPD_FAILED)
			return err_set(e, ERR_STATE, "Cisco Tftp: %s",
			    st.reason);
		clock_nap(POLL_MS);
	}
	return err_set(e, ERR_TIMEOUT,
	    "Cisco Tftp did not serve the file within %d seconds",
	    ITL_NODE_SERVE_MS / 1000);
}

/* With the lock of services. */
static int
activate(struct agent *a, const char *sha1, struct err *e)
{
	const struct service *tftp = service_find("Cisco Tftp");
	int64_t deadline = clock_ticks() + ITL_NODE_SERVE_MS;
	struct service_now now;
	char served[ITL_NODE_HEX];
	struct itl_on_disk disk;
	bool done;
	pid_t pid;

	if (service_look(&a->parent, tftp, &now, e) == -1)
		return -1;
	if (now.down || now.pid == 0)
		return err_set(e, ERR_STATE,
		    "Cisco Tftp does not run on this node");
	itl_node_look(&disk);
	itl_node_served(now.pid, served);
	done = now.state == SERVICE_STARTED && str_equal(disk.sha1, sha1) &&
	    str_equal(served, sha1);
	itl_on_disk_release(&disk);
	if (done)
		return 0;
	if (install(sha1, e) == -1 || itl_marker_write(sha1, e) == -1 ||
	    service_renew(&a->parent, tftp, deadline, &pid, e) == -1)
		return -1;
	return wait_served(pid, sha1, deadline, e);
}

int
itl_node_activate(struct agent *a, const char *sha1, struct err *e)
{
	int rc;

	if (agent_lock_take(&a->service, LOCK_MS, e) == -1)
		return -1;
	rc = activate(a, sha1, e);
	agent_lock_give(&a->service);
	return rc;
}

void
itl_node_clean(void)
{
	char path[PATH_SIZE];
	const struct dirent *d;
	struct err e = ERR_INIT;
	DIR *dir;

	dir = opendir(paths_in(path, "tftp"));
	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (str_starts(d->d_name, STAGE_PREFIX) &&
		    strlen(d->d_name) < PATH_SIZE / 2)
			(void)file_remove(paths_in(path, "tftp/%s", d->d_name),
			    &e);
	(void)closedir(dir);
}
