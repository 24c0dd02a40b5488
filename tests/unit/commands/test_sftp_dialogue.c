/*
 * commands/sftp_dialogue.c: whole transfers, with real servers.
 */
#include "commands/sftp_dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/cmd_world.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/tcp_proxy.h"
#include "tests/fakes/testing.h"
#include "trust/digest.h"

#define BIG 3000000

/* --- a batch --- */

static struct files {
	struct file_source f[2];
	size_t size[2];
	size_t n;
	size_t opened; /* number of the open one */
	size_t off;
	unsigned open; /* how many are */
	bool fails; /* the reading */
	size_t gone; /* number of the one that cannot be opened, from 1 */
} files;

static void
describe(void *self, size_t i, struct file_source *s)
{
	struct files *b = self;

	*s = b->f[i];
	s->size = (int64_t)b->size[i];
}

static int
open_file(void *self, size_t i, struct err *e)
{
	struct files *b = self;

	assert_true(i < b->n);
	assert_int_equal(b->open, 0);
	if (b->gone == i + 1)
		return err_set(e, ERR_NOT_FOUND, "it has gone");
	b->open++;
	b->opened = i;
	b->off = 0;
	return 0;
}

static ssize_t
read_file(void *self, void *buf, size_t size, struct err *e)
{
	struct files *b = self;
	size_t left = b->size[b->opened] - b->off;
	size_t n = left < size ? left : size;

	assert_int_equal(b->open, 1);
	if (b->fails)
		return err_set(e, ERR_IO, "the log cannot be read");
	memset(buf, 'a' + (int)b->opened, n);
	b->off += n;
	return (ssize_t)n;
}

static void
close_file(void *self)
{
	struct files *b = self;

	b->open = 0;
}

static const struct file_batch *
batch(size_t n, size_t size)
{
	static struct file_batch made;

	memset(&files, 0, sizeof(files));
	files.f[0].name = "one.log";
	files.f[0].shown = "/var/log/active/one.log";
	files.f[1].name = "sub/two.log";
	files.f[1].shown = "/var/log/active/sub/two.log";
	files.size[0] = files.size[1] = size;
	files.n = n;
	made.n = n;
	made.describe = describe;
	made.open = open_file;
	made.read = read_file;
	made.close = close_file;
	made.self = &files;
	return &made;
}

/* --- a server and its user --- */

static struct sshd_server server;
static struct cmd_world w;
static struct fake_answer answers[3];
static char find[64], saved[256], row[SSHD_SERVER_KEY + 2], port[8];
static char *dir;
static const char *user[6];

static void
begin_at(uint16_t number)
{
	(void)snprintf(port, sizeof(port), "%u", (unsigned)number);
	(void)snprintf(find, sizeof(find), "hostkey find 127.0.0.1 %s", port);
	(void)snprintf(row, sizeof(row), "%s\n", server.host_key);
	memset(answers, 0, sizeof(answers));
	answers[0].words = find;
	answers[0].rows = row;
	user[0] = "127.0.0.1";
	user[1] = port;
	user[2] = SSHD_SERVER_USER;
	user[3] = SSHD_SERVER_PASSWORD;
	user[4] = dir;
	cmd_world_init(&w, answers, user, OUT_TEXT);
	w.term.term.interactive = false;
}

static void
begin(const char *sftp)
{
	const struct sshd_server_kind kind = { .sftp = sftp };

	sshd_server_start_kind(&server, &kind);
	dir = testing_dir();
	begin_at(server.port);
}

static void
end(void)
{
	assert_int_equal(files.open, 0);
	cmd_world_release(&w);
	sshd_server_stop(&server);
	testing_dir_remove(dir);
}

static int
put(const struct file_batch *b)
{
	err_clear(&w.e);
	return sftp_dialogue_put(&w.ctx, b, &w.e);
}

/* What is printed behind the answers. */
static const char *
said(void)
{
	static const char before[] = "Download directory: ";
	const char *text = strstr(cmd_world_text(&w), before);

	assert_non_null(text);
	text = strstr(text, "\n\n");
	assert_non_null(text);
	return text + 2;
}

