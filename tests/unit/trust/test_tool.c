#include "trust/tool.h"

#include "tool_util.h"

#include <sys/stat.h>

static void
verdicts_have_statuses(void **state)
{
	static const struct {
		enum err_code code;
		enum tool_status status;
	} table[] = { { ERR_SIGNATURE, TOOL_SIGNATURE },
		{ ERR_FORMAT, TOOL_MALFORMED },
		{ ERR_UNVERIFIABLE, TOOL_UNVERIFIABLE },
		{ ERR_KEY, TOOL_UNVERIFIABLE }, { ERR_IO, TOOL_REFUSED } };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct err e = ERR_INIT;

		(void)err_set(&e, table[i].code, "x");
		assert_int_equal(tool_verdict(&e), table[i].status);
	}
	assert_string_equal(tool_verdict_name(TOOL_OK), "valid");
	assert_string_equal(tool_verdict_name(TOOL_SIGNATURE),
	    "signature invalid");
	assert_string_equal(tool_verdict_name(TOOL_MALFORMED), "malformed");
	assert_string_equal(tool_verdict_name(TOOL_UNVERIFIABLE),
	    "unverifiable");
}

/* tool_signing_option() with this value in optarg. */
static int
option(struct tool_signing *s, int c, const char *value)
{
	static char text[32];

	assert_int_equal(str_copy(text, sizeof(text), value), 0);
	optarg = text;
	return tool_signing_option(s, c);
}

static void
words_of_options(void **state)
{
	struct tool_signing s = { .has_digest = false };

	(void)state;
	assert_int_equal(option(&s, 'k', "file"), 0);
	assert_string_equal(s.key_path, "file");
	assert_int_equal(option(&s, 'c', "file"), 0);
	assert_string_equal(s.cert_path, "file");
	assert_int_equal(option(&s, 'o', "file"), 0);
	assert_string_equal(s.out_path, "file");
	assert_int_equal(option(&s, 'x', "file"), -1);
	assert_false(s.has_digest);
	assert_int_equal(option(&s, 'd', "sha512"), 0);
	assert_int_equal(s.digest, DIGEST_SHA512);
	assert_int_equal(option(&s, 'd', "sha1"), 0);
	assert_int_equal(s.digest, DIGEST_SHA1);
	assert_int_equal(option(&s, 'd', "sha256"), 0);
	assert_int_equal(s.digest, DIGEST_SHA256);
	assert_int_equal(option(&s, 'd', "md5"), -1);
	s.for_files = true;
	assert_int_equal(option(&s, 'd', "sha256"), -1);
	assert_int_equal(option(&s, 'd', "sha512"), 0);
	assert_int_equal(option(&s, 't', "1393439067"), 0);
	assert_true(s.timestamp == T2014);
	assert_int_equal(option(&s, 't', "4294967296"), -1);
	assert_int_equal(option(&s, 't', "-1"), -1);
}

static void
names_may_be_symbolic_links(void **state)
{
	char *dir = testing_dir(), *link = mem_printf("%s/link", dir);
	char *target = mem_printf("%s/file", dir);
	struct err e = ERR_INIT;
	uint8_t *data;
	size_t n;
	int64_t mtime = 0;

	(void)state;
	testing_write(dir, "file", "abc");
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(tool_read(link, &data, &n, &mtime, &e), 0);
	assert_int_equal(n, 3);
	assert_true(mtime > T2014);
	free(data);
	assert_int_equal(unlink(target), 0);
	assert_int_equal(tool_read(link, &data, &n, &mtime, &e), -1);
	assert_int_equal(e.code, ERR_NOT_FOUND);
	free(link);
	free(target);
	testing_dir_remove(dir);
}

static void
key_and_certificate(void **state)
{
	struct tool_signing s = { .key_path = VECTORS "pem/sast2048.pem" };
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(tool_signing_load(&s, &e), 0);
	assert_non_null(s.key);
	assert_non_null(s.cert);
	tool_signing_release(&s);
	assert_null(s.key);
	s.cert_path = VECTORS "pem/nothing.pem";
	assert_int_equal(tool_signing_load(&s, &e), -1);
	assert_err(e, ERR_NOT_FOUND, "nothing.pem");
	tool_signing_release(&s);
	s.key_path = C01;
	assert_int_equal(tool_signing_load(&s, &e), -1);
	assert_err(e, ERR_KEY, "c01");
}

static void
only_files_are_replaced(void **state)
{
	char *dir = testing_dir(), *fifo = mem_printf("%s/fifo", dir);
	struct tool_signing s = { .out_path = dir };
	struct err e = ERR_INIT;
	struct stat st;

	(void)state;
	assert_int_equal(tool_write(&s, "x", 1, &e), -1);
	assert_err(e, ERR_EXISTS, "not a regular file");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	s.out_path = fifo;
	assert_int_equal(tool_write(&s, "x", 1, &e), -1);
	assert_err(e, ERR_EXISTS, "fifo: not a regular file");
	assert_int_equal(stat(fifo, &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(tool_write(&s, "x", 1, &e), 0);
	assert_int_equal(tool_write(&s, "y", 1, &e), 0);
	free(fifo);
	testing_dir_remove(dir);
}

/* A verdict that nobody could read is no success. */
static void
output_that_is_lost(void **state)
{
	static const char *const calls[] = { "show", "verify" };
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(full >= 0);
	for (size_t i = 0; i < 2; i++) {
		char *argv[] = { mem_strdup(calls[i]), mem_strdup(C01), NULL };
		int saved = dup(STDOUT_FILENO), status;

		assert_int_equal(dup2(full, STDOUT_FILENO), STDOUT_FILENO);
		optind = 0;
		status = (int)(i == 0 ? tool_show : tool_verify).run(2, argv);
		restore_fd(STDOUT_FILENO, saved);
		assert_int_equal(status, TOOL_NO_OUTPUT);
		free(argv[0]);
		free(argv[1]);
	}
	(void)close(full);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_have_statuses),
		cmocka_unit_test(words_of_options),
		cmocka_unit_test(names_may_be_symbolic_links),
		cmocka_unit_test(key_and_certificate),
		cmocka_unit_test(only_files_are_replaced),
		cmocka_unit_test(output_that_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
