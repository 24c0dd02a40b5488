#include "trust/tool_batch.h"

#include <errno.h>
#include <libgen.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/workers.h"

#define PROGRESS_MS 200

/* Set by a signal, which cannot be handed anything. */
static volatile sig_atomic_t interrupted;

static void
interrupt(int sig)
{
	interrupted = sig;
}

/* A batch on its way through the threads. */
struct progress_line {
	struct tool_batch *b;
	pthread_mutex_t lock; /* over the rest */
	size_t worked; /* inputs */
	int64_t shown; /* ticks of the last line */
	bool terminal;
};

/* An option that all commands have.  0, or -1 when it is none or wrong. */
static int
take_option(struct tool_batch *b, int c)
{
	uint64_t n;

	switch (c) {
	case TOOL_BATCH_DIRECTORY:
		b->out_dir = optarg;
		return 0;
	case TOOL_BATCH_OUT:
		b->out_path = optarg;
		return 0;
	case TOOL_BATCH_ROOT:
		b->root = optarg;
		return 0;
	case TOOL_BATCH_JOBS:
		if (str_number(optarg, 1, TOOL_BATCH_THREADS, &n) == -1)
			return -1;
		b->threads = (unsigned)n;
		return 0;
	case TOOL_BATCH_JSON:
		b->form = OUT_JSON;
		return 0;
	default:
		return -1;
	}
}

/* The inputs are argv[optind] and what follows. */
static enum tool_status
take_inputs(struct tool_batch *b, int argc, char **argv)
{
	if (optind == argc)
		return tool_misused(b->command, "name the files");
	b->n = (size_t)(argc - optind);
	b->job = mem_array(b->n, sizeof(*b->job));
	if (b->out_path != NULL && b->n > 1)
		return tool_misused(b->command,
		    "--out is for one file; give -o DIRECTORY");
	if (b->out_path != NULL && b->out_dir != NULL)
		return tool_misused(b->command, "--out or -o, not both");
	for (size_t i = 0; i < b->n; i++)
		b->job[i].path = argv[optind + (int)i];
	if (b->threads == 0)
		b->threads = workers_count(b->n);
	if (b->threads > TOOL_BATCH_THREADS)
		b->threads = TOOL_BATCH_THREADS;
	return TOOL_OK;
}

enum tool_status
tool_batch_arguments(struct tool_batch *b, int argc, char **argv)
{
	int c, i = 0;

	while ((c = getopt_long(argc, argv, "o:", b->options, &i)) != -1)
		if (take_option(b, c) == -1 && b->take(b->self, c) == -1)
			return tool_misused_option(b->command, c,
			    &b->options[i]);
	return take_inputs(b, argc, argv);
}

void
tool_batch_protect(struct tool_batch *b, const char *path)
{
	struct stat st;

	if (path == NULL || stat(path, &st) == -1)
		return;
	b->input = mem_resize(b->input, b->n_inputs + 1, sizeof(*b->input));
	b->input[b->n_inputs++] =
	    (struct tool_input) { .dev = st.st_dev, .ino = st.st_ino };
}

static int
compare_inputs(const void *left, const void *right)
{
	const struct tool_input *a = left, *b = right;

	if (a->dev != b->dev)
		return a->dev < b->dev ? -1 : 1;
	if (a->ino != b->ino)
		return a->ino < b->ino ? -1 : 1;
	return 0;
}

/* A file name without its directories. */
static char *
last_part(const char *path)
{
	char *copy = mem_strdup(path);
	char *name = mem_strdup(basename(copy));

	free(copy);
	return name;
}

/* The part of dir below top, both without symbolic links; NULL: not below. */
static const char *
rest_of(const char *dir, const char *top)
{
	size_t n = str_equal(top, "/") ? 0 : strlen(top);

	if (strncmp(dir, top, n) != 0 || (dir[n] != '/' && dir[n] != '\0'))
		return NULL;
	return dir[n] == '/' ? dir + n + 1 : dir + n;
}

/* The path below root, in memory of its own. */
static char *
below(const char *root, const char *path, struct err *e)
{
	char *copy = mem_strdup(path), *last = last_part(path);
	char *top = NULL, *dir = NULL, *name = NULL;
	const char *rest;

	if ((top = realpath(root, NULL)) == NULL)
		err_errno(e, "%s", root);
	else if ((dir = realpath(dirname(copy), NULL)) == NULL)
		err_errno(e, "%s", path);
	else if ((rest = rest_of(dir, top)) == NULL)
		err_set(e, ERR_USAGE, "%s: not below %s", path, root);
	else if (*rest == '\0')
		name = mem_strdup(last);
	else
		name = mem_printf("%s/%s", rest, last);
	free(top);
	free(dir);
	free(copy);
	free(last);
	return name;
}

