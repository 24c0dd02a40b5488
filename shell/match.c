#include "shell/match.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "shell/lex.h"

/* The line and how far the walk has come in it and in the table. */
struct walk {
	const struct command *const *table;
	size_t lo; /* entries lo … hi - 1 begin with the words matched */
	size_t hi;
	size_t depth; /* how many words that are */
	const char *line;
	size_t len;
	const struct lex *lex;
	size_t at; /* next word of the line */
	struct match *m;
};

/* Word number depth of words; its length, 0 when there are fewer. */
static size_t
word_at(const char *words, size_t depth, const char **p)
{
	size_t len;

	for (;;) {
		len = strcspn(words, " ");
		if (depth-- == 0 || words[len] == '\0')
			break;
		words += len + 1;
	}
	*p = words;
	return depth == (size_t)-1 ? len : 0;
}

static bool
same(const char *a, size_t alen, const char *b, size_t blen)
{
	return alen == blen && memcmp(a, b, alen) == 0;
}

static bool
begins(const char *a, size_t alen, const char *prefix, size_t plen)
{
	return alen >= plen && memcmp(a, prefix, plen) == 0;
}

/* The entry whose words are exactly those matched; NULL: none. */
static const struct command *
complete_entry(const struct walk *w)
{
	const char *p;

	if (w->depth == 0 || w->lo == w->hi)
		return NULL;
	if (word_at(w->table[w->lo]->words, w->depth, &p) == 0)
		return w->table[w->lo];
	return NULL;
}

/* The entries from lo on that have this word at the walk's depth. */
static size_t
range_end(const struct walk *w, size_t lo, const char *word, size_t len)
{
	const char *p;

	while (lo < w->hi) {
		size_t n;

		n = word_at(w->table[lo]->words, w->depth, &p);
		if (!same(p, n, word, len))
			break;
		lo++;
	}
	return lo;
}

/*
 * Add to list the distinct words at the walk's depth that begin with the
 * prefix.
 */
static void
list_words(const struct walk *w, const char *prefix, size_t plen,
    struct strlist *list)
{
	const char *p, *q;
	char *entry;
	size_t i, end;

	for (i = w->lo; i < w->hi; i = end) {
		size_t len;

		len = word_at(w->table[i]->words, w->depth, &p);
		end = range_end(w, i, p, len);
		if (len == 0 || !begins(p, len, prefix, plen))
			continue;
		entry = mem_printf("%.*s%s", (int)len, p,
		    word_at(w->table[end - 1]->words, w->depth + 1, &q) > 0 ?
			"*" :
			"");
		strlist_add(list, entry);
		free(entry);
	}
}

static void
set_bad(struct match *m, const char *p, size_t len)
{
	free(m->bad);
	m->bad = str_visible_dup(p, len < 64 ? len : 64);
}

/*
 * Narrow the range by one word.  True when it is a word there, in full or
 * abbreviated without doubt; *several when it abbreviates more than one.
 */
static bool
narrow(struct walk *w, const char *word, size_t len, bool *several)
{
	const char *p;
	size_t i, end, n, found = 0, lo = 0, hi = 0;

	*several = false;
	for (i = w->lo; i < w->hi; i = end) {
		n = word_at(w->table[i]->words, w->depth, &p);
		end = range_end(w, i, p, n);
		if (n == 0 || !begins(p, n, word, len))
			continue;
		found++;
		lo = i;
		hi = end;
		if (n == len) {
			found = 1;
			break;
		}
	}
	*several = found > 1;
	if (found != 1)
		return false;
	w->lo = lo;
	w->hi = hi;
	n = word_at(w->table[lo]->words, w->depth, &p);
	strlist_add_n(&w->m->path, p, n);
	w->m->exact = n == len;
	w->depth++;
	return true;
}

static bool
is_open(const struct walk *w, size_t i)
{
	return w->lex->open && i + 1 == w->lex->n;
}

/*
 * Walk the words of commands.  Stops at the first word that is none;
 * MATCH_OK when the words so far name a command.
 */
