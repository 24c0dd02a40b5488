/*
 * Only for trust/: what libcrypto says about a failure.
 */
#ifndef TRUST_OPENSSL_ERR_PRIV_H
#define TRUST_OPENSSL_ERR_PRIV_H

#include "base/err.h"

/*
 * Set code and message with the library's first reason behind it, and empty
 * the library's queue.  Always returns -1.
 */
int openssl_err(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
