#include "node/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define CONF_MAX 65536
#define MAGIC "UCMB1"
#define MAGIC_SIZE (sizeof(MAGIC) - 1)

void
bundle_init(struct bundle *b)
{
	memset(b, 0, sizeof(*b));
}

void
bundle_release(struct bundle *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->n; i++)
		mem_free_wiped(b->item[i].data, b->item[i].len);
	bundle_init(b);
}

const struct bundle_item *
bundle_find(const struct bundle *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (str_equal(b->item[i].name, name))
			return &b->item[i];
	return NULL;
}

static bool
valid_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!((name[i] >= 'a' && name[i] <= 'z') ||
			(name[i] >= '0' && name[i] <= '9') || name[i] == '_'))
			return false;
	return n > 0 && n < BUNDLE_NAME_SIZE;
}

void
bundle_add(struct bundle *b, const char *name, const void *data, size_t len)
{
	struct bundle_item *item;

	if (b->n == BUNDLE_ITEMS || !valid_name(name, strlen(name)) ||
	    bundle_find(b, name) != NULL)
		BUG("piece %s of a bundle", name);
	item = &b->item[b->n++];
	(void)str_copy(item->name, sizeof(item->name), name);
	item->data = mem_alloc(len + 1);
	item->len = len;
	if (len > 0)
		memcpy(item->data, data, len);
}

void
bundle_add_text(struct bundle *b, const char *name, const char *text)
{
	bundle_add(b, name, text, strlen(text));
}

int
bundle_add_conf(struct bundle *b, const struct nodeconf *conf, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *text = NULL;
	size_t len;
	int rc;

	paths_in(path, "run/join-%s.conf", conf->name);
	if (nodeconf_save(conf, path, e) == -1)
		return -1;
	rc = file_read(path, CONF_MAX, &text, &len, e);
	(void)file_remove(path, NULL);
	if (rc == 0)
		bundle_add(b, "node_conf", text, len);
	free(text);
	return rc;
}

const char *
bundle_text(const struct bundle *b, const char *name, struct err *e)
{
	const struct bundle_item *item = bundle_find(b, name);

	if (item == NULL) {
		(void)err_set(e, ERR_FORMAT, "%s is missing", name);
		return NULL;
	}
	if (strlen(item->data) != item->len) {
		(void)err_set(e, ERR_FORMAT, "%s is no text", name);
		return NULL;
	}
	return item->data;
}

void
bundle_encode(const struct bundle *b, struct wbuf *w)
{
	wbuf_bytes(w, MAGIC, MAGIC_SIZE);
	wbuf_u8(w, (uint8_t)b->n);
	for (size_t i = 0; i < b->n; i++) {
		const struct bundle_item *item = &b->item[i];
		size_t n = strlen(item->name);

		wbuf_u8(w, (uint8_t)n);
		wbuf_bytes(w, item->name, n);
		wbuf_be32(w, (uint32_t)item->len);
		wbuf_bytes(w, item->data, item->len);
	}
}

static int
decode_item(struct bundle *b, struct rbuf *r, struct err *e)
{
	char name[BUNDLE_NAME_SIZE];
	const uint8_t *p;
	uint32_t len;
	uint8_t n;

	if (rbuf_u8(r, &n) == -1 || rbuf_bytes(r, n, &p) == -1)
		return err_set(e, ERR_FORMAT, "piece %zu: cut off", b->n + 1);
	if (!valid_name((const char *)p, n))
		return err_set(e, ERR_FORMAT, "piece %zu: name", b->n + 1);
	memcpy(name, p, n);
	name[n] = '\0';
	if (rbuf_be32(r, &len) == -1 || rbuf_bytes(r, len, &p) == -1)
		return err_set(e, ERR_FORMAT, "%s: cut off", name);
	if (bundle_find(b, name) != NULL)
		return err_set(e, ERR_FORMAT, "%s: given twice", name);
	bundle_add(b, name, p, len);
	return 0;
}

int
bundle_decode(struct bundle *b, const void *data, size_t len, struct err *e)
{
	const uint8_t *magic;
	struct rbuf r;
	uint8_t n;

	bundle_init(b);
	rbuf_init(&r, data, len);
	if (len > BUNDLE_MAX || rbuf_bytes(&r, MAGIC_SIZE, &magic) == -1 ||
	    memcmp(magic, MAGIC, MAGIC_SIZE) != 0 || rbuf_u8(&r, &n) == -1 ||
	    n > BUNDLE_ITEMS)
		return err_set(e, ERR_FORMAT, "not a message of ucm-node");
	while (b->n < n)
		if (decode_item(b, &r, e) == -1) {
			bundle_release(b);
			return -1;
		}
	if (rbuf_left(&r) > 0) {
		bundle_release(b);
		return err_set(e, ERR_FORMAT, "bytes behind the last piece");
	}
	return 0;
}
