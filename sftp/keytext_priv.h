/*
 * Keys as libssh holds them, for sftp/ alone.
 */
#ifndef SFTP_KEYTEXT_PRIV_H
#define SFTP_KEYTEXT_PRIV_H

#include <libssh/libssh.h>

#include "sftp/keytext.h"

/* Free both with ssh_key_free().  NULL with ERR_KEY. */
ssh_key keytext_private(const char *key_text, struct err *e);
ssh_key keytext_private_file(const char *key_file, struct err *e);

/* "TYPE BASE64" of a key; 0 or -1 with ERR_KEY. */
int keytext_write(ssh_key key, char dst[KEYTEXT_SIZE], struct err *e);

/* "SHA256:…" of a key; 0 or -1 with ERR_KEY. */
int keytext_hash(ssh_key key, char dst[KEYTEXT_FINGERPRINT_SIZE],
    struct err *e);

/* "2c:8f:9b:…" of a key; 0 or -1 with ERR_KEY. */
int keytext_md5(ssh_key key, char dst[KEYTEXT_MD5_SIZE], struct err *e);

#endif
