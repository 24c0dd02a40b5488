/*
 * node/exchange.c: over a real sshd that runs what it is asked for.
 */
#include "node/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/str.h"
#include "tests/fakes/sshd_server.h"
#include "trust/key.h"

static struct sshd_server server;

static int
start(void **state)
{
	(void)state;
	sshd_server_start(&server, NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sshd_server_stop(&server);
	return 0;
}

static void
make_token(struct token *t, const char *key_file)
{
	struct err e = ERR_INIT;
	uint8_t *pem;
	char *print = key_ssh_fingerprint(server.host_key, &e);
	size_t len;

	memset(t, 0, sizeof(*t));
	(void)str_copy(t->address, sizeof(t->address), "127.0.0.1");
	t->port = server.port;
	(void)str_copy(t->fingerprint, sizeof(t->fingerprint), print);
	free(print);
	assert_int_equal(file_read(key_file, sizeof(t->key), &pem, &len, &e),
	    0);
	(void)str_copy(t->key, sizeof(t->key), (char *)pem);
	free(pem);
}

static void
bundles_go_there_and_back(void **state)
{
	struct token t;
	struct bundle in;
	struct bundle out;
	struct err e = ERR_INIT;
	struct session *s;

	(void)state;
	make_token(&t, server.key_file);
	s = exchange_open(&t, "publisher", &e);
	if (s == NULL)
		fail_msg("%s", e.msg);
	bundle_init(&in);
	bundle_add_text(&in, "piece", "some text");
	assert_int_equal(exchange_ask(s, "cat", &in, &out, &e), 0);
	assert_string_equal(bundle_text(&out, "piece", &e), "some text");
	bundle_release(&out);
	/* several on one session; input and answer may be left out */
	assert_int_equal(exchange_ask(s, "cat >/dev/null", &in, NULL, &e), 0);
	assert_int_equal(exchange_ask(s, "true", NULL, NULL, &e), 0);
	assert_int_equal(exchange_ask(s, "echo no bundle", NULL, &out, &e), -1);
	assert_int_equal(e.code, ERR_FORMAT);
	bundle_release(&in);
	session_close(s);
}

static void
a_refusal_has_the_other_side_s_words(void **state)
{
	struct token t;
	struct err e = ERR_INIT;
	struct session *s;

	(void)state;
	make_token(&t, server.key_file);
	s = exchange_open(&t, "subscriber", &e);
	assert_non_null(s);
	assert_int_equal(exchange_ask(s,
			     "echo 'ucm-node readmit: not you' >&2; "
			     "echo '  a hint for there' >&2; exit 1",
			     NULL, NULL, &e),
	    -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_string_equal(e.msg, "the subscriber refuses: not you");
	assert_int_equal(exchange_ask(s, "echo why >&2; exit 2", NULL, NULL,
			     &e),
	    -1);
	assert_string_equal(e.msg, "the subscriber refuses: why");
	session_close(s);
}

static void
who_is_not_let_in_gets_advice(void **state)
{
	struct token t;
	struct err e = ERR_INIT;

	(void)state;
	make_token(&t, server.other_key_file);
	assert_null(exchange_open(&t, "publisher", &e));
	assert_int_equal(e.code, ERR_AUTH);
	assert_non_null(strstr(e.hint, "get a new one"));
	/* nor is anything said to a server of another key */
	make_token(&t, server.key_file);
	t.fingerprint[strlen(t.fingerprint) - 1] ^= 1;
	assert_null(exchange_open(&t, "publisher", &e));
	assert_int_equal(e.code, ERR_HOSTKEY);
	assert_null(exchange_open(&t, "publisher", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bundles_go_there_and_back),
		cmocka_unit_test(a_refusal_has_the_other_side_s_words),
		cmocka_unit_test(who_is_not_let_in_gets_advice),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, start, stop);
}
