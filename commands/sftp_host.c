#include "commands/sftp_host.h"

#include <stdlib.h>
#include <string.h>

#include "sftp/known_hosts.h"
#include "sftp/server.h"

#define SSH_PORT 22
#define NUMBER_SIZE 8

void
sftp_host_init(struct sftp_host *h, const struct cmd_ctx *c)
{
	memset(h, 0, sizeof(*h));
	h->c = c;
	h->port = SSH_PORT;
}

void
sftp_host_release(struct sftp_host *h)
{
	free(h->name);
	free(h->user);
	secret_release(&h->password);
	strlist_release(&h->known);
}

/* --- answers --- */

int
sftp_host_trim(char *answer, const char *what, struct err *e)
{
	size_t n = strspn(answer, " \t"), i;

	memmove(answer, answer + n, strlen(answer + n) + 1);
	for (n = strlen(answer); n > 0 && strchr(" \t", answer[n - 1]) != NULL;
	     n--)
		answer[n - 1] = '\0';
	for (i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)answer[i];

		if (byte < ' ' || byte == 0x7f)
			return err_set(e, ERR_USAGE,
			    "The %s has a control character in it.", what);
	}
	return 0;
}

static int
check_host(const char *name, struct err *e)
{
	char shown[KNOWN_HOSTS_HOST_SIZE];

	if (name[0] == '\0')
		return err_set(e, ERR_USAGE, "No SFTP server was given.");
	if (known_hosts_check_host(name, e) == 0)
		return 0;
	return err_set(e, ERR_USAGE,
	    "%s is not a host name or address of an SFTP server.",
	    str_visible(shown, sizeof(shown), name, strlen(name)));
}

static int
read_port(const char *text, uint16_t *port, struct err *e)
{
	uint64_t number = SSH_PORT;

	if (text[0] != '\0' && str_number(text, 1, UINT16_MAX, &number) == -1) {
		char shown[KNOWN_HOSTS_HOST_SIZE];

		return err_set(e, ERR_USAGE,
		    "%s is not a port: it is a number from 1 to 65535.",
		    str_visible(shown, sizeof(shown), text, strlen(text)));
	}
	*port = (uint16_t)number;
	return 0;
}

static int
check_user(const char *user, struct err *e)
{
	if (user[0] == '\0')
		return err_set(e, ERR_USAGE, "No user ID was given.");
	return 0;
}

static int
ask_line(const struct sftp_host *h, const char *prompt, char **answer,
    struct err *e)
{
	return h->c->term->ops->line(h->c->term->self, prompt, answer, e);
}

static int
judge(struct sftp_host *h, char *port, struct err *e)
{
	if (sftp_host_trim(h->name, "name of the SFTP server", e) == -1 ||
	    check_host(h->name, e) == -1 ||
	    sftp_host_trim(port, "port", e) == -1 ||
	    read_port(port, &h->port, e) == -1 ||
	    sftp_host_trim(h->user, "user ID", e) == -1)
		return -1;
	return check_user(h->user, e);
}

/*
 * What is typed ahead must meet its question, the password above all: so a
 * wrong answer is judged only when all have been given.
 */
int
sftp_host_ask(struct sftp_host *h, struct err *e)
{
	const struct term *term = h->c->term;
	char *port = NULL;
	int rc = -1;

	out_flush(h->c->out);
	if (ask_line(h, "SFTP server IP: ", &h->name, e) == -1 ||
	    ask_line(h, "SFTP server port [22]: ", &port, e) == -1 ||
	    ask_line(h, "User ID: ", &h->user, e) == -1 ||
	    term->ops->stars(term->self, "Password: ", &h->password, e) == -1)
		goto out;
	out_puts(h->c->out, "\n");
	out_flush(h->c->out);
	rc = judge(h, port, e);
out:
	free(port);
	return rc;
}

/* Split "[name]:port". */
static int
split_host(struct sftp_host *h, const char *host, struct err *e)
{
	const char *end = host[0] == '[' ? strchr(host, ']') : NULL;

	if (end == NULL) {
		h->name = mem_strdup(host);
		return 0;
	}
	h->name = mem_strndup(host + 1, (size_t)(end - host - 1));
	if (end[1] == '\0')
		return 0;
	if (end[1] != ':' || end[2] == '\0')
		return err_set(e, ERR_USAGE,
		    "A host with a port is written [name]:port.");
	return read_port(end + 2, &h->port, e);
}

int
sftp_host_given(struct sftp_host *h, const char *host, const char *user,
    struct err *e)
{
	const struct term *term = h->c->term;

	h->user = mem_strdup(user);
	if (split_host(h, host, e) == -1 || check_host(h->name, e) == -1 ||
	    check_user(h->user, e) == -1)
		return -1;
	out_flush(h->c->out);
	return term->ops->secret(term->self,
	    "Enter Sftp password :", &h->password, e);
}

