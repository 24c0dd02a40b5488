/*
 * Packets of SFTP version 3 (draft-ietf-secsh-filexfer-02), for sftp/ alone:
 * a u32 length, a type and, but in the first of each side, an id.  What the
 * server sends is checked field by field.
 */
#ifndef SFTP_XFER_MSG_H
#define SFTP_XFER_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

#define XFER_PACKET_MAX (256 * 1024) /* of what follows the length */
#define XFER_HANDLE_MAX 256

enum xfer_type {
	XFER_INIT = 1,
	XFER_VERSION = 2,
	XFER_OPEN = 3,
	XFER_CLOSE = 4,
	XFER_READ = 5,
	XFER_WRITE = 6,
	XFER_REMOVE = 13,
	XFER_MKDIR = 14,
	XFER_STAT = 17,
	XFER_RENAME = 18,
	XFER_STATUS = 101,
	XFER_HANDLE = 102,
	XFER_DATA = 103,
	XFER_NAME = 104,
	XFER_ATTRS = 105,
	XFER_EXTENDED = 200,
	XFER_EXTENDED_REPLY = 201
};

enum xfer_status {
	XFER_OK = 0,
	XFER_EOF = 1,
	XFER_NO_SUCH_FILE = 2,
	XFER_PERMISSION_DENIED = 3,
	XFER_FAILURE = 4,
	XFER_OP_UNSUPPORTED = 8
};

/* Of OPEN. */
#define XFER_OPEN_READ 0x01u
#define XFER_OPEN_WRITE 0x02u
#define XFER_OPEN_CREATE 0x08u
#define XFER_OPEN_TRUNCATE 0x10u
#define XFER_OPEN_EXCLUSIVE 0x20u

/* Of attributes. */
#define XFER_ATTR_SIZE 0x01u
#define XFER_ATTR_OWNER 0x02u
#define XFER_ATTR_MODE 0x04u
#define XFER_ATTR_TIMES 0x08u

/* Extensions of OpenSSH that are of use here. */
enum xfer_extension {
	XFER_POSIX_RENAME = 1 << 0,
	XFER_FSYNC = 1 << 1,
	XFER_STATVFS = 1 << 2
};

/* What the server says; the pointers are lent from the packet. */
struct xfer_reply {
	uint8_t type; /* enum xfer_type */
	uint32_t id;
	uint32_t status; /* STATUS: enum xfer_status, or another code */
	const uint8_t *bytes; /* HANDLE, DATA, EXTENDED_REPLY; STATUS: text */
	size_t len;
	unsigned extensions; /* VERSION: enum xfer_extension */
	bool has_mode; /* ATTRS */
	uint32_t mode;
};

/* Begin a packet; xfer_msg_end() sets its length.  INIT has no id. */
void xfer_msg_begin(struct wbuf *w, enum xfer_type type, uint32_t id);
void xfer_msg_string(struct wbuf *w, const void *p, size_t n);
void xfer_msg_text(struct wbuf *w, const char *s);
void xfer_msg_end(struct wbuf *w);

/* One packet of n bytes, without its length.  -1 with ERR_FORMAT. */
int xfer_msg_decode(const void *p, size_t n, struct xfer_reply *r,
    struct err *e);

#endif
