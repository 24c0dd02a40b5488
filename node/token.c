#include "node/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "node/bundle.h"

static const char prefix_join[] = "ucm1.";
static const char prefix_publisher[] = "ucmp1.";

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void
token_base64(char *dst, const uint8_t *p, size_t n)
{
	uint32_t bits = 0;
	unsigned have = 0;

	for (size_t i = 0; i < n; i++) {
		bits = bits << 8 | p[i];
		have += 8;
		while (have >= 6) {
			have -= 6;
			*dst++ = alphabet[bits >> have & 63];
		}
	}
	if (have > 0)
		*dst++ = alphabet[bits << (6 - have) & 63];
	*dst = '\0';
}

int
token_unbase64(uint8_t *dst, size_t *n, const char *s)
{
	uint32_t bits = 0;
	unsigned have = 0;

	*n = 0;
	for (; *s != '\0'; s++) {
		const char *at = strchr(alphabet, *s);

		if (at == NULL)
			return -1;
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			dst[(*n)++] = (uint8_t)(bits >> have);
		}
	}
	return have < 6 && (bits & ((1U << have) - 1)) == 0 ? 0 : -1;
}

static void
add_port(struct bundle *b, const char *name, uint16_t port)
{
	char text[8];

	(void)str_printf(text, sizeof(text), "%u", (unsigned)port);
	bundle_add_text(b, name, text);
}

char *
token_encode(const struct token *t)
{
	const char *prefix = t->publisher ? prefix_publisher : prefix_join;
	size_t n = strlen(prefix);
	struct bundle b;
	struct wbuf w;
	char *text;

	bundle_init(&b);
	bundle_add_text(&b, "name", t->name);
	bundle_add_text(&b, "node_address", t->node_address);
	add_port(&b, "node_port", t->node_port);
	bundle_add_text(&b, "address", t->address);
	add_port(&b, "port", t->port);
	bundle_add_text(&b, "fingerprint", t->fingerprint);
	bundle_add_text(&b, "key", t->key);
	wbuf_init(&w, 0);
	bundle_encode(&b, &w);
	bundle_release(&b);
	text = mem_alloc(n + w.len * 4 / 3 + 3);
	(void)str_copy(text, n + 1, prefix);
	token_base64(text + n, w.data, w.len);
	wbuf_release(&w);
	return text;
}

static int
take(const struct bundle *b, const char *name, char *dst, size_t size,
    struct err *e)
{
	const char *text = bundle_text(b, name, e);

	if (text == NULL)
		return -1;
	if (str_copy(dst, size, text) == -1)
		return err_set(e, ERR_FORMAT, "%s: too long", name);
	return 0;
}

static int
take_port(const struct bundle *b, const char *name, uint16_t *port,
    struct err *e)
{
	const char *text = bundle_text(b, name, e);
	uint64_t number;

	if (text == NULL)
		return -1;
	if (str_number(text, 1, UINT16_MAX, &number) == -1)
		return err_set(e, ERR_FORMAT, "%s: not a port", name);
	*port = (uint16_t)number;
	return 0;
}

static int
take_all(struct token *t, const struct bundle *b, struct err *e)
{
	if (take(b, "name", t->name, sizeof(t->name), e) == -1 ||
	    take(b, "node_address", t->node_address, sizeof(t->node_address),
		e) == -1 ||
	    take_port(b, "node_port", &t->node_port, e) == -1 ||
	    take(b, "address", t->address, sizeof(t->address), e) == -1 ||
	    take_port(b, "port", &t->port, e) == -1 ||
	    take(b, "fingerprint", t->fingerprint, sizeof(t->fingerprint), e) ==
		-1 ||
	    take(b, "key", t->key, sizeof(t->key), e) == -1)
		return -1;
	if (!nodeconf_valid_name(t->name))
		return err_set(e, ERR_FORMAT, "name: not a host name");
	return 0;
}

int
token_decode(struct token *t, const char *s, struct err *e)
{
	uint8_t data[TOKEN_MAX];
	char text[TOKEN_MAX];
	struct bundle b;
	size_t skip;
	size_t len;
	size_t n = 0;
	int rc;

	memset(t, 0, sizeof(*t));
	s += strspn(s, " \t\r\n");
	len = strcspn(s, " \t\r\n");
	t->publisher = str_starts(s, prefix_publisher);
	skip = strlen(t->publisher ? prefix_publisher : prefix_join);
	if (s[len + strspn(s + len, " \t\r\n")] != '\0' ||
	    (!t->publisher && !str_starts(s, prefix_join)) ||
	    str_printf(text, sizeof(text), "%.*s", (int)(len - skip),
		s + skip) == -1 ||
	    token_unbase64(data, &n, text) == -1)
		return err_set(e, ERR_FORMAT, "not a token of ucm-node invite");
	rc = bundle_decode(&b, data, n, e);
	if (rc == 0)
		rc = take_all(t, &b, e);
	bundle_release(&b);
	mem_wipe(data, sizeof(data));
	mem_wipe(text, sizeof(text));
	if (rc == 0)
		return 0;
	mem_wipe(t, sizeof(*t));
	return err_wrap(e, "token");
}