/* --- the host's key --- */

static int
ask_yes_or_no(const struct sftp_host *h, bool *yes, struct err *e)
{
	const char *prompt =
	    "Are you sure you want to continue connecting (yes/no)? ";
	bool no = false;
	char *line;

	do {
		if (ask_line(h, prompt, &line, e) == -1)
			return -1;
		*yes = str_equal(line, "yes");
		no = str_equal(line, "no");
		free(line);
		prompt = "Please type 'yes' or 'no': ";
	} while (!*yes && !no);
	return 0;
}

/* The agent keeps the key for all administrators of this node. */
static void
keep_key(const struct sftp_host *h, const char *key)
{
	struct err e = ERR_INIT;
	char port[NUMBER_SIZE];
	const char *const words[] = { "hostkey", "add", h->name, port, key,
		NULL };

	(void)str_printf(port, sizeof(port), "%u", (unsigned)h->port);
	if (cmd_call(h->c, words, NULL, &e) == -1)
		out_printf(h->c->out, "The host key could not be kept: %s\n",
		    e.msg);
}

static int
accept_key(void *self, const struct server_key *key, struct err *e)
{
	struct sftp_host *h = self;
	bool rsa = str_equal(key->type, "RSA");
	bool yes;

	out_printf(h->c->out,
	    "The authenticity of host '%s (%s)' can't be established.\n"
	    "%s key fingerprint is %s.\n",
	    h->name, key->address, key->type, rsa ? key->md5 : key->sha256);
	out_flush(h->c->out);
	if (ask_yes_or_no(h, &yes, e) == -1)
		return -1;
	if (!yes)
		return err_set(e, ERR_HOSTKEY,
		    "The host key of %s was not accepted. Nothing was "
		    "transferred.",
		    h->name);
	strlist_add(&h->known, key->text);
	keep_key(h, key->text);
	return 0;
}

/* --- what else the server asks --- */

static int
answer_question(void *self, const char *instruction, const char *question,
    bool echo, struct secret *answer, struct err *e)
{
	const struct sftp_host *h = self;
	const struct term *term = h->c->term;
	const char *last = strrchr(question, '\n');
	char *line;

	if (h->again)
		return err_set(e, ERR_AUTH, "%s asks more than before.",
		    h->name);
	if (instruction[0] != '\0')
		out_printf(h->c->out, "%s\n", instruction);
	/* the answer is given behind its last line */
	if (last != NULL) {
		out_write(h->c->out, question, (size_t)(last - question) + 1);
		question = last + 1;
	}
	out_flush(h->c->out);
	if (!echo)
		return term->ops->secret(term->self, question, answer, e);
	if (term->ops->line(term->self, question, &line, e) == -1)
		return -1;
	secret_set(answer, line, strlen(line));
	mem_free_wiped(line, strlen(line));
	return 0;
}

static bool
stop(void *self)
{
	const struct sftp_host *h = self;

	return cmd_interrupted(h->c);
}

/* --- login --- */

static int
take_key(void *self, const struct strlist *columns)
{
	struct sftp_host *h = self;

	if (columns->n == 1)
		strlist_add(&h->known, columns->item[0]);
	return 0;
}

static int
find_keys(struct sftp_host *h, struct err *e)
{
	char port[NUMBER_SIZE];
	const char *const words[] = { "hostkey", "find", h->name, port, NULL };
	const struct link_sink sink = { .row = take_key, .self = h };

	(void)str_printf(port, sizeof(port), "%u", (unsigned)h->port);
	if (cmd_call(h->c, words, &sink, e) == -1)
		return err_wrap(e, "the known host keys");
	return 0;
}

/* What follows the warning about a changed key. */
static void
add_way_out(const struct sftp_host *h, struct err *e)
{
	char why[ERR_HINT_SIZE], port[NUMBER_SIZE] = "";

	(void)str_copy(why, sizeof(why), e->hint);
	if (h->port != SSH_PORT)
		(void)str_printf(port, sizeof(port), " %u", (unsigned)h->port);
	(void)err_hint(e,
	    "%s If it was set up anew: \"file delete sftpdetails %s%s\".", why,
	    h->name, port);
}

struct session *
sftp_host_login(struct sftp_host *h, int64_t step_ms, struct err *e)
{
	struct server_target target = { .host = h->name,
		.port = h->port,
		.user = h->user,
		.password = &h->password,
		.known = &h->known,
		.accept = accept_key,
		.answer = answer_question,
		.stop = stop,
		.self = h,
		.step_ms = step_ms };
	struct session *s;

	if (!h->again && find_keys(h, e) == -1)
		return NULL;
	s = server_login(&target, e);
	if (s == NULL && e->code == ERR_HOSTKEY && e->hint[0] != '\0')
		add_way_out(h, e);
	h->again = h->again || s != NULL;
	return s;
}
