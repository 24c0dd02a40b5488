/*
 * Any bytes as a table: what can be read can be written and is read again as
 * the same.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
put_record(struct wbuf *w, const struct strlist *fields)
{
	for (size_t i = 0; i < fields->n; i++)
		csv_put(w, fields->item[i], i + 1 < fields->n ? ',' : '\n');
}

/* -1: no table. */
static int
copy(const void *text, size_t len, struct wbuf *w)
{
	struct err e = ERR_INIT;
	struct csv c;

	csv_init(&c, text, len);
	for (;;) {
		struct strlist fields = STRLIST_INIT;
		unsigned line = 0;

		if (csv_next(&c, &fields, &line, &e) == -1) {
			if (e.code != ERR_FORMAT || fields.n != 0)
				BUG("refused in an unknown way: %s", e.msg);
			return -1;
		}
		if (fields.n == 0)
			return 0;
		if (line == 0 || line > c.line)
			BUG("line %u of %u", line, c.line);
		put_record(w, &fields);
		strlist_release(&fields);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct wbuf first, second;

	wbuf_init(&first, 0);
	wbuf_init(&second, 0);
	if (copy(data, len, &first) == 0) {
		if (copy(first.data, first.len, &second) == -1)
			BUG("what was written is no table");
		if (first.len != second.len ||
		    (first.len > 0 &&
			memcmp(first.data, second.data, first.len) != 0))
			BUG("what was written is another table");
	}
	wbuf_release(&first);
	wbuf_release(&second);
	return 0;
}
