#include "node/phone_print.h"

#include <string.h>

#include "base/buffer.h"
#include "base/csv.h"
#include "db/device_fields.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */
#define COLUMN_WIDTH 18 /* of names of fields */

static void
put(struct out *o, const char *text)
{
	out_visible(o, text, strlen(text));
}

/* The certificate is long: that there is one says enough. */
static const char *
shown_text(const struct device_row *d, unsigned field)
{
	if (field == DEVICE_FIELD_CERTIFICATE)
		return d->certificate != NULL ? "yes" : "no";
	return device_field_text(d, (enum device_field)field);
}

static void
print_all(struct out *o, const struct device_row *d)
{
	out_printf(o, "%-*s%s\n", COLUMN_WIDTH, "name", d->name);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const char *text = shown_text(d, f);

		if (text[0] == '\0') {
			out_printf(o, "%s\n",
			    device_field_name((enum device_field)f));
			continue;
		}
		out_printf(o, "%-*s", COLUMN_WIDTH,
		    device_field_name((enum device_field)f));
		put(o, text);
		out_puts(o, "\n");
	}
}

static void
print_line(struct out *o, const struct device_row *d)
{
	out_printf(o, "%s  %-14s  %-4s  ", d->name, d->model_name,
	    device_field_text(d, DEVICE_FIELD_PROTOCOL));
	put(o, d->pool_name);
	if (d->description[0] != '\0') {
		out_puts(o, "  ");
		put(o, d->description);
	}
	out_puts(o, "\n");
}

static void
json_device(struct out *o, const struct device_row *d)
{
	out_object(o, NULL);
	out_string(o, "name", d->name);
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const char *name = device_field_name((enum device_field)f);

		if (f == DEVICE_FIELD_CERTIFICATE && d->certificate == NULL)
			out_null(o, name);
		else
			out_string(o, name,
			    device_field_text(d, (enum device_field)f));
	}
	out_end(o);
}

void
phone_print_list(struct out *o, const struct device_list *l, bool all)
{
	out_array(o, NULL);
	for (size_t i = 0; i < l->n; i++) {
		if (all)
			print_all(o, &l->item[i]);
		else
			print_line(o, &l->item[i]);
		json_device(o, &l->item[i]);
	}
	out_end(o);
}

/*
 * Run sql can put anything into a text; control bytes would go to a terminal,
 * too.
 */
static void
put_text(struct wbuf *w, const char *text, char end)
{
	size_t left = strlen(text);
	struct wbuf clean;

	wbuf_init(&clean, 0);
	while (left > 0) {
		size_t n = str_utf8(text, left);

		if (n > 0)
			wbuf_bytes(&clean, text, n);
		else
			wbuf_bytes(&clean, REPLACEMENT, strlen(REPLACEMENT));
		n = n > 0 ? n : 1;
		text += n;
		left -= n;
	}
	wbuf_u8(&clean, 0);
	csv_put(w, (const char *)clean.data, end);
	wbuf_release(&clean);
}

static void
put_record(struct wbuf *w, const struct device_row *d)
{
	csv_put(w, d->name, ',');
	for (unsigned f = 0; f < DEVICE_FIELDS; f++) {
		const char *text = device_field_text(d, (enum device_field)f);
		char end = f + 1 < DEVICE_FIELDS ? ',' : '\n';

		if (f == DEVICE_FIELD_CERTIFICATE)
			csv_put(w, text, end); /* has lines */
		else
			put_text(w, text, end);
	}
}

void
phone_print_table(struct out *o, const struct device_list *l)
{
	struct wbuf w;

	wbuf_init(&w, 0);
	csv_put(&w, "name", ',');
	for (unsigned f = 0; f < DEVICE_FIELDS; f++)
		csv_put(&w, device_field_name((enum device_field)f),
		    f + 1 < DEVICE_FIELDS ? ',' : '\n');
	for (size_t i = 0; i < l->n; i++) {
		put_record(&w, &l->item[i]);
		out_write(o, w.data, w.len);
		w.len = 0;
	}
	out_write(o, w.data, w.len);
	wbuf_release(&w);
}

void
phone_print_models(struct out *o, const struct strlist *models)
{
	out_array(o, NULL);
	for (size_t i = 0; i < models->n; i++) {
		put(o, models->item[i]);
		out_puts(o, "\n");
		out_string(o, NULL, models->item[i]);
	}
	out_end(o);
}

void
phone_print_groups(struct out *o, const struct phone_layout *l)
{
	out_array(o, NULL);
	for (size_t i = 0; i < l->groups; i++) {
		const struct callmanager_group *g = &l->group[i];

		out_object(o, NULL);
		put(o, g->name);
		out_string(o, "name", g->name);
		out_puts(o, ":");
		out_array(o, "servers");
		for (size_t k = 0; k < g->servers; k++) {
			out_printf(o, " %s", g->server[k].node);
			out_string(o, NULL, g->server[k].node);
		}
		out_end(o);
		out_end(o);
		out_puts(o, g->servers == 0 ? " no servers\n" : "\n");
	}
	out_end(o);
}

void
phone_print_pools(struct out *o, const struct phone_layout *l)
{
	out_array(o, NULL);
	for (size_t i = 0; i < l->pools; i++) {
		const struct device_pool *p = &l->pool[i];

		put(o, p->name);
		out_puts(o, ": group ");
		put(o, l->group[p->group].name);
		out_printf(o, ", %zu phone%s\n", p->phones,
		    p->phones == 1 ? "" : "s");
		out_object(o, NULL);
		out_string(o, "name", p->name);
		out_string(o, "group", l->group[p->group].name);
		out_int(o, "phones", (int64_t)p->phones);
		out_end(o);
	}
	out_end(o);
}
