/* ucm-trust resign: the same records under another signature. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "trust/key.h"
#include "trust/tool.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_resign = {
	.name = "resign",
	.usage = "FILE --key PEM [--cert PEM] --out FILE [--replace-recovery]\n"
		 "       [--digest sha1|sha256|sha512] [--time SECONDS]",
	.help = "sign the records of a trust list again with another key",
	.run = run,
};

/* The certificate of the key, if one of the list's tokens has it. */
static struct cert *
cert_in_list(const struct trustlist *l, const struct key *k)
{
	for (size_t i = 0; i < l->n_records; i++) {
		const struct element *el =
		    &l->record[i].element[RECORD_CERTIFICATE];
		struct err e = ERR_INIT;
		struct cert *c;

		if (l->record[i].role != ROLE_SAST || !el->present)
			continue;
		c = cert_from_der(el->value, el->len, &e);
		if (c != NULL && cert_matches_key(c, k))
			return c;
		cert_free(c);
	}
	return NULL;
}

static enum tool_status
resign(const struct trustlist *l, struct tool_signing *s, bool recovery,
    struct err *e)
{
	struct signer signer = { .key = s->key, .timestamp = s->timestamp };
	uint8_t *data;
	size_t len;
	int rc;

	if (s->cert == NULL)
		s->cert = cert_in_list(l, s->key);
	if (s->cert == NULL) {
		err_set(e, ERR_KEY,
		    "%s holds no certificate and no security token record has "
		    "its key: give the certificate with --cert",
		    s->key_path);
		return TOOL_REFUSED;
	}
	signer.cert = s->cert;
	signer.digest = s->has_digest ? s->digest : l->header.digest;
	if (trustlist_resign(l, &signer, recovery ? s->cert : NULL, &data, &len,
		e) == -1)
		return TOOL_REFUSED;
	rc = tool_write(s, data, len, e);
	free(data);
	return rc == -1 ? TOOL_NO_OUTPUT : TOOL_OK;
}

/* Sign only what was right before. */
static enum tool_status
resign_file(const char *path, struct tool_signing *s, bool recovery,
    struct err *e)
{
	enum tool_status status;
	struct trustlist l;
	uint8_t *data;
	size_t len;
	int rc;

	if (tool_read(path, &data, &len, NULL, e) == -1)
		return TOOL_NO_INPUT;
	rc = trustlist_parse(&l, data, len, e);
	free(data);
	if (rc == -1 || trustlist_verify(&l, NULL, e) == -1) {
		status = tool_verdict(e);
		err_wrap(e, "%s: %s", path, tool_verdict_name(status));
		trustlist_release(&l);
		return status;
	}
	status = TOOL_NO_INPUT;
	if (tool_signing_load(s, e) == 0)
		status = resign(&l, s, recovery, e);
	trustlist_release(&l);
	return status;
}

static const struct option options[] = { { "key", required_argument, NULL,
					     'k' },
	{ "cert", required_argument, NULL, 'c' },
	{ "out", required_argument, NULL, 'o' },
	{ "digest", required_argument, NULL, 'd' },
	{ "time", required_argument, NULL, 't' },
	{ "replace-recovery", no_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };

static enum tool_status
run(int argc, char **argv)
{
	struct tool_signing s = { .timestamp = clock_wall() };
	struct err e = ERR_INIT;
	enum tool_status status;
	bool recovery = false;
	int c, i = 0;

	while ((c = getopt_long(argc, argv, "", options, &i)) != -1) {
		if (c == 'r')
			recovery = true;
		else if (tool_signing_option(&s, c) == -1)
			return tool_misused_option(&tool_resign, c,
			    &options[i]);
	}
	if (argc - optind != 1)
		return tool_misused(&tool_resign, "name one file");
	if (s.key_path == NULL || s.out_path == NULL)
		return tool_misused(&tool_resign, "--%s is missing",
		    s.key_path == NULL ? "key" : "out");
	status = resign_file(argv[optind], &s, recovery, &e);
	if (status != TOOL_OK)
		tool_complain(&e);
	tool_signing_release(&s);
	return status;
}