static enum match_why
walk_words(struct walk *w)
{
	struct match *m = w->m;
	bool several;

	while (w->at < w->lex->n) {
		const char *word;
		size_t len;

		word = w->line + w->lex->word[w->at].off;
		len = w->lex->word[w->at].len;
		if (is_open(w, w->at))
			list_words(w, word, len, &m->here);
		if (!narrow(w, word, len, &several)) {
			m->exact = false;
			if (several) {
				set_bad(m, word, len);
				return MATCH_AMBIGUOUS;
			}
			if (complete_entry(w) != NULL)
				return MATCH_OK;
			set_bad(m, word, len);
			return MATCH_UNKNOWN;
		}
		w->at++;
	}
	list_words(w, "", 0, &m->next);
	if (complete_entry(w) != NULL)
		return MATCH_OK;
	return w->depth == 0 ? MATCH_EMPTY : MATCH_INCOMPLETE;
}

static void
list_values(const struct cmd_type *type, const char *prefix, size_t len,
    struct strlist *list)
{
	size_t i;

	for (i = 0; type->values != NULL && type->values[i] != NULL; i++) {
		if (begins(type->values[i], strlen(type->values[i]), prefix,
			len))
			strlist_add(list, type->values[i]);
	}
}

/* True when the option, or another of its group, is given already. */
static bool
is_taken(const struct walk *w, size_t option)
{
	const struct cmd_option *o = w->m->cmd->options;
	size_t i, n = cmd_option_count(w->m->cmd);

	for (i = 0; i < n; i++) {
		if (w->m->args.option[i] &&
		    (i == option ||
			(o[i].group != 0 && o[i].group == o[option].group)))
			return true;
	}
	return false;
}

/* Option words of cmd that begin with the prefix and may still be given. */
static void
list_options(const struct walk *w, const char *prefix, size_t len,
    struct strlist *list)
{
	const struct command *cmd = w->m->cmd;
	size_t i, n = cmd_option_count(cmd);

	for (i = 0; i < n; i++) {
		const char *word;

		word = cmd->options[i].word;
		if (cmd->options[i].bare == NULL && !is_taken(w, i) &&
		    begins(word, strlen(word), prefix, len))
			strlist_add(list, word);
	}
	if ((cmd->flags & CMD_JSON) != 0 && !w->m->args.json &&
	    begins("json", 4, prefix, len))
		strlist_add(list, "json");
}

/* The words of another command: `help show itl`. */
static void
take_command(struct walk *w)
{
	struct walk inner = *w;
	struct match sub;

	memset(&sub, 0, sizeof(sub));
	w->m->inner = w->at < w->lex->n;
	inner.m = &sub;
	inner.lo = 0;
	inner.depth = 0;
	for (inner.hi = 0; inner.table[inner.hi] != NULL;)
		inner.hi++;
	(void)walk_words(&inner);
	strlist_release(&w->m->next);
	strlist_release(&w->m->here);
	w->m->here = sub.here;
	w->m->next = sub.next;
	w->m->exact = sub.exact;
	w->at = w->lex->n;
	strlist_release(&sub.path);
	free(sub.bad);
}

/*
 * How many words the rest of the line has for its parameter: the last one may
 * be "json", in full.
 */
static size_t
rest_words(struct walk *w)
{
	size_t n = w->lex->n;
	const struct lex_word *last = &w->lex->word[n - 1];

	if ((w->m->cmd->flags & CMD_JSON) == 0)
		return n;
	if (is_open(w, w->at) &&
	    begins("json", 4, w->line + last->off, last->len))
		strlist_add(&w->m->here, "json");
	if (last->len != 4 || memcmp(w->line + last->off, "json", 4) != 0)
		return n;
	w->m->args.json = true;
	return n - 1;
}

