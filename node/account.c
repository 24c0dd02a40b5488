#include "node/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#define FILE_MAX 65536

bool
account_valid_name(const char *name)
{
	static const char first[] = "abcdefghijklmnopqrstuvwxyz_";
	static const char rest[] = "abcdefghijklmnopqrstuvwxyz_0123456789-";
	size_t n = strlen(name);

	return n > 0 && n < ACCOUNT_NAME_SIZE &&
	    strchr(first, name[0]) != NULL && strspn(name, rest) == n;
}

bool
account_valid_level(int level)
{
	return level == 0 || level == 1 || level == ACCOUNT_LEVEL_TOP;
}

static struct account *
find(struct account_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_equal(t->item[i].name, name))
			return &t->item[i];
	return NULL;
}

const struct account *
account_find(const struct account_table *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (str_equal(t->item[i].name, name))
			return &t->item[i];
	return NULL;
}

/* Is this the one account that may do everything? */
static bool
last_of_top(const struct account_table *t, const struct account *a)
{
	if (a->level != ACCOUNT_LEVEL_TOP)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (&t->item[i] != a && t->item[i].level == ACCOUNT_LEVEL_TOP)
			return false;
	return true;
}

int
account_set(struct account_table *t, const char *name, int level, struct err *e)
{
	struct account *a;

	if (!account_valid_name(name))
		return err_set(e, ERR_USAGE,
		    "account name: a lower-case letter, then lower-case "
		    "letters, digits, - and _, at most %d",
		    ACCOUNT_NAME_SIZE - 1);
	if (!account_valid_level(level))
		return err_set(e, ERR_USAGE, "a level is 0, 1 or 4");
	a = find(t, name);
	if (a != NULL && level != ACCOUNT_LEVEL_TOP && last_of_top(t, a))
		return err_set(e, ERR_STATE,
		    "%s is the last account of level 4", name);
	if (a == NULL && t->n == ACCOUNT_MAX)
		return err_set(e, ERR_TOO_BIG, "more than %d accounts",
		    ACCOUNT_MAX);
	if (a == NULL)
		a = &t->item[t->n++];
	(void)str_copy(a->name, sizeof(a->name), name);
	a->level = level;
	return 0;
}

int
account_drop(struct account_table *t, const char *name, struct err *e)
{
	struct account *a = find(t, name);
	size_t at;

	if (a == NULL)
		return err_set(e, ERR_NOT_FOUND, "no account %s", name);
	if (last_of_top(t, a))
		return err_set(e, ERR_STATE,
		    "%s is the last account of level 4", name);
	at = (size_t)(a - t->item);
	memmove(a, a + 1, (t->n - at - 1) * sizeof(*a));
	t->n--;
	return 0;
}

static int
parse_line(struct account_table *t, const char *line, struct err *e)
{
	char name[ACCOUNT_NAME_SIZE];
	const char *blank = strchr(line, ' ');
	uint64_t level;

	if (line[0] == '\0' || line[0] == '#')
		return 0;
	if (blank == NULL ||
	    str_number(blank + 1, 0, ACCOUNT_LEVEL_TOP, &level) == -1 ||
	    str_printf(name, sizeof(name), "%.*s", (int)(blank - line), line) ==
		-1)
		return err_set(e, ERR_FORMAT, "not \"NAME LEVEL\"");
	if (account_find(t, name) != NULL)
		return err_set(e, ERR_FORMAT, "%s: given twice", name);
	return account_set(t, name, (int)level, e);
}

int
account_parse(struct account_table *t, const char *text, struct err *e)
{
	char line[128];
	unsigned number = 1;

	t->n = 0;
	for (const char *s = text; *s != '\0'; number++) {
		size_t len = strcspn(s, "\n");

		if (str_printf(line, sizeof(line), "%.*s", (int)len, s) == -1)
			return err_set(e, ERR_FORMAT, "line %u: too long",
			    number);
		if (parse_line(t, line, e) == -1)
			return err_wrap(e, "line %u", number);
		s += len;
		if (*s == '\n')
			s++;
	}
	return 0;
}

void
account_format(const struct account_table *t, struct wbuf *w)
{
	for (size_t i = 0; i < t->n; i++)
		wbuf_printf(w, "%s %d\n", t->item[i].name, t->item[i].level);
}

int
account_load(struct account_table *t, struct err *e)
{
	char path[PATH_SIZE];
	struct err own = ERR_INIT;
	uint8_t *text = NULL;
	size_t len;
	int rc;

	t->n = 0;
	if (file_read(paths_in(path, "etc/accounts"), FILE_MAX, &text, &len,
		&own) == -1) {
		if (own.code == ERR_NOT_FOUND)
			return 0;
		if (e != NULL)
			*e = own;
		return -1;
	}
	rc = account_parse(t, (const char *)text, e);
	free(text);
	return rc == 0 ? 0 : err_wrap(e, "%s", path);
}

int
account_save(const struct account_table *t, struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf w;
	int rc;

	wbuf_init(&w, FILE_MAX);
	account_format(t, &w);
	rc = file_replace(paths_in(path, "etc/accounts"), w.data, w.len, 0644,
	    e);
	wbuf_release(&w);
	return rc;
}
