/*
 * sftp/xfer_msg.c: what an SFTP server answers.  Whatever is taken points
 * into the packet.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "sftp/xfer_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = ERR_INIT;
	struct xfer_reply r;

	if (xfer_msg_decode(data, size, &r, &e) == -1)
		return 0;
	if (r.len > 0 && (r.bytes < data || r.bytes + r.len > data + size))
		abort();
	if (r.type == XFER_HANDLE && r.len > XFER_HANDLE_MAX)
		abort();
	return 0;
}
