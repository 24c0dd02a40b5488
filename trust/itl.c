#include "trust/itl.h"

#include <stdlib.h>

#include "base/mem.h"
#include "trust/trustlist.h"

#define FIXED_RECORDS 5

static int
check_inputs(const struct itl_inputs *in, struct err *e)
{
	const struct {
		const void *p;
		const char *what;
	} needed[] = { { in->callmanager, "CallManager certificate" },
		{ in->callmanager_key, "CallManager key" },
		{ in->capf, "CAPF certificate" },
		{ in->tvs, "TVS certificate" },
		{ in->recovery, "ITLRecovery certificate" } };

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (needed[i].p == NULL)
			return err_set(e, ERR_USAGE, "an ITL needs the %s",
			    needed[i].what);
	return 0;
}

static struct trustlist_entry
entry_of(enum trust_role role, const struct cert *c)
{
	return (struct trustlist_entry) { .role = role,
		.cert = c,
		.hash_only = role == ROLE_CAPF || role == ROLE_TVS,
		.hash_alg = DIGEST_SHA1,
		.dns_name = " " };
}

int
itl_build(const struct itl_inputs *in, uint8_t **out, size_t *len,
    struct err *e)
{
	struct signer s = { .cert = in->callmanager,
		.key = in->callmanager_key,
		.digest = in->digest,
		.timestamp = in->timestamp };
	struct trustlist_draft draft = { .kind = TRUSTLIST_ITL };
	struct trustlist_entry *entry;
	size_t n = FIXED_RECORDS + in->n_further;
	int rc;

	if (check_inputs(in, e) == -1)
		return -1;
	entry = mem_array(n, sizeof(*entry));
	entry[0] = entry_of(ROLE_SAST, in->callmanager);
	entry[1] = entry_of(ROLE_TFTP, in->callmanager);
	entry[2] = entry_of(ROLE_CAPF, in->capf);
	entry[3] = entry_of(ROLE_TVS, in->tvs);
	entry[4] = entry_of(ROLE_SAST, in->recovery);
	for (size_t i = 0; i < in->n_further; i++)
		entry[FIXED_RECORDS + i] =
		    entry_of(ROLE_TVS, in->further_tvs[i]);
	draft.entry = entry;
	draft.n = n;
	rc = trustlist_build(&draft, &s, out, len, e);
	free(entry);
	return rc;
}
