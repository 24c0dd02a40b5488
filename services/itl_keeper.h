/*
 * The life of ITLFile.tlv inside Cisco Tftp.  At start the keeper obeys the
 * marker or builds the file, in a thread of its own because the database
 * may be slow, and again and again until it succeeds; phones get the old
 * file meanwhile.  From then on it reports what is served.
 * run/tftpd.status always tells how far it has come; failures are also one
 * line in the log and one alarm each.
 */
#ifndef SERVICES_ITL_KEEPER_H
#define SERVICES_ITL_KEEPER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/itl_state.h"
#include "services/itl_start.h"
#include "services/tftp_files.h"

#define ITL_RETRY_MS 500 /* while the database does not answer */
#define ITL_RETRY_SLOW_MS 5000 /* after any other failure */
#define ITL_PATIENCE_MS 15000 /* a database that starts up is no failure */
#define ITL_LOOK_MS 1000 /* how often the file served is looked at */

struct event_base;
struct itl_keeper;

struct itl_keeper_config {
	const char *host; /* the node's name, for alarms */
	struct itl_source source;
	unsigned retry_ms; /* the four times above; 0: as there */
	unsigned retry_slow_ms;
	unsigned patience_ms;
	unsigned look_ms;
};

/*
 * Start to keep the file: when this returns the status file is there, the
 * marker is gone, and either the file is kept or the first build is under
 * way.  base and files are lent.  NULL on failure.
 */
struct itl_keeper *itl_keeper_new(struct event_base *base,
    const struct itl_keeper_config *config, struct tftp_files *files,
    struct err *e);

/*
 * Stop and remove the status file.  A build that is under way is left
 * behind to end on its own and changes nothing.  NULL-safe.
 */
void itl_keeper_free(struct itl_keeper *k);

/* True while a build is under way. */
bool itl_keeper_building(const struct itl_keeper *k);

/* What the status file says; lent. */
const struct tftpd_status *itl_keeper_status(const struct itl_keeper *k);

#endif
