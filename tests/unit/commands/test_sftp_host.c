/*
 * commands/sftp_host.c: what is asked about a server, and its host key, with
 * a real server.
 */
#include "commands/sftp_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cmd_world.h"
#include "tests/fakes/sshd_server.h"

static struct cmd_world w;
static struct sftp_host h;

static void
begin(const struct fake_answer *answer, const char *const *user)
{
	cmd_world_init(&w, answer, user, OUT_TEXT);
	sftp_host_init(&h, &w.ctx);
}

static void
end(void)
{
	sftp_host_release(&h);
	cmd_world_release(&w);
}

/* --- answers --- */

static void
test_asks(void **state)
{
	static const char *const user[] = { " sftp.example ", "", "joe ",
		"pass word", NULL };

	(void)state;
	begin(NULL, user);
	assert_int_equal(sftp_host_ask(&h, &w.e), 0);
	assert_string_equal(h.name, "sftp.example");
	assert_int_equal(h.port, 22);
	assert_string_equal(h.user, "joe");
	assert_string_equal(h.password.text, "pass word");
	assert_string_equal(cmd_world_text(&w),
	    "SFTP server IP:  sftp.example \n"
	    "SFTP server port [22]: \n"
	    "User ID: joe \n"
	    "Password: *********\n\n");
	end();
}

/* All questions are asked before an answer is refused. */
static void
refuse(const char *name, const char *port, const char *user_id,
    const char *message)
{
	const char *const user[] = { name, port, user_id, "secret", NULL };

	begin(NULL, user);
	assert_int_equal(sftp_host_ask(&h, &w.e), -1);
	assert_int_equal(w.e.code, ERR_USAGE);
	assert_non_null(strstr(w.e.msg, message));
	assert_null(*w.term.answer);
	end();
}

static void
test_refuses(void **state)
{
	(void)state;
	refuse("", "", "joe", "No SFTP server");
	refuse("a b", "", "joe", "not a host name");
	refuse("*", "", "joe", "not a host name");
	refuse("h", "0", "joe", "not a port");
	refuse("h", "65536", "joe", "not a port");
	refuse("h", "x", "joe", "x is not a port");
	refuse("h", "", " ", "No user ID");
	refuse("h", "", "a\x01", "control character");
}

