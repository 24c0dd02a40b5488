#include "services/group_itl.h"

#include "base/clock.h"
#include "base/str.h"
#include "trust/itl.h"

/* The TVS certificate of a node, or NULL. */
static const struct cert *
tvs_of(const struct itl_certs *certs, const char *node)
{
	if (str_equal(certs->tvs_node, node))
		return certs->tvs;
	for (size_t i = 0; i < certs->n_further; i++)
		if (str_equal(certs->further_node[i], node))
			return certs->further_tvs[i];
	return NULL;
}

/* Those of the group's nodes that are known.  Returns how many. */
static size_t
group_certs(const struct signing_identity *id, const struct phone_group *g,
    const struct cert *tvs[PHONE_GROUP_NODES])
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_nodes; i++) {
		tvs[n] = tvs_of(&id->others, g->node[i]);
		if (tvs[n] != NULL)
			n++;
	}
	return n;
}

bool
group_itl_needed(const struct signing_identity *id, const struct phone_group *g)
{
	const struct itl_certs *all = &id->others;
	const struct cert *tvs[PHONE_GROUP_NODES] = { NULL };
	size_t n = group_certs(id, g, tvs);

	if (n == 0)
		return false;
	if (n != all->n_further + 1 || tvs[0] != all->tvs)
		return true;
	for (size_t i = 1; i < n; i++)
		if (tvs[i] != all->further_tvs[i - 1])
			return true;
	return false;
}

bool
group_itl_same(const struct phone_group *a, const struct phone_group *b)
{
	if (a->n_nodes != b->n_nodes)
		return false;
	for (size_t i = 0; i < a->n_nodes; i++)
		if (!str_equal(a->node[i], b->node[i]))
			return false;
	return true;
}

int
group_itl_build(const struct signing_identity *id, const struct phone_group *g,
    uint8_t **out, size_t *len, struct err *e)
{
	const struct cert *tvs[PHONE_GROUP_NODES] = { NULL };
	size_t n = group_certs(id, g, tvs);
	const struct itl_inputs in = { .callmanager = id->own.cert,
		.callmanager_key = id->own.key,
		.capf = id->others.capf,
		.tvs = tvs[0],
		.recovery = id->others.recovery,
		.further_tvs = tvs + 1,
		.n_further = n > 0 ? n - 1 : 0,
		.digest = id->others.digest,
		.timestamp = clock_wall() };

	return itl_build(&in, out, len, e);
}
