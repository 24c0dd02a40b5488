/* ucm-trust build: a trust list from certificates in PEM files. */
#include <arpa/inet.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "trust/key.h"
#include "trust/tool.h"

static enum tool_status run(int argc, char **argv);

const struct tool_command tool_build = {
	.name = "build",
	.usage = "--key PEM [--cert PEM] --out FILE [--ctl]\n"
		 "       [--digest sha1|sha256|sha512] [--time SECONDS]\n"
		 "       [--host NAME] [--address IPV4] [--hash | --full]\n"
		 "       --sast|--tftp|--ccm|--ccm+tftp|--capf|--tvs|"
		 "--app-server PEM …\n"
		 "       [--blank ROLE] …",
	.help = "make and sign a trust list, one record per certificate",
	.run = run,
};

/* Options with a role are ROLE_BASE + role. */
#define ROLE_BASE 256

static const struct option options[] = { { "key", required_argument, NULL,
					     'k' },
	{ "cert", required_argument, NULL, 'c' },
	{ "out", required_argument, NULL, 'o' },
	{ "digest", required_argument, NULL, 'd' },
	{ "time", required_argument, NULL, 't' },
	{ "ctl", no_argument, NULL, 'C' }, { "hash", no_argument, NULL, 'H' },
	{ "full", no_argument, NULL, 'F' },
	{ "host", required_argument, NULL, 'h' },
	{ "address", required_argument, NULL, 'a' },
	{ "blank", required_argument, NULL, 'b' },
	{ "sast", required_argument, NULL, ROLE_BASE + ROLE_SAST },
	{ "ccm", required_argument, NULL, ROLE_BASE + ROLE_CCM },
	{ "ccm+tftp", required_argument, NULL, ROLE_BASE + ROLE_CCM_TFTP },
	{ "tftp", required_argument, NULL, ROLE_BASE + ROLE_TFTP },
	{ "capf", required_argument, NULL, ROLE_BASE + ROLE_CAPF },
	{ "app-server", required_argument, NULL, ROLE_BASE + ROLE_APP_SERVER },
	{ "tvs", required_argument, NULL, ROLE_BASE + ROLE_TVS },
	{ NULL, 0, NULL, 0 } };

enum form {
	FORM_USUAL, /* as CUCM: CAPF and TVS by hash in an ITL */
	FORM_HASH,
	FORM_FULL
};

/* A record asked for. */
struct wanted {
	enum trust_role role;
	const char *path; /* NULL: a blank entry */
	const char *host; /* NULL: as usual */
	bool has_address;
	uint8_t address[4];
	enum form form;
	struct cert *cert; /* owned */
};

struct job {
	struct tool_signing s;
	enum trustlist_kind kind;
	struct wanted next; /* what following records get */
	struct wanted *wanted; /* owned, n of them */
	size_t n;
};

/* A record of this role with the settings so far; an address counts once. */
static void
add(struct job *j, enum trust_role role, const char *path)
{
	j->wanted = mem_resize(j->wanted, j->n + 1, sizeof(*j->wanted));
	j->wanted[j->n] = j->next;
	j->wanted[j->n].role = role;
	j->wanted[j->n].path = path;
	j->n++;
	j->next.has_address = false;
}

/* A blank entry for the role of this name. */
static int
add_blank(struct job *j, const char *name)
{
	for (const struct option *o = options; o->name != NULL; o++) {
		if (o->val < ROLE_BASE || !str_equal(o->name, name))
			continue;
		add(j, (enum trust_role)(o->val - ROLE_BASE), NULL);
		return 0;
	}
	return -1;
}

/* Take one option.  0, or -1 when it or its value is wrong. */
static int
take(struct job *j, int c)
{
	if (c >= ROLE_BASE) {
		add(j, (enum trust_role)(c - ROLE_BASE), optarg);
		return 0;
	}
	switch (c) {
	case 'C':
		j->kind = TRUSTLIST_CTL;
		return 0;
	case 'H':
		j->next.form = FORM_HASH;
		return 0;
	case 'F':
		j->next.form = FORM_FULL;
		return 0;
	case 'h':
		j->next.host = optarg;
		return 0;
	case 'a':
		j->next.has_address = true;
		return inet_pton(AF_INET, optarg, j->next.address) == 1 ? 0 :
									  -1;
	case 'b':
		return add_blank(j, optarg);
	default:
		return tool_signing_option(&j->s, c);
	}
}

