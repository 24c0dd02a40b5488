/* ucm-trust unsign: the content of signed files. */
#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "trust/tool.h"
#include "trust/tool_batch.h"
#include "trust/tool_trust.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_unsign = {
	.name = "unsign",
	.usage = "FILE … --cert PEM|--no-verify [-o DIRECTORY | --out FILE]\n"
		 "       [--root DIRECTORY] [--jobs N] [--json]",
	.help = "verify each FILE.sgn and make FILE of it",
	.run = run,
};

struct job {
	struct tool_batch b;
	struct tool_trust trust;
};

/* The name without .sgn or .sha512. */
static char *
plain_name(const struct job *j, const struct tool_job *file, struct err *e)
{
	char *name = tool_name_cut(file->name, ".sgn");

	if (name == NULL)
		name = tool_name_cut(file->name, ".sha512");
	if (name == NULL && j->b.out_path != NULL)
		name = mem_strdup(file->name);
	if (name == NULL)
		err_set(e, ERR_USAGE,
		    "the name ends neither in .sgn nor in .sha512: give --out "
		    "FILE");
	return name;
}

static enum tool_status
unsign(void *self, unsigned thread, struct tool_job *file, struct err *e)
{
	const struct job *j = self;
	enum tool_status status;
	struct signed_file f;
	char *name;

	(void)thread;
	status = tool_trust_check(&j->trust, &f, file, e);
	if (status != TOOL_OK)
		return status;
	if (f.encrypted) {
		err_set(e, ERR_USAGE,
		    "the content is encrypted: ucm-trust decrypt");
		return TOOL_REFUSED;
	}
	name = plain_name(j, file, e);
	if (name == NULL)
		return TOOL_REFUSED;
	status = tool_batch_put(&j->b, file, name,
	    &(struct key_piece) { f.content, f.content_len }, 0644, e);
	free(name);
	return status;
}

static const struct option options[] = { { "cert", required_argument, NULL,
					     'c' },
	{ "no-verify", no_argument, NULL, 'V' },
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
	case 'c':
		j->trust.cert_path = optarg;
		return 0;
	case 'V':
		j->trust.no_verify = true;
		return 0;
	default:
		return -1;
	}
}

static enum tool_status
unsign_all(struct job *j, int argc, char **argv)
{
	enum tool_status status;

	status = tool_batch_arguments(&j->b, argc, argv);
	if (status == TOOL_OK)
		status = tool_trust_load(&j->trust, &j->b);
	return status == TOOL_OK ? tool_batch_run(&j->b) : status;
}

static enum tool_status
run(int argc, char **argv)
{
	struct job j = {
		.b = { .command = &tool_unsign,
		    .done = "unsigned",
		    .work = unsign,
		    .options = options,
		    .take = take },
	};
	enum tool_status status;

	j.b.self = &j;
	status = unsign_all(&j, argc, argv);
	tool_trust_release(&j.trust);
	tool_batch_release(&j.b);
	return status;
}
