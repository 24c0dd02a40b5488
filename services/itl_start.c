#include "services/itl_start.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/paths.h"
#include "base/str.h"
#include "trust/certfile.h"
#include "trust/itl.h"
#include "trust/trustlist.h"

#define STATUS_FILE "run/tftpd.status"
#define ITL_FILE "tftp/ITLFile.tlv"
#define CALLMANAGER_FILE "certs/CallManager.pem"

void
itl_certs_release(struct itl_certs *c)
{
	static const struct itl_certs none = ITL_CERTS_INIT;
	size_t i;

	if (c == NULL)
		return;
	cert_free(c->capf);
	cert_free(c->tvs);
	cert_free(c->recovery);
	for (i = 0; i < c->n_further; i++)
		cert_free(c->further_tvs[i]);
	free(c->further_tvs);
	free(c->further_node);
	*c = none;
}

/* Does the record name the certificate that the header names as signer? */
static bool
is_signers(const struct trustlist *l, const struct trustlist_record *r)
{
	const struct element *want = &l->header.element[HEADER_SERIAL];
	const struct element *have = &r->element[RECORD_SERIAL];

	return have->present && have->len == want->len &&
	    !memcmp(have->value, want->value, want->len) &&
	    str_equal(r->issuer, l->header.ca_name);
}

static bool
signed_by_recovery(const struct trustlist *l)
{
	bool sast = false, tftp = false;
	size_t i;

	for (i = 0; i < l->n_records; i++) {
		const struct trustlist_record *r = &l->record[i];

		if (!is_signers(l, r))
			continue;
		sast = sast || r->role == ROLE_SAST;
		tftp = tftp || r->role == ROLE_TFTP || r->role == ROLE_CCM_TFTP;
	}
	return sast && !tftp;
}

bool
itl_is_reset(const uint8_t *data, size_t len)
{
	struct trustlist l;
	bool yes;

	if (trustlist_parse(&l, data, len, NULL) == -1)
		return false;
	yes = signed_by_recovery(&l);
	trustlist_release(&l);
	return yes;
}

static void
sha1_of(const uint8_t *data, size_t len, char sha1[ITL_SHA1_HEX_SIZE])
{
	char hex[DIGEST_HEX_SIZE];

	digest_hex(DIGEST_SHA1, data, len, hex);
	(void)str_copy(sha1, ITL_SHA1_HEX_SIZE, hex);
}

void
itl_facts_of(const uint8_t *data, size_t len, struct itl_facts *facts)
{
	struct trustlist l;

	memset(facts, 0, sizeof(*facts));
	sha1_of(data, len, facts->sha1);
	if (trustlist_parse(&l, data, len, NULL) == -1)
		return;
	(void)str_copy(facts->signer, sizeof(facts->signer),
	    l.header.signer_name);
	facts->is_reset = signed_by_recovery(&l);
	trustlist_release(&l);
}

static int
verify(const uint8_t *data, size_t len, struct err *e)
{
	struct trustlist l;
	int rc;

	if (trustlist_parse(&l, data, len, e) == -1)
		return -1;
	rc = trustlist_verify(&l, NULL, e);
	trustlist_release(&l);
	return rc;
}

static int
check_marker(const struct itl_marker *m, struct err *e)
{
	char path[PATH_SIZE], sha1[ITL_SHA1_HEX_SIZE];
	uint8_t *data = NULL;
	size_t len = 0;
	int rc = -1;

	paths_in(path, ITL_FILE);
	if (file_read(path, TRUSTLIST_MAX_SIZE, &data, &len, e) == -1)
		return -1;
	sha1_of(data, len, sha1);
	if (itl_marker_check(m, sha1, e) == 0 && verify(data, len, e) == 0)
		rc = 0;
	free(data);
	return rc;
}

void
itl_start_clean(void)
{
	char path[PATH_SIZE];

	file_clean(paths_in(path, ITL_FILE));
	file_clean(paths_in(path, STATUS_FILE));
}

int
itl_start_keep(struct err *e)
{
	struct err removal = ERR_INIT, why = ERR_INIT;
	struct itl_marker m;
	int rc;

	rc = itl_marker_read(&m, e);
	if (itl_marker_remove(&removal) == -1)
		return err_set(e, removal.code, "%s", removal.msg);
	if (rc == -1)
		return -1;
	if (check_marker(&m, &why) == -1)
		return err_set(e, ERR_STATE, "the marker is not obeyed: %s",
		    why.msg);
	return 0;
}

int
itl_start_build(const struct itl_source *source, uint8_t **out, size_t *len,
    struct err *e)
{
	struct certfile own = CERTFILE_INIT;
	struct itl_certs others = ITL_CERTS_INIT;
	struct itl_inputs in;
	char path[PATH_SIZE];
	int rc = -1;

	if (certfile_read(&own, paths_in(path, CALLMANAGER_FILE), e) == -1)
		return -1;
	if (source->read(source->self, &others, e) == -1)
		goto out;
	in = (struct itl_inputs) { .callmanager = own.cert,
		.callmanager_key = own.key,
		.capf = others.capf,
		.tvs = others.tvs,
		.recovery = others.recovery,
		.further_tvs = (const struct cert *const *)others.further_tvs,
		.n_further = others.n_further,
		.digest = others.digest,
		.timestamp = clock_wall() };
	rc = itl_build(&in, out, len, e);
out:
	itl_certs_release(&others);
	certfile_release(&own);
	return rc;
}

int
itl_start_install(const uint8_t *data, size_t len, struct err *e)
{
	char path[PATH_SIZE];

	return file_replace(paths_in(path, ITL_FILE), data, len, 0644, e);
}
