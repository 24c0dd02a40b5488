#include "sftp/session.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/keytext_priv.h"
#include "sftp/lib_load.h"
#include "sftp/session_priv.h"
#include "sftp/tcp.h"

#define WAIT_MS 250 /* longest poll(); see session_priv.h */
#define LIBRARY_TEXT_SIZE 512

int
session_wait(struct session *s, int64_t deadline_ticks, struct err *e)
{
	struct pollfd p = { .fd = s->fd, .events = POLLIN };
	int64_t left = WAIT_MS;
	int one = 1;

	if (s->stop != NULL && s->stop(s->stop_self))
		return err_set(e, ERR_CANCELLED, "cancelled");
	if (deadline_ticks != 0) {
		left = deadline_ticks - clock_ticks();
		if (left <= 0)
			return err_set(e, ERR_TIMEOUT, "no answer in time");
		left = left < WAIT_MS ? left : WAIT_MS;
	}
	if ((ssh_get_poll_flags(s->ssh) & SSH_WRITE_PENDING) != 0)
		p.events |= POLLOUT;
	if (poll(&p, 1, (int)left) == -1 && errno != EINTR)
		return err_errno(e, "poll");
	(void)setsockopt(p.fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	return 0;
}

int
session_fail(struct session *s, enum err_code code, struct err *e,
    const char *what)
{
	const char *said = ssh_get_error(s->ssh);
	char text[LIBRARY_TEXT_SIZE];

	if (!ssh_is_connected(s->ssh))
		code = ERR_UNREACHABLE;
	str_visible(text, sizeof(text), said, strlen(said));
	if (text[0] == '\0')
		return err_set(e, code, "%s", what);
	return err_set(e, code, "%s: %s", what, text);
}

/* --- options -------------------------------------------------------------- */

static int
set_text(struct session *s, enum ssh_options_e option, const char *value)
{
	return ssh_options_set(s->ssh, option, value) == SSH_OK ? 0 : -1;
}

int
session_set_options(struct session *s, struct err *e)
{
	bool no = false;

	if (ssh_options_set(s->ssh, SSH_OPTIONS_PROCESS_CONFIG, &no) !=
		SSH_OK ||
	    set_text(s, SSH_OPTIONS_SSH_DIR, "/nonexistent") == -1 ||
	    set_text(s, SSH_OPTIONS_KNOWNHOSTS, "/dev/null") == -1 ||
	    set_text(s, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") == -1)
		return session_fail(s, ERR_USAGE, e, "options");
	ssh_set_blocking(s->ssh, 0);
	return 0;
}

static int
set_options(struct session *s, const struct session_target *t, int64_t left,
    struct err *e)
{
	long seconds = (long)(left / 1000) + 1;
	unsigned port = t->port;

	if (session_set_options(s, e) == -1)
		return -1;
	if (set_text(s, SSH_OPTIONS_HOST, t->host) == -1 ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_PORT, &port) != SSH_OK ||
	    set_text(s, SSH_OPTIONS_USER, t->user) == -1 ||
	    (t->known_hosts != NULL &&
		set_text(s, SSH_OPTIONS_KNOWNHOSTS, t->known_hosts) == -1) ||
	    set_text(s, SSH_OPTIONS_KEY_EXCHANGE, "curve25519-sha256") == -1 ||
	    set_text(s, SSH_OPTIONS_HOSTKEYS, "ecdsa-sha2-nistp256") == -1 ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT, &seconds) != SSH_OK)
		return session_fail(s, ERR_USAGE, e, "options");
	return 0;
}

/* --- key exchange ----------------------------------------------------------
 */

static int
key_exchange(struct session *s, int64_t deadline_ticks, struct err *e)
{
	int rc;

	while ((rc = ssh_connect(s->ssh)) == SSH_AGAIN) {
		if (session_wait(s, deadline_ticks, e) == -1)
			return -1;
	}
	if (rc == SSH_OK)
		return 0;
	if (strstr(ssh_get_error(s->ssh), "host key algo") != NULL)
		return err_set(e, ERR_HOSTKEY,
		    "the server has no host key of a kind that is taken");
	return session_fail(s, ERR_UNREACHABLE, e, "SSH");
}

/*
 * libssh makes the connection blocking when it first looks at it; it never
 * writes without asking poll() before, so that is undone.
 */
int
session_start(struct session *s, int fd, int64_t deadline_ticks, struct err *e)
{
	struct stat st;

	s->fd = fd;
	if (fstat(fd, &st) == -1)
		return err_errno(e, "socket");
	s->device = st.st_dev;
	s->inode = st.st_ino;
	if (ssh_options_set(s->ssh, SSH_OPTIONS_FD, &s->fd) != SSH_OK)
		return session_fail(s, ERR_INTERNAL, e, "options");
	if (key_exchange(s, deadline_ticks, e) == -1)
		return -1;
	if (fcntl(s->fd, F_SETFL, O_NONBLOCK) == -1)
		return err_errno(e, "socket");
	return 0;
}

/* --- the server's key -------------------------------------------------------
 */

/* What the server showed, as text. */
struct shown_key {
	char text[KEYTEXT_SIZE];
	char fingerprint[KEYTEXT_FINGERPRINT_SIZE];
};

static int
read_shown_key(struct session *s, struct shown_key *shown, struct err *e)
{
	ssh_key key = NULL;
	int rc = -1;

	if (ssh_get_server_publickey(s->ssh, &key) != SSH_OK)
		return session_fail(s, ERR_HOSTKEY, e, "host key");
	if (keytext_write(key, shown->text, e) == 0 &&
	    keytext_hash(key, shown->fingerprint, e) == 0)
		rc = 0;
	ssh_key_free(key);
	return rc;
}

static int
wrong_key(const struct session_target *t, const struct shown_key *shown,
    const char *what, struct err *e)
{
	err_set(e, ERR_HOSTKEY, "%s port %u: host key %s is %s", t->host,
	    (unsigned)t->port, shown->fingerprint, what);
	return err_hint(e,
	    "Somebody may be listening in, or the node was set up anew.");
}

/* Equal up to the pin's end of key: a comment may follow. */
static bool
same_key(const char *shown, const char *pinned)
{
	size_t n = strlen(shown);

	return strncmp(shown, pinned, n) == 0 &&
	    (pinned[n] == '\0' || pinned[n] == ' ' || pinned[n] == '\n');
}

static int
check_known_hosts(struct session *s, const struct session_target *t,
    const struct shown_key *shown, struct err *e)
{
	switch (ssh_session_is_known_server(s->ssh)) {
	case SSH_KNOWN_HOSTS_OK:
		return 0;
	case SSH_KNOWN_HOSTS_CHANGED:
	case SSH_KNOWN_HOSTS_OTHER:
		return wrong_key(t, shown, "not the known one", e);
	case SSH_KNOWN_HOSTS_UNKNOWN:
	case SSH_KNOWN_HOSTS_NOT_FOUND:
		return wrong_key(t, shown, "unknown", e);
	case SSH_KNOWN_HOSTS_ERROR:
		break;
	}
	return session_fail(s, ERR_HOSTKEY, e, t->known_hosts);
}

static int
check_host_key(struct session *s, const struct session_target *t, struct err *e)
{
	struct shown_key shown;

	if (read_shown_key(s, &shown, e) == -1)
		return -1;
	if (t->known_hosts != NULL)
		return check_known_hosts(s, t, &shown, e);
	if (t->host_key != NULL && same_key(shown.text, t->host_key))
		return 0;
	if (t->fingerprint != NULL &&
	    str_equal(shown.fingerprint, t->fingerprint))
		return 0;
	return wrong_key(t, &shown, "not the known one", e);
}

/* --- our key ----------------------------------------------------------------
 */

static int
offer_key(struct session *s, const struct session_target *t, ssh_key key,
    int64_t deadline_ticks, struct err *e)
{
	int rc;

	while ((rc = ssh_userauth_publickey(s->ssh, NULL, key)) ==
	    SSH_AUTH_AGAIN) {
		if (session_wait(s, deadline_ticks, e) == -1)
			return -1;
	}
	if (rc == SSH_AUTH_SUCCESS)
		return 0;
	if (!ssh_is_connected(s->ssh))
		return session_fail(s, ERR_UNREACHABLE, e, "authentication");
	return err_set(e, ERR_AUTH,
	    "%s port %u: our key is refused for account %s", t->host,
	    (unsigned)t->port, t->user);
}

static int
authenticate(struct session *s, const struct session_target *t,
    int64_t deadline_ticks, struct err *e)
{
	ssh_key key = t->key_text != NULL ?
	    keytext_private(t->key_text, e) :
	    keytext_private_file(t->key_file, e);
	int rc;

	if (key == NULL)
		return err_wrap(e, "our SSH key");
	rc = offer_key(s, t, key, deadline_ticks, e);
	ssh_key_free(key);
	return rc;
}

/* --- open and close ----------------------------------------------------------
 */

static int
check_target(const struct session_target *t, struct err *e)
{
	int keys = (t->key_file != NULL) + (t->key_text != NULL);
	int pins = (t->known_hosts != NULL) + (t->host_key != NULL) +
	    (t->fingerprint != NULL);

	if (t->host == NULL || t->host[0] == '\0' || t->user == NULL ||
	    t->user[0] == '\0' || t->port == 0)
		return err_set(e, ERR_USAGE,
		    "an SSH server needs address, port and account");
	if (keys != 1 || pins != 1)
		return err_set(e, ERR_USAGE,
		    "an SSH session needs one key and one pinned host key");
	return 0;
}

static int
establish(struct session *s, const struct session_target *t,
    int64_t deadline_ticks, struct err *e)
{
	int fd;

	if (set_options(s, t, deadline_ticks - clock_ticks(), e) == -1)
		return -1;
	fd = tcp_connect(t->host, t->port, deadline_ticks, e);
	if (fd == -1)
		return -1;
	if (session_start(s, fd, deadline_ticks, e) == -1 ||
	    check_host_key(s, t, e) == -1)
		return -1;
	return authenticate(s, t, deadline_ticks, e);
}

struct session *
session_new(const char *name, struct err *e)
{
	struct session *s;

	if (lib_load(e) == -1)
		return NULL;
	s = mem_alloc(sizeof(*s));
	str_visible(s->name, sizeof(s->name), name, strlen(name));
	s->fd = -1;
	s->ssh = ssh_new();
	if (s->ssh != NULL)
		return s;
	free(s);
	(void)err_set(e, ERR_INTERNAL, "no SSH session");
	return NULL;
}

struct session *
session_open(const struct session_target *t, int64_t deadline_ticks,
    struct err *e)
{
	const char *name = t->name != NULL ? t->name : t->host;
	struct session *s;

	if (check_target(t, e) == -1)
		return NULL;
	if (deadline_ticks == 0)
		deadline_ticks = clock_ticks() + SESSION_DEFAULT_MS;
	s = session_new(name, e);
	if (s == NULL)
		return NULL;
	if (establish(s, t, deadline_ticks, e) == 0)
		return s;
	err_wrap(e, "node %s", s->name);
	session_close(s);
	return NULL;
}

/*
 * libssh 0.10 closes a descriptor it was given after some failures and
 * leaves it open otherwise.  It is still ours to close when the number still
 * names the socket we made, and not one that another thread got since.
 */
static bool
has_socket(const struct session *s)
{
	struct stat st;

	return s->fd != -1 && fstat(s->fd, &st) == 0 &&
	    st.st_dev == s->device && st.st_ino == s->inode;
}

void
session_close(struct session *s)
{
	if (s == NULL)
		return;
	if (s->ssh != NULL) {
		ssh_disconnect(s->ssh);
		ssh_free(s->ssh);
	}
	if (has_socket(s))
		close(s->fd);
	free(s);
}

const char *
session_name(const struct session *s)
{
	return s->name;
}
