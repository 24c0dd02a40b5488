#include "node/sshkeys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/parent_keys.h"
#include "node/programs.h"
#include "trust/key.h"

#define RSA_BITS 3072
#define FILE_MAX 1048576

#define AUTHORIZED "ssh/authorized_keys.ucmnode"
#define KNOWN_HOSTS "ssh/known_hosts"
#define ECDSA_KEY "ssh/ssh_host_ecdsa_key"
#define RSA_KEY "ssh/ssh_host_rsa_key"

/* Private half to path, public half to path.pub; the key is consumed. */
static int
save(struct key *k, const char *path, struct err *e)
{
	char pub[PATH_SIZE];
	char line[2 * SSHKEYS_TEXT_SIZE];
	char *text = NULL;
	int rc = -1;

	if (k == NULL)
		return -1;
	text = key_ssh_public(k, e);
	if (text != NULL && str_printf(line, sizeof(line), "%s\n", text) == 0 &&
	    str_printf(pub, sizeof(pub), "%s.pub", path) == 0 &&
	    file_replace(pub, line, strlen(line), 0644, e) == 0)
		rc = key_save(k, path, 0600, e);
	free(text);
	key_free(k);
	return rc;
}

int
sshkeys_make(struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, "ssh/ucm-sshd");
	if (symlink(PROGRAM_SSHD, path) == -1 && errno != EEXIST)
		return err_errno(e, "%s", path);
	paths_in(path, ECDSA_KEY);
	if (access(path, F_OK) == 0)
		return 0;
	return save(key_generate_ec(e), path, e);
}

int
sshkeys_make_rsa(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];

	(void)arg;
	(void)reply;
	paths_in(path, RSA_KEY);
	if (access(path, F_OK) == 0)
		return 0;
	return save(key_generate_rsa(RSA_BITS, e), path, e);
}

int
sshkeys_host_key(char dst[SSHKEYS_TEXT_SIZE], struct err *e)
{
	char path[PATH_SIZE];
	struct key *k;
	char *text;
	int rc;

	k = key_load(paths_in(path, ECDSA_KEY), e);
	if (k == NULL)
		return -1;
	text = key_ssh_public(k, e);
	key_free(k);
	if (text == NULL)
		return -1;
	rc = str_copy(dst, SSHKEYS_TEXT_SIZE, text);
	free(text);
	if (rc == -1)
		return err_set(e, ERR_KEY, "%s: too long", path);
	return 0;
}

/* The base64 part of "ecdsa-sha2-nistp256 AAAA…". */
static int
base64_part(char dst[PARENT_KEY_SIZE], const char *key, struct err *e)
{
	static const char type[] = PARENT_KEY_TYPE " ";

	if (!str_starts(key, type) ||
	    str_copy(dst, PARENT_KEY_SIZE, key + strlen(type)) == -1)
		return err_set(e, ERR_FORMAT, "not an %s key", PARENT_KEY_TYPE);
	return 0;
}

int
sshkeys_node(struct parent_node *n, const struct nodeconf *conf,
    const char *host_key, const char *client_key, struct err *e)
{
	memset(n, 0, sizeof(*n));
	(void)str_copy(n->name, sizeof(n->name), conf->name);
	(void)str_copy(n->address, sizeof(n->address), conf->address);
	n->port = conf->ssh_port;
	if (base64_part(n->host_key, host_key, e) == -1 ||
	    base64_part(n->client_key, client_key, e) == -1)
		return err_wrap(e, "node %s", conf->name);
	return parent_keys_check(n, e);
}

/* The text of authorized_keys; "" when there is none.  free() it. */
static int
old_authorized(char **text, struct err *e)
{
	struct err own = ERR_INIT;
	char path[PATH_SIZE];
	uint8_t *data = NULL;
	size_t len;

	if (file_read(paths_in(path, AUTHORIZED), FILE_MAX, &data, &len,
		&own) == -1) {
		if (own.code != ERR_NOT_FOUND) {
			*e = own;
			return -1;
		}
		data = mem_alloc(1);
	}
	*text = (char *)data;
	return 0;
}

int
sshkeys_write_nodes(const struct parent_node *nodes, size_t n, struct err *e)
{
	char path[PATH_SIZE];
	struct wbuf w;
	char *old = NULL;
	int lock = parent_keys_lock(e);
	int rc = -1;

	if (lock == -1)
		return -1;
	wbuf_init(&w, FILE_MAX);
	if (old_authorized(&old, e) == -1)
		goto out;
	parent_keys_authorized(&w, old, nodes, n, NULL);
	if (file_replace(paths_in(path, AUTHORIZED), w.data, w.len, 0644, e) ==
	    -1)
		goto out;
	wbuf_release(&w);
	wbuf_init(&w, FILE_MAX);
	parent_keys_known_hosts(&w, nodes, n);
	rc = file_replace(paths_in(path, KNOWN_HOSTS), w.data, w.len, 0644, e);
out:
	wbuf_release(&w);
	free(old);
	close(lock);
	return rc;
}

int
sshkeys_invite(const char *name, const char *line, struct err *e)
{
	struct wbuf w;
	char *old = NULL;
	int lock = parent_keys_lock(e);
	int rc = -1;

	if (lock == -1)
		return -1;
	wbuf_init(&w, FILE_MAX);
	if (old_authorized(&old, e) == 0) {
		char path[PATH_SIZE];

		parent_keys_without_invite(&w, old, name);
		wbuf_bytes(&w, line, strlen(line));
		rc = file_replace(paths_in(path, AUTHORIZED), w.data, w.len,
		    0644, e);
	}
	wbuf_release(&w);
	free(old);
	close(lock);
	return rc;
}