/* A parameter that takes the rest of the line. */
static enum match_why
take_rest(struct walk *w, const struct cmd_type *type, char **value)
{
	size_t from = w->lex->word[w->at].off;
	size_t n = rest_words(w);
	size_t end = w->lex->word[n - 1].off + w->lex->word[n - 1].len;

	if (n == w->at) {
		w->at = w->lex->n;
		return MATCH_OK;
	}
	*value = mem_strndup(w->line + from, end - from);
	if (type->command) {
		take_command(w);
		return MATCH_OK;
	}
	w->m->text = type->values == NULL;
	w->m->stem = from;
	w->m->exact = false;
	list_values(type, w->line + from, w->len - from, &w->m->here);
	w->at = w->lex->n;
	if (type->check != NULL && type->check(*value, &w->m->e) == -1)
		return MATCH_VALUE;
	return MATCH_OK;
}

/*
 * The quotation mark that ends the value which begins with one at from; 0
 * when there is none.
 */
static size_t
closing_mark(const struct walk *w, size_t from)
{
	size_t i;

	for (i = from + 1; i < w->len; i++) {
		if (w->line[i] == '"' &&
		    (i + 1 == w->len || strchr(" \t\r\n", w->line[i + 1])))
			return i;
	}
	return 0;
}

/* The text in quotation marks that begins at the walk's word. */
static enum match_why
take_quoted(struct walk *w, char **value)
{
	size_t from = w->lex->word[w->at].off;
	size_t to = closing_mark(w, from);

	if (to == 0) {
		w->m->text = true;
		w->m->stem = from;
		w->at = w->lex->n;
		(void)err_set(&w->m->e, ERR_USAGE,
		    "The quotation mark at the end is missing.");
		return MATCH_VALUE;
	}
	*value = mem_strndup(w->line + from + 1, to - from - 1);
	while (w->at < w->lex->n && w->lex->word[w->at].off <= to)
		w->at++;
	return MATCH_OK;
}

/* One value, which is there. */
static enum match_why
take_value(struct walk *w, const struct cmd_type *type, char **value)
{
	const char *word = w->line + w->lex->word[w->at].off;
	size_t len = w->lex->word[w->at].len;

	if (type->quoted && word[0] == '"') {
		if (take_quoted(w, value) != MATCH_OK)
			return MATCH_VALUE;
	} else {
		if (is_open(w, w->at))
			list_values(type, word, len, &w->m->here);
		*value = mem_strndup(word, len);
		w->at++;
	}
	if (type->check != NULL && type->check(*value, &w->m->e) == -1)
		return MATCH_VALUE;
	w->m->exact = true;
	return MATCH_OK;
}

static enum match_why
take_params(struct walk *w)
{
	const struct command *cmd = w->m->cmd;
	size_t i, n = cmd_param_count(cmd);

	for (i = 0; i < n; i++) {
		const struct cmd_type *type;
		enum match_why why;
		char **value;

		type = cmd->params[i].type;
		value = &w->m->args.value[i];
		if (w->at == w->lex->n) {
			if (type->command)
				take_command(w);
			else
				list_values(type, "", 0, &w->m->next);
			return cmd->params[i].optional ? MATCH_OK :
							 MATCH_MISSING;
		}
		if (type->rest) {
			why = take_rest(w, type, value);
			if (why == MATCH_OK && *value == NULL &&
			    !cmd->params[i].optional)
				return MATCH_MISSING;
			return why;
		}
		why = take_value(w, type, value);
		if (why != MATCH_OK)
			return why;
	}
	return MATCH_OK;
}

/* What must stand behind the word of option number i. */
static enum match_why
take_option_values(struct walk *w, size_t i)
{
	const struct cmd_option *o = &w->m->cmd->options[i];
	size_t k;

	for (k = 0; o->values != NULL && o->values[k].name != NULL; k++) {
		enum match_why why;

		if (w->at == w->lex->n) {
			list_values(o->values[k].type, "", 0, &w->m->next);
			(void)err_set(&w->m->e, ERR_USAGE,
			    "%s: the %s is missing.", o->word,
			    o->values[k].help);
			return MATCH_MISSING;
		}
		why = take_value(w, o->values[k].type,
		    &w->m->args.option_value[i][k]);
		if (why != MATCH_OK)
			return why;
	}
	return MATCH_OK;
}

