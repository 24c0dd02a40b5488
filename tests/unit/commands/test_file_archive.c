#include "commands/file_archive.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "tests/fakes/cmd_world.h"
#include "tests/fakes/file_node.h"
#include "tests/fakes/testing.h"

static const struct fake_answer answers[] = {
	{ .words = "recovery p12", .data = "fresh p12" },
	{ .words = NULL },
};

/* The archive of what a spec finds, unpacked by zlib alone: a tar file. */
static void
archive(struct wbuf *tar, const char *root, const char *spec, size_t step)
{
	const struct file_find f = {
		.root = fileroot_find(root),
		.spec = spec,
		.flags = FILE_FIND_FILES | FILE_FIND_RECURS,
	};
	z_stream z = { .next_in = NULL };
	struct file_archive *a;
	const struct file_batch *b;
	struct file_plain plain;
	struct file_set set;
	struct cmd_world w;
	uint8_t in[4096], out[65536];
	ssize_t n;
	int rc = Z_OK;

	wbuf_init(tar, 0);
	cmd_world_init(&w, answers, NULL, OUT_TEXT);
	assert_int_equal(file_find(&w.ctx, &f, &set, &w.e), 0);
	file_plain_init(&plain, &w.ctx, &set);
	a = file_archive_new(&plain, "logs.tar.gz");
	b = file_archive_batch(a);
	assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
	assert_int_equal(b->open(b->self, 0, &w.e), 0);
	while ((n = b->read(b->self, in, step, &w.e)) > 0) {
		z.next_in = in;
		z.avail_in = (uInt)n;
		do {
			z.next_out = out;
			z.avail_out = sizeof(out);
			rc = inflate(&z, Z_NO_FLUSH);
			wbuf_bytes(tar, out, sizeof(out) - z.avail_out);
		} while (rc == Z_OK && z.avail_out == 0);
	}
	assert_int_equal(n, 0);
	assert_int_equal(rc, Z_STREAM_END);
	assert_int_equal(tar->len % 512, 0);
	(void)inflateEnd(&z);
	b->close(b->self);
	file_archive_free(a);
	file_plain_release(&plain);
	file_set_release(&set);
	cmd_world_release(&w);
}

/* The number in an octal field. */
static unsigned long
octal(const uint8_t *field)
{
	return strtoul((const char *)field, NULL, 8);
}

/* The header block at *off, and *off behind the file; NULL at the end. */
static const uint8_t *
member(const struct wbuf *tar, size_t *off, const uint8_t **body)
{
	const uint8_t *h = tar->data + *off;
	unsigned long sum = 0, size;
	size_t i;

	assert_true(*off + 512 <= tar->len);
	if (h[0] == '\0')
		return NULL;
	for (i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : h[i];
	assert_int_equal(octal(h + 148), sum);
	assert_memory_equal(h + 257, "ustar\00000", 8);
	size = octal(h + 124);
	*body = h + 512;
	*off += 512 + (size + 511) / 512 * 512;
	return h;
}

static void
the_archive_holds_the_files(void **state)
{
	struct wbuf tar;
	const uint8_t *h, *body;
	size_t off = 0;

	(void)state;
	archive(&tar, "tftp", "rings", 4096);
	h = member(&tar, &off, &body);
	assert_string_equal((const char *)h, "a.raw");
	assert_memory_equal(body, "a", 1);
	h = member(&tar, &off, &body);
	assert_string_equal((const char *)h, "deep/b.raw");
	assert_int_equal(octal(h + 124), 2);
	assert_memory_equal(body, "bb", 3);
	assert_null(member(&tar, &off, &body));
	assert_int_equal(tar.len, off + 1024);
	wbuf_release(&tar);
}

static void
small_reads_give_the_same(void **state)
{
	struct wbuf large, small;

	(void)state;
	archive(&large, "activelog", "/", 4096);
	archive(&small, "activelog", "/", 1);
	assert_int_equal(large.len, small.len);
	assert_memory_equal(large.data, small.data, large.len);
	wbuf_release(&large);
	wbuf_release(&small);
}

static void
the_key_is_the_agent_s(void **state)
{
	struct wbuf tar;
	const uint8_t *h, *body;
	size_t off = 0;

	(void)state;
	archive(&tar, "tftp", "ITLRecovery.p12", 4096);
	h = member(&tar, &off, &body);
	assert_int_equal(octal(h + 124), 9);
	assert_memory_equal(body, "fresh p12", 9);
	wbuf_release(&tar);
}

static void
long_names_go_before(void **state)
{
	char *name = mem_alloc(240);
	char *path, *record;
	const uint8_t *h, *body;
	struct wbuf tar;
	size_t off = 0;

	memset(name, 'n', 239);
	path = mem_printf("log/syslog/%s", name);
	testing_write(*state, path, "x");
	free(path);
	archive(&tar, "activelog", "syslog/nn*", 4096);
	h = member(&tar, &off, &body);
	assert_int_equal(h[156], 'x');
	record = mem_printf("249 path=%s\n", name);
	assert_int_equal(octal(h + 124), strlen(record));
	assert_memory_equal(body, record, strlen(record));
	h = member(&tar, &off, &body);
	assert_int_equal(h[156], '0');
	assert_memory_equal(h, name, 100);
	assert_memory_equal(body, "x", 2);
	free(record);
	free(name);
	wbuf_release(&tar);
}

static void
what_shrinks_is_filled_up(void **state)
{
	const struct file_find f = {
		.root = fileroot_find("activelog"),
		.spec = "shrinks",
	};
	const struct file_batch *b;
	struct file_archive *a;
	struct file_plain plain;
	struct file_set set;
	struct cmd_world w;
	uint8_t byte;
	char *path = mem_printf("%s/log/shrinks", (char *)*state);
	char *text = mem_alloc(100001);
	size_t n = 0;
	ssize_t got;

	memset(text, 'x', 100000);
	testing_write(*state, "log/shrinks", text);
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_find(&w.ctx, &f, &set, &w.e), 0);
	file_plain_init(&plain, &w.ctx, &set);
	a = file_archive_new(&plain, "a");
	b = file_archive_batch(a);
	assert_int_equal(b->open(b->self, 0, &w.e), 0);
	assert_int_equal(b->read(b->self, &byte, 1, &w.e), 1);
	assert_int_equal(truncate(path, 10), 0);
	while ((got = b->read(b->self, text, 100000, &w.e)) > 0)
		n += (size_t)got;
	assert_int_equal(got, 0);
	assert_true(n > 0);
	file_archive_free(a);
	file_plain_release(&plain);
	file_set_release(&set);
	cmd_world_release(&w);
	free(text);
	free(path);
}

