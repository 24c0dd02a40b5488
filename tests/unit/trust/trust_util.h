/*
 * What the tests of trust/ share.
 */
#ifndef UNIT_TRUST_UTIL_H
#define UNIT_TRUST_UTIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/cert.h"
#include "trust/certfile.h"
#include "trust/key.h"

#define VECTORS "tests/data/vectors/"
/* In parentheses, lest the pieces look like a forgotten comma. */
#define C01 (VECTORS "c01_seed_shape_5302.tlv")
#define C02 (VECTORS "c02_seed_shape_reset_5322.tlv")
#define C14 (VECTORS "c14_ctl_nonsecure_blank_33.tlv")
#define P01 (VECTORS "p01_itl_basic_2048_sha1.tlv")
#define M01 (VECTORS "m01_sig_last_byte_flipped.tlv")
#define X13 (VECTORS "x13_record_length_too_big.tlv")
#define S01 (VECTORS "s01_SEP58971ECC97C1.cnf.xml.sgn")
#define E01 (VECTORS "e01_SEP58971ECC97C1.cnf.xml.enc.sgn")

#define T2014 INT64_C(1393439067) /* 2014-02-26 18:24:27 UTC */

/* Bytes of a file, mem_resize()d at will. */
struct bytes {
	uint8_t *p;
	size_t n;
};

static inline struct bytes
load(const char *path)
{
	struct err e = ERR_INIT;
	struct bytes b;

	if (file_read(path, 1 << 20, &b.p, &b.n, &e) == -1)
		fail_msg("%s", e.msg);
	return b;
}

/* Cut n bytes out at off and put m bytes of q there. */
static inline void
splice(struct bytes *b, size_t off, size_t n, const void *q, size_t m)
{
	uint8_t *p = mem_alloc(b->n - n + m);

	memcpy(p, b->p, off);
	if (m > 0)
		memcpy(p + off, q, m);
	memcpy(p + off + m, b->p + off + n, b->n - off - n);
	free(b->p);
	b->p = p;
	b->n = b->n - n + m;
}

static inline void
set16(struct bytes *b, size_t off, size_t v)
{
	b->p[off] = (uint8_t)(v >> 8);
	b->p[off + 1] = (uint8_t)v;
}

static inline size_t
get16(const struct bytes *b, size_t off)
{
	return (size_t)b->p[off] << 8 | b->p[off + 1];
}

/* Key and certificate of the vectors. */
static inline struct certfile
pair(const char *name)
{
	struct err e = ERR_INIT;
	struct certfile f;
	char path[256];

	assert_int_equal(str_printf(path, sizeof(path), VECTORS "pem/%s.pem",
			     name),
	    0);
	if (certfile_read(&f, path, &e) == -1)
		fail_msg("%s", e.msg);
	return f;
}

/* A fresh self-signed pair for this common name. */
static inline struct certfile
fresh_pair(const char *cn, unsigned bits)
{
	struct err e = ERR_INIT;
	struct cert_spec spec = { .subject = { .cn = cn,
				      .ou = "tac",
				      .o = "cisco",
				      .l = "rtp",
				      .st = "nc",
				      .c = "US" },
		.not_before = T2014,
		.not_after = cert_years(T2014, 5),
		.uses = CERT_USE_SERVER | CERT_USE_CLIENT };
	struct certfile f;

	f.key = key_generate_rsa(bits, &e);
	assert_non_null(f.key);
	f.cert = cert_self_sign(&spec, f.key, &e);
	if (f.cert == NULL)
		fail_msg("%s", e.msg);
	return f;
}

/* The error has this code and its message holds text. */
#define assert_err(e, c, text)                                            \
	do {                                                              \
		if ((e).code != (c) || strstr((e).msg, text) == NULL)     \
			fail_msg("error %d, \"%s\"; expected %d, \"%s\"", \
			    (int)(e).code, (e).msg, (int)(c), text);      \
	} while (0)

#endif