/* Where a result goes; the caller frees it. */
static char *
result_path(const struct tool_batch *b, const struct tool_job *j,
    const char *name)
{
	char *copy, *last, *path;

	if (b->out_path != NULL)
		return mem_strdup(b->out_path);
	if (b->out_dir != NULL)
		return mem_printf("%s/%s", b->out_dir, name);
	copy = mem_strdup(j->path);
	last = last_part(name);
	path = mem_printf("%s/%s", dirname(copy), last);
	free(copy);
	free(last);
	return path;
}

/* The folders that name has below the directory of -o. */
static int
make_folders(const struct tool_batch *b, const char *name, struct err *e)
{
	const char *slash = name;
	int rc = 0;

	if (b->out_dir == NULL)
		return 0;
	while (rc == 0 && (slash = strchr(slash, '/')) != NULL) {
		char *dir = mem_printf("%s/%.*s", b->out_dir,
		    (int)(slash - name), name);

		rc = file_mkdir(dir, 0755, e);
		free(dir);
		slash++;
	}
	return rc;
}

/* Nothing but a regular file is replaced, and no input. */
static enum tool_status
check_result(const struct tool_batch *b, const char *path, struct err *e)
{
	struct tool_input it;
	struct stat st;

	if (stat(path, &st) == -1)
		return TOOL_OK; /* writing tells what is wrong */
	if (!S_ISREG(st.st_mode)) {
		err_set(e, ERR_EXISTS, "%s: not a regular file", path);
		return TOOL_NO_OUTPUT;
	}
	it = (struct tool_input) { .dev = st.st_dev, .ino = st.st_ino };
	if (b->n_inputs > 0 &&
	    bsearch(&it, b->input, b->n_inputs, sizeof(it), compare_inputs) !=
		NULL) {
		err_set(e, ERR_EXISTS,
		    "the result %s would replace what is read: give another "
		    "directory with -o",
		    path);
		return TOOL_REFUSED;
	}
	return TOOL_OK;
}

enum tool_status
tool_batch_put(const struct tool_batch *b, struct tool_job *j, const char *name,
    const struct key_piece *data, mode_t mode, struct err *e)
{
	char *path = result_path(b, j, name);
	enum tool_status status = check_result(b, path, e);

	if (j->n_results == TOOL_BATCH_RESULTS)
		BUG("too many results of %s", j->path);
	if (status == TOOL_OK &&
	    (make_folders(b, name, e) == -1 ||
		file_pending_write(&j->result[j->n_results], path, data->data,
		    data->len, mode, e) == -1))
		status = TOOL_NO_OUTPUT;
	else if (status == TOOL_OK)
		j->n_results++;
	free(path);
	return status;
}

char *
tool_name_cut(const char *name, const char *suffix)
{
	if (!str_ends(name, suffix) || strlen(name) == strlen(suffix))
		return NULL;
	return mem_strndup(name, strlen(name) - strlen(suffix));
}

static void
drop_results(struct tool_job *j)
{
	for (size_t i = 0; i < j->n_results; i++)
		file_pending_release(&j->result[i]);
	j->n_results = 0;
}

/* It came to nothing; e says why. */
static void
fail(struct tool_job *j, enum tool_status status, const struct err *e)
{
	j->status = status;
	j->error = mem_dup(e, sizeof(*e));
	drop_results(j);
}

static void
work_on(const struct tool_batch *b, unsigned thread, struct tool_job *j)
{
	struct err e = ERR_INIT;
	enum tool_status status = TOOL_NO_INPUT;
	uint8_t *data;

	if (b->root == NULL)
		j->name = last_part(j->path);
	else
		j->name = below(b->root, j->path, &e);
	if (j->name == NULL ||
	    tool_read(j->path, &data, &j->len, NULL, &e) == -1) {
		fail(j, status, &e);
		return;
	}
	j->data = data;
	status = b->work(b->self, thread, j, &e);
	j->data = NULL;
	mem_free_wiped(data, j->len); /* it may be meant for one phone only */
	if (status == TOOL_OK)
		return;
	err_wrap(&e, "%s", j->path);
	fail(j, status, &e);
}

