/*
 * Only for trust/: what the reader and the writer of trust lists share.
 */
#ifndef TRUST_TRUSTLIST_PRIV_H
#define TRUST_TRUSTLIST_PRIV_H

#include "trust/signed_header.h"

extern const struct signed_form trustlist_form;

#endif
