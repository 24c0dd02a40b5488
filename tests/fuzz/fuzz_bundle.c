/*
 * Any bytes as a bundle, as the text of a token, as an account table and as
 * a file of passwords: what a joining node and root's files may hold.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "node/account.h"
#include "node/bundle.h"
#include "node/passwords.h"
#include "node/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* There is one way to write a bundle. */
static void
check_bundle(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct bundle b;
	struct wbuf w;

	if (bundle_decode(&b, data, len, &e) == -1)
		return;
	wbuf_init(&w, 0);
	bundle_encode(&b, &w);
	if (w.len != len || memcmp(w.data, data, len) != 0)
		BUG("another bundle came back");
	wbuf_release(&w);
	bundle_release(&b);
}

static void
check_token(const char *text)
{
	struct err e = ERR_INIT;
	struct token t;
	struct token back;
	char *once;
	char *twice;

	if (token_decode(&t, text, &e) == -1)
		return;
	once = token_encode(&t);
	if (token_decode(&back, once, &e) == -1)
		BUG("no token came back");
	twice = token_encode(&back);
	if (strcmp(once, twice) != 0)
		BUG("another token came back");
	free(once);
	free(twice);
}

static void
check_accounts(const char *text)
{
	struct account_table *t = mem_alloc(sizeof(*t));
	struct account_table *back = mem_alloc(sizeof(*back));
	struct err e = ERR_INIT;
	struct wbuf w;

	if (account_parse(t, text, &e) == 0) {
		wbuf_init(&w, 0);
		account_format(t, &w);
		wbuf_u8(&w, 0);
		if (account_parse(back, (const char *)w.data, &e) == -1 ||
		    back->n != t->n)
			BUG("another table came back");
		wbuf_release(&w);
	}
	free(t);
	free(back);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct passwords p = { 0 };
	struct err e = ERR_INIT;
	char *text = mem_strndup((const char *)data, len);

	check_bundle(data, len);
	check_token(text);
	check_accounts(text);
	(void)passwords_parse(&p, text, &e);
	passwords_release(&p);
	free(text);
	return 0;
}
