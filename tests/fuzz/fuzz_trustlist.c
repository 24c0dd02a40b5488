/*
 * Any bytes as a trust list: read, verified from itself and printed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "trust/crypto.h"
#include "trust/render.h"
#include "trust/trustlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_element(const struct trustlist *l, const struct element *el)
{
	if (!el->present)
		return;
	if (el->value != l->data + el->off + 3 || el->off + 3 > l->len ||
	    el->len > l->len - el->off - 3)
		BUG("an element outside of the file");
}

/* Every byte belongs to the header or to one record. */
static void
check_list(const struct trustlist *l)
{
	size_t off = l->header.len;

	for (size_t tag = 0; tag < HEADER_TAGS; tag++)
		check_element(l, &l->header.element[tag]);
	for (size_t i = 0; i < l->n_records; i++) {
		if (l->record[i].off != off)
			BUG("record %zu is not where it should be", i);
		for (size_t tag = 0; tag < RECORD_TAGS; tag++)
			check_element(l, &l->record[i].element[tag]);
		off += l->record[i].len;
	}
	if (off != l->len)
		BUG("%zu bytes belong to nothing", l->len - off);
}

/* What is printed has no control bytes but tabs and newlines. */
static void
check_printed(const uint8_t *data, size_t len, enum out_form form, int verdict)
{
	struct render_file f = { .expect = TRUSTLIST_ITL,
		.data = data,
		.len = len };
	struct out *o = out_new_mem(form);
	struct err e = ERR_INIT;

	if (render_trustlist(o, &f, &e) != verdict)
		BUG("printing and verifying do not agree");
	if (out_finish(o) == -1)
		BUG("memory cannot be full");
	for (const char *p = out_text(o); *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 && *p != '\n' && *p != '\t')
			BUG("control byte %d printed", *p);
	out_free(o);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct trustlist l;
	size_t signer = 0;
	int verdict = -1;

	crypto_init();
	if (trustlist_parse(&l, data, len, &e) == 0) {
		check_list(&l);
		verdict = trustlist_verify(&l, &signer, &e);
		if (verdict == 0 &&
		    (signer >= l.n_records ||
			l.record[signer].role != ROLE_SAST))
			BUG("verified by nobody");
		trustlist_release(&l);
	} else if (e.code != ERR_FORMAT || l.data != NULL) {
		BUG("refused in an unknown way: %s", e.msg);
	}
	check_printed(data, len, OUT_TEXT, verdict);
	check_printed(data, len, OUT_JSON, verdict);
	return 0;
}
