/*
 * What the TFTP server counts.
 */
#ifndef SERVICES_TFTP_COUNTERS_H
#define SERVICES_TFTP_COUNTERS_H

#include <stdint.h>

struct tftp_server_counters {
	/*
	 * What came to the well-known port.  Every one of requests ends in
	 * one of transfers, not_found, refused_full, refused_source and busy,
	 * waits, or was called off.
	 */
	uint64_t requests; /* read requests, without those that came again */
	uint64_t requests_repeated; /* the same once more before an answer */
	uint64_t requests_waited; /* of requests: not answered at once */
	uint64_t malformed; /* no message, or one that does not belong there */
	uint64_t writes; /* write requests, refused */

	/* How requests were answered without a transfer. */
	uint64_t not_found;
	uint64_t busy; /* the file could not be read now, or never can be */
	uint64_t refused_full; /* no room for another transfer or waiter */
	uint64_t refused_source; /* one source had more than half of it all */

	/* How transfers went: started and over, the rest is in progress. */
	uint64_t transfers;
	uint64_t completed; /* the last block was acknowledged */
	uint64_t failed; /* ended by the client */
	uint64_t given_up; /* the client did not answer any more */

	/* What they sent. */
	uint64_t blocks; /* DATA, with those sent again */
	uint64_t blocks_resent; /* DATA and OACK */
	uint64_t bytes; /* of files, with those sent again */
	uint64_t strangers; /* datagrams to a transfer that is not theirs */

	/* As it is now. */
	uint64_t transfers_now;
	uint64_t waiting_now;
	uint64_t transfers_most; /* at once, since the start */
	uint64_t waiting_most;

	/* The kernel's part. */
	uint64_t receive_buffer; /* bytes granted for waiting requests */
	uint64_t receive_buffer_wanted;
	uint64_t requests_dropped; /* that found this buffer full */
	uint64_t answers_dropped; /* datagrams to transfers, likewise */
};

#endif
