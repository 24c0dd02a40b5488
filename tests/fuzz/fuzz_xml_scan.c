/*
 * Any bytes as a document: its pieces follow one another, and what they lend
 * lies in them.  What xml_check() takes, the scanner takes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/xml_scan.h"
#include "services/xml_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_inside(const struct xml_text *part, const struct xml_text *whole)
{
	if (part->p < whole->p || part->p + part->len > whole->p + whole->len)
		BUG("a part that is not inside");
}

static void
check_piece(const struct xml_piece *p)
{
	struct xml_text rest = p->attributes, name, value;

	check_inside(&p->inside, &p->whole);
	if (p->depth > XML_SCAN_DEPTH)
		BUG("%zu deep", p->depth);
	if (rest.p == NULL)
		return;
	check_inside(&p->attributes, &p->whole);
	while (xml_scan_attribute(&rest, &name, &value)) {
		check_inside(&name, &p->attributes);
		check_inside(&value, &p->attributes);
		if (name.len == 0 || value.p <= name.p + name.len)
			BUG("an attribute without a name or an '='");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *before = (const char *)data;
	struct err e = ERR_INIT;
	struct xml_piece p;
	struct xml_scan s;
	int rc;

	xml_scan_init(&s, data, len, 0);
	while ((rc = xml_scan_next(&s, &p)) == 1) {
		if (p.whole.p < before || p.whole.len == 0)
			BUG("pieces that overlap");
		before = p.whole.p + p.whole.len;
		check_piece(&p);
	}
	if (s.off > len)
		BUG("offset %zu of %zu", s.off, len);
	if (xml_check(data, len, &e) == 0 && rc != 0)
		BUG("refused: fault %d at %zu", (int)s.fault, s.off);
	return 0;
}