/* An option that is no word but a value.  False when none takes it. */
static bool
take_bare(struct walk *w, const char *word, size_t len)
{
	const struct command *cmd = w->m->cmd;
	size_t i, n = cmd_option_count(cmd);
	struct err ignored = ERR_INIT;
	char *value = mem_strndup(word, len);

	for (i = 0; i < n; i++) {
		const struct cmd_type *type = cmd->options[i].bare;

		if (type == NULL || is_taken(w, i) ||
		    (type->check != NULL && type->check(value, &ignored) == -1))
			continue;
		w->m->args.option[i] = true;
		w->m->args.option_value[i][0] = value;
		w->m->exact = true;
		w->at++;
		return true;
	}
	free(value);
	return false;
}

/*
 * The option whose word this is, in full or abbreviated: its number, the
 * number of options for "json", -1 when it is none or may not be given.
 */
static int
find_option(const struct walk *w, const char *word, size_t len)
{
	const struct command *cmd = w->m->cmd;
	size_t i, n = cmd_option_count(cmd);
	int found = -1, count = 0;

	for (i = 0; i < n; i++) {
		const char *full = cmd->options[i].word;

		if (cmd->options[i].bare != NULL ||
		    !begins(full, strlen(full), word, len))
			continue;
		found = (int)i;
		if (strlen(full) == len)
			return is_taken(w, i) ? -1 : found;
		count++;
	}
	if ((cmd->flags & CMD_JSON) != 0 && begins("json", 4, word, len)) {
		found = (int)n;
		count++;
	}
	if (count != 1)
		return -1;
	if ((size_t)found == n)
		return w->m->args.json ? -1 : found;
	return is_taken(w, (size_t)found) ? -1 : found;
}

/* One option, which is there. */
static enum match_why
take_option(struct walk *w)
{
	const char *word = w->line + w->lex->word[w->at].off;
	size_t len = w->lex->word[w->at].len;
	int i;

	w->m->exact = false;
	if (is_open(w, w->at))
		list_options(w, word, len, &w->m->here);
	i = find_option(w, word, len);
	if (i == -1) {
		if (take_bare(w, word, len))
			return MATCH_OK;
		set_bad(w->m, word, len);
		return MATCH_EXTRA;
	}
	w->m->exact = w->m->here.n == 1 && strlen(w->m->here.item[0]) == len;
	w->at++;
	if ((size_t)i == cmd_option_count(w->m->cmd)) {
		w->m->args.json = true;
		return MATCH_OK;
	}
	w->m->args.option[i] = true;
	return take_option_values(w, (size_t)i);
}

static enum match_why
take_options(struct walk *w)
{
	while (w->at < w->lex->n) {
		enum match_why why = take_option(w);

		if (why != MATCH_OK)
			return why;
	}
	list_options(w, "", 0, &w->m->next);
	return MATCH_OK;
}

void
match_line(const struct command *const *table, const char *line, size_t len,
    struct match *m)
{
	struct lex lex;
	struct walk w = { .table = table, .line = line, .len = len, .m = m };

	memset(m, 0, sizeof(*m));
	lex_split(&lex, line, len);
	w.lex = &lex;
	while (table[w.hi] != NULL)
		w.hi++;
	m->stem = lex.open ? lex.word[lex.n - 1].off : len;
	m->why = walk_words(&w);
	if (m->why == MATCH_OK) {
		m->cmd = complete_entry(&w);
		m->why = take_params(&w);
	}
	if (m->why == MATCH_OK)
		m->why = take_options(&w);
	m->args.cmd = m->cmd;
	if (m->why != MATCH_OK)
		cmd_args_release(&m->args);
	lex_release(&lex);
}

void
match_release(struct match *m)
{
	cmd_args_release(&m->args);
	strlist_release(&m->path);
	strlist_release(&m->here);
	strlist_release(&m->next);
	free(m->bad);
	memset(m, 0, sizeof(*m));
}
