#include <stdlib.h>
#include <string.h>

#include <libssh/libssh.h>

#include "base/clock.h"
#include "sftp/server_priv.h"
#include "sftp/session_priv.h"

#define TEXT_MAX 512 /* of a server's question that is shown */
#define ROUNDS_MAX 32 /* of keyboard-interactive */

/* Of libssh's methods, in the order they are tried. */
static const int methods[] = { SSH_AUTH_METHOD_PASSWORD,
	SSH_AUTH_METHOD_INTERACTIVE };

/* A login under way. */
struct login {
	struct session *s;
	const struct server_target *t;
	unsigned tried; /* methods */
	bool password_used; /* in this attempt */
};

/* --- waiting ------------------------------------------------------------- */

/* One call of libssh that wants to be repeated until it has its answer. */
static int
complete(struct login *l, int (*call)(struct login *l), int *result,
    struct err *e)
{
	int64_t deadline = clock_ticks() + server_step(l->t);

	while ((*result = call(l)) == SSH_AUTH_AGAIN) {
		if (session_wait(l->s, deadline, e) == -1)
			return -1;
	}
	return 0;
}

static int
call_none(struct login *l)
{
	return ssh_userauth_none(l->s->ssh, NULL);
}

static int
call_password(struct login *l)
{
	return ssh_userauth_password(l->s->ssh, NULL, l->t->password->text);
}

static int
call_interactive(struct login *l)
{
	return ssh_userauth_kbdint(l->s->ssh, NULL, NULL);
}

/* --- keyboard-interactive --- */

static int
give_answer(struct login *l, unsigned i, const char *text, struct err *e)
{
	if (ssh_userauth_kbdint_setanswer(l->s->ssh, i, text) < 0)
		return session_fail(l->s, ERR_INTERNAL, e, "login");
	return 0;
}

/* What the server says, made visible line by line. */
static void
show_lines(char dst[TEXT_MAX], const char *text)
{
	size_t used = 0;

	dst[0] = '\0';
	while (*text != '\0' && used + 1 < TEXT_MAX) {
		size_t n = strcspn(text, "\n"), shown = n;

		if (text[n] == '\n' && n > 0 && text[n - 1] == '\r')
			shown--;
		(void)str_visible(dst + used, TEXT_MAX - used, text, shown);
		used += strlen(dst + used);
		text += n;
		if (*text == '\n') {
			(void)str_copy(dst + used, TEXT_MAX - used, "\n");
			used += strlen(dst + used);
			text++;
		}
	}
}

/* The first question without echo is the one for the password. */
static int
answer_question(struct login *l, unsigned i, struct err *e)
{
	const char *instruction = ssh_userauth_kbdint_getinstruction(l->s->ssh);
	struct secret answer = { .text = NULL };
	char shown[TEXT_MAX], question[TEXT_MAX];
	const char *text;
	char echo = 0;
	int rc;

	text = ssh_userauth_kbdint_getprompt(l->s->ssh, i, &echo);
	if (text == NULL)
		return session_fail(l->s, ERR_FORMAT, e, "login");
	if (!echo && !l->password_used) {
		l->password_used = true;
		return give_answer(l, i, l->t->password->text, e);
	}
	if (instruction == NULL)
		instruction = "";
	show_lines(shown, instruction);
	show_lines(question, text);
	if (l->t->answer(l->t->self, shown, question, echo != 0, &answer, e) ==
	    -1)
		return -1;
	rc = give_answer(l, i, answer.text, e);
	secret_release(&answer);
	return rc;
}

/* All rounds, those without a question too. */
static int
interactive(struct login *l, int *result, struct err *e)
{
	unsigned round, i;

	l->password_used = false;
	for (round = 0; round < ROUNDS_MAX; round++) {
		int n;

		if (complete(l, call_interactive, result, e) == -1)
			return -1;
		if (*result != SSH_AUTH_INFO)
			return 0;
		n = ssh_userauth_kbdint_getnprompts(l->s->ssh);
		for (i = 0; n > 0 && i < (unsigned)n; i++) {
			if (answer_question(l, i, e) == -1)
				return -1;
		}
	}
	return err_set(e, ERR_AUTH, "the login has no end");
}

/* --- methods --- */

static int
attempt(struct login *l, int method, int *result, struct err *e)
{
	if (method == SSH_AUTH_METHOD_PASSWORD)
		return complete(l, call_password, result, e);
	return interactive(l, result, e);
}

/* A method that is offered and was not tried; 0: none. */
static int
next_method(const struct login *l)
{
	unsigned offered = (unsigned)ssh_userauth_list(l->s->ssh, NULL);
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if ((offered & ~l->tried & (unsigned)methods[i]) != 0)
			return methods[i];
	}
	return 0;
}

static int
no_method(const struct login *l, struct err *e)
{
	unsigned offered = (unsigned)ssh_userauth_list(l->s->ssh, NULL);

	if (l->tried != 0)
		return err_set(e, ERR_AUTH,
		    "%s refuses the login: user %s or the password is wrong.",
		    l->t->host, l->t->user);
	return err_set(e, ERR_AUTH,
	    "%s takes no passwords (it wants %s). Allow password or "
	    "keyboard-interactive there.",
	    l->t->host,
	    (offered & (unsigned)SSH_AUTH_METHOD_PUBLICKEY) != 0 ?
		"a public key" :
		"another login");
}

/*
 * One method after the other as the server offers them: one that was refused
 * is not tried again, one that was not enough is followed by the next.
 */
static int
prove(struct login *l, struct err *e)
{
	int result;

	if (complete(l, call_none, &result, e) == -1)
		return -1;
	while (result != SSH_AUTH_SUCCESS) {
		int method;

		if (result == SSH_AUTH_ERROR)
			return session_fail(l->s, ERR_UNREACHABLE, e,
			    "the login was broken off");
		method = next_method(l);
		if (method == 0)
			return no_method(l, e);
		l->tried |= (unsigned)method;
		if (attempt(l, method, &result, e) == -1)
			return -1;
	}
	return 0;
}

int
server_authenticate(struct session *s, const struct server_target *t,
    struct err *e)
{
	struct login l = { .s = s, .t = t };

	if (prove(&l, e) == 0)
		return 0;
	if (e->code == ERR_TIMEOUT)
		return err_set(e, ERR_TIMEOUT,
		    "%s port %u does not answer the login within %lld seconds. "
		    "Check the server.",
		    t->host, (unsigned)t->port,
		    (long long)(server_step(t) + 999) / 1000);
	if (e->code != ERR_UNREACHABLE && e->code != ERR_FORMAT)
		return -1;
	(void)err_wrap(e, "%s port %u", t->host, (unsigned)t->port);
	return server_advise(e);
}
