#include "base/out.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"

#define DEPTH_MAX 32 /* of nested objects and arrays */
#define KEEP_MAX 8192 /* text kept back before it is written */

struct out {
	enum out_form form;
	int fd; /* -1: none */
	int (*fn)(void *self, const char *s, size_t n);
	void *self;
	struct wbuf text; /* not written yet, or all of it in memory */
	int failed; /* errno of the first failed write */
	json_t *open[DEPTH_MAX]; /* open[0] is owned and owns the rest */
	size_t depth; /* how many of them are open */
	json_t *document; /* owned; closed and complete */
};

static struct out *
out_new(enum out_form form)
{
	struct out *o = mem_alloc(sizeof(*o));

	o->form = form;
	o->fd = -1;
	wbuf_init(&o->text, 0);
	return o;
}

struct out *
out_new_fd(int fd, enum out_form form)
{
	struct out *o = out_new(form);

	o->fd = fd;
	return o;
}

struct out *
out_new_mem(enum out_form form)
{
	return out_new(form);
}

struct out *
out_new_fn(int (*fn)(void *self, const char *s, size_t n), void *self,
    enum out_form form)
{
	struct out *o = out_new(form);

	o->fn = fn;
	o->self = self;
	return o;
}

void
out_free(struct out *o)
{
	if (o == NULL)
		return;
	out_flush(o);
	if (o->depth > 0)
		json_decref(o->open[0]);
	json_decref(o->document);
	wbuf_release(&o->text);
	free(o);
}

bool
out_json(const struct out *o)
{
	return o->form == OUT_JSON;
}

/* Write to the descriptor, waiting where it would block. */
static void
write_fd(struct out *o, const uint8_t *p, size_t n)
{
	while (n > 0 && o->failed == 0) {
		ssize_t w = write(o->fd, p, n);

		if (w >= 0) {
			p += w;
			n -= (size_t)w;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { .fd = o->fd, .events = POLLOUT };

			(void)poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			o->failed = errno;
		}
	}
}

void
out_flush(struct out *o)
{
	if (o->fd == -1)
		return;
	write_fd(o, o->text.data, o->text.len);
	o->text.len = 0;
}

/* Text on its way out, in whatever form. */
static void
emit(struct out *o, const char *s, size_t n)
{
	if (o->failed != 0 || n == 0)
		return;
	if (o->fn != NULL) {
		if (o->fn(o->self, s, n) != 0)
			o->failed = ECANCELED;
		return;
	}
	wbuf_bytes(&o->text, s, n);
	if (o->text.len >= KEEP_MAX)
		out_flush(o);
	/* For out_text(): a NUL behind the text, which does not count. */
	wbuf_u8(&o->text, '\0');
	o->text.len--;
}

void
out_write(struct out *o, const void *p, size_t n)
{
	if (o->form == OUT_TEXT)
		emit(o, p, n);
}

void
out_puts(struct out *o, const char *s)
{
	out_write(o, s, strlen(s));
}

void
out_printf(struct out *o, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	if (o->form != OUT_TEXT)
		return;
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		BUG("format: %s", fmt);
	s = mem_alloc((size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	emit(o, s, (size_t)n);
	free(s);
}

void
out_visible(struct out *o, const void *p, size_t n)
{
	char *s;

	if (o->form != OUT_TEXT)
		return;
	s = str_visible_dup(p, n);
	emit(o, s, strlen(s));
	free(s);
}

/* Put value, owned from here on, into what is open. */
static void
add(struct out *o, const char *key, json_t *value)
{
	json_t *into;
	int rc;

	if (value == NULL)
		BUG("no JSON value for %s", key == NULL ? "-" : key);
	if (o->depth == 0)
		BUG("JSON value outside of an object or array");
	into = o->open[o->depth - 1];
	if (json_is_array(into)) {
		if (key != NULL)
			BUG("key %s inside an array", key);
		rc = json_array_append_new(into, value);
	} else {
		if (key == NULL)
			BUG("no key inside an object");
		rc = json_object_set_new(into, key, value);
	}
	if (rc == -1)
		BUG("JSON key %s", key == NULL ? "-" : key);
}

static void
open_container(struct out *o, const char *key, json_t *container)
{
	if (o->depth == DEPTH_MAX)
		BUG("JSON nested too deep");
	if (container == NULL)
		BUG("no JSON container");
	if (o->depth > 0)
		add(o, key, container);
	else if (key != NULL || o->document != NULL)
		BUG("more than one outermost JSON value");
	o->open[o->depth++] = container;
}

void
out_object(struct out *o, const char *key)
{
	if (o->form == OUT_JSON)
		open_container(o, key, json_object());
}

void
out_array(struct out *o, const char *key)
{
	if (o->form == OUT_JSON)
		open_container(o, key, json_array());
}

void
out_end(struct out *o)
{
	if (o->form != OUT_JSON)
		return;
	if (o->depth == 0)
		BUG("nothing is open");
	if (--o->depth == 0)
		o->document = o->open[0];
}

void
out_string(struct out *o, const char *key, const char *value)
{
	json_t *s;

	if (o->form != OUT_JSON)
		return;
	s = json_string(value);
	if (s == NULL) {
		char *visible = str_visible_dup(value, strlen(value));

		s = json_string(visible);
		free(visible);
	}
	add(o, key, s);
}

void
out_int(struct out *o, const char *key, int64_t value)
{
	if (o->form == OUT_JSON)
		add(o, key, json_integer(value));
}

void
out_bool(struct out *o, const char *key, bool value)
{
	if (o->form == OUT_JSON)
		add(o, key, json_boolean(value));
}

void
out_null(struct out *o, const char *key)
{
	if (o->form == OUT_JSON)
		add(o, key, json_null());
}

/* For json_dump_callback(). */
static int
dump(const char *s, size_t n, void *o)
{
	emit(o, s, n);
	return 0;
}

static void
emit_document(struct out *o)
{
	if (o->depth > 0)
		BUG("%zu JSON containers are still open", o->depth);
	if (o->document == NULL)
		return;
	if (json_dump_callback(o->document, dump, o, JSON_INDENT(2)) == -1)
		BUG("JSON document");
	emit(o, "\n", 1);
	json_decref(o->document);
	o->document = NULL;
}

int
out_finish(struct out *o)
{
	if (o->form == OUT_JSON)
		emit_document(o);
	out_flush(o);
	if (o->failed == 0)
		return 0;
	errno = o->failed;
	return -1;
}

bool
out_failed(const struct out *o)
{
	return o->failed != 0;
}

const char *
out_text(const struct out *o)
{
	return o->text.data == NULL ? "" : (const char *)o->text.data;
}
