#include "trust/outline_priv.h"

#include "trust_util.h"

static struct cert *cert;

static int
setup(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	cert = cert_load(VECTORS "pem/sast2048.pem", &e);
	return cert == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	cert_free(cert);
	return 0;
}

static void
finds_the_parts(void **state)
{
	static const uint8_t serial[] = { 0x4d, 0x24, 0x26, 0x31, 0x24, 0x5d,
		0x77, 0xde, 0x94, 0xe4, 0xf0, 0x9b, 0xa8, 0x5e, 0x2f, 0x93 };
	struct err e = ERR_INIT;
	struct outline o;

	(void)state;
	assert_int_equal(outline_read(&o, cert->der, cert->der_len, &e), 0);
	assert_int_equal(o.serial.len, sizeof(serial));
	assert_memory_equal(o.serial.p, serial, sizeof(serial));
	assert_int_equal(o.public_key.len, 270);
	assert_int_equal(o.signature.len, 256);
	assert_int_equal(o.issuer.len, o.subject.len);
	assert_true(outline_name_fits(&o.subject,
	    "CN=SAST2048;OU=tac;O=cisco;L=rtp;ST=nc;C=US"));
	assert_true(outline_name_fits(&o.subject,
	    "cn=\"sast2048\",ou=tac,o=cisco,l=rtp,st=nc,c=us"));
	assert_false(outline_name_fits(&o.subject,
	    "CN=SAST1024;OU=tac;O=cisco;L=rtp;ST=nc;C=US"));
	assert_true(outline_name_fits(&o.subject,
	    "CN=\\20SAST2048\\0d,OU=\\#tac,O=cisco,L=rtp,ST=nc,C=US"));
	assert_false(outline_name_fits(&o.subject,
	    "CN=SAST20481;OU=tac;O=cisco;L=rtp;ST=nc;C=US"));
	assert_false(outline_name_fits(&o.subject,
	    "CN=aSAST2048;OU=tac;O=cisco;L=rtp;ST=nc;C=US"));
	assert_false(outline_name_fits(&o.subject,
	    "CN=SAST2048;OU=tac;O=cisco;L=rtp;ST=nc;C=USA"));
	assert_false(outline_name_fits(&o.subject, ""));
}

static void
every_truncation_is_refused(void **state)
{
	struct outline o;

	(void)state;
	for (size_t n = 0; n < cert->der_len; n++) {
		struct err e = ERR_INIT;
		uint8_t *exact = mem_dup(cert->der, n);

		assert_int_equal(outline_read(&o, exact, n, &e), -1);
		assert_int_equal(e.code, ERR_FORMAT);
		free(exact);
	}
}

static void
bytes_behind_are_refused(void **state)
{
	struct bytes b = { mem_dup(cert->der, cert->der_len), cert->der_len };
	struct err e = ERR_INIT;
	struct outline o;

	(void)state;
	splice(&b, b.n, 0, "x", 1);
	assert_int_equal(outline_read(&o, b.p, b.n, &e), -1);
	assert_err(e, ERR_FORMAT, "1 bytes behind");
	free(b.p);
}

/* The serial number stands behind 30 82 LL LL 30 82 LL LL a0 03 02 01 02. */
static void
odd_serial_numbers_are_refused(void **state)
{
	static const uint8_t values[] = { 0x80, 0xff, 0x00 };
	struct outline o;

	(void)state;
	assert_int_equal(cert->der[13], 0x02);
	assert_int_equal(cert->der[14], 16);
	for (size_t i = 0; i < sizeof(values); i++) {
		struct err e = ERR_INIT;
		uint8_t *der = mem_dup(cert->der, cert->der_len);

		der[15] = values[i];
		if (values[i] == 0)
			der[16] = 0;
		assert_int_equal(outline_read(&o, der, cert->der_len, &e), -1);
		assert_err(e, ERR_FORMAT, "serial number is");
		free(der);
	}
}

/* The library reads a SET without its constructed bit; it is none. */
static void
broken_names_are_refused(void **state)
{
	static const uint8_t start[] = { 0x31, 0x11, 0x30, 0x0f, 0x06 };
	uint8_t *der = mem_dup(cert->der, cert->der_len);
	struct err e = ERR_INIT;
	struct outline o;
	size_t i = 0;

	(void)state;
	while (i + sizeof(start) < cert->der_len &&
	    memcmp(der + i, start, sizeof(start)) != 0)
		i++;
	assert_true(i + sizeof(start) < cert->der_len);
	der[i] = 0x11;
	assert_int_equal(outline_read(&o, der, cert->der_len, &e), -1);
	assert_err(e, ERR_FORMAT, "a name is broken");
	free(der);
}

static void
no_byte_changed_crashes(void **state)
{
	uint8_t *der = mem_dup(cert->der, cert->der_len);
	struct outline o;

	(void)state;
	for (size_t i = 0; i < cert->der_len; i++)
		for (unsigned v = 0; v < 256; v += 51) {
			struct err e = ERR_INIT;

			der[i] = (uint8_t)v;
			if (outline_read(&o, der, cert->der_len, &e) == 0)
				(void)outline_name_fits(&o.subject, "SAST");
			der[i] = cert->der[i];
		}
	free(der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_parts),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(bytes_behind_are_refused),
		cmocka_unit_test(odd_serial_numbers_are_refused),
		cmocka_unit_test(broken_names_are_refused),
		cmocka_unit_test(no_byte_changed_crashes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
