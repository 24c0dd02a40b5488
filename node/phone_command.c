/*
 * ucm-node phone: the phones of the cluster, their pools and groups.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "node/asuser.h"
#include "node/command.h"
#include "node/hostuser.h"
#include "node/options.h"
#include "node/phone_import.h"
#include "node/phone_work.h"
#include "node/tree.h"

#define CERTIFICATE_FILE_MAX 65536
#define NO_LIMIT INT_MAX

/* What a verb takes besides its options. */
static const struct form {
	const char *words; /* one blank between */
	enum phone_verb verb;
	int least; /* arguments */
	int most;
	bool fields; /* options that say what a phone is like */
	bool json;
	bool names; /* the arguments are phones */
} forms[] = {
	{ "add", PHONE_ADD, 1, NO_LIMIT, true, false, true },
	{ "set", PHONE_SET, 1, NO_LIMIT, true, false, true },
	{ "import", PHONE_IMPORT, 1, 1, false, false, false },
	{ "remove", PHONE_REMOVE, 1, NO_LIMIT, false, false, true },
	{ "list", PHONE_LIST, 0, 1, false, true, true },
	{ "export", PHONE_EXPORT, 0, 0, false, false, false },
	{ "models", PHONE_MODELS, 0, 0, false, true, false },
	{ "group list", PHONE_GROUP_LIST, 0, 0, false, true, false },
	{ "group set", PHONE_GROUP_SET, 2, 1 + 3, false, false, false },
	{ "group remove", PHONE_GROUP_REMOVE, 1, 1, false, false, false },
	{ "pool list", PHONE_POOL_LIST, 0, 0, false, true, false },
	{ "pool set", PHONE_POOL_SET, 2, 2, false, false, false },
	{ "pool remove", PHONE_POOL_REMOVE, 1, 1, false, false, false },
};

struct phone_call {
	const char *value[DEVICE_FIELDS]; /* of the options */
	bool json;
	char **args; /* behind the verb's words */
	int nargs;
	const struct form *form;
	char *certificate; /* PEM, owned */
	struct phone_edits edits;
	struct nodeconf conf;
	struct phone_work work;
};

static int
find_form(struct phone_call *p, char **args, int nargs, struct err *e)
{
	char two[32];

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		const struct form *f = &forms[i];
		int words = strchr(f->words, ' ') != NULL ? 2 : 1;

		if (nargs < words ||
		    str_printf(two, sizeof(two), "%s%s%s", args[0],
			words == 2 ? " " : "",
			words == 2 ? args[1] : "") == -1 ||
		    !str_equal(two, f->words))
			continue;
		p->form = f;
		p->args = args + words;
		p->nargs = nargs - words;
		if (p->nargs < f->least || p->nargs > f->most)
			return err_set(e, ERR_USAGE,
			    "%s: wrong number of arguments", f->words);
		return 0;
	}
	return err_set(e, ERR_USAGE,
	    "add, set, import, export, remove, list, models, group or pool");
}

static int
check_options(const struct phone_call *p, struct err *e)
{
	bool any = false;

	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		if (p->value[f] == NULL)
			continue;
		any = true;
		if (!p->form->fields)
			return err_set(e, ERR_USAGE, "%s: no option --%s",
			    p->form->words,
			    device_field_name((enum device_field)f));
	}
	if (p->json && !p->form->json)
		return err_set(e, ERR_USAGE, "%s: no option --json",
		    p->form->words);
	if (p->form->verb == PHONE_SET && !any)
		return err_set(e, ERR_USAGE, "set: what is to be set?");
	return 0;
}

static int
take_options(struct phone_call *p, struct node_call *c, struct err *e)
{
	struct option_def defs[DEVICE_FIELDS + 1];
	int nargs;

	for (unsigned f = 0; f < DEVICE_FIELDS; f++)
		defs[f] = (struct option_def) {
			.name = device_field_name((enum device_field)f),
			.kind = OPTION_STRING,
			.value = &p->value[f],
		};
	defs[DEVICE_FIELDS] = (struct option_def) {
		.name = "json",
		.kind = OPTION_FLAG,
		.value = &p->json,
	};
	if (options_parse(c->argc, c->argv, defs, DEVICE_FIELDS + 1, &nargs,
		e) == -1 ||
	    find_form(p, c->argv + 1, nargs, e) == -1)
		return -1;
	return check_options(p, e);
}

