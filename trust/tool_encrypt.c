/* ucm-trust encrypt: configuration that one phone alone can read. */
#include <getopt.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "trust/config_stub.h"
#include "trust/encrypted_file.h"
#include "trust/tool.h"
#include "trust/tool_batch.h"
#include "trust/tool_phone.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_encrypt = {
	.name = "encrypt",
	.usage = "FILE … --key PEM [--cert PEM]\n"
		 "       --phone PEM|--phones DIRECTORY [-o DIRECTORY] "
		 "[--no-stub]\n"
		 "       [--digest sha1|sha512] [--time SECONDS] "
		 "[--root DIRECTORY]\n"
		 "       [--jobs N] [--json]",
	.help = "make FILE.enc.sgn of each FILE, and its stub FILE.sgn",
	.run = run,
};

struct job {
	struct tool_batch b;
	struct tool_signing s;
	struct tool_signers signers;
	struct tool_phone phone;
	bool no_stub;
};

/* What FILE.sgn says of it, signed. */
static enum tool_status
put_stub(const struct job *j, struct file_signer *s, struct tool_job *file,
    const struct cert *phone, struct err *e)
{
	char *name = mem_printf("%s.sgn", file->name);
	struct file_draft d = { .major = 1,
		.filename = name,
		.timestamp = j->s.timestamp };
	enum tool_status status = TOOL_REFUSED;
	uint8_t *xml = NULL, *data;
	size_t n, len;

	if (config_stub(file->data, file->len, phone, &xml, &n, e) == -1) {
		status = tool_verdict(e);
		err_wrap(e, "no stub can be made");
		err_hint(e, "--no-stub makes the encrypted file alone");
		goto out;
	}
	d.content = (struct key_piece) { xml, n };
	if (file_signer_sign(s, &d, &data, &len, e) == -1)
		goto out;
	status = tool_batch_put(&j->b, file, name,
	    &(struct key_piece) { data, len }, 0644, e);
	free(data);
out:
	free(xml);
	free(name);
	return status;
}

static enum tool_status
put_encrypted(const struct job *j, struct file_signer *s, struct tool_job *file,
    const struct cert *phone, struct err *e)
{
	char *name = mem_printf("%s.enc.sgn", file->name);
	const struct file_draft d = { .filename = name,
		.timestamp = j->s.timestamp,
		.content = { file->data, file->len } };
	enum tool_status status = TOOL_REFUSED;
	uint8_t *data;
	size_t len;

	if (encrypted_file_write(s, &d, phone, &data, &len, e) == 0) {
		status = tool_batch_put(&j->b, file, name,
		    &(struct key_piece) { data, len }, 0644, e);
		free(data);
	}
	free(name);
	return status;
}

/* The encrypted file gets its name before the stub that tells of it. */
static enum tool_status
encrypt(void *self, unsigned thread, struct tool_job *file, struct err *e)
{
	const struct job *j = self;
	struct file_signer *s = j->signers.of[thread];
	struct cert *phone = tool_phone_cert(&j->phone, file->name, e);
	enum tool_status status;

	if (phone == NULL)
		return TOOL_NO_INPUT;
	status = put_encrypted(j, s, file, phone, e);
	if (status == TOOL_OK && !j->no_stub)
		status = put_stub(j, s, file, phone, e);
	cert_free(phone);
	return status;
}

static const struct option options[] = { { "key", required_argument, NULL,
					     'k' },
	{ "cert", required_argument, NULL, 'c' },
	{ "digest", required_argument, NULL, 'd' },
	{ "time", required_argument, NULL, 't' },
	{ "phone", required_argument, NULL, 'p' },
	{ "phones", required_argument, NULL, 'P' },
	{ "no-stub", no_argument, NULL, 'S' },
	{ "directory", required_argument, NULL, TOOL_BATCH_DIRECTORY },
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
	case 'S':
		j->no_stub = true;
		return 0;
	default:
		return tool_signing_option(&j->s, c);
	}
}

static enum tool_status
encrypt_all(struct job *j, int argc, char **argv)
{
	enum tool_status status;

	status = tool_batch_arguments(&j->b, argc, argv);
	if (status != TOOL_OK)
		return status;
	if ((j->phone.path == NULL) == (j->phone.dir == NULL))
		return tool_misused(&tool_encrypt,
		    "give --phone or --phones, and only one");
	status = tool_signers_load(&j->signers, &j->b, &j->s);
	if (status != TOOL_OK)
		return status;
	tool_phone_protect(&j->phone, &j->b);
	return tool_batch_run(&j->b);
}

static enum tool_status
run(int argc, char **argv)
{
	struct job j = { .b = { .command = &tool_encrypt,
			     .done = "encrypted",
			     .work = encrypt,
			     .options = options,
			     .take = take },
		.s = { .for_files = true,
		    .digest = DIGEST_SHA1,
		    .timestamp = clock_wall() } };
	enum tool_status status;

	j.b.self = &j;
	status = encrypt_all(&j, argc, argv);
	tool_signers_release(&j.signers);
	tool_signing_release(&j.s);
	tool_batch_release(&j.b);
	return status;
}
