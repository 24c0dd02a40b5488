/*
 * What ucm-tftpd reports in run/tftpd.statistics.
 */
#ifndef SERVICES_TFTPD_STATISTICS_H
#define SERVICES_TFTPD_STATISTICS_H

#include "base/service_statistics.h"
#include "services/http_server.h"
#include "services/phone_store.h"
#include "services/remote_clusters.h"
#include "services/tftp_counters.h"

struct tftpd_counters {
	struct tftp_server_counters tftp;
	struct http_counters http;
	struct phone_store_counters store;
	struct remote_counters remotes;
};

/*
 * Set the items of *st: tftp_…, http_…, phone_… and remote_…, as named in
 * tftpd_statistics.c.
 */
void tftpd_statistics_set(struct service_statistics *st,
    const struct tftpd_counters *counters);

#endif
