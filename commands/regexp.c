#include "commands/regexp.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/*
 * The matcher keeps a state for each of the places it has been at; after
 * this many bytes it begins anew, so they cannot fill the memory.
 */
#define FORGET_BYTES 32768

struct regexp {
	regex_t re;
	char *text;
	int flags;
	size_t seen; /* bytes since it was compiled */
};

/* Behind the bracket expression that begins at p. */
static const char *
skip_bracket(const char *p)
{
	p++;
	if (*p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p != '\0' && *p != ']') {
		if (*p == '[' && (p[1] == ':' || p[1] == '.' || p[1] == '=')) {
			char end[3] = { p[1], ']', '\0' };
			const char *close = strstr(p + 2, end);

			p = close == NULL ? p + 1 : close + 2;
		} else {
			p++;
		}
	}
	return *p == ']' ? p + 1 : p;
}

/* The larger number of "{n,m" at p; at most REGEXP_REPEAT_MAX + 1. */
static size_t
repetition(const char *p)
{
	size_t n = 0, most = 1;

	for (p++; (*p >= '0' && *p <= '9') || *p == ','; p++) {
		n = *p == ',' ? 0 : n * 10 + (size_t)(*p - '0');
		if (n > REGEXP_REPEAT_MAX)
			return REGEXP_REPEAT_MAX + 1;
		if (n > most)
			most = n;
	}
	return most;
}

static int
check_cost(const char *text, struct err *e)
{
	const char *p = text;
	size_t times = 1;

	if (strlen(text) > REGEXP_MAX)
		return err_set(e, ERR_USAGE,
		    "The regular expression is longer than %d bytes.",
		    REGEXP_MAX);
	while (*p != '\0') {
		if (*p == '\\' && p[1] >= '0' && p[1] <= '9')
			return err_set(e, ERR_USAGE,
			    "Back references are not possible in the regular "
			    "expression.");
		if (*p == '\\' && p[1] != '\0') {
			p += 2;
		} else if (*p == '[') {
			p = skip_bracket(p);
		} else {
			if (*p == '{')
				times *= repetition(p);
			p++;
		}
		if (times > REGEXP_REPEAT_MAX)
			return err_set(e, ERR_USAGE,
			    "The repetitions of the regular expression make "
			    "more than %d.",
			    REGEXP_REPEAT_MAX);
	}
	return 0;
}

int
regexp_check(const char *text, struct err *e)
{
	struct regexp *r = NULL;
	int rc = regexp_new(&r, text, false, e);

	regexp_free(r);
	return rc;
}

int
regexp_new(struct regexp **out, const char *text, bool ignore_case,
    struct err *e)
{
	int flags = REG_EXTENDED | REG_NOSUB | (ignore_case ? REG_ICASE : 0);
	struct regexp *r;
	int rc;

	if (*text == '\0')
		return err_set(e, ERR_USAGE,
		    "The regular expression is empty.");
	if (check_cost(text, e) == -1)
		return -1;
	r = mem_alloc(sizeof(*r));
	rc = regcomp(&r->re, text, flags);
	if (rc != 0) {
		char why[128];

		(void)regerror(rc, &r->re, why, sizeof(why));
		free(r);
		return err_set(e, ERR_USAGE,
		    "The regular expression is wrong: %s.", why);
	}
	r->text = mem_strdup(text);
	r->flags = flags;
	*out = r;
	return 0;
}

void
regexp_free(struct regexp *r)
{
	if (r == NULL)
		return;
	regfree(&r->re);
	free(r->text);
	free(r);
}

static void
forget(struct regexp *r)
{
	regfree(&r->re);
	if (regcomp(&r->re, r->text, r->flags) != 0)
		BUG("an expression that compiled once does no longer");
	r->seen = 0;
}

bool
regexp_match(struct regexp *r, const char *s, size_t n)
{
	regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)n };

	if (r->seen > FORGET_BYTES)
		forget(r);
	r->seen += n;
	return regexec(&r->re, s, 1, &range, REG_STARTEND) == 0;
}