/* A log that has rotated away: the others are there, and it is named. */
static void
what_is_gone_is_left_out(void **state)
{
	const struct file_find f = {
		.root = fileroot_find("activelog"),
		.spec = "gone*",
	};
	const struct file_batch *b;
	struct file_archive *a;
	struct file_plain plain;
	struct file_set set;
	struct cmd_world w;
	uint8_t bytes[65536];
	char *path = mem_printf("%s/log/gone2", (char *)*state);
	ssize_t n;
	int round;

	testing_write(*state, "log/gone1", "1");
	testing_write(*state, "log/gone2", "2");
	testing_write(*state, "log/gone3", "3");
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	assert_int_equal(file_find(&w.ctx, &f, &set, &w.e), 0);
	assert_int_equal(set.n, 3);
	assert_int_equal(unlink(path), 0);
	file_plain_init(&plain, &w.ctx, &set);
	a = file_archive_new(&plain, "a");
	b = file_archive_batch(a);
	for (round = 0; round < 2; round++) {
		/* sent anew after a lost connection: named once */
		assert_int_equal(b->open(b->self, 0, &w.e), 0);
		do
			n = b->read(b->self, bytes, sizeof(bytes), &w.e);
		while (n > 0);
		assert_int_equal(n, 0);
		assert_int_equal(w.e.code, ERR_NONE);
		b->close(b->self);
		assert_int_equal(plain.missed.n, 1);
		assert_true(str_starts(plain.missed.item[0],
		    "/var/log/active/gone2: "));
	}
	file_archive_free(a);
	file_plain_release(&plain);
	file_set_release(&set);
	cmd_world_release(&w);
	free(path);
}

static void
it_is_one_file_of_unknown_size(void **state)
{
	struct file_plain plain;
	struct file_set set = FILE_SET_INIT;
	struct file_source s;
	struct file_archive *a;
	struct cmd_world w;

	(void)state;
	cmd_world_init(&w, NULL, NULL, OUT_TEXT);
	file_plain_init(&plain, &w.ctx, &set);
	a = file_archive_new(&plain, "logs.tar.gz");
	assert_int_equal(file_archive_batch(a)->n, 1);
	file_archive_batch(a)->describe(file_archive_batch(a)->self, 0, &s);
	assert_string_equal(s.name, "logs.tar.gz");
	assert_int_equal(s.size, -1);
	assert_false(s.recovery_key);
	file_archive_free(a);
	file_archive_free(NULL);
	file_plain_release(&plain);
	cmd_world_release(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_archive_holds_the_files),
		cmocka_unit_test(small_reads_give_the_same),
		cmocka_unit_test(the_key_is_the_agent_s),
		cmocka_unit_test(long_names_go_before),
		cmocka_unit_test(what_shrinks_is_filled_up),
		cmocka_unit_test(what_is_gone_is_left_out),
		cmocka_unit_test(it_is_one_file_of_unknown_size),
	};

	return cmocka_run_group_tests(tests, file_node_setup,
	    file_node_teardown);
}
