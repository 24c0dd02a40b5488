/*
 * SSH keys as text: the public half of a private key as authorized_keys and
 * known_hosts hold it, and the fingerprint people compare.
 */
#ifndef SFTP_KEYTEXT_H
#define SFTP_KEYTEXT_H

#include <stddef.h>

#include "base/err.h"

#define KEYTEXT_SIZE 3072 /* "TYPE BASE64": enough for RSA 16384 */
#define KEYTEXT_FINGERPRINT_SIZE 64 /* "SHA256:" and 43 characters */
#define KEYTEXT_MD5_SIZE 48 /* 16 bytes, colons between */

/*
 * "ecdsa-sha2-nistp256 AAAA…" of a private key given as PEM text (key_text)
 * or as the path of a PEM file (key_file).  No comment, no newline.  0, or
 * -1 with ERR_KEY.
 */
int keytext_public_of_text(const char *key_text, char dst[KEYTEXT_SIZE],
    struct err *e);
int keytext_public_of_file(const char *key_file, char dst[KEYTEXT_SIZE],
    struct err *e);

/*
 * "SHA256:…" of a public key "TYPE BASE64 [comment]", as ssh-keygen -l
 * prints it.  0, or -1 with ERR_KEY.
 */
int keytext_fingerprint(const char *public_key,
    char dst[KEYTEXT_FINGERPRINT_SIZE], struct err *e);

/*
 * Read a public key "TYPE BASE64 [comment]" and write it again without its
 * comment.  0, or -1 with ERR_KEY when it is none.
 */
int keytext_check(const char *public_key, char dst[KEYTEXT_SIZE],
    struct err *e);

#endif
