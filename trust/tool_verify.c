/* ucm-trust verify: the verdict on a trust list or a signed file. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "trust/signed_file.h"
#include "trust/tool.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_verify = {
	.name = "verify",
	.usage = "FILE [--cert PEM] [--json]",
	.help = "say whether a trust list or a signed file is valid",
	.run = run,
};

struct check {
	const char *path;
	const struct cert *cert; /* NULL: from the list itself */
	const char *kind;
	char *signer; /* owned: who the file says signed it */
	long record; /* of the signer, from 1; 0: not by a record */
};

static int
check_list(struct check *k, const uint8_t *data, size_t len, struct err *e)
{
	struct trustlist l;
	size_t signer = 0;
	int rc;

	k->kind = "trust list";
	if (trustlist_parse(&l, data, len, e) == -1)
		return -1;
	k->kind = trustlist_kind_name(l.kind);
	k->signer = mem_strdup(l.header.signer_name);
	if (k->cert != NULL) {
		rc = trustlist_verify_with(&l, k->cert, e);
	} else {
		rc = trustlist_verify(&l, &signer, e);
		k->record = rc == 0 ? (long)signer + 1 : 0;
	}
	trustlist_release(&l);
	return rc;
}

static int
check_signed(struct check *k, const uint8_t *data, size_t len, struct err *e)
{
	struct signed_file f;

	k->kind = "signed file";
	if (signed_file_parse(&f, data, len, e) == -1)
		return -1;
	if (f.encrypted)
		k->kind = "encrypted file";
	k->signer = mem_strdup(f.header.signer_name);
	if (k->cert == NULL)
		return err_set(e, ERR_UNVERIFIABLE,
		    "a signed file holds no certificate: give that of %s with "
		    "--cert",
		    f.header.signer_name);
	return signed_file_verify(&f, k->cert, e);
}

/* What kind of file it is is told by its version. */
static int
check(struct check *k, const uint8_t *data, size_t len, struct err *e)
{
	uint8_t major, minor;

	k->kind = "unknown";
	if (signed_header_version(data, len, &major, &minor, e) == -1)
		return -1;
	if (major == 1 && minor == 2)
		return check_list(k, data, len, e);
	if ((major == 1 || major == 2) && minor == 0)
		return check_signed(k, data, len, e);
	return err_set(e, ERR_FORMAT,
	    "offset 0: header: VERSION is %u.%u: neither a trust list (1.2) "
	    "nor a signed (1.0) or encrypted file (2.0)",
	    major, minor);
}

static enum tool_status
print_json(const struct check *k, enum tool_status status, const struct err *e)
{
	struct out *o = out_new_fd(STDOUT_FILENO, OUT_JSON);

	out_object(o, NULL);
	out_string(o, "file", k->path);
	out_string(o, "kind", k->kind);
	out_string(o, "verdict", tool_verdict_name(status));
	out_int(o, "status", (int64_t)status);
	if (k->signer != NULL)
		out_string(o, "signer", k->signer);
	if (k->record != 0)
		out_int(o, "signer_record", k->record);
	if (status != TOOL_OK)
		out_string(o, "error", e->msg);
	out_end(o);
	return tool_finish(o, status);
}

/* One line: valid on standard output, everything else on standard error. */
static enum tool_status
print_text(const struct check *k, enum tool_status status, struct err *e)
{
	struct out *o;

	if (status != TOOL_OK) {
		err_wrap(e, "%s: %s", k->path, tool_verdict_name(status));
		tool_complain(e);
		return status;
	}
	o = out_new_fd(STDOUT_FILENO, OUT_TEXT);
	out_visible(o, k->path, strlen(k->path));
	out_printf(o, ": valid: %s signed by ", k->kind);
	if (k->signer != NULL)
		out_visible(o, k->signer, strlen(k->signer));
	if (k->record != 0)
		out_printf(o, " (record %ld)", k->record);
	out_puts(o, "\n");
	return tool_finish(o, status);
}

static enum tool_status
verify(struct check *k, enum out_form form)
{
	struct err e = ERR_INIT;
	enum tool_status status = TOOL_OK;
	uint8_t *data;
	size_t len;

	if (tool_read(k->path, &data, &len, NULL, &e) == -1) {
		tool_complain(&e);
		return TOOL_NO_INPUT;
	}
	if (check(k, data, len, &e) == -1)
		status = tool_verdict(&e);
	status = form == OUT_JSON ? print_json(k, status, &e) :
				    print_text(k, status, &e);
	free(k->signer);
	free(data);
	return status;
}

/* Verify with the certificate in this PEM file. */
static enum tool_status
verify_with(struct check *k, const char *cert_path, enum out_form form)
{
	struct err e = ERR_INIT;
	enum tool_status status;
	struct cert *cert;
	uint8_t *data;
	size_t n;

	if (tool_read(cert_path, &data, &n, NULL, &e) == -1) {
		tool_complain(&e);
		return TOOL_NO_INPUT;
	}
	cert = cert_from_pem(data, n, &e);
	mem_free_wiped(data, n); /* it may hold the key, too */
	if (cert == NULL) {
		err_wrap(&e, "%s", cert_path);
		tool_complain(&e);
		return TOOL_NO_INPUT;
	}
	k->cert = cert;
	status = verify(k, form);
	cert_free(cert);
	return status;
}

static enum tool_status
run(int argc, char **argv)
{
	static const struct option options[] = { { "cert", required_argument,
						     NULL, 'c' },
		{ "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 } };
	struct check k = { 0 };
	enum out_form form = OUT_TEXT;
	const char *cert = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'j')
			form = OUT_JSON;
		else if (c == 'c')
			cert = optarg;
		else
			return tool_misused_option(&tool_verify, c, NULL);
	}
	if (argc - optind != 1)
		return tool_misused(&tool_verify, "name one file");
	k.path = argv[optind];
	return cert == NULL ? verify(&k, form) : verify_with(&k, cert, form);
}
