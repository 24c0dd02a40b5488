#include "services/phone_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"

struct phone_row *
phone_row_new(const char *mac)
{
	struct phone_row *r = mem_alloc(sizeof(*r));

	atomic_init(&r->holders, 1);
	(void)str_copy(r->mac, sizeof(r->mac), mac);
	return r;
}

struct phone_basis *
phone_basis_new(void)
{
	struct phone_basis *b = mem_alloc(sizeof(*b));

	atomic_init(&b->holders, 1);
	return b;
}

struct phone_row *
phone_row_hold(struct phone_row *r)
{
	(void)atomic_fetch_add(&r->holders, 1);
	return r;
}

struct phone_basis *
phone_basis_hold(struct phone_basis *b)
{
	(void)atomic_fetch_add(&b->holders, 1);
	return b;
}

void
phone_row_release(struct phone_row *r)
{
	if (r == NULL || atomic_fetch_sub(&r->holders, 1) > 1)
		return;
	if (r->free_data != NULL)
		r->free_data(r->data);
	free(r);
}

void
phone_basis_release(struct phone_basis *b)
{
	if (b == NULL || atomic_fetch_sub(&b->holders, 1) > 1)
		return;
	if (b->free_data != NULL)
		b->free_data(b->data);
	free(b->group);
	free(b);
}

void
phone_changes_add(struct phone_changes *c, struct phone_row *r)
{
	/* Room is made by doubling: at every power of two. */
	if ((c->n & (c->n - 1)) == 0)
		c->row = mem_resize(c->row, c->n == 0 ? 1 : 2 * c->n,
		    sizeof(struct phone_row *));
	c->row[c->n++] = r;
}

void
phone_changes_release(struct phone_changes *c)
{
	static const struct phone_changes none = PHONE_CHANGES_INIT;

	for (size_t i = 0; i < c->n; i++)
		phone_row_release(c->row[i]);
	free(c->row);
	phone_basis_release(c->basis);
	*c = none;
}
