/*
 * Only for ucm-trust: commands that make many files of many, on all
 * processors.  A command fills a struct tool_batch, has tool_batch_arguments()
 * hand it the options that are its own, and lets tool_batch_run() read each
 * input, call work() and tell what became of it.  Results appear under their
 * names complete or not at all, after the last input was worked on; an input
 * that fails leaves the others alone.
 */
#ifndef TRUST_TOOL_BATCH_H
#define TRUST_TOOL_BATCH_H

#include <sys/stat.h>
#include <sys/types.h>

#include <getopt.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/file_batch.h"
#include "base/out.h"
#include "trust/file_signer.h"
#include "trust/tool.h"

#define TOOL_BATCH_THREADS 64
#define TOOL_BATCH_RESULTS 2 /* of one input at most */

/* What getopt_long() returns for the options that all of them have. */
enum tool_batch_option {
	TOOL_BATCH_DIRECTORY = 'o', /* -o too; the others are long only */
	TOOL_BATCH_OUT = 1000,
	TOOL_BATCH_ROOT,
	TOOL_BATCH_JOBS,
	TOOL_BATCH_JSON
};

/* One input. */
struct tool_job {
	const char *path; /* as given */
	char *name; /* owned: as phones call it, below --root or without any
		       directory */
	const uint8_t *data; /* its bytes while work() runs */
	size_t len;
	/* The rest is tool_batch.c's. */
	struct file_pending result[TOOL_BATCH_RESULTS];
	size_t n_results;
	enum tool_status status;
	struct err *error; /* owned; NULL: nothing to tell */
};

/* A file that no result may replace. */
struct tool_input {
	dev_t dev;
	ino_t ino;
};

struct tool_batch {
	const struct tool_command *command;
	const char *done; /* "signed": what the summary says of the files */
	/*
	 * Make the results of one input with tool_batch_put().  Runs in
	 * several threads; thread tells them apart.  The status, and e unless
	 * it is TOOL_OK; the path of the input is put in front of e.
	 */
	enum tool_status (*work)(void *self, unsigned thread,
	    struct tool_job *j, struct err *e);
	const struct option *options; /* all of them; an empty one ends them */
	/*
	 * Take the command's own option c with its value in optarg.  0, or -1
	 * when it is none or its value is wrong.
	 */
	int (*take)(void *self, int c);
	void *self;
	/* From the options. */
	const char *out_path; /* of the only input's result */
	const char *out_dir;
	const char *root;
	unsigned threads; /* 0: as many as processors */
	enum out_form form;
	/* The rest is tool_batch.c's. */
	struct tool_job *job; /* owned, n of them */
	size_t n;
	struct tool_input *input; /* owned, n_inputs of them */
	size_t n_inputs;
};

/*
 * Take the options of a call and the inputs that follow them.  TOOL_OK with
 * b->threads set, or a complaint about the call.
 */
enum tool_status tool_batch_arguments(struct tool_batch *b, int argc,
    char **argv);

/* No result may replace this file; NULL and missing files are passed over. */
void tool_batch_protect(struct tool_batch *b, const char *path);

/*
 * Work on all inputs and print what became of them.  The status of the first
 * that failed.  An interrupt removes what was written so far and ends the
 * program.
 */
enum tool_status tool_batch_run(struct tool_batch *b);

/* Free what b owns. */
void tool_batch_release(struct tool_batch *b);

/*
 * From work(): write a result that phones call name, beside its input, below
 * the directory of -o, or as the file of --out.  TOOL_REFUSED when it would
 * replace an input, TOOL_NO_OUTPUT when it cannot be written.
 */
enum tool_status tool_batch_put(const struct tool_batch *b, struct tool_job *j,
    const char *name, const struct key_piece *data, mode_t mode, struct err *e);

/*
 * The name without this suffix, which must not be all of it; free with
 * free().  NULL: it does not end so.
 */
char *tool_name_cut(const char *name, const char *suffix);

/* One signer for each thread. */
struct tool_signers {
	struct file_signer *of[TOOL_BATCH_THREADS]; /* owned */
};

/*
 * Load what s names and make one for each thread of b, no result of which may
 * replace these files.  TOOL_OK, or a complaint.  s->key and s->cert are the
 * caller's to release in any case, the signers do not need them.
 */
enum tool_status tool_signers_load(struct tool_signers *all,
    struct tool_batch *b, struct tool_signing *s);

void tool_signers_release(struct tool_signers *all);

#endif
