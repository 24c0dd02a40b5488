#include "sftp/known_hosts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "sftp/keytext.h"

#define SSH_PORT 22
#define NAME_SIZE (KNOWN_HOSTS_HOST_SIZE + 16) /* "[host]:port" */

int
known_hosts_check_host(const char *host, struct err *e)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_.:%";
	size_t n = strlen(host);

	if (n == 0 || n >= KNOWN_HOSTS_HOST_SIZE || host[0] == '-' ||
	    host[strspn(host, good)] != '\0')
		return err_set(e, ERR_USAGE, "not a host name or address");
	return 0;
}

/* How a server is called in the file. */
static int
name_of(const char *host, uint16_t port, char name[NAME_SIZE], struct err *e)
{
	size_t i;

	if (known_hosts_check_host(host, e) == -1)
		return -1;
	if (port == 0)
		return err_set(e, ERR_USAGE, "port 0 is none");
	if (port == SSH_PORT)
		(void)str_copy(name, NAME_SIZE, host);
	else
		(void)str_printf(name, NAME_SIZE, "[%s]:%u", host,
		    (unsigned)port);
	for (i = 0; name[i] != '\0'; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	return 0;
}

/* The file's text; "" when there is none yet.  Free it. */
static char *
read_text(const char *path, struct err *e)
{
	uint8_t *data;
	size_t len;

	if (file_read(path, KNOWN_HOSTS_FILE_MAX, &data, &len, e) == 0)
		return (char *)data;
	if (e->code != ERR_NOT_FOUND)
		return NULL;
	err_clear(e);
	return mem_strdup("");
}

/* Whether a line of the file is about the server called name. */
static bool
is_about(const char *line, const char *name)
{
	size_t n = strlen(name);

	return strncmp(line, name, n) == 0 && line[n] == ' ';
}

/* Append the keys of the server called name. */
static void
collect(char *text, const char *name, struct strlist *keys)
{
	struct err ignored = ERR_INIT;
	char key[KEYTEXT_SIZE];
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (is_about(line, name) &&
		    keytext_check(line + strlen(name) + 1, key, &ignored) == 0)
			strlist_add(keys, key);
	}
}

int
known_hosts_find(const char *path, const char *host, uint16_t port,
    struct strlist *keys, struct err *e)
{
	char name[NAME_SIZE];
	char *text;

	if (name_of(host, port, name, e) == -1)
		return -1;
	text = read_text(path, e);
	if (text == NULL)
		return -1;
	collect(text, name, keys);
	free(text);
	return 0;
}

/* The text with one line more replaces the file. */
static int
append(const char *path, const char *name, const char *key, struct err *e)
{
	struct wbuf w;
	char *text = read_text(path, e);
	size_t n;
	int rc;

	if (text == NULL)
		return -1;
	n = strlen(text);
	wbuf_init(&w, KNOWN_HOSTS_FILE_MAX);
	wbuf_bytes(&w, text, n);
	if (n > 0 && text[n - 1] != '\n')
		wbuf_u8(&w, '\n');
	wbuf_printf(&w, "%s %s\n", name, key);
	free(text);
	if (w.failed)
		rc = err_set(e, ERR_TOO_BIG, "%s is full", path);
	else
		rc = file_replace(path, w.data, w.len, 0644, e);
	wbuf_release(&w);
	return rc;
}

int
known_hosts_add(const char *path, const char *host, uint16_t port,
    const char *key, struct err *e)
{
	struct strlist known = STRLIST_INIT;
	char clean[KEYTEXT_SIZE];
	char name[NAME_SIZE];
	int rc;

	if (name_of(host, port, name, e) == -1 ||
	    keytext_check(key, clean, e) == -1 ||
	    known_hosts_find(path, host, port, &known, e) == -1)
		return -1;
	if (known.n == 0)
		rc = append(path, name, clean, e);
	else if (strlist_has(&known, clean))
		rc = 0;
	else
		rc = err_set(e, ERR_EXISTS, "another host key of %s is known",
		    name);
	strlist_release(&known);
	return rc;
}

/* The text without the lines of the server called name.  How many it had. */
static size_t
leave_out(char *text, const char *name, struct wbuf *w)
{
	char *line, *rest = text;
	size_t n = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (is_about(line, name))
			n++;
		else if (rest != NULL || *line != '\0')
			wbuf_printf(w, "%s\n", line);
	}
	return n;
}

int
known_hosts_forget(const char *path, const char *host, uint16_t port,
    struct err *e)
{
	char name[NAME_SIZE];
	struct wbuf w;
	char *text;
	int rc;

	if (name_of(host, port, name, e) == -1 ||
	    (text = read_text(path, e)) == NULL)
		return -1;
	wbuf_init(&w, KNOWN_HOSTS_FILE_MAX + 1);
	if (leave_out(text, name, &w) == 0)
		rc = err_set(e, ERR_NOT_FOUND, "no host key of %s is known",
		    name);
	else
		rc = file_replace(path, w.data, w.len, 0644, e);
	free(text);
	wbuf_release(&w);
	return rc;
}
