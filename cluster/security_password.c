#include "cluster/security_password.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"

#define PASSWORD_FILE_MAX 1024

static char *
present_path(char dst[PATH_SIZE])
{
	return paths_in(dst, "certs/security_password");
}

static char *
staged_path(char dst[PATH_SIZE])
{
	return paths_in(dst, "certs/security_password.new");
}

/* The first line of text; an empty one is no password. */
static int
take_line(struct secret *out, const char *text, const char *path, struct err *e)
{
	size_t n = strcspn(text, "\r\n");

	if (n == 0)
		return err_set(e, ERR_FORMAT, "%s: no password in it", path);
	secret_set(out, text, n);
	return 0;
}

int
security_password_read(struct secret *out, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data;
	size_t len;
	int rc;

	*out = (struct secret) { .text = NULL };
	if (file_read(present_path(path), PASSWORD_FILE_MAX, &data, &len, e) ==
	    -1)
		return err_wrap(e, "cluster security password");
	rc = take_line(out, (const char *)data, path, e);
	mem_free_wiped(data, len);
	return rc;
}

int
security_password_write(const struct secret *password, struct err *e)
{
	char path[PATH_SIZE];

	return file_replace(present_path(path), password->text, password->len,
	    0600, e);
}

int
security_password_check(const struct secret *password, struct err *e)
{
	struct secret present;
	bool same;

	if (security_password_read(&present, e) == -1)
		return -1;
	same = secret_equal(&present, password);
	secret_release(&present);
	if (same)
		return 0;
	return err_set(e, ERR_AUTH, "The old security password is wrong.");
}

int
security_password_stage(const char *id, const struct secret *password,
    struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf w;
	int rc;

	if (!security_change_valid(id) || password->len == 0)
		return err_set(e, ERR_USAGE,
		    "the number of a password change and a password");
	wbuf_init(&w, 0);
	wbuf_printf(&w, "%s\n", id);
	wbuf_bytes(&w, password->text, password->len);
	rc = file_replace(staged_path(path), w.data, w.len, 0600, e);
	wbuf_release(&w);
	return rc;
}

/* id and password of the new one. */
static int
read_staged(char id[SECURITY_CHANGE_ID_SIZE], struct secret *out, struct err *e)
{
	char path[PATH_SIZE];
	uint8_t *data;
	char *text;
	size_t len;
	int rc;

	*out = (struct secret) { .text = NULL };
	id[0] = '\0';
	if (file_read(staged_path(path), PASSWORD_FILE_MAX, &data, &len, e) ==
	    -1)
		return -1;
	text = (char *)data;
	if (len < SECURITY_CHANGE_ID_SIZE ||
	    text[SECURITY_CHANGE_ID_SIZE - 1] != '\n') {
		rc = err_set(e, ERR_FORMAT, "%s: no number of a change", path);
	} else {
		memcpy(id, text, SECURITY_CHANGE_ID_SIZE - 1);
		id[SECURITY_CHANGE_ID_SIZE - 1] = '\0';
		rc = take_line(out, text + SECURITY_CHANGE_ID_SIZE, path, e);
	}
	mem_free_wiped(data, len);
	return rc;
}

bool
security_password_staged(char id[SECURITY_CHANGE_ID_SIZE])
{
	char path[PATH_SIZE];
	struct secret password;

	id[0] = '\0';
	if (access(staged_path(path), F_OK) == -1)
		return false;
	if (read_staged(id, &password, NULL) == -1)
		id[0] = '\0';
	secret_release(&password);
	return true;
}

int
security_password_staged_read(const char *id, struct secret *out, struct err *e)
{
	char have[SECURITY_CHANGE_ID_SIZE];

	if (read_staged(have, out, e) == -1)
		return -1;
	if (str_equal(have, id))
		return 0;
	secret_release(out);
	return err_set(e, ERR_NOT_FOUND,
	    "this node has another new security password in hand");
}

int
security_password_take(const char *id, struct err *e)
{
	struct secret password;
	int rc;

	if (security_password_staged_read(id, &password, e) == -1)
		return -1;
	rc = security_password_write(&password, e);
	secret_release(&password);
	return rc == 0 ? security_password_discard(e) : -1;
}

int
security_password_discard(struct err *e)
{
	char path[PATH_SIZE];

	return file_remove(staged_path(path), e);
}
