/* ucm-trust sign: files as phones with a trust list ask for them. */
#include <getopt.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/tool.h"
#include "trust/tool_batch.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_sign = {
	.name = "sign",
	.usage = "FILE … --key PEM [--cert PEM] [-o DIRECTORY | --out FILE]\n"
		 "       [--digest sha1|sha512] [--time SECONDS] "
		 "[--suffix sgn|sha512]\n"
		 "       [--root DIRECTORY] [--name NAME] [--jobs N] [--json]",
	.help = "make FILE.sgn of each FILE",
	.run = run,
};

struct job {
	struct tool_batch b;
	struct tool_signing s;
	struct tool_signers signers;
	const char *suffix;
	const char *name; /* NULL: the file's, with the suffix */
};

static enum tool_status
sign(void *self, unsigned thread, struct tool_job *file, struct err *e)
{
	const struct job *j = self;
	char *name = mem_printf("%s.%s", file->name, j->suffix);
	const struct file_draft d = { .major = 1,
		.filename = j->name == NULL ? name : j->name,
		.timestamp = j->s.timestamp,
		.content = { file->data, file->len } };
	enum tool_status status = TOOL_REFUSED;
	uint8_t *data;
	size_t len;

	if (file_signer_sign(j->signers.of[thread], &d, &data, &len, e) == 0) {
		status = tool_batch_put(&j->b, file, name,
		    &(struct key_piece) { data, len }, 0644, e);
		free(data);
	}
	free(name);
	return status;
}

static const struct option options[] = { { "key", required_argument, NULL,
					     'k' },
	{ "cert", required_argument, NULL, 'c' },
	{ "digest", required_argument, NULL, 'd' },
	{ "time", required_argument, NULL, 't' },
	{ "suffix", required_argument, NULL, 's' },
	{ "name", required_argument, NULL, 'n' },
	{ "directory", required_argument, NULL, TOOL_BATCH_DIRECTORY },
	{ "out", required_argument, NULL, TOOL_BATCH_OUT },
	{ "root", required_argument, NULL, TOOL_BATCH_ROOT },
	{ "jobs", required_argument, NULL, TOOL_BATCH_JOBS },
	{ "json", no_argument, NULL, TOOL_BATCH_JSON }, { NULL, 0, NULL, 0 } };

static int
take(void *self, int c)
{
	struct job *j = self;

	switch (c) {
	case 's':
		j->suffix = optarg;
		return str_equal(optarg, "sgn") || str_equal(optarg, "sha512") ?
		    0 :
		    -1;
	case 'n':
		j->name = optarg;
		return 0;
	default:
		return tool_signing_option(&j->s, c);
	}
}

/* What the options say together. */
static enum tool_status
check(struct job *j)
{
	bool sha512 = str_equal(j->suffix, "sha512");

	if (j->name != NULL && j->b.n > 1)
		return tool_misused(&tool_sign, "--name is for one file");
	if (sha512 && j->s.has_digest && j->s.digest != DIGEST_SHA512)
		return tool_misused(&tool_sign,
		    "a file with the suffix sha512 has that digest");
	if (sha512)
		j->s.digest = DIGEST_SHA512;
	return TOOL_OK;
}

static enum tool_status
sign_all(struct job *j, int argc, char **argv)
{
	enum tool_status status;

	status = tool_batch_arguments(&j->b, argc, argv);
	if (status == TOOL_OK)
		status = check(j);
	if (status == TOOL_OK)
		status = tool_signers_load(&j->signers, &j->b, &j->s);
	return status == TOOL_OK ? tool_batch_run(&j->b) : status;
}

static enum tool_status
run(int argc, char **argv)
{
	struct job j = { .b = { .command = &tool_sign,
			     .done = "signed",
			     .work = sign,
			     .options = options,
			     .take = take },
		.s = { .for_files = true,
		    .digest = DIGEST_SHA1,
		    .timestamp = clock_wall() },
		.suffix = "sgn" };
	enum tool_status status;

	j.b.self = &j;
	status = sign_all(&j, argc, argv);
	tool_signers_release(&j.signers);
	tool_signing_release(&j.s);
	tool_batch_release(&j.b);
	return status;
}
