#include "node/parent_keys.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/paths.h"
#include "base/str.h"

/* How the base64 of every ECDSA P-256 public key of SSH begins. */
#define KEY_PREFIX "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB"
#define KEY_LENGTH 140
#define BASE64                       \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789+/"

static int
check_key(const char *key, size_t size, const char *what, struct err *e)
{
	size_t n;

	if (memchr(key, '\0', size) == NULL)
		return err_set(e, ERR_FORMAT, "%s: not terminated", what);
	if (key[0] == '\0')
		return 0;
	n = strspn(key, BASE64);
	n += strspn(key + n, "=");
	if (key[n] != '\0' || n != KEY_LENGTH || !str_starts(key, KEY_PREFIX))
		return err_set(e, ERR_FORMAT, "%s: not a key of type %s", what,
		    PARENT_KEY_TYPE);
	return 0;
}

int
parent_keys_lock(struct err *e)
{
	char path[PATH_SIZE];
	int fd;

	/* Not the directory: everybody may read that, and so could lock it. */
	fd = open(paths_in(path, "ssh/lock"),
	    O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd == -1)
		return err_errno(e, "%s", path);
	while (flock(fd, LOCK_EX) == -1) {
		if (errno != EINTR) {
			(void)err_errno(e, "lock %s", path);
			close(fd);
			return -1;
		}
	}
	return fd;
}

int
parent_keys_check(const struct parent_node *n, struct err *e)
{
	struct in_addr a;

	if (memchr(n->name, '\0', sizeof(n->name)) == NULL ||
	    !nodeconf_valid_name(n->name))
		return err_set(e, ERR_FORMAT, "node name: not a host name");
	if (memchr(n->address, '\0', sizeof(n->address)) == NULL ||
	    inet_pton(AF_INET, n->address, &a) != 1)
		return err_set(e, ERR_FORMAT, "node %s: not an IPv4 address",
		    n->name);
	if (n->port == 0)
		return err_set(e, ERR_FORMAT, "node %s: no port", n->name);
	if (check_key(n->host_key, sizeof(n->host_key), "host key", e) == -1 ||
	    check_key(n->client_key, sizeof(n->client_key), "client key", e) ==
		-1)
		return err_wrap(e, "node %s", n->name);
	return 0;
}

/* The line of len bytes is an invitation; for this node unless NULL. */
static bool
is_invite(const char *line, size_t len, const char *name)
{
	static const char option[] = "expiry-time=\"";
	char copy[2048];
	char comment[sizeof(PARENT_KEYS_INVITE) + NODE_NAME_SIZE];

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	if (copy[0] == '#' || strstr(copy, option) == NULL)
		return false;
	if (name == NULL)
		return true;
	return str_printf(comment, sizeof(comment), " %s%s", PARENT_KEYS_INVITE,
		   name) == 0 &&
	    str_ends(copy, comment);
}

/* Copy lines of old: invitations only or all, but never the one for drop. */
static void
copy_lines(struct wbuf *w, const char *old, bool invites_only, const char *drop)
{
	const char *p = old;

	while (*p != '\0') {
		size_t len = strcspn(p, "\n");
		bool keep = len > 0;

		if (invites_only && !is_invite(p, len, NULL))
			keep = false;
		if (drop != NULL && is_invite(p, len, drop))
			keep = false;
		if (keep) {
			wbuf_bytes(w, p, len);
			wbuf_u8(w, '\n');
		}
		p += len;
		if (*p == '\n')
			p++;
	}
}

void
parent_keys_authorized(struct wbuf *w, const char *old,
    const struct parent_node *nodes, size_t n, const char *drop)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (nodes[i].client_key[0] != '\0')
			wbuf_printf(w, "restrict,command=\"%s %s\" %s %s %s\n",
			    PARENT_KEYS_COMMAND, nodes[i].name, PARENT_KEY_TYPE,
			    nodes[i].client_key, nodes[i].name);
	copy_lines(w, old, true, drop);
}

void
parent_keys_without_invite(struct wbuf *w, const char *old, const char *drop)
{
	copy_lines(w, old, false, drop);
}

void
parent_keys_known_hosts(struct wbuf *w, const struct parent_node *nodes,
    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (nodes[i].host_key[0] == '\0')
			continue;
		if (nodes[i].port == 22)
			wbuf_printf(w, "%s", nodes[i].address);
		else
			wbuf_printf(w, "[%s]:%u", nodes[i].address,
			    (unsigned)nodes[i].port);
		wbuf_printf(w, " %s %s\n", PARENT_KEY_TYPE, nodes[i].host_key);
	}
}
