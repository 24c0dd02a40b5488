#include "services/http_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

static int
parse(struct http_request *r, const char *head, struct err *e)
{
	size_t len = strlen(head);

	assert_int_equal(http_head_length(head, len), len);
	return http_request_parse(r, head, len, e);
}

static void
expect_path(const char *target, const char *path)
{
	char *head = mem_printf("GET %s HTTP/1.1\r\n\r\n", target);
	struct err e = ERR_INIT;
	struct http_request r;

	if (parse(&r, head, &e) == -1)
		fail_msg("%s: %s", target, e.msg);
	assert_int_equal(r.method, HTTP_GET);
	assert_string_equal(r.path, path);
	free(head);
}

static void
test_head_length(void **state)
{
	static const char two[] = "GET / HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n";
	size_t i;

	(void)state;
	for (i = 0; i < 18; i++)
		assert_int_equal(http_head_length(two, i), 0);
	for (; i < sizeof(two); i++)
		assert_int_equal(http_head_length(two, i), 18);
	/* Empty lines in front are no head of their own. */
	assert_int_equal(http_head_length("\r\n\r\n", 4), 0);
	assert_int_equal(http_head_length("\r\n\r\nG\r\n\r\n", 9), 9);
	assert_int_equal(http_head_length("G\n\n", 3), 0);
	assert_int_equal(http_head_length("", 0), 0);
}

static void
test_paths(void **state)
{
	(void)state;
	expect_path("/ITLFile.tlv", "/ITLFile.tlv");
	expect_path("/", "/");
	expect_path("//x.xml", "//x.xml");
	expect_path("/%49TLFile%2etlv", "/ITLFile.tlv");
	expect_path("/a%2Fb.xml", "/a/b.xml");
	expect_path("/%252e%252e", "/%2e%2e");
	expect_path("/%0a", "/\n");
	expect_path("/\xff", "/\xff");
	expect_path("http://127.0.0.1:6970/x.xml", "/x.xml");
	expect_path("HTTP://host/x.xml", "/x.xml");
}

static void
test_methods(void **state)
{
	struct err e = ERR_INIT;
	struct http_request r;

	(void)state;
	assert_int_equal(parse(&r, "HEAD /x HTTP/1.1\r\n\r\n", &e), 0);
	assert_int_equal(r.method, HTTP_HEAD);
	assert_true(r.keep_alive);
	/* Others are known to be none of ours, whatever comes with them. */
	assert_int_equal(parse(&r,
			     "POST * HTTP/1.1\r\n"
			     "Content-Length: 5\r\n\r\n",
			     &e),
	    0);
	assert_int_equal(r.method, HTTP_OTHER);
	assert_false(r.keep_alive);
	assert_int_equal(parse(&r, "get /x HTTP/1.1\r\n\r\n", &e), 0);
	assert_int_equal(r.method, HTTP_OTHER);
}

static void
expect_keep_alive(const char *version, const char *headers, bool keep_alive)
{
	char *head = mem_printf("GET /x %s\r\n%s\r\n", version, headers);
	struct err e = ERR_INIT;
	struct http_request r;

	if (parse(&r, head, &e) == -1)
		fail_msg("%s: %s", head, e.msg);
	if (r.keep_alive != keep_alive)
		fail_msg("%s", head);
	free(head);
}

static void
test_keep_alive(void **state)
{
	(void)state;
	expect_keep_alive("HTTP/1.1", "", true);
	expect_keep_alive("HTTP/1.1", "Connection: close\r\n", false);
	expect_keep_alive("HTTP/1.1", "connection:\tCLOSE \r\n", false);
	expect_keep_alive("HTTP/1.1", "Connection: x, close\r\n", false);
	expect_keep_alive("HTTP/1.1", "Connection: closed\r\n", true);
	expect_keep_alive("HTTP/1.1", "Connection:\r\n", true);
	expect_keep_alive("HTTP/1.1", "Connection: close, keep-alive\r\n",
	    false);
	expect_keep_alive("HTTP/1.0", "", false);
	expect_keep_alive("HTTP/1.0", "Connection: Keep-Alive\r\n", true);
	expect_keep_alive("HTTP/1.0",
	    "Connection: close\r\nConnection: keep-alive\r\n", false);
}