static int
load(struct job *j, struct err *e)
{
	for (size_t i = 0; i < j->n; i++) {
		struct wanted *w = &j->wanted[i];
		uint8_t *data;
		size_t n;

		if (w->path == NULL)
			continue;
		if (tool_read(w->path, &data, &n, NULL, e) == -1)
			return -1;
		w->cert = cert_from_pem(data, n, e);
		mem_free_wiped(data, n); /* it may hold the key, too */
		if (w->cert == NULL)
			return err_wrap(e, "%s", w->path);
	}
	return tool_signing_load(&j->s, e);
}

/* The signer's certificate: given, or the token whose key it is. */
static const struct cert *
signer_cert(const struct job *j)
{
	if (j->s.cert != NULL)
		return j->s.cert;
	for (size_t i = 0; i < j->n; i++)
		if (j->wanted[i].role == ROLE_SAST &&
		    j->wanted[i].cert != NULL &&
		    cert_matches_key(j->wanted[i].cert, j->s.key))
			return j->wanted[i].cert;
	return NULL;
}

static struct trustlist_entry
entry_of(const struct job *j, const struct wanted *w)
{
	bool usual = j->kind == TRUSTLIST_ITL &&
	    (w->role == ROLE_CAPF || w->role == ROLE_TVS);
	const char *host = w->host;

	if (host == NULL)
		host = j->kind == TRUSTLIST_ITL ? " " : "";
	return (struct trustlist_entry) { .role = w->role,
		.cert = w->cert,
		.hash_only =
		    w->form == FORM_USUAL ? usual : w->form == FORM_HASH,
		.hash_alg = DIGEST_SHA1,
		.dns_name = host,
		.address = w->has_address ? w->address : NULL };
}

static enum tool_status
build(struct job *j, struct err *e)
{
	struct signer signer = { .digest = j->s.digest,
		.timestamp = j->s.timestamp };
	struct trustlist_draft draft = { .kind = j->kind, .n = j->n };
	struct trustlist_entry *entry;
	uint8_t *data = NULL;
	size_t len;
	int rc;

	if (load(j, e) == -1)
		return TOOL_NO_INPUT;
	signer.key = j->s.key;
	signer.cert = signer_cert(j);
	if (signer.cert == NULL) {
		err_set(e, ERR_KEY,
		    "%s holds no certificate and no --sast has its key: give "
		    "the certificate with --cert",
		    j->s.key_path);
		return TOOL_REFUSED;
	}
	entry = mem_array(j->n, sizeof(*entry));
	for (size_t i = 0; i < j->n; i++)
		entry[i] = entry_of(j, &j->wanted[i]);
	draft.entry = entry;
	rc = trustlist_build(&draft, &signer, &data, &len, e);
	free(entry);
	if (rc == -1)
		return TOOL_REFUSED;
	rc = tool_write(&j->s, data, len, e);
	free(data);
	return rc == -1 ? TOOL_NO_OUTPUT : TOOL_OK;
}

static enum tool_status
parse_and_build(struct job *j, int argc, char **argv)
{
	struct err e = ERR_INIT;
	enum tool_status status;
	int c, i = 0;

	while ((c = getopt_long(argc, argv, "", options, &i)) != -1)
		if (take(j, c) == -1)
			return tool_misused_option(&tool_build, c, &options[i]);
	if (optind != argc)
		return tool_misused(&tool_build, "%s stands without an option",
		    argv[optind]);
	if (j->s.key_path == NULL || j->s.out_path == NULL)
		return tool_misused(&tool_build, "--%s is missing",
		    j->s.key_path == NULL ? "key" : "out");
	if (j->n == 0)
		return tool_misused(&tool_build, "no record is asked for");
	status = build(j, &e);
	if (status != TOOL_OK)
		tool_complain(&e);
	return status;
}

static enum tool_status
run(int argc, char **argv)
{
	struct job j = { .s = { .digest = DIGEST_SHA1,
			     .timestamp = clock_wall() } };
	enum tool_status status = parse_and_build(&j, argc, argv);

	tool_signing_release(&j.s);
	for (size_t i = 0; i < j.n; i++)
		cert_free(j.wanted[i].cert);
	free(j.wanted);
	return status;
}
