#include "trust/tool_batch.h"

#include <sys/stat.h>

#include <signal.h>
#include <stdatomic.h>

#include "tool_util.h"

/* What the work of the tests does: one result, its text twice. */
struct doubler {
	struct tool_batch b;
	const char *suffix;
	int sig; /* sent by the first that works */
	bool take; /* put a directory where the result of "two" shall be */
	atomic_uint worked;
};

static enum tool_status
twice(void *self, unsigned thread, struct tool_job *j, struct err *e)
{
	struct doubler *d = self;
	char *text = mem_printf("%.*s%.*s", (int)j->len, (const char *)j->data,
	    (int)j->len, (const char *)j->data);
	char *name = mem_printf("%s%s", j->name, d->suffix);
	enum tool_status status;

	assert_true(thread < d->b.threads);
	if (atomic_fetch_add(&d->worked, 1) == 0 && d->sig != 0)
		(void)raise(d->sig);
	if (str_starts(text, "bad")) {
		err_set(e, ERR_FORMAT, "offset 0: bad");
		status = TOOL_MALFORMED;
	} else {
		status = tool_batch_put(&d->b, j, name,
		    &(struct key_piece) { text, strlen(text) }, 0640, e);
	}
	if (d->take && str_equal(text, "twotwo"))
		assert_int_equal(mkdir(j->result[0].path, 0700), 0);
	free(name);
	free(text);
	return status;
}

static enum tool_status run_twice(int argc, char **argv);

static const struct tool_command command = { .name = "twice",
	.usage = "FILE …",
	.help = "",
	.run = run_twice };

static int
take(void *self, int c)
{
	struct doubler *d = self;

	if (c == 's')
		d->suffix = optarg;
	else if (c == 'k')
		d->sig = SIGTERM;
	else if (c == 't')
		d->take = true;
	else
		return -1;
	return 0;
}

/* A command as tool_sign.c and the others are. */
static enum tool_status
run_twice(int argc, char **argv)
{
	static const struct option options[] = { { "suffix", required_argument,
						     NULL, 's' },
		{ "kill", no_argument, NULL, 'k' },
		{ "take", no_argument, NULL, 't' },
		{ "directory", required_argument, NULL, TOOL_BATCH_DIRECTORY },
		{ "out", required_argument, NULL, TOOL_BATCH_OUT },
		{ "root", required_argument, NULL, TOOL_BATCH_ROOT },
		{ "jobs", required_argument, NULL, TOOL_BATCH_JOBS },
		{ "json", no_argument, NULL, TOOL_BATCH_JSON },
		{ NULL, 0, NULL, 0 } };
	struct doubler d = { .b = { .command = &command,
				 .done = "doubled",
				 .work = twice,
				 .options = options,
				 .take = take },
		.suffix = ".2" };
	enum tool_status status;

	d.b.self = &d;
	status = tool_batch_arguments(&d.b, argc, argv);
	if (status == TOOL_OK)
		status = tool_batch_run(&d.b);
	tool_batch_release(&d.b);
	return status;
}

struct fixture {
	char *dir;
	char *a, *b; /* two files in it */
	char *out; /* a directory in it */
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof(*f));

	f->dir = testing_dir();
	f->a = mem_printf("%s/a.x", f->dir);
	f->b = mem_printf("%s/b.x", f->dir);
	f->out = mem_printf("%s/out", f->dir);
	testing_write(f->dir, "a.x", "one");
	testing_write(f->dir, "b.x", "two");
	*state = f;
	return mkdir(f->out, 0700);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	testing_dir_remove(f->dir);
	free(f->a);
	free(f->b);
	free(f->out);
	free(f);
	return 0;
}

static void
holds(const char *dir, const char *name, const char *text)
{
	char *got = testing_read(dir, name);

	if (text == NULL)
		assert_null(got);
	else
		assert_string_equal(got, text);
	free(got);
}

static void
beside_their_inputs(void **state)
{
	const struct fixture *f = *state;
	struct ran r = RUN(&command, "twice", f->a, f->b);
	char *path = mem_printf("%s/a.x.2", f->dir);
	struct stat st;

	assert_int_equal(r.status, TOOL_OK);
	assert_string_equal(r.out, "2 files doubled\n");
	assert_string_equal(r.err, "");
	holds(f->dir, "a.x.2", "oneone");
	holds(f->dir, "b.x.2", "twotwo");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(testing_count(f->dir), 5);
	free(path);
	ran_release(&r);
}