static void
test_headers(void **state)
{
	struct err e = ERR_INIT;
	struct http_request r;

	(void)state;
	assert_int_equal(parse(&r,
			     "\r\nGET /x HTTP/1.1\r\nHost: a:6970\r\n"
			     "User-Agent: \xe4 \t(x)\r\nAccept:\r\n"
			     "Content-Length: 0\r\n\r\n",
			     &e),
	    0);
	assert_false(r.forwarded);
	assert_int_equal(
	    parse(&r, "GET /x HTTP/1.1\r\nx-ucmsh-forwarded:1\r\n\r\n", &e), 0);
	assert_true(r.forwarded);
}

static void
test_broken(void **state)
{
	static const char *const heads[] = {
		"GET /x HTTP/1.1 \r\n\r\n",
		"GET /x\r\n\r\n",
		"GET\r\n\r\n",
		" GET /x HTTP/1.1\r\n\r\n",
		"G(T /x HTTP/1.1\r\n\r\n",
		"GET  /x HTTP/1.1\r\n\r\n",
		"GET x HTTP/1.1\r\n\r\n",
		"GET * HTTP/1.1\r\n\r\n",
		"GET http://host HTTP/1.1\r\n\r\n",
		"GET /x HTTP/2.0\r\n\r\n",
		"GET /x HTTP/1.2\r\n\r\n",
		"GET /x http/1.1\r\n\r\n",
		"GET /x?y HTTP/1.1\r\n\r\n",
		"GET /x#y HTTP/1.1\r\n\r\n",
		"GET /% HTTP/1.1\r\n\r\n",
		"GET /%4 HTTP/1.1\r\n\r\n",
		"GET /%4g HTTP/1.1\r\n\r\n",
		"GET /%g4 HTTP/1.1\r\n\r\n",
		"GET /%00 HTTP/1.1\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost\r\n\r\n",
		"GET /x HTTP/1.1\r\n: x\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost : x\r\n\r\n",
		"GET /x HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
		"GET /x HTTP/1.1\r\nA: \x01\r\n\r\n",
		"GET /x HTTP/1.1\r\nA: \x7f\r\n\r\n",
		"GET /x HTTP/1.1\r\nA: a\rb\r\n\r\n",
		"GET /x HTTP/1.1\r\nA: a\nB: b\r\n\r\n",
		"GET /x HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
		"GET /x HTTP/1.1\r\nContent-Length: 00\r\n\r\n",
		"GET /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",
		"\x16\x03\x01\r\n\r\n",
	};
	struct http_request r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct err e = ERR_INIT;

		if (parse(&r, heads[i], &e) == 0)
			fail_msg("understood: %s", heads[i]);
		assert_int_equal(e.code, ERR_FORMAT);
	}
}

/* A head that was cut off, or that has a NUL. */
static void
test_no_end(void **state)
{
	static const char head[] = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
	static const char nul[] = "GET /x HTTP/1.1\r\nA: \0\r\n\r\n";
	struct http_request r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(head) - 1; i++)
		assert_int_equal(http_request_parse(&r, head, i, NULL), -1);
	assert_int_equal(http_request_parse(&r, head, i, NULL), 0);
	assert_int_equal(http_request_parse(&r, nul, sizeof(nul) - 1, NULL),
	    -1);
	assert_int_equal(http_request_parse(&r, "\r\n\r\n", 4, NULL), -1);
}

static void
test_limits(void **state)
{
	char *head = mem_strdup("GET /x HTTP/1.1\r\n"), *longer;
	char path[TFTP_NAME_SIZE + 1];
	struct http_request r;
	int i;

	(void)state;
	for (i = 0; i < HTTP_HEADERS_MAX; i++) {
		longer = mem_printf("%sA: b\r\n", head);
		free(head);
		head = longer;
	}
	longer = mem_printf("%s\r\n", head);
	assert_int_equal(parse(&r, longer, NULL), 0);
	free(longer);
	longer = mem_printf("%sA: b\r\n\r\n", head);
	assert_int_equal(parse(&r, longer, NULL), -1);
	free(longer);
	free(head);
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[TFTP_NAME_SIZE - 1] = '\0';
	expect_path(path, path);
	path[TFTP_NAME_SIZE - 1] = 'a';
	path[TFTP_NAME_SIZE] = '\0';
	head = mem_printf("GET %s HTTP/1.1\r\n\r\n", path);
	assert_int_equal(parse(&r, head, NULL), -1);
	free(head);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head_length),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_methods),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_no_end),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
