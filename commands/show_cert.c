/*
 * show cert own and show cert trust: one certificate in full.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "commands/args.h"
#include "commands/ctx.h"
#include "commands/table.h"
#include "trust/render.h"

#define PEM_MAX 65536

static int
collect(void *self, const void *p, size_t n)
{
	wbuf_bytes(self, p, n);
	return 0;
}

static int
show(struct cmd_ctx *c, const char *store, const char *name, struct err *e)
{
	const char *const words[] = { "cert", "show", store, name, NULL };
	struct link_sink sink = { .data = collect };
	struct cert *cert = NULL;
	struct wbuf pem;
	int rc = -1;

	wbuf_init(&pem, PEM_MAX);
	sink.self = &pem;
	if (cmd_call(c, words, &sink, e) == -1)
		goto out;
	if (pem.failed) {
		err_set(e, ERR_TOO_BIG,
		    "The certificate is larger than %d bytes.", PEM_MAX);
		goto out;
	}
	cert = cert_from_pem(pem.data, pem.len, e);
	if (cert == NULL) {
		err_wrap(e, "%s", name);
		goto out;
	}
	render_cert(c->out, cert);
	rc = 0;
out:
	cert_free(cert);
	wbuf_release(&pem);
	return rc;
}

static int
run_own(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	/* "UNIT/UNIT.pem" is the unit's certificate, too. */
	char *unit = mem_strndup(a->value[0], strcspn(a->value[0], "/"));
	int rc = show(c, "own", unit, e);

	free(unit);
	return rc;
}

static int
run_trust(struct cmd_ctx *c, const struct cmd_args *a, struct err *e)
{
	return show(c, "trust", a->value[0], e);
}

static const struct cmd_param own_params[] = {
	{ .name = "unit",
	    .type = &arg_own_cert,
	    .help = "certificate unit, or a name as listed" },
	{ .name = NULL },
};

static const struct cmd_param trust_params[] = {
	{ .name = "name",
	    .type = &arg_trust_cert,
	    .help = "name as printed by show cert list trust" },
	{ .name = NULL },
};

const struct command cmd_show_cert_own = {
	.words = "show cert own",
	.help = "This will show one of the node's own certificates.",
	.example = "show cert own CallManager",
	.params = own_params,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_JSON,
	.run = run_own,
};

const struct command cmd_show_cert_trust = {
	.words = "show cert trust",
	.help = "This will show a certificate that the node trusts.",
	.example =
	    "show cert trust CallManager-trust/test10pub.joemar2.lab.pem",
	.params = trust_params,
	.level = CMD_LEVEL_ADVANCED,
	.flags = CMD_JSON,
	.run = run_trust,
};
