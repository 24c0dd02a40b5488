/*
 * TFTP on the wire: RFC 1350, and the options of RFC 2347 (how they are
 * agreed on), 2348 (blksize), 2349 (timeout, tsize) and 7440 (windowsize).
 *
 * The reader is strict about structure and, where old phones need it,
 * tolerant about style: mode and option names in any case, NUL bytes where
 * an option name should stand (7940-era phones add one), unknown options
 * and unusable option values, which count as not asked for.
 */
#ifndef SERVICES_TFTP_MESSAGE_H
#define SERVICES_TFTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_name.h"

#define TFTP_HEADER_SIZE 4
#define TFTP_BLKSIZE 512 /* without the option */
#define TFTP_BLKSIZE_MIN 8
#define TFTP_BLKSIZE_MAX 65464

#define TFTP_ERROR_TEXT_SIZE 128 /* of an ERROR; longer is cut */
#define TFTP_REQUEST_MAX 2048 /* a longer request is refused */
#define TFTP_REPLY_MAX 256 /* room for every OACK and ERROR of ours */

enum tftp_opcode {
	TFTP_RRQ = 1,
	TFTP_WRQ = 2,
	TFTP_DATA = 3,
	TFTP_ACK = 4,
	TFTP_ERROR = 5,
	TFTP_OACK = 6
};

enum tftp_error {
	TFTP_ERROR_UNDEFINED = 0,
	TFTP_ERROR_NOT_FOUND = 1,
	TFTP_ERROR_ACCESS = 2,
	TFTP_ERROR_DISK_FULL = 3,
	TFTP_ERROR_ILLEGAL = 4,
	TFTP_ERROR_TID = 5,
	TFTP_ERROR_EXISTS = 6,
	TFTP_ERROR_USER = 7,
	TFTP_ERROR_OPTION = 8
};

enum tftp_mode {
	TFTP_OCTET,
	TFTP_NETASCII
};

/* What a client asked for, or what a server grants. */
struct tftp_options {
	uint16_t blksize; /* TFTP_BLKSIZE_MIN and up; 0: not asked */
	uint8_t timeout; /* seconds, 1 and up; 0: not asked */
	bool tsize; /* the size of the file is wanted */
	uint16_t windowsize; /* blocks, 1 and up; 0: not asked */
};

struct tftp_message {
	enum tftp_opcode op;
	/* RRQ, WRQ */
	char
	    name[TFTP_NAME_SIZE]; /* as sent; may be empty, may hold anything */
	enum tftp_mode mode;
	struct tftp_options options;
	/* DATA, ACK */
	uint16_t block;
	/* ERROR */
	uint16_t code;
	char text[TFTP_ERROR_TEXT_SIZE]; /* a stranger's: show it visibly */
};

/*
 * Read one datagram.  Fields that do not belong to its opcode are zero.
 * -1 with ERR_FORMAT: structure, an unknown opcode or an unknown mode.  The
 * payload of DATA and the options of OACK, which only clients receive, are
 * not looked at.
 */
int tftp_message_parse(struct tftp_message *m, const void *data, size_t len,
    struct err *e);

/* True when at least one option was asked for: the answer is an OACK. */
bool tftp_options_any(const struct tftp_options *o);

/* Do two requests ask for the same, name, mode and options? */
bool tftp_same_request(const struct tftp_message *a,
    const struct tftp_message *b);

/* The four bytes before the payload of a DATA. */
void tftp_put_data_header(uint8_t dst[TFTP_HEADER_SIZE], uint16_t block);

/* An ERROR; text is cut if need be.  Returns its length. */
size_t tftp_put_error(uint8_t dst[TFTP_REPLY_MAX], enum tftp_error code,
    const char *text);

/*
 * An OACK that grants o; size is the answer to tsize.  Returns its length.
 */
size_t tftp_put_oack(uint8_t dst[TFTP_REPLY_MAX], const struct tftp_options *o,
    uint64_t size);

/*
 * The netascii form of a Unix text: LF becomes CR LF, CR becomes CR NUL.
 * The caller frees *dst.
 */
void tftp_netascii(const uint8_t *src, size_t len, uint8_t **dst,
    size_t *dst_len);

#endif
