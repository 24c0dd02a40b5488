#include "trust/certfile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"

#define CERTFILE_MAX 65536

static int
new_path(char dst[PATH_SIZE], const char *path, struct err *e)
{
	if (str_printf(dst, PATH_SIZE, "%s.new", path) == -1)
		return err_set(e, ERR_USAGE, "%s: the path is too long", path);
	return 0;
}

static int
check_pair(const struct key *k, const struct cert *c, struct err *e)
{
	if (cert_matches_key(c, k))
		return 0;
	return err_set(e, ERR_KEY,
	    "private key and certificate do not belong together");
}

int
certfile_read(struct certfile *f, const char *path, struct err *e)
{
	uint8_t *data;
	size_t n;
	int rc = -1;

	f->key = NULL;
	f->cert = NULL;
	if (file_read(path, CERTFILE_MAX, &data, &n, e) == -1)
		return -1;
	f->key = key_from_pem(data, n, e);
	if (f->key == NULL)
		goto out;
	f->cert = cert_from_pem(data, n, e);
	if (f->cert == NULL) {
		if (e != NULL)
			e->code = ERR_KEY;
		goto out;
	}
	rc = check_pair(f->key, f->cert, e);
out:
	if (rc == -1) {
		err_wrap(e, "%s", path);
		certfile_release(f);
	}
	mem_free_wiped(data, n);
	return rc;
}

void
certfile_release(struct certfile *f)
{
	if (f == NULL)
		return;
	key_free(f->key);
	cert_free(f->cert);
	f->key = NULL;
	f->cert = NULL;
}

int
certfile_write_new(const char *path, const struct key *k, const struct cert *c,
    struct err *e)
{
	char new[PATH_SIZE];
	char *pem, *cert;
	struct wbuf w;
	size_t n;
	int rc;

	if (new_path(new, path, e) == -1 || check_pair(k, c, e) == -1)
		return err_wrap(e, "%s", path);
	if (key_to_pem(k, &pem, &n, e) == -1)
		return -1;
	cert = cert_to_pem(c);
	wbuf_init(&w, 0);
	wbuf_bytes(&w, pem, n);
	wbuf_bytes(&w, cert, strlen(cert));
	rc = file_write_synced(new, w.data, w.len, 0600, e);
	wbuf_release(&w);
	free(cert);
	mem_free_wiped(pem, n);
	return rc;
}

int
certfile_commit(const char *path, struct err *e)
{
	char new[PATH_SIZE];

	if (new_path(new, path, e) == -1)
		return -1;
	return file_rename(new, path, e);
}

int
certfile_discard(const char *path, struct err *e)
{
	char new[PATH_SIZE];

	if (new_path(new, path, e) == -1)
		return -1;
	return file_remove(new, e);
}

bool
certfile_has_new(const char *path)
{
	char new[PATH_SIZE];

	return new_path(new, path, NULL) == 0 && access(new, F_OK) == 0;
}

int
certfile_write(const char *path, const struct key *k, const struct cert *c,
    struct err *e)
{
	if (certfile_write_new(path, k, c, e) == -1)
		return -1;
	return certfile_commit(path, e);
}

int
certfile_fingerprint(const char *path, char hex[CERT_FINGERPRINT_SIZE],
    struct err *e)
{
	struct certfile f;

	if (certfile_read(&f, path, e) == -1)
		return -1;
	cert_fingerprint(f.cert, hex);
	certfile_release(&f);
	return 0;
}
