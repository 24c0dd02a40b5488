/* ucm-trust decrypt: what a phone reads in its encrypted configuration. */
#include <getopt.h>
#include <stdlib.h>

#include "base/mem.h"
#include "trust/encrypted_file.h"
#include "trust/tool.h"
#include "trust/tool_batch.h"
#include "trust/tool_phone.h"
#include "trust/tool_trust.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_decrypt = {
	.name = "decrypt",
	.usage = "FILE … --phone PEM|--phones DIRECTORY\n"
		 "       --cert PEM|--no-verify [-o DIRECTORY | --out FILE]\n"
		 "       [--root DIRECTORY] [--jobs N] [--json]",
	.help = "verify each FILE.enc.sgn and make FILE of it with the phone's "
		"key",
	.run = run,
};

struct job {
	struct tool_batch b;
	struct tool_trust trust;
	struct tool_phone phone;
};

/* The name without .enc.sgn. */
static char *
plain_name(const struct job *j, const struct tool_job *file, struct err *e)
{
	char *name = tool_name_cut(file->name, ".enc.sgn");

	if (name == NULL && j->b.out_path != NULL)
		name = mem_strdup(file->name);
	if (name == NULL)
		err_set(e, ERR_USAGE,
		    "the name does not end in .enc.sgn: give --out FILE");
	return name;
}

static enum tool_status
put_plain(const struct job *j, const struct signed_file *f,
    struct tool_job *file, const char *name, struct err *e)
{
	struct key *phone = tool_phone_key(&j->phone, file->name, e);
	enum tool_status status = TOOL_REFUSED;
	uint8_t *plain;
	size_t n;

	if (phone == NULL)
		return TOOL_NO_INPUT;
	if (encrypted_file_decrypt(f, phone, &plain, &n, e) == 0) {
		status = tool_batch_put(&j->b, file, name,
		    &(struct key_piece) { plain, n }, 0600, e);
		mem_free_wiped(plain, n);
	}
	key_free(phone);
	return status;
}

static enum tool_status
decrypt(void *self, unsigned thread, struct tool_job *file, struct err *e)
{
	const struct job *j = self;
	enum tool_status status;
	struct signed_file f;
	char *name;

	(void)thread;
	status = tool_trust_check(&j->trust, &f, file, e);
	if (status != TOOL_OK)
		return status;
	if (!f.encrypted) {
		err_set(e, ERR_USAGE,
		    "signed, but not encrypted: ucm-trust unsign");
		return TOOL_REFUSED;
	}
	name = plain_name(j, file, e);
	if (name == NULL)
		return TOOL_REFUSED;
	status = put_plain(j, &f, file, name, e);
	free(name);
	return status;
}

static const struct option options[] = { { "phone", required_argument, NULL,
					     'p' },
	{ "phones", required_argument, NULL, 'P' },
	{ "cert", required_argument, NULL, 'c' },
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
	case 'p':
		j->phone.path = optarg;
		return 0;
	case 'P':
		j->phone.dir = optarg;
		return 0;
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
decrypt_all(struct job *j, int argc, char **argv)
{
	enum tool_status status;

	status = tool_batch_arguments(&j->b, argc, argv);
	if (status != TOOL_OK)
		return status;
	if ((j->phone.path == NULL) == (j->phone.dir == NULL))
		return tool_misused(&tool_decrypt,
		    "give --phone or --phones, and only one");
	status = tool_trust_load(&j->trust, &j->b);
	if (status != TOOL_OK)
		return status;
	tool_phone_protect(&j->phone, &j->b);
	return tool_batch_run(&j->b);
}

static enum tool_status
run(int argc, char **argv)
{
	struct job j = {
		.b = { .command = &tool_decrypt,
		    .done = "decrypted",
		    .work = decrypt,
		    .options = options,
		    .take = take },
	};
	enum tool_status status;

	j.b.self = &j;
	status = decrypt_all(&j, argc, argv);
	tool_trust_release(&j.trust);
	tool_batch_release(&j.b);
	return status;
}
