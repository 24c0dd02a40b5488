#include "shell/complete.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"
#include "shell/help.h"
#include "shell/match.h"

#define LIST_INDENT "    "

/* Length of the word without the "*" that marks words below it. */
static size_t
bare(const char *word)
{
	size_t len = strlen(word);

	return len > 0 && word[len - 1] == '*' ? len - 1 : len;
}

/* How many bytes all words of the list begin with. */
static size_t
common(const struct strlist *l)
{
	size_t i, k, len = bare(l->item[0]);

	for (i = 1; i < l->n; i++) {
		for (k = 0; k < len && k < bare(l->item[i]); k++) {
			if (l->item[i][k] != l->item[0][k])
				break;
		}
		len = k;
	}
	return len;
}

/* The list, one entry per line. */
static char *
list_text(const struct strlist *list)
{
	struct wbuf w;
	uint8_t *text;
	size_t i, len;

	wbuf_init(&w, 0);
	for (i = 0; i < list->n; i++)
		wbuf_printf(&w, LIST_INDENT "%s\n", list->item[i]);
	wbuf_u8(&w, '\0');
	if (wbuf_detach(&w, &text, &len) == -1)
		BUG("an unlimited buffer failed");
	return (char *)text;
}

/* True when the line, now a whole word, is of no use without another. */
static bool
wants_more(const struct command *const *table, const char *line, size_t len,
    const char *insert)
{
	struct match m;
	char *whole = mem_printf("%.*s%s", (int)len, line, insert);
	bool more;

	match_line(table, whole, strlen(whole), &m);
	more = m.why == MATCH_MISSING || m.why == MATCH_INCOMPLETE ||
	    (m.inner && m.next.n > 0);
	match_release(&m);
	free(whole);
	return more;
}

/* The word being typed is not whole: add what is certain, or list. */
static void
complete_word(const struct command *const *table, const char *line, size_t len,
    const struct match *m, struct completion *c)
{
	size_t typed = len - m->stem, sure;

	if (m->here.n == 0)
		return;
	sure = common(&m->here);
	if (sure == typed) {
		free(c->text);
		c->text = list_text(&m->here);
		return;
	}
	free(c->insert);
	c->insert = mem_strndup(m->here.item[0] + typed, sure - typed);
	if (m->here.n == 1 && wants_more(table, line, len, c->insert)) {
		c->insert = mem_resize(c->insert, sure - typed + 2, 1);
		memcpy(c->insert + sure - typed, " ", 2);
	}
}

static void
init(struct completion *c)
{
	memset(c, 0, sizeof(*c));
	c->insert = mem_strdup("");
	c->text = mem_strdup("");
}

void
complete_tab(const struct command *const *table, const char *line, size_t len,
    struct completion *c)
{
	struct match m;

	init(c);
	match_line(table, line, len, &m);
	if (m.stem < len && !m.exact) {
		complete_word(table, line, len, &m, c);
	} else {
		free(c->text);
		c->text = list_text(&m.next);
	}
	match_release(&m);
}

void
complete_question(const struct command *const *table, const char *line,
    size_t len, struct completion *c)
{
	struct match m;

	init(c);
	match_line(table, line, len, &m);
	if (m.text) {
		c->literal = true;
	} else {
		free(c->text);
		if (m.cmd != NULL && !m.inner) {
			c->text = help_syntax(m.cmd);
			c->behind = true;
		} else if (m.stem < len && !m.exact) {
			c->text = list_text(&m.here);
		} else {
			c->text = list_text(&m.next);
		}
	}
	match_release(&m);
}

void
completion_release(struct completion *c)
{
	free(c->insert);
	free(c->text);
	memset(c, 0, sizeof(*c));
}
