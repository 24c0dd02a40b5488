#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "services/group_itl.h"
#include "services/store_priv.h"

static struct store_group *
find(const struct phone_store *s, const char *key)
{
	struct store_group *g;

	for (g = LIST_FIRST(&s->groups); g != NULL; g = LIST_NEXT(g, link)) {
		if (str_equal(g->group.key, key))
			break;
	}
	return g;
}

static void
remove_group(struct phone_store *s, struct store_group *g)
{
	store_drop(s, &g->file);
	if (g->needed)
		store_item_remove(s, &g->item);
	LIST_REMOVE(g, link);
	free(g);
}

/* The list of a group that is new or has other servers. */
static void
set_group(struct phone_store *s, struct store_group *g,
    const struct phone_group *group)
{
	bool needed = group_itl_needed(s->identity, group);

	g->group = *group;
	if (!needed) {
		store_drop(s, &g->file);
		if (g->needed)
			store_item_remove(s, &g->item);
	} else if (g->needed) {
		store_item_stale(s, &g->item);
	} else {
		store_item_add(s, &g->item, SIGNING_GROUP, g);
	}
	g->needed = needed;
}

static struct store_group *
take_group(struct phone_store *s, const struct phone_group *group)
{
	struct store_group *g = find(s, group->key);

	if (g == NULL) {
		g = mem_alloc(sizeof(*g));
		LIST_INSERT_HEAD(&s->groups, g, link);
		set_group(s, g, group);
	} else if (!group_itl_same(&g->group, group)) {
		set_group(s, g, group);
	}
	g->seen = true;
	return g;
}

void
store_groups_update(struct phone_store *s)
{
	struct store_group *g, *next;

	for (g = LIST_FIRST(&s->groups); g != NULL; g = LIST_NEXT(g, link))
		g->seen = false;
	free(s->group_of);
	s->group_of =
	    mem_array(s->basis->n_groups, sizeof(struct store_group *));
	for (size_t i = 0; i < s->basis->n_groups; i++)
		s->group_of[i] = take_group(s, &s->basis->group[i]);
	for (g = LIST_FIRST(&s->groups); g != NULL; g = next) {
		next = LIST_NEXT(g, link);
		if (!g->seen)
			remove_group(s, g);
	}
}

void
store_groups_release(struct phone_store *s)
{
	struct store_group *g;

	while ((g = LIST_FIRST(&s->groups)) != NULL) {
		store_drop(s, &g->file);
		if (g->needed)
			store_waiters_release(&g->item.waiters);
		LIST_REMOVE(g, link);
		free(g);
	}
	free(s->group_of);
	s->group_of = NULL;
}

struct store_group *
store_group_of(const struct phone_store *s, const struct store_phone *p)
{
	struct store_group *g;
	size_t i;

	i = s->config.source.group(s->basis, p->row);
	if (i == PHONE_NO_GROUP)
		return NULL;
	g = s->group_of[i];
	return g->needed ? g : NULL;
}

void
store_group_job(const struct store_group *g, struct signing_job *j)
{
	j->group = g->group;
}

void
store_group_take(struct phone_store *s, struct store_group *g,
    struct signing_job *j)
{
	store_drop(s, &g->file);
	if (j->error != NULL)
		return;
	g->file = store_keep(s, j->file.data, j->file.len);
	j->file.data = NULL;
}

enum phone_store_answer
store_group_lookup(struct phone_store *s, const struct store_phone *p,
    struct tftp_file **out)
{
	static const struct tftp_name itl = { .kind = TFTP_NAME_ITL,
		.text = "ITLFile.tlv" };
	const struct store_group *g = store_group_of(s, p);

	if (g != NULL && !store_item_settled(&g->item))
		return PHONE_STORE_LATER;
	if (g != NULL && g->file != NULL) {
		*out = tftp_file_hold(g->file);
		return PHONE_STORE_FOUND;
	}
	if (tftp_files_find(s->config.files, &itl, out, NULL) == -1)
		return PHONE_STORE_ABSENT;
	return PHONE_STORE_FOUND;
}
