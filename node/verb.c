#include "node/verb.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "node/agent.h"

#define SHARE_WAIT_MS 30000 /* for an earlier request of the account */

/* How many words v's fixed words are if they start the request, else 0. */
static size_t
match(const struct verb *v, const struct strlist *words)
{
	const char *p = v->words;
	size_t i;

	for (i = 0; *p != '\0'; i++) {
		size_t len = strcspn(p, " ");

		if (i == words->n || strlen(words->item[i]) != len ||
		    memcmp(words->item[i], p, len) != 0)
			return 0;
		p += len;
		p += strspn(p, " ");
	}
	return i;
}

const struct verb *
verb_find(const struct strlist *words, size_t *nwords, struct err *e)
{
	const struct verb *best = NULL;
	size_t i;

	*nwords = 0;
	for (i = 0; i < verb_table_n; i++) {
		size_t n = match(verb_table[i], words);

		if (n > *nwords) {
			best = verb_table[i];
			*nwords = n;
		}
	}
	if (best == NULL) {
		const char *first = words->n == 0 ? "" : words->item[0];
		char seen[64];

		(void)err_set(e, ERR_USAGE, "the agent knows no request \"%s\"",
		    str_visible(seen, sizeof(seen), first, strlen(first)));
	}
	return best;
}

int
verb_allowed(const struct verb *v, const struct verb_caller *who, struct err *e)
{
	if (who->all)
		return 0;
	if (who->peer) {
		if ((v->flags & VERB_PEER) != 0)
			return 0;
		return err_set(e, ERR_DENIED,
		    "%s: not a request of other nodes", v->words);
	}
	if ((v->flags & VERB_ACCOUNTS) == 0)
		return err_set(e, ERR_DENIED, "%s: for other nodes only",
		    v->words);
	if (who->level < v->level)
		return err_set(e, ERR_DENIED,
		    "%s: account %s has privilege level %d, level %d is "
		    "needed",
		    v->words, who->name, who->level, v->level);
	return 0;
}

/* Root and the service user are not kept waiting. */
static int
run(const struct verb *v, struct verb_ctx *c, struct err *e)
{
	int rc;

	if ((v->flags & VERB_COSTLY) == 0 || c->caller.all)
		return v->run(c, e);
	if (agent_share_take(&c->agent->shares, c->caller.uid, SHARE_WAIT_MS,
		e) == -1)
		return err_wrap(e, "%s", v->words);
	rc = v->run(c, e);
	agent_share_give(&c->agent->shares, c->caller.uid);
	return rc;
}

int
verb_dispatch(struct verb_ctx *c, const struct strlist *words, struct err *e)
{
	const struct verb *v;
	size_t fixed;

	if ((v = verb_find(words, &fixed, e)) == NULL)
		return -1;
	if (verb_allowed(v, &c->caller, e) == -1)
		return -1;
	c->args = words->item + fixed;
	c->nargs = words->n - fixed;
	if (c->nargs < v->args_min)
		return err_set(e, ERR_USAGE, "%s: too few arguments", v->words);
	if (c->nargs > v->args_max)
		return err_set(e, ERR_USAGE, "%s: too many arguments",
		    v->words);
	if (c->payload_len > v->payload_max)
		return err_set(e, ERR_TOO_BIG,
		    "%s: payload of %zu bytes, at most %zu", v->words,
		    c->payload_len, v->payload_max);
	c->message[0] = '\0';
	return run(v, c, e);
}

void
verb_text(struct verb_ctx *c, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("format of a text");
	if (c->reply == NULL || c->reply->text == NULL)
		return;
	text = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(text, (size_t)n + 1, fmt, ap);
	va_end(ap);
	(void)c->reply->text(c->reply->self, text, (size_t)n);
	mem_free_wiped(text, (size_t)n);
}

void
verb_row(struct verb_ctx *c, const struct strlist *columns)
{
	if (c->reply != NULL && c->reply->row != NULL)
		(void)c->reply->row(c->reply->self, columns);
}

void
verb_row_of(struct verb_ctx *c, const char *const *column, size_t n)
{
	struct strlist l = STRLIST_INIT;
	size_t i;

	for (i = 0; i < n; i++)
		strlist_add(&l, column[i]);
	verb_row(c, &l);
	strlist_release(&l);
}

void
verb_data(struct verb_ctx *c, const void *p, size_t n)
{
	if (c->reply != NULL && c->reply->data != NULL)
		(void)c->reply->data(c->reply->self, p, n);
}

/* Nobody listening is no reason to call a job off. */
static int
progress_text(void *self, const char *text)
{
	verb_text(self, "%s", text);
	return 0;
}

struct progress
verb_progress(struct verb_ctx *c)
{
	struct progress p = { .text = progress_text, .self = c };

	return p;
}
