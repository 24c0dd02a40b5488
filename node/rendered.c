#include "node/rendered.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#define NAME "etc/rendered"
#define FILE_MAX 65536
#define FROM "# "

int
rendered_load(struct rendered *r, struct err *e)
{
	struct err own = ERR_INIT;
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;

	r->templates[0] = '\0';
	r->text = NULL;
	if (file_read(paths_in(path, NAME), FILE_MAX, &data, &len, &own) ==
	    -1) {
		if (own.code == ERR_NOT_FOUND)
			return 0;
		if (e != NULL)
			*e = own;
		return -1;
	}
	r->text = (char *)data;
	len = strcspn(r->text, "\n");
	if (str_starts(r->text, FROM) && len - strlen(FROM) < PATH_SIZE) {
		memcpy(r->templates, r->text + strlen(FROM),
		    len - strlen(FROM));
		r->templates[len - strlen(FROM)] = '\0';
	}
	return 0;
}

void
rendered_release(struct rendered *r)
{
	free(r->text);
	r->text = NULL;
}

bool
rendered_is(const struct rendered *r, const char *path, const char *hex)
{
	const char *line = r->text;
	char *want = mem_printf("%s  %s", hex, path);
	bool found = false;

	while (line != NULL && !found) {
		size_t len = strcspn(line, "\n");

		found = len == strlen(want) && memcmp(line, want, len) == 0;
		line = line[len] == '\n' ? line + len + 1 : NULL;
	}
	free(want);
	return found;
}

void
rendered_begin(struct wbuf *w, const char *templates)
{
	wbuf_init(w, FILE_MAX);
	wbuf_printf(w, FROM "%s\n", templates);
}

void
rendered_add(struct wbuf *w, const char *path, const char *hex)
{
	wbuf_printf(w, "%s  %s\n", hex, path);
}

int
rendered_save(const struct wbuf *w, struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, NAME);
	if (w->failed)
		return err_set(e, ERR_TOO_BIG, "%s: over %d bytes", path,
		    FILE_MAX);
	return file_replace(path, w->data, w->len, 0644, e);
}
