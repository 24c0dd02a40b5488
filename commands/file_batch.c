#include "commands/file_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/mem.h"

#define KEY_MAX 65536 /* bytes of ITLRecovery.p12 */

static void
describe(void *self, size_t i, struct file_source *s)
{
	struct file_plain *p = self;
	const struct file_entry *en = &p->set->entry[i];

	free(p->shown);
	p->shown = file_entry_shown(p->set, i);
	s->name = file_entry_name(p->set, i);
	s->shown = p->shown;
	s->size = en->size;
	s->recovery_key = en->recovery_key;
}

static int
collect(void *self, const void *data, size_t n)
{
	struct wbuf *w = self;

	wbuf_bytes(w, data, n);
	return 0;
}

/* The agent gives the key out as it is now. */
static int
open_key(struct file_plain *p, struct err *e)
{
	static const char *const words[] = { "recovery", "p12", NULL };
	struct link_sink sink = { .data = collect };
	struct wbuf w;

	wbuf_init(&w, KEY_MAX);
	sink.self = &w;
	if (cmd_call(p->c, words, &sink, e) == -1) {
		wbuf_release(&w);
		return -1;
	}
	if (wbuf_detach(&w, &p->key, &p->key_len) == -1)
		return err_set(e, ERR_TOO_BIG, "%s: more than %d bytes",
		    FILE_RECOVERY_KEY, KEY_MAX);
	p->left = (int64_t)p->key_len;
	return 0;
}

static void
note_missed(struct file_plain *p, size_t i, const struct err *why)
{
	char *shown = file_entry_shown(p->set, i);
	char *line = mem_printf("%s: %s", shown, why->msg);

	strlist_add(&p->missed, line);
	free(line);
	free(shown);
}

static int
open_one(void *self, size_t i, struct err *e)
{
	struct file_plain *p = self;
	struct err why = ERR_INIT;
	struct stat st;

	if (p->set->entry[i].recovery_key)
		return open_key(p, e);
	p->fd =
	    fileroot_open_file(p->set->root, p->set->entry[i].path, &st, &why);
	if (p->fd == -1) {
		note_missed(p, i, &why);
		return err_set(e, why.code, "%s", why.msg);
	}
	p->left = (int64_t)st.st_size;
	return 0;
}

static ssize_t
read_one(void *self, void *buf, size_t size, struct err *e)
{
	struct file_plain *p = self;
	ssize_t n;

	if ((int64_t)size > p->left)
		size = (size_t)p->left;
	if (size == 0)
		return 0;
	if (p->key != NULL) {
		memcpy(buf, p->key + p->key_len - (size_t)p->left, size);
		n = (ssize_t)size;
	} else {
		do
			n = read(p->fd, buf, size);
		while (n == -1 && errno == EINTR);
		if (n == -1)
			return err_errno(e, "read");
	}
	p->left -= n;
	return n;
}

static void
close_one(void *self)
{
	struct file_plain *p = self;

	if (p->fd != -1)
		(void)close(p->fd);
	p->fd = -1;
	mem_free_wiped(p->key, p->key_len);
	p->key = NULL;
	p->key_len = 0;
	p->left = 0;
}

void
file_plain_init(struct file_plain *p, const struct cmd_ctx *c,
    const struct file_set *set)
{
	memset(p, 0, sizeof(*p));
	p->c = c;
	p->set = set;
	p->fd = -1;
	p->batch.n = set->n;
	p->batch.describe = describe;
	p->batch.open = open_one;
	p->batch.read = read_one;
	p->batch.close = close_one;
	p->batch.self = p;
}

void
file_plain_release(struct file_plain *p)
{
	close_one(p);
	strlist_release(&p->missed);
	free(p->shown);
	p->shown = NULL;
}