/* --certificate names a file; an empty name: none any more. */
static int
load_certificate(struct phone_call *p, struct err *e)
{
	const char *path = p->value[DEVICE_FIELD_CERTIFICATE];
	uint8_t *text;
	size_t len;

	if (path == NULL || path[0] == '\0')
		return 0;
	if (file_read(path, CERTIFICATE_FILE_MAX, &text, &len, e) == -1)
		return -1;
	p->certificate = phone_import_certificate(text, len, e);
	free(text);
	if (p->certificate == NULL)
		return err_wrap(e, "%s", path);
	p->value[DEVICE_FIELD_CERTIFICATE] = p->certificate;
	return 0;
}

/* An edit for each phone that was named, all alike. */
static int
edits_of_options(struct phone_call *p, struct err *e)
{
	if (load_certificate(p, e) == -1)
		return -1;
	p->edits.n = p->work.words.n;
	p->edits.item = mem_array(p->edits.n, sizeof(*p->edits.item));
	for (size_t i = 0; i < p->edits.n; i++) {
		struct device_edit *d = &p->edits.item[i];

		(void)str_copy(d->name, sizeof(d->name), p->work.words.item[i]);
		memcpy(d->value, p->value, sizeof(d->value));
	}
	return 0;
}

/* All of standard input. */
static int
read_input(uint8_t **text, size_t *len, struct err *e)
{
	uint8_t piece[16384];
	struct wbuf w;
	ssize_t n = 0;

	wbuf_init(&w, PHONE_IMPORT_MAX);
	while (!w.failed && (n = read(STDIN_FILENO, piece, sizeof(piece))) > 0)
		wbuf_bytes(&w, piece, (size_t)n);
	if (n == -1) {
		wbuf_release(&w);
		return err_errno(e, "standard input");
	}
	if (wbuf_detach(&w, text, len) == -1)
		return err_set(e, ERR_TOO_BIG,
		    "standard input: more than %lu bytes", PHONE_IMPORT_MAX);
	return 0;
}

static int
edits_of_file(struct phone_call *p, const char *path, struct err *e)
{
	uint8_t *text = NULL;
	size_t len = 0;
	int rc;

	if (str_equal(path, "-"))
		rc = read_input(&text, &len, e);
	else
		rc = file_read(path, PHONE_IMPORT_MAX, &text, &len, e);
	if (rc == 0 && phone_import_read(text, len, &p->edits, e) == -1)
		rc = err_wrap(e, "%s", path);
	free(text);
	return rc;
}

static int
take_arguments(struct phone_call *p, struct err *e)
{
	char name[DEVICES_NAME_SIZE];

	p->work.verb = p->form->verb;
	for (int i = 0; i < p->nargs; i++) {
		if (p->form->names &&
		    device_name_parse(name, p->args[i], e) == -1)
			return -1;
		strlist_add(&p->work.words, p->form->names ? name : p->args[i]);
	}
	if (p->form->fields && edits_of_options(p, e) == -1)
		return -1;
	if (p->form->verb == PHONE_IMPORT &&
	    edits_of_file(p, p->args[0], e) == -1)
		return -1;
	p->work.edits = p->edits.item;
	p->work.n = p->edits.n;
	return 0;
}

static int
go(struct phone_call *p, struct err *e)
{
	const struct asuser_task task = {
		.user = HOSTUSER_SERVICE,
		.run = phone_work_run,
		.arg = &p->work,
	};
	int rc;

	if (!tree_finished())
		return err_set(e, ERR_STATE, "this host is no node");
	if (nodeconf_load(&p->conf, NULL, e) == -1)
		return -1;
	p->work.conf = &p->conf;
	p->work.out = out_new_fd(STDOUT_FILENO, p->json ? OUT_JSON : OUT_TEXT);
	rc = asuser_run(&task, NULL, NULL, e);
	out_free(p->work.out);
	if (rc == -1 && p->form->verb == PHONE_IMPORT &&
	    !str_equal(p->args[0], "-"))
		return err_wrap(e, "%s", p->args[0]);
	return rc;
}

static int
run(struct node_call *c, struct err *e)
{
	struct phone_call *p = mem_alloc(sizeof(*p));
	int rc = -1;

	if (take_options(p, c, e) == 0 && take_arguments(p, e) == 0)
		rc = go(p, e);
	phone_edits_release(&p->edits);
	strlist_release(&p->work.words);
	free(p->certificate);
	free(p);
	return rc;
}

const struct node_command node_phone = {
	.name = "phone",
	.usage =
	    "add|set NAME... [--FIELD VALUE]...\n"
	    "phone import FILE|- | export | remove NAME...\n"
	    "phone list [NAME] [--json] | models [--json]\n"
	    "phone group list [--json] | set GROUP NODE... | remove GROUP\n"
	    "phone pool list [--json] | set POOL GROUP | remove POOL",
	.help = "phones of the cluster, their device pools and call manager "
		"groups",
	.root = true,
	.run = run,
};
