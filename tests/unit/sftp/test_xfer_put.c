/*
 * sftp/xfer_put.c: files to real sftp-servers, of which some refuse and some
 * connections end under way.
 */
#include "sftp/xfer.h"

#include <sys/mount.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sftp/session_priv.h"
#include "sftp/xfer_priv.h"
#include "tests/fakes/server_guest.h"
#include "tests/fakes/sshd_server.h"
#include "tests/fakes/tcp_proxy.h"
#include "tests/fakes/testing.h"

#define SIZE ((size_t)1000000)

static struct sshd_server server;
static struct server_guest guest;
static struct session *session;
static struct xfer *xfer;
static char *dir;
static char path[XFER_PATH_MAX];

/* A source that may fail. */
static struct source {
	size_t size;
	size_t off;
	size_t fails_at; /* 0: never */
	unsigned restarts;
	uint64_t moved;
	uint64_t stops_at; /* then the work is called off; 0: never */
} source;

static ssize_t
read_source(void *self, void *buf, size_t size, struct err *e)
{
	struct source *s = self;
	size_t n = s->size - s->off < size ? s->size - s->off : size, i;

	if (s->fails_at != 0 && s->off >= s->fails_at)
		return err_set(e, ERR_KEY, "the source has failed");
	for (i = 0; i < n; i++)
		((char *)buf)[i] = (char)('a' + (s->off + i) * 11 % 26);
	s->off += n;
	return (ssize_t)n;
}

static int
restart_source(void *self, struct err *e)
{
	struct source *s = self;

	(void)e;
	s->off = 0;
	s->restarts++;
	return 0;
}

static void
note_moved(void *self, uint64_t bytes)
{
	struct source *s = self;

	assert_true(bytes > s->moved || s->restarts > 0);
	s->moved = bytes;
	guest.stop = s->stops_at != 0 && bytes >= s->stops_at;
}

static int
put(size_t size, struct xfer_result *r, struct err *e)
{
	const struct xfer_source src = { .read = read_source,
		.restart = restart_source,
		.moved = note_moved,
		.self = &source };

	source.size = size;
	source.off = 0;
	source.restarts = 0;
	source.moved = 0;
	err_clear(e);
	return xfer_put(xfer, path, &src, r, e);
}

static void
connect_through(uint16_t port)
{
	struct err e = ERR_INIT;

	guest.target.port = port;
	session = server_guest_login(&guest);
	xfer = xfer_open(session, &e);
	assert_non_null(xfer);
}

static void
disconnect(void)
{
	xfer_close(xfer);
	session_close(session);
}

static void
begin(const char *sftp)
{
	const struct sshd_server_kind kind = { .sftp = sftp };

	memset(&source, 0, sizeof(source));
	sshd_server_start_kind(&server, &kind);
	server_guest_init(&guest, server.port, SSHD_SERVER_PASSWORD);
	strlist_add(&guest.known, server.host_key);
	connect_through(server.port);
	dir = testing_dir();
	(void)snprintf(path, sizeof(path), "%s/file", dir);
}

static void
end(void)
{
	disconnect();
	server_guest_release(&guest);
	sshd_server_stop(&server);
	testing_dir_remove(dir);
}

/* The file has what the source gives, and nothing else is there. */
static void
check_whole(size_t size)
{
	char *text = testing_read(dir, "file");
	size_t i;

	assert_non_null(text);
	assert_int_equal(strlen(text), size);
	for (i = 0; i < size; i++) {
		if (text[i] != (char)('a' + i * 11 % 26))
			fail_msg("byte %zu of %zu", i, size);
	}
	free(text);
	assert_int_equal(testing_count(dir), 1);
}

static void
check_old(void)
{
	char *text = testing_read(dir, "file");

	assert_string_equal(text, "old");
	free(text);
	assert_int_equal(testing_count(dir), 1);
}

/* New and in the place of an old one. */
static void
check_put(const char *sftp, bool plain)
{
	struct err e = ERR_INIT;
	struct xfer_result r;

	begin(sftp);
	assert_int_equal(put(0, &r, &e), 0);
	check_whole(0);
	assert_int_equal(put(SIZE, &r, &e), 0);
	check_whole(SIZE);
	assert_int_equal(source.moved, SIZE);
	assert_int_equal(r.plain, plain);
	assert_false(xfer_unfinished(&r));
	assert_int_equal(source.restarts, plain ? 1 : 0);
	assert_int_equal(put(5, &r, &e), 0);
	check_whole(5);
	end();
}

static void
test_put(void **state)
{
	(void)state;
	check_put(NULL, false);
	check_put("-P posix-rename", false);
	check_put("-P posix-rename,rename", true);
	check_put("-P posix-rename,rename,stat", true);
	check_put("-P fsync,statvfs,read", false);
}

