#include "trust/tool_trust.h"

#include "base/mem.h"

enum tool_status
tool_trust_load(struct tool_trust *t, struct tool_batch *b)
{
	struct err e = ERR_INIT;
	uint8_t *pem;
	size_t n;

	if (t->cert_path == NULL)
		return TOOL_OK;
	if (t->no_verify)
		return tool_misused(b->command,
		    "--cert or --no-verify, not both");
	if (tool_read(t->cert_path, &pem, &n, NULL, &e) == 0) {
		t->cert = cert_from_pem(pem, n, &e);
		mem_free_wiped(pem, n); /* it may hold the key, too */
		if (t->cert == NULL)
			err_wrap(&e, "%s", t->cert_path);
	}
	if (t->cert == NULL) {
		tool_complain(&e);
		return TOOL_NO_INPUT;
	}
	tool_batch_protect(b, t->cert_path);
	return TOOL_OK;
}

void
tool_trust_release(struct tool_trust *t)
{
	cert_free(t->cert);
	t->cert = NULL;
}

static int
check(const struct tool_trust *t, struct signed_file *f,
    const struct tool_job *j, struct err *e)
{
	if (signed_file_parse(f, j->data, j->len, e) == -1)
		return -1;
	if (t->no_verify)
		return 0;
	if (t->cert == NULL)
		return err_set(e, ERR_UNVERIFIABLE,
		    "a signed file holds no certificate: give that of %s with "
		    "--cert, or --no-verify",
		    f->header.signer_name);
	return signed_file_verify(f, t->cert, e);
}

enum tool_status
tool_trust_check(const struct tool_trust *t, struct signed_file *f,
    const struct tool_job *j, struct err *e)
{
	enum tool_status status;

	if (check(t, f, j, e) == 0)
		return TOOL_OK;
	status = tool_verdict(e);
	err_wrap(e, "%s", tool_verdict_name(status));
	return status;
}