/* Now and then, for people who wait. */
static void
show_progress(struct progress_line *l)
{
	int64_t now;

	(void)pthread_mutex_lock(&l->lock);
	l->worked++;
	now = clock_ticks();
	if (l->terminal && now - l->shown >= PROGRESS_MS) {
		fprintf(stderr, "\r%zu of %zu files ", l->worked, l->b->n);
		l->shown = now;
	}
	(void)pthread_mutex_unlock(&l->lock);
}

static void
work_in_thread(void *self, unsigned thread, size_t i)
{
	struct progress_line *l = self;

	if (interrupted != 0)
		return;
	work_on(l->b, thread, &l->b->job[i]);
	show_progress(l);
}

/* All inputs, with signals that only ask for the end. */
static void
work_on_all(struct tool_batch *b)
{
	struct progress_line l = { .b = b,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.shown = clock_ticks(),
		.terminal = isatty(STDERR_FILENO) == 1 };
	const struct workers w = { .n = b->n,
		.threads = b->threads,
		.run = work_in_thread,
		.self = &l };

	workers_run(&w);
	if (l.terminal)
		fprintf(stderr, "\r%*s\r", 50, "");
	(void)pthread_mutex_destroy(&l.lock);
}

struct named_result {
	const struct file_pending *result;
	size_t job;
};

static int
compare_results(const void *left, const void *right)
{
	const struct named_result *a = left, *b = right;
	int order = strcmp(a->result->path, b->result->path);

	if (order != 0)
		return order;
	return a->job < b->job ? -1 : a->job > b->job;
}

/* Of results with one name only the first input's can be meant. */
static void
refuse_equal_names(struct tool_batch *b)
{
	struct named_result *all =
	    mem_array(TOOL_BATCH_RESULTS * b->n, sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->job[i].n_results; k++)
			all[n++] =
			    (struct named_result) { .result =
							&b->job[i].result[k],
				    .job = i };
	if (n > 0)
		qsort(all, n, sizeof(*all), compare_results);
	for (size_t i = n; i-- > 1;) {
		struct tool_job *j = &b->job[all[i].job];
		struct err e = ERR_INIT;

		if (j->status != TOOL_OK || all[i].result->path == NULL ||
		    all[i - 1].result->path == NULL ||
		    !str_equal(all[i].result->path, all[i - 1].result->path))
			continue;
		err_set(&e, ERR_EXISTS, "%s: %s is the result of %s", j->path,
		    all[i].result->path, b->job[all[i - 1].job].path);
		fail(j, TOOL_REFUSED, &e);
	}
	free(all);
}

static bool
is_committed(const struct tool_job *j)
{
	for (size_t k = 0; k < j->n_results; k++)
		if (!j->result[k].committed)
			return false;
	return true;
}

/* Give all results their names; those that get none have failed. */
static void
commit(struct tool_batch *b, struct err *e)
{
	struct file_pending **all =
	    mem_array(TOOL_BATCH_RESULTS * b->n, sizeof(void *));
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->job[i].n_results; k++)
			all[n++] = &b->job[i].result[k];
	rc = file_pending_commit(all, n, e);
	free(all);
	for (size_t i = 0; rc == -1 && i < b->n; i++)
		if (b->job[i].status == TOOL_OK && !is_committed(&b->job[i]))
			b->job[i].status = TOOL_NO_OUTPUT;
}

static void
print_job(struct out *o, const struct tool_job *j)
{
	out_object(o, NULL);
	out_string(o, "file", j->path);
	out_int(o, "status", (int64_t)j->status);
	if (j->status == TOOL_OK) {
		out_array(o, "results");
		for (size_t k = 0; k < j->n_results; k++)
			out_string(o, NULL, j->result[k].path);
		out_end(o);
	}
	if (j->error != NULL)
		out_string(o, "error", j->error->msg);
	out_end(o);
}

/*
 * What became of the files, and of all of them together.  The status of the
 * first that failed.
 */
