/*
 * The enterprise parameter "Alternate Cisco File Servers": the remote
 * clusters of centralized TFTP.
 */
#ifndef BASE_FILE_SERVERS_H
#define BASE_FILE_SERVERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define FILE_SERVERS_MAX 10
#define FILE_SERVERS_PORT 6970 /* of HTTP, unless another one is given */
#define FILE_SERVER_SIZE 256 /* of one, as text */
#define FILE_SERVERS_TEXT_SIZE 2560 /* of all, a blank between */

struct file_server {
	char name[FILE_SERVER_SIZE]; /* or an IPv4 address */
	uint16_t port;
};

struct file_servers {
	struct file_server item[FILE_SERVERS_MAX];
	size_t n;
};

/*
 * Read "HOST[:PORT] …", blanks or commas between, in order.  A host that is
 * there twice counts once.  -1 with ERR_USAGE says which one is wrong or that
 * there are too many; *l holds all good ones before it.
 */
int file_servers_parse(struct file_servers *l, const char *text, struct err *e);

#endif