/* --- tests --- */

static void
test_put(void **state)
{
	char *text;

	(void)state;
	begin(NULL);
	assert_int_equal(put(batch(2, 1000)), 0);
	assert_string_equal(said(),
	    "..\n"
	    "Transfer completed.\n"
	    "Downloading file: /var/log/active/one.log\n"
	    "Downloading file: /var/log/active/sub/two.log\n");
	text = testing_read(dir, "sub/two.log");
	assert_int_equal(strlen(text), 1000);
	assert_int_equal(text[999], 'b');
	free(text);
	assert_int_equal(testing_count(dir), 2);
	end();
}

/* The gatherer tells of it. */
static void
test_put_without_what_is_gone(void **state)
{
	const struct file_batch *b;
	size_t gone;

	(void)state;
	for (gone = 1; gone <= 2; gone++) {
		begin(NULL);
		b = batch(2, 1000);
		files.gone = gone;
		assert_int_equal(put(b), 0);
		assert_non_null(strstr(said(),
		    gone == 1 ? "\nTransfer completed.\nDownloading file: "
				"/var/log/active/sub/two.log\n" :
				"\nTransfer completed.\nDownloading file: "
				"/var/log/active/one.log\n"));
		assert_null(
		    strstr(strstr(said(), "Downloading") + 1, "Downloading"));
		assert_int_equal(testing_count(dir), 1);
		end();
	}
	/* but for one that is all there is, and for the recovery key */
	begin(NULL);
	b = batch(1, 1000);
	files.gone = 1;
	assert_int_equal(put(b), -1);
	assert_string_equal(w.e.msg, "it has gone");
	end();
	begin(NULL);
	b = batch(2, 1000);
	files.gone = 2;
	files.f[1].recovery_key = true;
	assert_int_equal(put(b), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	end();
}

/* The agent hears of a recovery key that was read back, with its digest. */
static void
test_key_is_proven(void **state)
{
	char hex[DIGEST_HEX_SIZE], copy[100];
	const struct file_batch *b;

	(void)state;
	begin(NULL);
	memset(copy, 'a', sizeof(copy));
	digest_hex(DIGEST_SHA256, copy, sizeof(copy), hex);
	(void)snprintf(saved, sizeof(saved), "recovery saved %s", hex);
	answers[1].words = saved;
	b = batch(1, sizeof(copy));
	files.f[0].recovery_key = true;
	assert_int_equal(put(b), 0);
	assert_string_equal(said(),
	    ".\nTransfer completed.\n"
	    "Downloading file: /var/log/active/one.log\n");
	assert_int_equal(w.agent.asked.n, 2);
	assert_string_equal(w.agent.asked.item[1], saved);
	end();
	/* What the agent says against it fails the command. */
	begin(NULL);
	answers[1].words = saved;
	answers[1].code = ERR_STATE;
	answers[1].message = "The key has changed meanwhile.";
	b = batch(1, sizeof(copy));
	files.f[0].recovery_key = true;
	assert_int_equal(put(b), -1);
	assert_int_equal(w.e.code, ERR_STATE);
	assert_non_null(strstr(w.e.msg, "The key has changed meanwhile."));
	end();
}

static void
check_unproven(const char *sftp)
{
	const struct file_batch *b;

	begin(sftp);
	b = batch(1, 100);
	files.f[0].recovery_key = true;
	assert_int_equal(put(b), 0);
	assert_non_null(strstr(said(), "Transfer completed.\n"));
	assert_non_null(strstr(said(), "could not be verified"));
	assert_non_null(strstr(said(), "127.0.0.1"));
	assert_int_equal(w.agent.asked.n, 1);
	assert_int_equal(testing_count(dir), 1);
	end();
}

static void
test_key_is_not_proven(void **state)
{
	(void)state;
	check_unproven("-P read");
	check_unproven("-P rename,posix-rename");
}

static void
test_failures(void **state)
{
	char missing[300];

	(void)state;
	begin(NULL);
	(void)snprintf(missing, sizeof(missing), "%s/no", dir);
	user[4] = missing;
	assert_int_equal(put(batch(1, 10)), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(w.e.msg, "127.0.0.1: there is no directory "));
	assert_string_equal(said(), "");
	end();
	begin(NULL);
	user[3] = "wrong";
	assert_int_equal(put(batch(1, 10)), -1);
	assert_int_equal(w.e.code, ERR_AUTH);
	end();
	begin(NULL);
	user[1] = "99999";
	assert_int_equal(put(batch(1, 10)), -1);
	assert_int_equal(w.e.code, ERR_USAGE);
	assert_int_equal(w.agent.asked.n, 0);
	end();
	begin("-P write");
	assert_int_equal(put(batch(1, 10)), -1);
	assert_int_equal(w.e.code, ERR_DENIED);
	assert_non_null(strstr(w.e.msg, "may write to."));
	end();
}

/* A failure of this node is not blamed on the server. */
static void
test_own_failure(void **state)
{
	const struct file_batch *b;

	(void)state;
	begin(NULL);
	b = batch(1, 10);
	files.fails = true;
	assert_int_equal(put(b), -1);
	assert_string_equal(w.e.msg, "the log cannot be read");
	assert_int_equal(testing_count(dir), 0);
	end();
}

/* The rest of a transfer that was cut is removed over a new connection. */
static void
test_cut(void **state)
{
	struct tcp_proxy *p;

	(void)state;
	begin(NULL);
	cmd_world_release(&w);
	p = tcp_proxy_start(server.port);
	begin_at(tcp_proxy_port(p));
	tcp_proxy_cut_next(p, BIG / 2);
	assert_int_equal(put(batch(1, BIG)), -1);
	assert_int_equal(w.e.code, ERR_UNREACHABLE);
	assert_non_null(strstr(w.e.msg, "127.0.0.1: the connection was lost"));
	assert_string_equal(said(), "");
	assert_int_equal(testing_count(dir), 0);
	tcp_proxy_stop(p);
	end();
}

static bool
interrupted(void *self)
{
	(void)self;
	return files.off > BIG / 2;
}

static void
test_interrupted(void **state)
{
	(void)state;
	begin(NULL);
	w.ctx.interrupted = interrupted;
	assert_int_equal(put(batch(1, BIG)), -1);
	assert_int_equal(w.e.code, ERR_CANCELLED);
	assert_int_equal(testing_count(dir), 0);
	end();
}

static int
fetch(const char *path, size_t max, uint8_t **data, size_t *len)
{
	static const char *const password[] = { SSHD_SERVER_PASSWORD, NULL };
	char host[32];
	const struct sftp_fetch f = { .host = host,
		.user = SSHD_SERVER_USER,
		.path = path,
		.max = max };

	(void)snprintf(host, sizeof(host), "[127.0.0.1]:%s", port);
	w.term.answer = password;
	err_clear(&w.e);
	return sftp_dialogue_fetch(&w.ctx, &f, data, len, &w.e);
}

static void
test_fetch(void **state)
{
	char path[300];
	uint8_t *data;
	size_t len;

	(void)state;
	files.open = 0;
	begin(NULL);
	testing_write(dir, "key.p12", "bytes");
	(void)snprintf(path, sizeof(path), "%s/key.p12", dir);
	assert_int_equal(fetch(path, 5, &data, &len), 0);
	assert_int_equal(len, 5);
	assert_string_equal((char *)data, "bytes");
	mem_free_wiped(data, len);
	assert_string_equal(cmd_world_text(&w), "Enter Sftp password :\n");
	assert_int_equal(fetch(path, 4, &data, &len), -1);
	assert_int_equal(w.e.code, ERR_TOO_BIG);
	(void)snprintf(path, sizeof(path), "%s/no", dir);
	assert_int_equal(fetch(path, 4, &data, &len), -1);
	assert_int_equal(w.e.code, ERR_NOT_FOUND);
	assert_non_null(strstr(w.e.msg, "Check the path"));
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_put_without_what_is_gone),
		cmocka_unit_test(test_key_is_proven),
		cmocka_unit_test(test_key_is_not_proven),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_own_failure),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_fetch),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