static enum tool_status
report(const struct tool_batch *b, const struct err *all)
{
	struct out *o = out_new_fd(STDOUT_FILENO, b->form);
	enum tool_status status = TOOL_OK;
	size_t failed = 0;

	out_object(o, NULL);
	out_string(o, "command", b->command->name);
	out_array(o, "files");
	for (size_t i = 0; i < b->n; i++) {
		const struct tool_job *j = &b->job[i];

		print_job(o, j);
		if (j->error != NULL && b->form == OUT_TEXT)
			tool_complain(j->error);
		if (j->status == TOOL_OK)
			continue;
		failed++;
		if (status == TOOL_OK)
			status = j->status;
	}
	out_end(o);
	if (all->code != ERR_NONE) {
		out_string(o, "error", all->msg);
		if (b->form == OUT_TEXT)
			tool_complain(all);
		if (status == TOOL_OK)
			status = TOOL_NO_OUTPUT;
	}
	out_int(o, "done", (int64_t)(b->n - failed));
	out_int(o, "failed", (int64_t)failed);
	out_int(o, "status", (int64_t)status);
	out_end(o);
	out_printf(o, "%zu file%s %s", b->n - failed,
	    b->n - failed == 1 ? "" : "s", b->done);
	if (failed > 0)
		out_printf(o, ", %zu failed", failed);
	out_puts(o, "\n");
	return tool_finish(o, status);
}

static void
drop_all(struct tool_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		drop_results(&b->job[i]);
		free(b->job[i].name);
		free(b->job[i].error);
	}
	free(b->job);
	free(b->input);
	b->job = NULL;
	b->input = NULL;
	b->n = b->n_inputs = 0;
}

/*
 * Work until done or asked to end; what ended it, or 0.  Results that are
 * about to get their names get them: it is too late then.
 */
static int
work_with_signals(struct tool_batch *b, struct err *e)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction ask = { .sa_handler = interrupt }, before[3];
	int sig;

	interrupted = 0;
	(void)sigemptyset(&ask.sa_mask);
	for (size_t i = 0; i < 3; i++) {
		(void)sigaction(signals[i], &ask, &before[i]);
		/* What was ignored goes on being ignored. */
		if (before[i].sa_handler == SIG_IGN)
			(void)sigaction(signals[i], &before[i], NULL);
	}
	work_on_all(b);
	sig = interrupted;
	if (sig != 0) {
		drop_all(b);
	} else {
		refuse_equal_names(b);
		commit(b, e);
	}
	for (size_t i = 0; i < 3; i++)
		(void)sigaction(signals[i], &before[i], NULL);
	return sig;
}

enum tool_status
tool_batch_run(struct tool_batch *b)
{
	struct err e = ERR_INIT;
	int sig;

	for (size_t i = 0; i < b->n; i++)
		tool_batch_protect(b, b->job[i].path);
	if (b->n_inputs > 0)
		qsort(b->input, b->n_inputs, sizeof(*b->input), compare_inputs);
	sig = work_with_signals(b, &e);
	if (sig != 0) {
		(void)raise(sig);
		return TOOL_NO_OUTPUT;
	}
	return report(b, &e);
}

void
tool_batch_release(struct tool_batch *b)
{
	drop_all(b);
}

static enum tool_status
load_signer(struct tool_signers *all, struct tool_signing *s, struct err *e)
{
	struct signer signer = { .digest = s->digest };

	if (tool_signing_load(s, e) == -1)
		return TOOL_NO_INPUT;
	if (s->cert == NULL) {
		err_set(e, ERR_KEY,
		    "%s holds no certificate: give it with --cert",
		    s->key_path);
		return TOOL_REFUSED;
	}
	signer.key = s->key;
	signer.cert = s->cert;
	all->of[0] = file_signer_new(&signer, NULL, e);
	return all->of[0] == NULL ? TOOL_REFUSED : TOOL_OK;
}

enum tool_status
tool_signers_load(struct tool_signers *all, struct tool_batch *b,
    struct tool_signing *s)
{
	struct err e = ERR_INIT;
	enum tool_status status;

	memset(all, 0, sizeof(*all));
	if (s->key_path == NULL)
		return tool_misused(b->command, "--key is missing");
	status = load_signer(all, s, &e);
	for (unsigned i = 1; status == TOOL_OK && i < b->threads; i++) {
		all->of[i] = file_signer_dup(all->of[0], &e);
		if (all->of[i] == NULL)
			status = TOOL_REFUSED;
	}
	if (status != TOOL_OK)
		tool_complain(&e);
	tool_batch_protect(b, s->key_path);
	tool_batch_protect(b, s->cert_path);
	return status;
}

void
tool_signers_release(struct tool_signers *all)
{
	for (size_t i = 0; i < TOOL_BATCH_THREADS; i++)
		file_signer_free(all->of[i]);
	memset(all, 0, sizeof(*all));
}