static void
test_mode(void **state)
{
	const struct xfer_source src = { .read = read_source,
		.restart = restart_source,
		.self = &source,
		.is_private = true,
		.sync = true };
	struct err e = ERR_INIT;
	struct xfer_result r;
	struct stat st;

	(void)state;
	begin(NULL);
	source.size = 10;
	assert_int_equal(xfer_put(xfer, path, &src, &r, &e), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	end();
}

/* What the server could not bring to its disk is not there. */
static void
test_not_synced(void **state)
{
	const struct xfer_source src = { .read = read_source,
		.restart = restart_source,
		.self = &source,
		.sync = true };
	struct err e = ERR_INIT;
	struct xfer_result r;

	(void)state;
	begin("-P fsync");
	testing_write(dir, "file", "old");
	/* it refuses what it does not offer */
	xfer->extensions |= XFER_FSYNC;
	source.size = 10;
	assert_int_equal(xfer_put(xfer, path, &src, &r, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.msg, "cannot write"));
	assert_false(xfer_unfinished(&r));
	check_old();
	end();
}

static void
test_refused(void **state)
{
	struct err e = ERR_INIT;
	struct xfer_result r;

	(void)state;
	begin("-P write");
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_non_null(strstr(e.msg, path));
	assert_int_equal(testing_count(dir), 0);
	end();
	begin(NULL);
	(void)snprintf(path, sizeof(path), "%s/no/file", dir);
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	end();
	/* A directory is not put aside. */
	begin(NULL);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_STATE);
	assert_int_equal(testing_count(dir), 1);
	assert_int_equal(testing_count(path), 0);
	end();
	/* Nothing was made, so nothing is left. */
	begin("-P open,remove");
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_DENIED);
	assert_false(xfer_unfinished(&r));
	end();
	/* Without the leave to remove, what is left is told. */
	begin("-P remove");
	source.fails_at = SIZE / 2;
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	assert_string_equal(e.msg, "the source has failed");
	assert_true(xfer_unfinished(&r));
	assert_memory_equal(r.temporary, dir, strlen(dir));
	end();
}

static void
test_full_disk(void **state)
{
	struct err e = ERR_INIT;
	struct xfer_result r;

	(void)state;
	begin(NULL);
	assert_int_equal(mount("none", dir, "tmpfs", 0, "size=128k"), 0);
	testing_write(dir, "file", "old");
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_NO_SPACE);
	check_old();
	assert_false(xfer_unfinished(&r));
	assert_int_equal(umount(dir), 0);
	end();
}

static void
test_called_off(void **state)
{
	struct err e = ERR_INIT;
	struct xfer_result r;

	(void)state;
	begin(NULL);
	testing_write(dir, "file", "old");
	source.stops_at = SIZE;
	assert_int_equal(put(100 * SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_CANCELLED);
	assert_true(source.moved < 100 * SIZE);
	check_old();
	assert_false(xfer_unfinished(&r));
	/* The connection is as good as before. */
	guest.stop = false;
	source.stops_at = 0;
	assert_int_equal(put(SIZE, &r, &e), 0);
	check_whole(SIZE);
	source.fails_at = SIZE / 2;
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_KEY);
	check_whole(SIZE);
	end();
}

/* At each tenth the old file is whole, and nothing stays behind. */
static void
check_cuts(const char *sftp)
{
	struct err e = ERR_INIT;
	struct xfer_result r;
	struct tcp_proxy *p;
	size_t whole, i;

	begin(sftp);
	disconnect();
	p = tcp_proxy_start(server.port);
	connect_through(tcp_proxy_port(p));
	assert_int_equal(put(SIZE, &r, &e), 0);
	disconnect();
	whole = tcp_proxy_sent(p);
	for (i = 1; i < 10; i++) {
		testing_write(dir, "file", "old");
		tcp_proxy_cut_next(p, whole * i / 10);
		connect_through(tcp_proxy_port(p));
		assert_int_equal(put(SIZE, &r, &e), -1);
		assert_int_equal(e.code, ERR_UNREACHABLE);
		disconnect();
		connect_through(server.port);
		assert_int_equal(xfer_tidy(xfer, path, &r, &e), 0);
		assert_false(xfer_unfinished(&r));
		check_old();
		disconnect();
	}
	tcp_proxy_stop(p);
	connect_through(server.port);
	end();
}

static void
test_cut(void **state)
{
	(void)state;
	check_cuts(NULL);
	check_cuts("-P posix-rename");
}

static void
test_silent(void **state)
{
	struct err e = ERR_INIT;
	struct xfer_result r;
	struct tcp_proxy *p;

	(void)state;
	begin(NULL);
	disconnect();
	testing_write(dir, "file", "old");
	p = tcp_proxy_start(server.port);
	tcp_proxy_stall_next(p, SIZE / 2);
	connect_through(tcp_proxy_port(p));
	session->step_ms = 1000;
	assert_int_equal(put(SIZE, &r, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	disconnect();
	connect_through(server.port);
	assert_int_equal(xfer_tidy(xfer, path, &r, &e), 0);
	check_old();
	tcp_proxy_stop(p);
	end();
}

/* What the steps of a swap leave when the connection ends between them. */
static void
test_tidy(void **state)
{
	struct err e = ERR_INIT;
	struct xfer_result r;

	(void)state;
	begin(NULL);
	/* The old file was put aside. */
	memset(&r, 0, sizeof(r));
	testing_write(dir, ".aside", "old");
	testing_write(dir, ".temporary", "new");
	(void)snprintf(r.aside, sizeof(r.aside), "%s/.aside", dir);
	(void)snprintf(r.temporary, sizeof(r.temporary), "%s/.temporary", dir);
	assert_int_equal(xfer_tidy(xfer, path, &r, &e), 0);
	check_old();
	/* The new one has its name already. */
	testing_write(dir, ".aside", "older");
	(void)snprintf(r.aside, sizeof(r.aside), "%s/.aside", dir);
	assert_int_equal(xfer_tidy(xfer, path, &r, &e), 0);
	check_old();
	/* Half of it stands in the old one's place: the whole one stays. */
	testing_write(dir, ".temporary", "new");
	(void)snprintf(r.temporary, sizeof(r.temporary), "%s/.temporary", dir);
	r.partial = true;
	r.replaced = true;
	assert_int_equal(xfer_tidy(xfer, path, &r, &e), -1);
	assert_int_equal(testing_count(dir), 2);
	/* There was none before: nothing stays. */
	r.replaced = false;
	assert_int_equal(xfer_tidy(xfer, path, &r, &e), 0);
	assert_int_equal(testing_count(dir), 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_not_synced),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_called_off),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_tidy),
	};

	sshd_server_prepare();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
