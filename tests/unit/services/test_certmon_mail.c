#include "services/certmon_mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "tests/fakes/smtp_server.h"

static const char message[] = "Subject: test\r\n"
			      "\r\n"
			      "first line\r\n"
			      ".\r\n"
			      "..two dots\r\n"
			      "last line\r\n";

static struct certmon_mail_config
config_of(const struct smtp_server *s)
{
	return (struct certmon_mail_config) { .host = "127.0.0.1",
		.port = s->port,
		.helo = "pub.joemar2.lab",
		.from = "ucm-certmon@pub.joemar2.lab",
		.to = "ops@example.com,boss@example.com",
		.text = message,
		.connect_ms = 5000,
		.total_ms = 20000 };
}

/* To the end: 0 taken, or -1. */
static int
deliver(const struct certmon_mail_config *config, struct err *e)
{
	struct certmon_mail *m = certmon_mail_new(config, e);
	bool done = false;
	int rc = 0;

	assert_non_null(m);
	while (rc == 0 && !done) {
		rc = certmon_mail_step(m, &done, e);
		(void)usleep(2000);
	}
	certmon_mail_free(m);
	return rc;
}

static void
a_message_is_taken(void **state)
{
	struct smtp_server s;
	struct certmon_mail_config config;
	struct err e = ERR_INIT;
	char *text;

	(void)state;
	smtp_server_start(&s, SMTP_TAKE);
	config = config_of(&s);
	assert_int_equal(deliver(&config, &e), 0);
	smtp_server_stop(&s);
	assert_int_equal(s.messages, 1);
	text = smtp_server_take(&s);
	assert_true(str_starts(text,
	    "EHLO pub.joemar2.lab\r\n"
	    "MAIL FROM:<ucm-certmon@pub.joemar2.lab>"));
	assert_non_null(strstr(text,
	    "\r\nRCPT TO:<ops@example.com>\r\n"
	    "RCPT TO:<boss@example.com>\r\n"
	    "DATA\r\n"));
	/* a dot at the start of a line is doubled, and nothing else changed */
	assert_non_null(strstr(text,
	    "DATA\r\n"
	    "Subject: test\r\n"
	    "\r\n"
	    "first line\r\n"
	    "..\r\n"
	    "...two dots\r\n"
	    "last line\r\n"
	    ".\r\n"));
	assert_null(strstr(text, "AUTH"));
	free(text);
}

static void
a_refusal_is_a_failure(void **state)
{
	struct smtp_server s;
	struct certmon_mail_config config;
	struct err e = ERR_INIT;

	(void)state;
	smtp_server_start(&s, SMTP_REFUSE);
	config = config_of(&s);
	assert_int_equal(deliver(&config, &e), -1);
	smtp_server_stop(&s);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_non_null(strstr(e.msg, "mail server 127.0.0.1 port "));
	assert_non_null(strstr(e.msg, "550"));
	assert_int_equal(s.messages, 0);
}

static void
nobody_listens(void **state)
{
	const struct certmon_mail_config config = { .host = "127.0.0.1",
		.port = 1,
		.helo = "pub",
		.from = "a@b",
		.to = "c@d",
		.text = message };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(deliver(&config, &e), -1);
	assert_int_equal(e.code, ERR_UNREACHABLE);
	assert_null(strpbrk(e.msg, "\r\n"));
}

/* A server that says nothing does not hold up who steps. */
static void
silence_ends_at_the_limit(void **state)
{
	struct smtp_server s;
	struct certmon_mail_config config;
	struct err e = ERR_INIT;
	struct certmon_mail *m;
	bool done;

	(void)state;
	smtp_server_start(&s, SMTP_SILENT);
	config = config_of(&s);
	config.total_ms = 300;
	assert_int_equal(deliver(&config, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	config.total_ms = 60000;
	m = certmon_mail_new(&config, &e);
	assert_non_null(m);
	while (s.connections < 2) {
		int64_t begun = clock_ticks();

		assert_int_equal(certmon_mail_step(m, &done, &e), 0);
		assert_false(done);
		assert_true(clock_ticks() - begun < 20000);
		(void)usleep(2000);
	}
	certmon_mail_free(m);
	smtp_server_stop(&s);
}

static void
a_server_that_hangs_up(void **state)
{
	struct smtp_server s;
	struct certmon_mail_config config;
	struct err e = ERR_INIT;

	(void)state;
	smtp_server_start(&s, SMTP_HANG_UP);
	config = config_of(&s);
	assert_int_equal(deliver(&config, &e), -1);
	smtp_server_stop(&s);
	assert_int_equal(s.messages, 0);
}

/* What the environment says about proxies is nothing to us. */
static void
no_proxy_is_asked(void **state)
{
	struct smtp_server s;
	struct certmon_mail_config config;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(setenv("ALL_PROXY", "http://127.0.0.1:1", 1), 0);
	smtp_server_start(&s, SMTP_TAKE);
	config = config_of(&s);
	assert_int_equal(deliver(&config, &e), 0);
	smtp_server_stop(&s);
	assert_int_equal(unsetenv("ALL_PROXY"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_taken),
		cmocka_unit_test(a_refusal_is_a_failure),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(silence_ends_at_the_limit),
		cmocka_unit_test(a_server_that_hangs_up),
		cmocka_unit_test(no_proxy_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
