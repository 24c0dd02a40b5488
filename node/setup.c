#include "node/setup.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/paths.h"
#include "base/str.h"
#include "node/bundle.h"
#include "node/dbtls.h"
#include "node/hostuser.h"
#include "node/nodecerts.h"
#include "node/render.h"
#include "node/sshkeys.h"
#include "node/tree.h"

#define CLI_CONF "session_timeout = 30\n"
#define ETC_DIR "/etc"

void
setup_init(struct setup *s)
{
	memset(s, 0, sizeof(*s));
	nodeconf_defaults(&s->conf);
	s->templates = RENDER_TEMPLATES;
}

void
setup_release(struct setup *s)
{
	passwords_release(&s->passwords);
}

int
setup_refuse_finished(struct err *e)
{
	struct nodeconf conf;
	bool known;

	if (!tree_finished())
		return 0;
	known = nodeconf_load(&conf, NULL, NULL) == 0;
	(void)err_set(e, ERR_EXISTS, "this host is node %s already",
	    known ? conf.name : "(unknown)");
	return err_hint(e, "\"ucm-node destroy\" removes it");
}

static int
write_cli_conf(struct err *e)
{
	char path[PATH_SIZE];

	paths_in(path, "etc/cli.conf");
	if (access(path, F_OK) == 0)
		return 0;
	return file_replace(path, CLI_CONF, sizeof(CLI_CONF) - 1, 0644, e);
}

int
setup_tree(const struct setup *s, struct err *e)
{
	(void)s;
	if (hostuser_make_system(e) == -1 || tree_make(e) == -1 ||
	    write_cli_conf(e) == -1 || sshkeys_make(e) == -1)
		return -1;
	return 0;
}

int
setup_configuration(const struct setup *s, struct err *e)
{
	if (nodeconf_save(&s->conf, NULL, e) == -1)
		return -1;
	return render_node(&s->conf, s->templates, ETC_DIR, e);
}

int
setup_again(const struct nodeconf *conf, struct strlist *replaced,
    struct err *e)
{
	if (hostuser_make_system(e) == -1 || tree_make(e) == -1 ||
	    write_cli_conf(e) == -1)
		return -1;
	return render_again(conf, ETC_DIR, replaced, e);
}

int
setup_admin(const struct setup *s, struct err *e)
{
	struct account_table *t;
	int rc = -1;

	if (s->admin[0] == '\0')
		return 0;
	t = mem_alloc(sizeof(*t));
	if (account_load(t, e) == 0 &&
	    account_set(t, s->admin, ACCOUNT_LEVEL_TOP, e) == 0 &&
	    hostuser_add_admin(s->admin, e) == 0 &&
	    hostuser_set_password(s->admin, &s->passwords.of[PASSWORD_ADMIN],
		e) == 0)
		rc = account_save(t, e);
	free(t);
	return rc;
}

int
setup_work_units(struct setup_work *w, struct setup *s, struct err *e)
{
	const struct asuser_task units = {
		.user = HOSTUSER_SERVICE,
		.run = nodecerts_make,
		.arg = &s->conf,
	};

	return asuser_start(&w->units, &units, e);
}

int
setup_work_rsa(struct setup_work *w, struct err *e)
{
	const struct asuser_task rsa = {
		.user = "root",
		.run = sshkeys_make_rsa,
		.arg = NULL,
	};

	return asuser_start(&w->rsa, &rsa, e);
}

int
setup_work_wait(struct setup_work *w, struct err *e)
{
	struct err second = ERR_INIT;
	int rc = 0;

	if (w->units.pid != 0)
		rc = asuser_wait(&w->units, NULL, NULL, e);
	if (w->rsa.pid != 0 &&
	    asuser_wait(&w->rsa, NULL, NULL, rc == 0 ? e : &second) == -1)
		rc = -1;
	return rc;
}

int
setup_as(const char *user, int (*run)(void *, struct wbuf *, struct err *),
    void *arg, struct err *e)
{
	const struct asuser_task task = {
		.user = user,
		.run = run,
		.arg = arg,
	};

	return asuser_run(&task, NULL, NULL, e);
}

int
setup_ask(const char *user, int (*run)(void *, struct wbuf *, struct err *),
    void *arg, struct bundle *out, struct err *e)
{
	const struct asuser_task task = {
		.user = user,
		.run = run,
		.arg = arg,
	};
	uint8_t *reply = NULL;
	size_t len = 0;
	int rc;

	bundle_init(out);
	if (asuser_run(&task, &reply, &len, e) == -1)
		return -1;
	rc = bundle_decode(out, reply, len, e);
	mem_free_wiped(reply, len);
	return rc;
}

int
setup_peer_key(char *dst, size_t size, struct err *e)
{
	const struct asuser_task task = {
		.user = HOSTUSER_SERVICE,
		.run = nodecerts_peer_key,
		.arg = NULL,
	};
	uint8_t *reply = NULL;
	size_t len = 0;
	int rc;

	if (asuser_run(&task, &reply, &len, e) == -1)
		return err_wrap(e, "SSH key to other nodes");
	rc = str_copy(dst, size, (const char *)reply);
	mem_free_wiped(reply, len);
	return rc == 0 ? 0 : err_set(e, ERR_KEY, "SSH key: too long");
}

int
setup_ssh(const struct nodeconf *conf, char host_key[SSHKEYS_TEXT_SIZE],
    char peer_key[SSHKEYS_TEXT_SIZE], struct err *e)
{
	struct parent_node self;

	if (setup_peer_key(peer_key, SSHKEYS_TEXT_SIZE, e) == -1 ||
	    sshkeys_host_key(host_key, e) == -1 ||
	    sshkeys_node(&self, conf, host_key, peer_key, e) == -1)
		return -1;
	return sshkeys_write_nodes(&self, 1, e);
}

int
setup_tls(struct nodeconf *n, struct err *e)
{
	struct bundle requests;
	struct bundle client;
	struct bundle certs;
	struct dbtls_issue is = {
		.conf = n,
		.name = n->name,
		.address = n->address,
		.requests = &requests,
	};
	int rc = -1;

	bundle_init(&requests);
	bundle_init(&client);
	bundle_init(&certs);
	if (setup_as(HOSTUSER_SERVICE, dbtls_make_ca, n, e) == -1 ||
	    setup_ask(HOSTUSER_DATABASE, dbtls_request_server, n, &requests,
		e) == -1 ||
	    setup_ask(HOSTUSER_SERVICE, dbtls_request_client, n, &client, e) ==
		-1)
		goto out;
	bundle_add_text(&requests, "client_csr",
	    bundle_find(&client, "client_csr")->data);
	if (setup_ask(HOSTUSER_SERVICE, dbtls_issue, &is, &certs, e) == -1 ||
	    setup_as(HOSTUSER_DATABASE, dbtls_install_server, &certs, e) ==
		-1 ||
	    setup_as(HOSTUSER_SERVICE, dbtls_install_client, &certs, e) == -1)
		goto out;
	rc = 0;
out:
	bundle_release(&requests);
	bundle_release(&client);
	bundle_release(&certs);
	return rc;
}
