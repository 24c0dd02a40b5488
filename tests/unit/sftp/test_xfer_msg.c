/*
 * sftp/xfer_msg.c: packets of SFTP, good ones and broken ones.
 */
#include "sftp/xfer_msg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct xfer_reply reply;

static int
decode(const char *bytes, size_t n)
{
	struct err e = ERR_INIT;
	int rc = xfer_msg_decode(bytes, n, &reply, &e);

	assert_int_equal(e.code, rc == 0 ? ERR_NONE : ERR_FORMAT);
	return rc;
}

/* A text with its NUL bytes, but not the last one. */
#define DECODE(text) decode(text, sizeof(text) - 1)

static void
test_encode(void **state)
{
	static const uint8_t remove[] = { 0, 0, 0, 10, 13, 0, 0, 1, 2, 0, 0, 0,
		1, 'f' };
	static const uint8_t init[] = { 0, 0, 0, 5, 1, 0, 0, 0, 3 };
	struct wbuf w;

	(void)state;
	wbuf_init(&w, 0);
	xfer_msg_begin(&w, XFER_REMOVE, 0x102);
	xfer_msg_text(&w, "f");
	xfer_msg_end(&w);
	assert_int_equal(w.len, sizeof(remove));
	assert_memory_equal(w.data, remove, sizeof(remove));
	wbuf_release(&w);
	wbuf_init(&w, 0);
	xfer_msg_begin(&w, XFER_INIT, 7);
	xfer_msg_end(&w);
	assert_int_equal(w.len, sizeof(init));
	assert_memory_equal(w.data, init, sizeof(init));
	wbuf_release(&w);
}

static void
test_status(void **state)
{
	(void)state;
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0\3\0\0\0\2no\0\0\0\2en"), 0);
	assert_int_equal(reply.type, XFER_STATUS);
	assert_int_equal(reply.id, 7);
	assert_int_equal(reply.status, XFER_PERMISSION_DENIED);
	assert_int_equal(reply.len, 2);
	assert_memory_equal(reply.bytes, "no", 2);
	/* Old servers say less. */
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0\4\0\0\0\2no"), 0);
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0\4"), 0);
	assert_int_equal(reply.len, 0);
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0"), -1);
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0\4\0\0\0\3no"), -1);
	assert_int_equal(DECODE("\x65\0\0\0\7\0\0\0\4\xff\xff\xff\xffno"), -1);
}

static void
test_bytes(void **state)
{
	char handle[9 + XFER_HANDLE_MAX + 1] = "\x66\0\0\0\1\0\0\1\0";

	(void)state;
	assert_int_equal(DECODE("\x67\0\0\0\1\0\0\0\3abc"), 0);
	assert_int_equal(reply.type, XFER_DATA);
	assert_int_equal(reply.len, 3);
	assert_memory_equal(reply.bytes, "abc", 3);
	assert_int_equal(DECODE("\x67\0\0\0\1\0\0\0\4abc"), -1);
	/* 256 bytes are the longest handle. */
	assert_int_equal(decode(handle, sizeof(handle) - 1), 0);
	assert_int_equal(reply.len, XFER_HANDLE_MAX);
	handle[8] = 1;
	assert_int_equal(decode(handle, sizeof(handle)), -1);
	assert_int_equal(DECODE("\xc9\0\0\0\1xyz"), 0);
	assert_int_equal(reply.type, XFER_EXTENDED_REPLY);
	assert_int_equal(reply.len, 3);
}

static void
test_attributes(void **state)
{
	(void)state;
	/* size, owner, mode, times */
	assert_int_equal(
	    DECODE("\x69\0\0\0\1\0\0\0\x0f\0\0\0\0\0\0\0\5\0\0\0\1\0\0\0\2"
		   "\0\0\x41\xed\0\0\0\0\0\0\0\0"),
	    0);
	assert_true(reply.has_mode);
	assert_int_equal(reply.mode, 040755);
	assert_int_equal(DECODE("\x69\0\0\0\1\0\0\0\0"), 0);
	assert_false(reply.has_mode);
	assert_int_equal(DECODE("\x69\0\0\0\1\0\0\0\4\0\0"), -1);
	assert_int_equal(DECODE("\x69\0\0\0\1\0\0\0\1\0\0\0\0"), -1);
	assert_int_equal(DECODE("\x69\0\0\0\1\0\0\0\2\0\0\0\0"), -1);
}

static void
test_version(void **state)
{
	(void)state;
	assert_int_equal(DECODE("\2\0\0\0\3"), 0);
	assert_int_equal(reply.id, 3);
	assert_int_equal(reply.extensions, 0);
	assert_int_equal(DECODE("\2\0\0\0\3\0\0\0\x11"
				"fsync@openssh.com\0\0\0\1"
				"1\0\0\0\1x\0\0\0\0"
				"\0\0\0\x18posix-rename@openssh.com\0\0\0\1"
				"1"),
	    0);
	assert_int_equal(reply.extensions, XFER_FSYNC | XFER_POSIX_RENAME);
	assert_int_equal(DECODE("\2\0\0\0\3\0\0\0\1x"), -1);
}

static void
test_others(void **state)
{
	(void)state;
	assert_int_equal(decode("", 0), -1);
	assert_int_equal(DECODE("\x65"), -1);
	assert_int_equal(DECODE("\3\0\0\0\1"), -1);
	assert_int_equal(DECODE("\xff\0\0\0\1"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
