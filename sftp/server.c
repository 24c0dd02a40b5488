#include "sftp/server.h"

#include <string.h>

#include <libssh/libssh.h>

#include "base/clock.h"
#include "sftp/keytext_priv.h"
#include "sftp/server_priv.h"
#include "sftp/session_priv.h"
#include "sftp/tcp.h"

#define KINDS_SIZE 256
#define SHOWN_SIZE 300 /* of what a server offers */

/* AES first: with the processor's help it is the fastest of them. */
#define CIPHERS                                          \
	"aes256-gcm@openssh.com,aes128-gcm@openssh.com," \
	"chacha20-poly1305@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"

/*
 * The kinds of host key, best first for a server that has several.  RSA
 * leads because its question is the one that scripts know how to answer.
 */
static const struct kind {
	const char *type; /* of the key */
	const char *name; /* for people */
	const char *signatures; /* SHA-1 is not among them */
} kinds[] = {
	{ "ssh-rsa", "RSA", "rsa-sha2-512,rsa-sha2-256" },
	{ "ecdsa-sha2-nistp256", "ECDSA", "ecdsa-sha2-nistp256" },
	{ "ecdsa-sha2-nistp384", "ECDSA", "ecdsa-sha2-nistp384" },
	{ "ecdsa-sha2-nistp521", "ECDSA", "ecdsa-sha2-nistp521" },
	{ "ssh-ed25519", "ED25519", "ssh-ed25519" },
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

int
server_advise(struct err *e)
{
	struct err why = *e;

	return err_set(e, why.code,
	    "%s. Check the server and the network, then try again.", why.msg);
}

int64_t
server_step(const struct server_target *t)
{
	return t->step_ms > 0 ? t->step_ms : SERVER_STEP_MS;
}

static int
silent(const struct server_target *t, const char *what, struct err *e)
{
	return err_set(e, ERR_TIMEOUT,
	    "%s port %u %s within %lld seconds. Check the server.", t->host,
	    (unsigned)t->port, what, (long long)(server_step(t) + 999) / 1000);
}

/* --- the connection --- */

static int
connect_failed(const struct tcp_try *way, const struct server_target *t,
    struct err *e)
{
	struct err why = *e;

	if (why.code == ERR_CANCELLED)
		return -1;
	if (why.code == ERR_NOT_FOUND)
		return err_set(e, why.code,
		    "There is no host called %s. Check the name.", t->host);
	if (way->address[0] == '\0')
		return err_set(e, why.code,
		    "The address of %s cannot be found: %s. Try the address "
		    "itself.",
		    t->host, why.msg);
	if (why.code == ERR_TIMEOUT)
		return silent(t, "cannot be reached: no connection", e);
	return err_set(e, why.code,
	    "%s port %u cannot be reached: %s. Check address and port.",
	    t->host, (unsigned)t->port, why.msg);
}

/* --- the key exchange --- */

static bool
is_known_type(const struct strlist *known, const char *type)
{
	size_t n = strlen(type), i;

	for (i = 0; i < known->n; i++) {
		if (strncmp(known->item[i], type, n) == 0 &&
		    known->item[i][n] == ' ')
			return true;
	}
	return false;
}

/* The kinds of keys to ask for: those that are known, then the others. */
static void
list_kinds(const struct strlist *known, char list[KINDS_SIZE])
{
	size_t i, pass, n = 0;

	list[0] = '\0';
	for (pass = 0; pass < 2; pass++) {
		for (i = 0; i < KIND_COUNT; i++) {
			if (is_known_type(known, kinds[i].type) != (pass == 0))
				continue;
			(void)str_printf(list + n, KINDS_SIZE - n, "%s%s",
			    n > 0 ? "," : "", kinds[i].signatures);
			n += strlen(list + n);
		}
	}
}

/*
 * The host's name means nothing to libssh here: it neither connects nor
 * looks the key up.
 */
static int
set_options(struct session *s, const struct server_target *t, struct err *e)
{
	long seconds = (long)(server_step(t) / 1000) + 1;
	char list[KINDS_SIZE];

	list_kinds(t->known, list);
	if (session_set_options(s, e) == -1)
		return -1;
	if (ssh_options_set(s->ssh, SSH_OPTIONS_HOST, "server") != SSH_OK ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_USER, t->user) != SSH_OK ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_HOSTKEYS, list) != SSH_OK ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_CIPHERS_C_S, CIPHERS) !=
		SSH_OK ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_CIPHERS_S_C, CIPHERS) !=
		SSH_OK ||
	    ssh_options_set(s->ssh, SSH_OPTIONS_TIMEOUT, &seconds) != SSH_OK)
		return session_fail(s, ERR_USAGE, e, "options");
	return 0;
}

