/*
 * libssh, loaded when a server or a key is first dealt with and not before.
 *
 * libssh brings Kerberos with it, and loading all that takes longer than the
 * rest of the start of a program of which most runs speak to no server.  So
 * no program is linked with libssh; the functions of it that sftp/ uses are
 * defined here and call the real ones.
 */
#ifndef SFTP_LIB_LOAD_H
#define SFTP_LIB_LOAD_H

#include "base/err.h"

/*
 * Load libssh, once for all threads; before the first call of one of its
 * functions.  -1 with ERR_INTERNAL and a hint when it is not installed.
 */
int lib_load(struct err *e);

#endif
