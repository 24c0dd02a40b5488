/*
 * The known host keys of servers outside the cluster, a file of lines as
 * OpenSSH writes them:
 *
 *	host TYPE BASE64
 *	[host]:port TYPE BASE64		for ports other than 22
 *
 * Host names are kept in lower case.  Lines that are not of this shape
 * (comments, hashed names, markers) are left alone and mean nothing here.
 */
#ifndef SFTP_KNOWN_HOSTS_H
#define SFTP_KNOWN_HOSTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define KNOWN_HOSTS_HOST_SIZE 256
#define KNOWN_HOSTS_FILE_MAX (1 << 20)

/*
 * 0 when host can be a name or address here: letters, digits and "-_.:",
 * "%" in an address with a zone.  -1 with ERR_USAGE.
 */
int known_hosts_check_host(const char *host, struct err *e);

/*
 * Append the keys of a server to *keys, "TYPE BASE64" each.  A missing file
 * knows nobody.  0 or -1.
 */
int known_hosts_find(const char *path, const char *host, uint16_t port,
    struct strlist *keys, struct err *e);

/*
 * Add the key of a server, "TYPE BASE64"; the file is replaced whole, mode
 * 0644.  The same key again changes nothing.  -1 with ERR_EXISTS when
 * another key of that server is known, ERR_KEY when it is no public key,
 * ERR_USAGE, ERR_TOO_BIG.
 */
int known_hosts_add(const char *path, const char *host, uint16_t port,
    const char *key, struct err *e);

/*
 * Remove all keys of a server; the file is replaced whole.  -1 with
 * ERR_NOT_FOUND when none is known, ERR_USAGE.
 */
int known_hosts_forget(const char *path, const char *host, uint16_t port,
    struct err *e);

#endif
