#include "node/options.h"

#include <string.h>

#include "base/str.h"

#define OPTIONS_MAX 64

static const struct option_def *
find(const struct option_def *defs, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(defs[i].name) == len &&
		    memcmp(defs[i].name, name, len) == 0)
			return &defs[i];
	return NULL;
}

static int
store(const struct option_def *d, char *value, struct err *e)
{
	uint64_t number;

	switch (d->kind) {
	case OPTION_FLAG:
		*(bool *)d->value = true;
		return 0;
	case OPTION_TEXT:
		if (str_copy(d->value, d->size, value) == 0)
			return 0;
		return err_set(e, ERR_USAGE, "--%s: too long", d->name);
	case OPTION_STRING:
		*(const char **)d->value = value;
		return 0;
	case OPTION_PORT:
		if (str_number(value, 1, UINT16_MAX, &number) == -1)
			return err_set(e, ERR_USAGE, "--%s: not a port",
			    d->name);
		*(uint16_t *)d->value = (uint16_t)number;
		return 0;
	case OPTION_NUMBER:
		if (str_number(value, 0, d->size, &number) == -1)
			return err_set(e, ERR_USAGE,
			    "--%s: not a number up to %zu", d->name, d->size);
		*(unsigned *)d->value = (unsigned)number;
		return 0;
	}
	return err_set(e, ERR_INTERNAL, "--%s", d->name);
}

struct words {
	char **argv;
	int argc;
	int at; /* the word being looked at */
	uint64_t seen; /* options, by place in the table */
};

/* Takes one or two words; w->at stands on the last of them afterwards. */
static int
take(struct words *w, const struct option_def *defs, size_t n, struct err *e)
{
	const char *name = w->argv[w->at] + 2;
	size_t len = strcspn(name, "=");
	const struct option_def *d = find(defs, n, name, len);
	char *value = NULL;

	if (d == NULL)
		return err_set(e, ERR_USAGE, "unknown option --%.*s", (int)len,
		    name);
	if ((w->seen & (UINT64_C(1) << (d - defs))) != 0)
		return err_set(e, ERR_USAGE, "--%s: given twice", d->name);
	w->seen |= UINT64_C(1) << (d - defs);
	if (name[len] == '=') {
		value = w->argv[w->at] + 2 + len + 1;
	} else if (d->kind != OPTION_FLAG) {
		if (w->at + 1 >= w->argc)
			return err_set(e, ERR_USAGE, "--%s: value missing",
			    d->name);
		value = w->argv[++w->at];
	}
	if (d->kind == OPTION_FLAG && value != NULL)
		return err_set(e, ERR_USAGE, "--%s takes no value", d->name);
	return store(d, value, e);
}

int
options_parse(int argc, char **argv, const struct option_def *defs, size_t n,
    int *nargs, struct err *e)
{
	struct words w = { .argv = argv, .argc = argc, .at = 1, .seen = 0 };
	bool more = true;

	if (n > OPTIONS_MAX)
		BUG("%zu options", n);
	*nargs = 0;
	for (; w.at < argc; w.at++) {
		char *word = argv[w.at];

		if (more && str_equal(word, "--")) {
			more = false;
			continue;
		}
		if (more && str_starts(word, "--")) {
			if (take(&w, defs, n, e) == -1)
				return -1;
			continue;
		}
		if (more && word[0] == '-' && word[1] != '\0')
			return err_set(e, ERR_USAGE, "unknown option %s", word);
		argv[++*nargs] = word;
	}
	return 0;
}