/*
 * "kex error : no match for method WHAT: server [LIST], client [LIST]" of
 * libssh, made short.  -1 when it is something else.
 */
static int
nothing_in_common(const struct session *s, const struct server_target *t,
    struct err *e)
{
	static const char before[] = "no match for method ";
	static const char between[] = ": server [";
	const char *what, *list;
	char shown_what[SHOWN_SIZE], shown_list[SHOWN_SIZE];

	what = strstr(ssh_get_error(s->ssh), before);
	list = what == NULL ? NULL : strstr(what, between);
	if (list == NULL)
		return -1;
	what += strlen(before);
	str_visible(shown_what, sizeof(shown_what), what,
	    (size_t)(list - what));
	list += strlen(between);
	str_visible(shown_list, sizeof(shown_list), list, strcspn(list, "]"));
	(void)err_set(e, ERR_UNREACHABLE,
	    "%s and this node have no %s in common; the server offers only %s.",
	    t->host, shown_what, shown_list);
	return 0;
}

static int
exchange_failed(const struct session *s, const struct server_target *t,
    struct err *e)
{
	if (e->code == ERR_CANCELLED)
		return -1;
	if (e->code == ERR_TIMEOUT)
		return silent(t, "takes connections but does not answer", e);
	if (nothing_in_common(s, t, e) == 0)
		return -1;
	(void)err_wrap(e, "%s port %u does not answer as an SSH server",
	    t->host, (unsigned)t->port);
	return server_advise(e);
}

static struct session *
reach(const struct server_target *t, char address[INET6_ADDRSTRLEN],
    struct err *e)
{
	struct tcp_try way = { .host = t->host,
		.port = t->port,
		.deadline_ticks = clock_ticks() + server_step(t),
		.stop = t->stop,
		.self = t->self };
	struct session *s = session_new(t->host, e);
	int fd;

	if (s == NULL)
		return NULL;
	s->stop = t->stop;
	s->stop_self = t->self;
	s->step_ms = server_step(t);
	if (set_options(s, t, e) == -1) {
		session_close(s);
		return NULL;
	}
	fd = tcp_try(&way, e);
	(void)str_copy(address, INET6_ADDRSTRLEN, way.address);
	if (fd == -1)
		connect_failed(&way, t, e);
	else if (session_start(s, fd, clock_ticks() + server_step(t), e) == -1)
		exchange_failed(s, t, e);
	else
		return s;
	session_close(s);
	return NULL;
}

/* --- the server's key --- */

static const char *
kind_name(const char *text)
{
	size_t i;

	for (i = 0; i < KIND_COUNT; i++) {
		size_t n = strlen(kinds[i].type);

		if (strncmp(text, kinds[i].type, n) == 0 && text[n] == ' ')
			return kinds[i].name;
	}
	return "unknown";
}

static int
read_key(struct session *s, struct server_key *shown, struct err *e)
{
	ssh_key key = NULL;
	int rc = -1;

	if (ssh_get_server_publickey(s->ssh, &key) != SSH_OK)
		return session_fail(s, ERR_HOSTKEY, e, "host key");
	if (keytext_write(key, shown->text, e) == 0 &&
	    keytext_md5(key, shown->md5, e) == 0 &&
	    keytext_hash(key, shown->sha256, e) == 0)
		rc = 0;
	ssh_key_free(key);
	(void)str_copy(shown->type, sizeof(shown->type),
	    kind_name(shown->text));
	return rc;
}

static int
changed(const struct server_target *t, const struct server_key *shown,
    struct err *e)
{
	(void)err_set(e, ERR_HOSTKEY,
	    "WARNING: THE HOST KEY OF %s PORT %u HAS CHANGED. It shows the %s "
	    "key %s, which is not the known one. Nothing was sent to it.",
	    t->host, (unsigned)t->port, shown->type, shown->sha256);
	return err_hint(e,
	    "Somebody may be listening in, or the server was set up anew.");
}

static int
check_key(struct session *s, const struct server_target *t, const char *address,
    struct err *e)
{
	struct server_key shown = { .address = address };

	if (read_key(s, &shown, e) == -1)
		return err_wrap(e, "%s", t->host);
	if (strlist_has(t->known, shown.text))
		return 0;
	if (t->known->n > 0)
		return changed(t, &shown, e);
	return t->accept(t->self, &shown, e);
}

struct session *
server_login(const struct server_target *t, struct err *e)
{
	char address[INET6_ADDRSTRLEN] = "";
	struct session *s = reach(t, address, e);

	if (s == NULL)
		return NULL;
	if (check_key(s, t, address, e) == 0 &&
	    server_authenticate(s, t, e) == 0)
		return s;
	session_close(s);
	return NULL;
}
