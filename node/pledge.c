#include "node/pledge.h"

#include <string.h>

#include "base/buffer.h"
#include "base/str.h"
#include "cluster/security_password.h"
#include "trust/cert.h"

#define STATEMENT "ucmsh publisher 1" /* what a proof is a proof of */
#define STATEMENT_MAX 32768

/* All but the proof, each piece behind its length: nothing can be moved. */
static void
statement(const struct pledge *p, struct wbuf *w)
{
	const char *const piece[] = { STATEMENT, p->name, p->address,
		p->host_key, p->peer_key, p->ca_cert, p->invitation };

	wbuf_init(w, STATEMENT_MAX);
	wbuf_be16(w, p->port);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++) {
		size_t n = strlen(piece[i]);

		wbuf_be32(w, (uint32_t)n);
		wbuf_bytes(w, piece[i], n);
	}
	if (w->failed)
		BUG("a pledge over %d bytes", STATEMENT_MAX);
}

int
pledge_sign(struct pledge *p, const struct secret *security, struct err *e)
{
	struct wbuf w;
	int rc;

	statement(p, &w);
	rc = password_prove(p->proof, security, w.data, w.len, e);
	wbuf_release(&w);
	return rc;
}

int
pledge_check(const struct pledge *p, const struct secret *security,
    struct err *e)
{
	struct wbuf w;
	int rc;

	statement(p, &w);
	rc = password_proven(p->proof, security, w.data, w.len, e);
	wbuf_release(&w);
	if (rc == -1 && e->code == ERR_AUTH)
		return err_set(e, ERR_AUTH,
		    "the cluster security password is another one");
	return rc;
}

int
pledge_check_here(const struct pledge *p, struct err *e)
{
	struct secret security;
	int rc;

	if (security_password_read(&security, e) == -1)
		return -1;
	rc = pledge_check(p, &security, e);
	secret_release(&security);
	return rc;
}

void
pledge_add(const struct pledge *p, struct bundle *b)
{
	char port[8];

	(void)str_printf(port, sizeof(port), "%u", (unsigned)p->port);
	bundle_add_text(b, "name", p->name);
	bundle_add_text(b, "address", p->address);
	bundle_add_text(b, "port", port);
	bundle_add_text(b, "host_key", p->host_key);
	bundle_add_text(b, "peer_key", p->peer_key);
	bundle_add_text(b, "ca_cert", p->ca_cert);
	bundle_add_text(b, "invitation", p->invitation);
	bundle_add_text(b, "proof", p->proof);
}

static int
take(const struct bundle *b, const char *name, char *dst, size_t size,
    struct err *e)
{
	const char *text = bundle_text(b, name, e);

	if (text == NULL)
		return -1;
	if (str_copy(dst, size, text) == -1)
		return err_set(e, ERR_FORMAT, "%s: too long", name);
	return 0;
}

/* They will stand in the files of every node. */
static int
check(const struct pledge *p, struct err *e)
{
	struct nodeconf conf;
	struct parent_node n;
	struct cert *ca;

	nodeconf_defaults(&conf);
	(void)str_copy(conf.name, sizeof(conf.name), p->name);
	(void)str_copy(conf.address, sizeof(conf.address), p->address);
	conf.ssh_port = p->port;
	if (sshkeys_node(&n, &conf, p->host_key, p->peer_key, e) == -1)
		return -1;
	ca = cert_from_pem(p->ca_cert, strlen(p->ca_cert), e);
	if (ca == NULL)
		return err_wrap(e, "ca_cert");
	cert_free(ca);
	return 0;
}

int
pledge_take(struct pledge *p, const struct bundle *b, struct err *e)
{
	char port[8];
	uint64_t number;

	memset(p, 0, sizeof(*p));
	if (take(b, "name", p->name, sizeof(p->name), e) == -1 ||
	    take(b, "address", p->address, sizeof(p->address), e) == -1 ||
	    take(b, "port", port, sizeof(port), e) == -1 ||
	    take(b, "host_key", p->host_key, sizeof(p->host_key), e) == -1 ||
	    take(b, "peer_key", p->peer_key, sizeof(p->peer_key), e) == -1 ||
	    take(b, "ca_cert", p->ca_cert, sizeof(p->ca_cert), e) == -1 ||
	    take(b, "invitation", p->invitation, sizeof(p->invitation), e) ==
		-1 ||
	    take(b, "proof", p->proof, sizeof(p->proof), e) == -1)
		return -1;
	if (str_number(port, 1, UINT16_MAX, &number) == -1)
		return err_set(e, ERR_FORMAT, "port: not a port");
	p->port = (uint16_t)number;
	return check(p, e);
}
