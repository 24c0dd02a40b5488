/*
 * Any bytes as a certificate: by its outline, decoded, and as PEM.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/out.h"
#include "trust/crypto.h"
#include "trust/outline_priv.h"
#include "trust/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_span(const struct span *s, const uint8_t *data, size_t len)
{
	if (s->p < data || s->len > len || (size_t)(s->p - data) > len - s->len)
		BUG("a part outside of the certificate");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct err e = ERR_INIT;
	struct outline o;
	struct cert *c;
	struct out *out;
	bool outlined;

	crypto_init();
	outlined = outline_read(&o, data, len, &e) == 0;
	if (outlined) {
		check_span(&o.serial, data, len);
		check_span(&o.issuer, data, len);
		check_span(&o.subject, data, len);
		check_span(&o.public_key, data, len);
		check_span(&o.signature, data, len);
		(void)outline_name_fits(&o.subject, "CN=test10pub;OU=tac");
	}
	cert_free(cert_from_pem(data, len, &e));
	c = cert_from_der(data, len, &e);
	if (c == NULL)
		return 0;
	if (!outlined || c->serial_len == 0)
		BUG("decoded without an outline");
	if (!outline_name_fits(&o.subject, c->subject))
		BUG("a name that does not fit itself: %s", c->subject);
	(void)cert_check_issued(c, c, &e);
	out = out_new_mem(OUT_TEXT);
	render_cert(out, c);
	out_free(out);
	cert_free(c);
	return 0;
}