static void
elsewhere(void **state)
{
	const struct fixture *f = *state;
	char *to = mem_printf("%s/to", f->out);
	struct ran r = RUN(&command, "twice", "-o", f->out, f->a, f->b);

	assert_int_equal(r.status, TOOL_OK);
	ran_release(&r);
	holds(f->out, "a.x.2", "oneone");
	holds(f->out, "b.x.2", "twotwo");
	EXPECT(TOOL_OK, "", &command, "twice", "--out", to, f->a);
	holds(f->out, "to", "oneone");
	EXPECT(TOOL_OK, "", &command, "twice", "--directory", f->out, f->a,
	    "--suffix", "");
	holds(f->out, "a.x", "oneone");
	EXPECT(TOOL_NO_OUTPUT, "No such file", &command, "twice", f->a, "-o",
	    "/nonexistent");
	EXPECT(TOOL_NO_OUTPUT, "not a regular file", &command, "twice", f->a,
	    "--out", f->dir);
	free(to);
}

static void
folders_below_a_root(void **state)
{
	const struct fixture *f = *state;
	char *deep = mem_printf("%s/x", f->dir);
	char *deeper = mem_printf("%s/x/y", f->dir);
	char *path = mem_printf("%s/../y/c", deeper);
	char *want = mem_printf("%s/x/y", f->out);

	assert_int_equal(mkdir(deep, 0700) + mkdir(deeper, 0700), 0);
	testing_write(deeper, "c", "c");
	EXPECT(TOOL_OK, "", &command, "twice", "--root", f->dir, "-o", f->out,
	    path, f->a);
	holds(want, "c.2", "cc");
	holds(f->out, "a.x.2", "oneone");
	/* Twice is no error; without -o it stands beside. */
	EXPECT(TOOL_OK, "", &command, "twice", "--root", f->dir, "-o", f->out,
	    path);
	EXPECT(TOOL_OK, "", &command, "twice", "--root", "/", path);
	holds(deeper, "c.2", "cc");
	EXPECT(TOOL_NO_INPUT, "not below", &command, "twice", "--root", f->out,
	    f->a);
	EXPECT(TOOL_NO_INPUT, "/nonexistent", &command, "twice", "--root",
	    "/nonexistent", f->a);
	EXPECT(TOOL_NO_INPUT, "/nonexistent/x", &command, "twice", "--root",
	    "/", "/nonexistent/x");
	free(deep);
	free(deeper);
	free(path);
	free(want);
}

static void
one_bad_file_is_alone(void **state)
{
	const struct fixture *f = *state;
	char *bad = mem_printf("%s/bad", f->dir);
	struct ran r;

	testing_write(f->dir, "bad", "bad");
	r = RUN(&command, "twice", f->a, "/nonexistent", bad, f->b);
	assert_int_equal(r.status, TOOL_NO_INPUT); /* of the first */
	assert_string_equal(r.out, "2 files doubled, 2 failed\n");
	assert_non_null(strstr(r.err, "ucm-trust: /nonexistent: No such file"));
	assert_non_null(strstr(r.err, "/bad: offset 0: bad\n"));
	ran_release(&r);
	holds(f->dir, "a.x.2", "oneone");
	holds(f->dir, "b.x.2", "twotwo");
	holds(f->dir, "bad.2", NULL);
	r = RUN(&command, "twice", "--json", bad, f->a);
	assert_int_equal(r.status, TOOL_MALFORMED);
	assert_string_equal(r.err, "");
	assert_non_null(strstr(r.out, "\"error\": \""));
	assert_non_null(strstr(r.out, "/a.x.2\""));
	assert_non_null(strstr(r.out, "\"done\": 1"));
	assert_non_null(strstr(r.out, "\"failed\": 1"));
	ran_release(&r);
	free(bad);
}

static void
inputs_are_not_replaced(void **state)
{
	const struct fixture *f = *state;
	char *link = mem_printf("%s/a.x.2", f->dir);

	EXPECT(TOOL_REFUSED, "would replace what is read", &command, "twice",
	    "--suffix", "", f->a);
	EXPECT(TOOL_REFUSED, "would replace what is read", &command, "twice",
	    "--out", f->a, f->a);
	/* By another name of the same file, too. */
	assert_int_equal(symlink(f->b, link), 0);
	EXPECT(TOOL_REFUSED, "would replace what is read", &command, "twice",
	    f->a, f->b);
	holds(f->dir, "a.x", "one");
	holds(f->dir, "b.x", "two");
	free(link);
}

static void
equal_names(void **state)
{
	const struct fixture *f = *state;
	char *other = mem_printf("%s/a.x", f->out);
	char *to = mem_printf("%s/to", f->dir);
	struct ran r;

	testing_write(f->out, "a.x", "other");
	assert_int_equal(mkdir(to, 0700), 0);
	r = RUN(&command, "twice", f->a, other, f->b, "-o", to);
	assert_int_equal(r.status, TOOL_REFUSED);
	assert_non_null(strstr(r.err, "is the result of "));
	assert_string_equal(r.out, "2 files doubled, 1 failed\n");
	holds(to, "a.x.2", "oneone");
	ran_release(&r);
	free(other);
	free(to);
}