static void
test_interrupted(void **state)
{
	static const char *const user[] = { "h", "", "joe", "^C", NULL };

	(void)state;
	begin(NULL, user);
	assert_int_equal(sftp_host_ask(&h, &w.e), -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	end();
}

static int
given(const char *host, const char *name, uint16_t port)
{
	static const char *const user[] = { "secret", NULL };
	int rc;

	begin(NULL, user);
	rc = sftp_host_given(&h, host, "joe", &w.e);
	if (rc == 0) {
		assert_string_equal(h.name, name);
		assert_int_equal(h.port, port);
		assert_string_equal(h.password.text, "secret");
		assert_string_equal(cmd_world_text(&w),
		    "Enter Sftp password :\n");
	} else {
		assert_int_equal(w.e.code, ERR_USAGE);
		assert_string_equal(cmd_world_text(&w), "");
	}
	end();
	return rc;
}

static void
test_given(void **state)
{
	(void)state;
	assert_int_equal(given("sftp.example", "sftp.example", 22), 0);
	assert_int_equal(given("::1", "::1", 22), 0);
	assert_int_equal(given("[::1]:2222", "::1", 2222), 0);
	assert_int_equal(given("[a]", "a", 22), 0);
	assert_int_equal(given("[a]2", "a", 22), -1);
	assert_int_equal(given("[a]:", "a", 22), -1);
	assert_int_equal(given("[a]:x", "a", 22), -1);
	assert_int_equal(given("a b", "", 22), -1);
}

/* --- the host's key --- */

static struct sshd_server server;
static char find[64];

static void
begin_login(const struct fake_answer *answer, const char *const *user)
{
	begin(answer, user);
	h.name = mem_strdup("127.0.0.1");
	h.port = server.port;
	h.user = mem_strdup(SSHD_SERVER_USER);
	secret_set(&h.password, SSHD_SERVER_PASSWORD,
	    strlen(SSHD_SERVER_PASSWORD));
}

static void
check_accepts(const char *key, const char *question)
{
	static const char *const user[] = { "y", "perhaps", "yes", NULL };
	const struct sshd_server_kind kind = { .key = key };
	char add[SSHD_SERVER_KEY + 64];
	struct fake_answer answer[3] = { { .words = find }, { .words = add },
		{ .words = NULL } };
	struct session *s;

	sshd_server_start_kind(&server, &kind);
	(void)snprintf(find, sizeof(find), "hostkey find 127.0.0.1 %u",
	    (unsigned)server.port);
	(void)snprintf(add, sizeof(add), "hostkey add 127.0.0.1 %u %s",
	    (unsigned)server.port, server.host_key);
	begin_login(answer, user);
	s = sftp_host_login(&h, 0, &w.e);
	assert_non_null(s);
	session_close(s);
	assert_non_null(strstr(cmd_world_text(&w),
	    "The authenticity of host '127.0.0.1 (127.0.0.1)' can't be "
	    "established.\n"));
	assert_non_null(strstr(cmd_world_text(&w), question));
	assert_non_null(strstr(cmd_world_text(&w),
	    ".\nAre you sure you want to continue connecting (yes/no)? y\n"
	    "Please type 'yes' or 'no': perhaps\n"
	    "Please type 'yes' or 'no': yes\n"));
	assert_int_equal(w.agent.asked.n, 2);
	assert_string_equal(w.agent.asked.item[1], add);
	/* The second login of a command asks nobody. */
	s = sftp_host_login(&h, 0, &w.e);
	assert_non_null(s);
	session_close(s);
	assert_int_equal(w.agent.asked.n, 2);
	end();
	sshd_server_stop(&server);
}

static void
test_accepts(void **state)
{
	(void)state;
	check_accepts("rsa", "RSA key fingerprint is ");
	check_accepts("ecdsa", "ECDSA key fingerprint is SHA256:");
	check_accepts("ed25519", "ED25519 key fingerprint is SHA256:");
}

static void
test_declines_and_knows(void **state)
{
	static const struct sshd_server_kind kind = { .key = NULL };
	static const char *const user[] = { "no", NULL };
	struct fake_answer answer[2] = { { .words = find }, { .words = NULL } };
	char row[SSHD_SERVER_KEY + 2];
	struct session *s;

	(void)state;
	sshd_server_start_kind(&server, &kind);
	(void)snprintf(find, sizeof(find), "hostkey find 127.0.0.1 %u",
	    (unsigned)server.port);
	begin_login(answer, user);
	assert_null(sftp_host_login(&h, 0, &w.e));
	assert_int_equal(w.e.code, ERR_HOSTKEY);
	assert_non_null(strstr(w.e.msg, "127.0.0.1"));
	assert_int_equal(w.agent.asked.n, 1);
	end();
	(void)snprintf(row, sizeof(row), "%s\n", server.host_key);
	answer[0].rows = row;
	begin_login(answer, NULL);
	s = sftp_host_login(&h, 0, &w.e);
	assert_non_null(s);
	session_close(s);
	assert_string_equal(cmd_world_text(&w), "");
	end();
	sshd_server_change_host_key(&server);
	begin_login(answer, NULL);
	assert_null(sftp_host_login(&h, 0, &w.e));
	assert_int_equal(w.e.code, ERR_HOSTKEY);
	assert_non_null(strstr(w.e.msg, "WARNING"));
	assert_non_null(strstr(w.e.hint, "file delete sftpdetails"));
	end();
	/* Without the agent nobody knows which keys are known. */
	begin_login(NULL, NULL);
	assert_null(sftp_host_login(&h, 0, &w.e));
	assert_non_null(strstr(w.e.msg, "the known host keys"));
	end();
	sshd_server_stop(&server);
}

/* A question of several lines is not one with "\n" in it. */
static void
test_asked_in_lines(void **state)
{
	static const struct sshd_server_kind kind = {
		.methods = "keyboard-interactive",
		.asks_twice = true,
	};
	static const char *const user[] = { "joemar2@cisco.com", NULL };
	struct fake_answer answer[2] = { { .words = find }, { .words = NULL } };
	char row[SSHD_SERVER_KEY + 2];
	struct session *s;

	(void)state;
	sshd_server_start_kind(&server, &kind);
	(void)snprintf(find, sizeof(find), "hostkey find 127.0.0.1 %u",
	    (unsigned)server.port);
	(void)snprintf(row, sizeof(row), "%s\n", server.host_key);
	answer[0].rows = row;
	begin_login(answer, user);
	s = sftp_host_login(&h, 0, &w.e);
	assert_non_null(s);
	session_close(s);
	assert_non_null(
	    strstr(cmd_world_text(&w), "One \\x1b[2J thing\nmore.\n"));
	assert_null(strstr(cmd_world_text(&w), "\\n"));
	end();
	sshd_server_stop(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_given),
		cmocka_unit_test(test_accepts),
		cmocka_unit_test(test_declines_and_knows),
		cmocka_unit_test(test_asked_in_lines),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
