#include "services/tftp_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* A string with NULs in it, without the last one. */
#define BYTES(s) s, sizeof(s) - 1

struct request_case {
	const char *what;
	const char *bytes;
	size_t len;
	const char *name;
	int rc;
	enum tftp_mode mode;
	struct tftp_options options;
};

static const struct request_case requests[] = {
	{ "plain", BYTES("\0\1ITLFile.tlv\0octet\0"), "ITLFile.tlv", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "mode in upper case", BYTES("\0\1a\0OCTET\0"), "a", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "netascii", BYTES("\0\1a\0NetASCII\0"), "a", 0, TFTP_NETASCII,
	    { 0, 0, false, 0 } },
	{ "write", BYTES("\0\2a\0octet\0"), "a", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "a slash is kept for the name's own rules",
	    BYTES("\0\1/g3-tones.xml\0octet\0"), "/g3-tones.xml", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "one NUL more", BYTES("\0\1a\0octet\0\0"), "a", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "three NULs more", BYTES("\0\1a\0octet\0\0\0\0"), "a", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "a NUL before an option", BYTES("\0\1a\0octet\0\0blksize\0001024\0"),
	    "a", 0, TFTP_OCTET, { 1024, 0, false, 0 } },
	{ "all options",
	    BYTES("\0\1a\0octet\0blksize\0001428\0timeout\0003\0tsize\0000\0"
		  "windowsize\00016\0"),
	    "a", 0, TFTP_OCTET, { 1428, 3, true, 16 } },
	{ "option names in any case",
	    BYTES("\0\1a\0octet\0BlkSize\0001428\0TIMEOUT\0003\0tSize\0000\0"),
	    "a", 0, TFTP_OCTET, { 1428, 3, true, 0 } },
	{ "unknown options",
	    BYTES(
		"\0\1a\0octet\0rollover\0000\0blksize\00016\0windowsizes\0008\0"),
	    "a", 0, TFTP_OCTET, { 16, 0, false, 0 } },
	{ "unknown option with an empty value",
	    BYTES("\0\1a\0octet\0multicast\0\0blksize\00016\0"), "a", 0,
	    TFTP_OCTET, { 16, 0, false, 0 } },
	{ "smallest block", BYTES("\0\1a\0octet\0blksize\0008\0"), "a", 0,
	    TFTP_OCTET, { 8, 0, false, 0 } },
	{ "block too small", BYTES("\0\1a\0octet\0blksize\0007\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "largest block", BYTES("\0\1a\0octet\0blksize\00065464\0"), "a", 0,
	    TFTP_OCTET, { 65464, 0, false, 0 } },
	{ "a larger block is brought down",
	    BYTES("\0\1a\0octet\0blksize\00065465\0"), "a", 0, TFTP_OCTET,
	    { 65464, 0, false, 0 } },
	{ "a block beyond 16 bits is brought down",
	    BYTES("\0\1a\0octet\0blksize\00065544\0"), "a", 0, TFTP_OCTET,
	    { 65464, 0, false, 0 } },
	{ "a block beyond 64 bits",
	    BYTES("\0\1a\0octet\0blksize\00099999999999999999999\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "a negative block", BYTES("\0\1a\0octet\0blksize\0-1\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "a block in words", BYTES("\0\1a\0octet\0blksize\0big\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "the first blksize counts",
	    BYTES("\0\1a\0octet\0blksize\00016\0blksize\00032\0"), "a", 0,
	    TFTP_OCTET, { 16, 0, false, 0 } },
	{ "no timeout of zero", BYTES("\0\1a\0octet\0timeout\0000\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "longest timeout", BYTES("\0\1a\0octet\0timeout\000255\0"), "a", 0,
	    TFTP_OCTET, { 0, 255, false, 0 } },
	{ "timeout too long", BYTES("\0\1a\0octet\0timeout\000256\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "tsize that is no number", BYTES("\0\1a\0octet\0tsize\0?\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "smallest window", BYTES("\0\1a\0octet\0WindowSize\0001\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 1 } },
	{ "largest window", BYTES("\0\1a\0octet\0windowsize\00065535\0"), "a",
	    0, TFTP_OCTET, { 0, 0, false, 65535 } },
	{ "a larger window is brought down",
	    BYTES("\0\1a\0octet\0windowsize\00065537\0"), "a", 0, TFTP_OCTET,
	    { 0, 0, false, 65535 } },
	{ "no window of zero", BYTES("\0\1a\0octet\0windowsize\0000\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "a window in words", BYTES("\0\1a\0octet\0windowsize\0big\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "the first windowsize counts",
	    BYTES("\0\1a\0octet\0windowsize\0002\0windowsize\0003\0"), "a", 0,
	    TFTP_OCTET, { 0, 0, false, 2 } },
	{ "a very long value",
	    BYTES("\0\1a\0octet\0blksize\000"
		  "0000000000000000000000000000000000000000016\0"),
	    "a", 0, TFTP_OCTET, { 0, 0, false, 0 } },
	{ "an empty name", BYTES("\0\1\0octet\0"), "", 0, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "bytes over 127", BYTES("\0\1\xff\xfe\0octet\0"), "\xff\xfe", 0,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "no mode", BYTES("\0\1a\0"), NULL, -1, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "nothing", BYTES("\0\1"), NULL, -1, TFTP_OCTET, { 0, 0, false, 0 } },
	{ "a name without NUL", BYTES("\0\1abc"), NULL, -1, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "a mode without NUL", BYTES("\0\1abc\0octet"), NULL, -1, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "an empty mode", BYTES("\0\1abc\0\0"), NULL, -1, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "mail", BYTES("\0\1abc\0mail\0"), NULL, -1, TFTP_OCTET,
	    { 0, 0, false, 0 } },
	{ "a mode that goes on", BYTES("\0\1abc\0octets\0"), NULL, -1,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "an option name without NUL", BYTES("\0\1a\0octet\0blksize"), NULL,
	    -1, TFTP_OCTET, { 0, 0, false, 0 } },
	{ "an option without value", BYTES("\0\1a\0octet\0blksize\0"), NULL, -1,
	    TFTP_OCTET, { 0, 0, false, 0 } },
	{ "a value without NUL", BYTES("\0\1a\0octet\0blksize\00016"), NULL, -1,
	    TFTP_OCTET, { 0, 0, false, 0 } },
};

/* In memory of its own, so that one byte too far is seen. */
static int
parse(struct tftp_message *m, const char *bytes, size_t len, struct err *e)
{
	void *copy = mem_dup(bytes, len);
	int rc;

	rc = tftp_message_parse(m, copy, len, e);
	free(copy);
	return rc;
}

static void
test_requests(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		const struct request_case *c = &requests[i];
		struct err e = ERR_INIT;
		struct tftp_message m;
		int rc = parse(&m, c->bytes, c->len, &e);

		if (rc != c->rc)
			fail_msg("%s: %d, %s", c->what, rc, e.msg);
		if (rc == -1) {
			assert_int_equal(e.code, ERR_FORMAT);
			continue;
		}
		assert_int_equal(m.op, c->bytes[1]);
		assert_string_equal(m.name, c->name);
		assert_int_equal(m.mode, c->mode);
		if (m.options.blksize != c->options.blksize ||
		    m.options.timeout != c->options.timeout ||
		    m.options.tsize != c->options.tsize ||
		    m.options.windowsize != c->options.windowsize)
			fail_msg("%s: %u %u %d %u", c->what, m.options.blksize,
			    m.options.timeout, m.options.tsize,
			    m.options.windowsize);
	}
}

static void
test_long_names(void **state)
{
	char bytes[TFTP_REQUEST_MAX + 64];
	struct tftp_message m;
	struct err e = ERR_INIT;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	bytes[0] = 0;
	bytes[1] = TFTP_RRQ;
	memcpy(bytes + 2 + TFTP_NAME_SIZE - 1, "\0octet", 7);
	assert_int_equal(parse(&m, bytes, 2 + TFTP_NAME_SIZE - 1 + 7, &e), 0);
	assert_int_equal(strlen(m.name), TFTP_NAME_SIZE - 1);

	memset(bytes + 2, 'a', sizeof(bytes) - 2);
	memcpy(bytes + 2 + TFTP_NAME_SIZE, "\0octet", 7);
	assert_int_equal(parse(&m, bytes, 2 + TFTP_NAME_SIZE + 7, &e), -1);
	assert_non_null(strstr(e.msg, "a name over 255 bytes"));

	memset(bytes + 2, '\0', sizeof(bytes) - 2);
	memcpy(bytes + 2, "a\0octet", 8);
	assert_int_equal(parse(&m, bytes, TFTP_REQUEST_MAX, &e), 0);
	assert_int_equal(parse(&m, bytes, TFTP_REQUEST_MAX + 1, &e), -1);
	assert_non_null(strstr(e.msg, "over 2048 bytes"));
}

static void
test_other_messages(void **state)
{
	struct tftp_message m;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(parse(&m, BYTES("\0\4\1\2"), &e), 0);
	assert_int_equal(m.op, TFTP_ACK);
	assert_int_equal(m.block, 0x102);
	assert_int_equal(parse(&m, BYTES("\0\4\xff\xff\0\0"), &e), 0);
	assert_int_equal(m.block, 0xffff);
	assert_int_equal(parse(&m, BYTES("\0\3\0\1data"), &e), 0);
	assert_int_equal(m.op, TFTP_DATA);
	assert_int_equal(m.block, 1);
	assert_int_equal(parse(&m, BYTES("\0\6tsize\0009\0"), &e), 0);
	assert_int_equal(m.op, TFTP_OACK);
	assert_int_equal(parse(&m, BYTES("\0\5\0\10bad option\0"), &e), 0);
	assert_int_equal(m.op, TFTP_ERROR);
	assert_int_equal(m.code, TFTP_ERROR_OPTION);
	assert_string_equal(m.text, "bad option");
	assert_int_equal(parse(&m, BYTES("\0\5\0\1no NUL"), &e), 0);
	assert_string_equal(m.text, "no NUL");
	assert_int_equal(parse(&m, BYTES("\0\5\0\1"), &e), 0);
	assert_string_equal(m.text, "");

	assert_int_equal(parse(&m, BYTES(""), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0\0"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0\7"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\1\1a\0octet\0"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0\4\1"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0\3\1"), &e), -1);
	assert_int_equal(parse(&m, BYTES("\0\5\0"), &e), -1);
	assert_int_equal(m.op, TFTP_ERROR);
}

static void
test_long_error(void **state)
{
	char bytes[4 + 2 * TFTP_ERROR_TEXT_SIZE];
	struct tftp_message m;

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memset(bytes, 0, 4);
	bytes[1] = TFTP_ERROR;
	assert_int_equal(parse(&m, bytes, sizeof(bytes), NULL), 0);
	assert_int_equal(strlen(m.text), TFTP_ERROR_TEXT_SIZE - 1);
}

static void
test_put(void **state)
{
	const struct tftp_options all = { 65464, 255, true, 65535 };
	const struct tftp_options none = { 0, 0, false, 0 };
	const struct tftp_options size = { 0, 0, true, 0 };
	const struct tftp_options window = { 0, 0, false, 1 };
	char text[2 * TFTP_ERROR_TEXT_SIZE];
	uint8_t dst[TFTP_REPLY_MAX];
	size_t n;

	(void)state;
	tftp_put_data_header(dst, 0xfffe);
	assert_memory_equal(dst, "\0\3\xff\xfe", 4);

	n = tftp_put_error(dst, TFTP_ERROR_NOT_FOUND, "File not found");
	assert_int_equal(n, 19);
	assert_memory_equal(dst, "\0\5\0\1File not found", 19);
	memset(text, 'y', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	n = tftp_put_error(dst, TFTP_ERROR_UNDEFINED, text);
	assert_int_equal(n, 4 + TFTP_ERROR_TEXT_SIZE);
	assert_int_equal(dst[n - 1], '\0');

	assert_true(tftp_options_any(&all));
	assert_true(tftp_options_any(&size));
	assert_true(tftp_options_any(&window));
	assert_false(tftp_options_any(&none));
	n = tftp_put_oack(dst, &all, UINT64_MAX);
	assert_int_equal(n, 2 + 14 + 12 + 27 + 17);
	assert_memory_equal(dst,
	    "\0\6blksize\00065464\0timeout\000255\0"
	    "tsize\00018446744073709551615\0windowsize\00065535",
	    n);
	n = tftp_put_oack(dst, &size, 0);
	assert_int_equal(n, 10);
	assert_memory_equal(dst, "\0\6tsize\0000", 10);
}

static void
test_same_request(void **state)
{
	static const char plain[] = "\0\1a\0octet\0blksize\00016\0";
	static const struct {
		const char *bytes;
		size_t len;
		bool same;
	} others[] = {
		{ BYTES("\0\1a\0OCTET\0BLKSIZE\00016\0\0"), true },
		{ BYTES("\0\1b\0octet\0blksize\00016\0"), false },
		{ BYTES("\0\1a\0netascii\0blksize\00016\0"), false },
		{ BYTES("\0\1a\0octet\0blksize\00017\0"), false },
		{ BYTES("\0\1a\0octet\0blksize\00016\0timeout\0001\0"), false },
		{ BYTES("\0\1a\0octet\0blksize\00016\0tsize\0000\0"), false },
		{ BYTES("\0\1a\0octet\0blksize\00016\0windowsize\0001\0"),
		    false },
	};
	struct tftp_message a, b;
	size_t i;

	(void)state;
	assert_int_equal(parse(&a, BYTES(plain), NULL), 0);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(parse(&b, others[i].bytes, others[i].len,
				     NULL),
		    0);
		if (tftp_same_request(&a, &b) != others[i].same)
			fail_msg("number %zu", i);
	}
}

static void
test_netascii(void **state)
{
	uint8_t *dst = NULL;
	size_t n = 0;

	(void)state;
	tftp_netascii((const uint8_t *)"a\nb\r\nc\r", 7, &dst, &n);
	assert_int_equal(n, 11);
	assert_memory_equal(dst, "a\r\nb\r\0\r\nc\r\0", 11);
	free(dst);
	tftp_netascii((const uint8_t *)"", 0, &dst, &n);
	assert_int_equal(n, 0);
	free(dst);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_other_messages),
		cmocka_unit_test(test_long_error),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_same_request),
		cmocka_unit_test(test_netascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
