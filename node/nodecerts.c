#include "node/nodecerts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/nodeconf.h"
#include "base/paths.h"
#include "cluster/cert_regen.h"
#include "trust/cert.h"
#include "trust/certfile.h"
#include "trust/key.h"

int
nodecerts_security_password(void *arg, struct wbuf *reply, struct err *e)
{
	const struct secret *s = arg;
	char path[PATH_SIZE];

	(void)reply;
	paths_in(path, "certs/security_password");
	return file_replace(path, s->text, s->len, 0600, e);
}

int
nodecerts_peer_key(void *arg, struct wbuf *reply, struct err *e)
{
	char path[PATH_SIZE];
	struct key *k;
	char *text = NULL;
	int rc = -1;

	(void)arg;
	paths_in(path, "certs/peer.pem");
	if (access(path, F_OK) == 0) {
		k = key_load(path, e);
	} else {
		k = key_generate_ec(e);
		if (k != NULL && key_save(k, path, 0600, e) == -1)
			goto out;
	}
	if (k != NULL)
		text = key_ssh_public(k, e);
	if (text != NULL) {
		wbuf_bytes(reply, text, strlen(text));
		rc = 0;
	}
out:
	free(text);
	key_free(k);
	return rc;
}

/*
 * A first certificate is made like a new one, only that no database has to
 * be asked: init and join record all units together afterwards.
 */
static int
not_held(void *self, const char *unit, struct err *e)
{
	(void)self;
	(void)unit;
	(void)e;
	return 0;
}

static int
record_later(void *self, const char *unit, const struct cert *c, bool hold,
    struct err *e)
{
	(void)self;
	(void)unit;
	(void)c;
	(void)hold;
	(void)e;
	return 0;
}

static int
not_recorded(void *self, const char *unit, const struct cert *c, bool *yes,
    struct err *e)
{
	(void)self;
	(void)unit;
	(void)c;
	(void)e;
	*yes = false;
	return 0;
}

static int
no_replicas(void *self, int64_t ms, struct strlist *lagging, struct err *e)
{
	(void)self;
	(void)ms;
	(void)lagging;
	(void)e;
	return 0;
}

static const struct cert_regen_ops first_ops = {
	.held = not_held,
	.record = record_later,
	.recorded = not_recorded,
	.replicas = no_replicas,
	.self = NULL,
};

int
nodecerts_make(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	char path[PATH_SIZE];
	bool undecided = false;

	(void)reply;
	for (size_t i = 0; i < cert_units_n; i++) {
		paths_in(path, "certs/%s.pem", cert_units[i]);
		if (access(path, F_OK) == 0)
			continue;
		if (cert_regen_run(conf, &first_ops, cert_units[i], NULL,
			&undecided, e) == -1)
			return err_wrap(e, "%s", cert_units[i]);
	}
	return 0;
}

int
nodecerts_record(void *arg, struct wbuf *reply, struct err *e)
{
	const struct nodeconf *conf = arg;
	struct cert_regen_ops ops;
	char path[PATH_SIZE];

	(void)reply;
	cert_regen_real(&ops, conf);
	for (size_t i = 0; i < cert_units_n; i++) {
		struct certfile f = CERTFILE_INIT;
		int rc;

		paths_in(path, "certs/%s.pem", cert_units[i]);
		if (certfile_read(&f, path, e) == -1)
			return -1;
		rc = ops.record(ops.self, cert_units[i], f.cert, false, e);
		certfile_release(&f);
		if (rc == -1)
			return err_wrap(e, "%s", cert_units[i]);
	}
	return 0;
}
