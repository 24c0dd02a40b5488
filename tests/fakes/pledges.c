#include "tests/fakes/pledges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "trust/cert.h"
#include "trust/key.h"

void
pledges_key(char dst[SSHKEYS_TEXT_SIZE])
{
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	char *text = key_ssh_public(k, &e);

	assert_non_null(text);
	assert_int_equal(str_copy(dst, SSHKEYS_TEXT_SIZE, text), 0);
	free(text);
	key_free(k);
}

static void
make_ca(char dst[PLEDGE_CERT_SIZE])
{
	struct cert_spec spec = { .subject = { .cn = "Cluster CA" },
		.uses = CERT_USE_CA };
	struct err e = ERR_INIT;
	struct key *k = key_generate_ec(&e);
	struct cert *c;
	char *text;

	spec.not_before = clock_wall();
	spec.not_after = cert_years(spec.not_before, 1);
	c = cert_self_sign(&spec, k, &e);
	assert_non_null(c);
	text = cert_to_pem(c);
	assert_int_equal(str_copy(dst, PLEDGE_CERT_SIZE, text), 0);
	free(text);
	cert_free(c);
	key_free(k);
}

void
pledges_sign(struct pledge *p, const char *password)
{
	struct err e = ERR_INIT;
	struct secret s;

	secret_set(&s, password, strlen(password));
	assert_int_equal(pledge_sign(p, &s, &e), 0);
	secret_release(&s);
}

void
pledges_make(struct pledge *p, const char *name, const char *address)
{
	memset(p, 0, sizeof(*p));
	(void)str_copy(p->name, sizeof(p->name), name);
	(void)str_copy(p->address, sizeof(p->address), address);
	p->port = 2222;
	pledges_key(p->host_key);
	pledges_key(p->peer_key);
	pledges_key(p->invitation);
	make_ca(p->ca_cert);
	pledges_sign(p, PLEDGES_PASSWORD);
}
