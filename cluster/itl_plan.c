#include "cluster/itl_plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/mem.h"

enum {
	COLUMN_DISK,
	COLUMN_SERVED,
	COLUMN_SIGNER,
	COLUMN_SERVICE,
	COLUMN_ACTIVATED,
	COLUMNS
};

static bool
is_sha(const char *s)
{
	return strlen(s) == ITL_SHA_HEX_SIZE - 1 &&
	    strspn(s, "0123456789abcdef") == ITL_SHA_HEX_SIZE - 1;
}

/* A checksum, or "" for none. */
static int
take_sha(char dst[ITL_SHA_HEX_SIZE], const char *s, const char *what,
    struct err *e)
{
	if (s[0] != '\0' && !is_sha(s))
		return err_set(e, ERR_FORMAT,
		    "status of the ITL: %s is no checksum", what);
	(void)str_copy(dst, ITL_SHA_HEX_SIZE, s);
	return 0;
}

static int
parse(const struct strlist *columns, struct itl_status *st, struct err *e)
{
	char *const *c = columns->item;

	if (columns->n != COLUMNS)
		return err_set(e, ERR_FORMAT,
		    "status of the ITL: %zu columns, expected %d", columns->n,
		    COLUMNS);
	if (take_sha(st->sha_disk, c[COLUMN_DISK], "file on disk", e) == -1 ||
	    take_sha(st->sha_served, c[COLUMN_SERVED], "file served", e) == -1)
		return -1;
	(void)str_visible(st->signer, sizeof(st->signer), c[COLUMN_SIGNER],
	    strlen(c[COLUMN_SIGNER]));
	(void)str_visible(st->service, sizeof(st->service), c[COLUMN_SERVICE],
	    strlen(c[COLUMN_SERVICE]));
	st->activated = str_equal(c[COLUMN_ACTIVATED], "t");
	if (!st->activated && !str_equal(c[COLUMN_ACTIVATED], "f"))
		return err_set(e, ERR_FORMAT,
		    "status of the ITL: activated is neither t nor f");
	return 0;
}

int
itl_status_parse(const struct strlist *columns, struct itl_status *st,
    struct err *e)
{
	*st = (struct itl_status) { 0 };
	if (parse(columns, st, e) == 0)
		return 0;
	*st = (struct itl_status) { 0 };
	return -1;
}

void
itl_plan_drop_inactive(struct itl_plan *p)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct itl_plan_node *n = &p->node[i];

		if (n->why.code == ERR_NONE && !n->status.activated)
			continue;
		if (kept != i)
			p->node[kept] = *n;
		kept++;
	}
	p->n = kept;
}

static enum itl_step
decide(const struct itl_plan_node *n, const char *sha)
{
	bool has = str_equal(n->status.sha_disk, sha);

	if (n->why.code != ERR_NONE)
		return ITL_STEP_UNREACHABLE;
	if (str_equal(n->status.service, "STOPPED") ||
	    str_equal(n->status.service, "STOPPING"))
		return ITL_STEP_STOPPED;
	if (!has)
		return ITL_STEP_SEND;
	if (!str_equal(n->status.sha_served, sha))
		return ITL_STEP_ACTIVATE;
	return ITL_STEP_NONE;
}

void
itl_plan_decide(struct itl_plan *p, const char *sha)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		p->node[i].step = decide(&p->node[i], sha);
}

char *
itl_plan_list(const struct itl_plan *p)
{
	struct wbuf w;
	uint8_t *text;
	size_t len;
	size_t i;

	wbuf_init(&w, 0);
	wbuf_u8(&w, '[');
	for (i = 0; i < p->n; i++)
		wbuf_printf(&w, "%s'%s'", i == 0 ? "" : ", ",
		    p->node[i].node.name);
	wbuf_u8(&w, ']');
	wbuf_u8(&w, '\0');
	if (wbuf_detach(&w, &text, &len) == -1)
		BUG("a buffer without limit failed");
	return (char *)text;
}

void
itl_plan_release(struct itl_plan *p)
{
	if (p == NULL)
		return;
	free(p->node);
	*p = (struct itl_plan) { 0 };
}
