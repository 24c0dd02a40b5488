/*
 * Only for trust/: every header of libcrypto that is used here.  OpenSSL has
 * a type ERR_STATE, base/err.h an error code of that name; the type is not
 * used here and gets another name.
 */
#ifndef TRUST_OPENSSL_PRIV_H
#define TRUST_OPENSSL_PRIV_H

#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#undef ERR_STATE

#endif