/* The name is taken between the check and the end. */
static void
a_name_that_is_taken(void **state)
{
	const struct fixture *f = *state;
	struct ran r =
	    RUN(&command, "twice", "--take", f->a, f->b, "-o", f->out);

	assert_int_equal(r.status, TOOL_NO_OUTPUT);
	assert_string_equal(r.out, "1 file doubled, 1 failed\n");
	assert_non_null(strstr(r.err, "ucm-trust: rename "));
	ran_release(&r);
	holds(f->out, "a.x.2", "oneone");
	assert_int_equal(testing_count(f->out), 2);
	r = RUN(&command, "twice", "--json", "--take", f->b);
	assert_int_equal(r.status, TOOL_NO_OUTPUT);
	assert_string_equal(r.err, "");
	assert_non_null(strstr(r.out, "\"error\": \"rename "));
	assert_non_null(strstr(r.out, "\"failed\": 1"));
	ran_release(&r);
	EXPECT(TOOL_NO_OUTPUT, "not a regular file", &command, "twice", f->b);
}

static volatile sig_atomic_t caught;

static void
note(int sig)
{
	caught = sig;
}

/* The signal does what it did before, after everything is cleared away. */
static void
an_interrupt(void **state)
{
	const struct fixture *f = *state;
	struct sigaction ours = { .sa_handler = note }, before;
	struct ran r;

	(void)sigaction(SIGTERM, &ours, &before);
	caught = 0;
	r = RUN(&command, "twice", "--jobs", "1", "--kill", f->a, f->b);
	assert_int_equal(caught, SIGTERM);
	assert_int_equal(r.status, TOOL_NO_OUTPUT);
	ran_release(&r);
	assert_int_equal(testing_count(f->dir), 3);
	ours.sa_handler = SIG_IGN;
	(void)sigaction(SIGTERM, &ours, NULL);
	EXPECT(TOOL_OK, "", &command, "twice", "--kill", f->a);
	(void)sigaction(SIGTERM, &before, NULL);
	holds(f->dir, "a.x.2", "oneone");
}

static void
wrong_calls(void **state)
{
	const struct fixture *f = *state;

	EXPECT(TOOL_USAGE, "name the files", &command, "twice");
	EXPECT(TOOL_USAGE, "--out is for one file", &command, "twice", f->a,
	    f->b, "--out", "x");
	EXPECT(TOOL_USAGE, "not both", &command, "twice", f->a, "-o", f->out,
	    "--out", "x");
	EXPECT(TOOL_USAGE, "--jobs: wrong value: 0", &command, "twice",
	    "--jobs", "0", f->a);
	EXPECT(TOOL_USAGE, "--jobs: wrong value: 65", &command, "twice",
	    "--jobs", "65", f->a);
	EXPECT(TOOL_USAGE, "unknown option", &command, "twice", "--boss");
}

static void
names_and_suffixes(void **state)
{
	char *name = tool_name_cut("a/SEP1.cnf.xml.sgn", ".sgn");

	(void)state;
	assert_string_equal(name, "a/SEP1.cnf.xml");
	free(name);
	assert_null(tool_name_cut("a.sgn.xml", ".sgn"));
	assert_null(tool_name_cut(".sgn", ".sgn"));
}

static void
signers(void **state)
{
	struct tool_signing s = { .key_path = VECTORS "pem/sast2048.pem",
		.digest = DIGEST_SHA1 };
	struct tool_batch b = { .command = &tool_sign, .threads = 3 };
	struct tool_signers all;

	(void)state;
	assert_int_equal(tool_signers_load(&all, &b, &s), TOOL_OK);
	assert_non_null(all.of[2]);
	assert_null(all.of[3]);
	assert_int_equal(b.n_inputs, 1); /* the key, which is protected */
	tool_signers_release(&all);
	tool_signing_release(&s);
	s.digest = DIGEST_MD5;
	assert_int_equal(tool_signers_load(&all, &b, &s), TOOL_REFUSED);
	tool_signing_release(&s);
	s.key_path = C01;
	assert_int_equal(tool_signers_load(&all, &b, &s), TOOL_NO_INPUT);
	tool_signers_release(&all);
	tool_signing_release(&s);
	s.key_path = NULL;
	assert_int_equal(tool_signers_load(&all, &b, &s), TOOL_USAGE);
	tool_batch_release(&b);
}

int
main(void)
{
#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		IN_DIR(beside_their_inputs),
		IN_DIR(elsewhere),
		IN_DIR(folders_below_a_root),
		IN_DIR(one_bad_file_is_alone),
		IN_DIR(inputs_are_not_replaced),
		IN_DIR(equal_names),
		IN_DIR(a_name_that_is_taken),
		IN_DIR(an_interrupt),
		IN_DIR(wrong_calls),
		cmocka_unit_test(names_and_suffixes),
		cmocka_unit_test(signers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
