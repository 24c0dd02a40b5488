#include "tests/fakes/server_guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fakes/sshd_server.h"

static int
accept_key(void *self, const struct server_key *key, struct err *e)
{
	struct server_guest *g = self;

	assert_string_equal(key->address, "127.0.0.1");
	g->shown = *key;
	g->shown.address = NULL;
	g->shown_count++;
	return g->declines ? err_set(e, ERR_HOSTKEY, "declined") : 0;
}

static int
answer(void *self, const char *instruction, const char *question, bool echo,
    struct secret *out, struct err *e)
{
	struct server_guest *g = self;
	char text[256];

	(void)instruction;
	(void)str_printf(text, sizeof(text), "%s%s", echo ? "" : "!", question);
	strlist_add(&g->asked, text);
	if (g->answer == NULL)
		return err_set(e, ERR_CANCELLED, "no answer");
	secret_set(out, g->answer, strlen(g->answer));
	return 0;
}

static bool
stop(void *self)
{
	struct server_guest *g = self;

	g->stops_asked++;
	return g->stop ||
	    (g->stop_after != 0 && g->stops_asked >= g->stop_after);
}

void
server_guest_init(struct server_guest *g, uint16_t port, const char *password)
{
	memset(g, 0, sizeof(*g));
	secret_set(&g->password, password, strlen(password));
	g->target.host = "127.0.0.1";
	g->target.port = port;
	g->target.user = SSHD_SERVER_USER;
	g->target.password = &g->password;
	g->target.known = &g->known;
	g->target.accept = accept_key;
	g->target.answer = answer;
	g->target.stop = stop;
	g->target.self = g;
}

void
server_guest_release(struct server_guest *g)
{
	secret_release(&g->password);
	strlist_release(&g->known);
	strlist_release(&g->asked);
}

struct session *
server_guest_login(struct server_guest *g)
{
	struct err e = ERR_INIT;
	struct session *s = server_login(&g->target, &e);

	if (s == NULL)
		fail_msg("login: %s", e.msg);
	return s;
}
