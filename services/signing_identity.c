#include "services/signing_identity.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/paths.h"

static int
make_tools(struct signing_identity *id, struct err *e)
{
	const struct signer s = { .cert = id->own.cert,
		.key = id->own.key,
		.digest = id->others.digest };

	for (unsigned i = 0; i < id->threads; i++) {
		id->signer[i] = i == 0 ? file_signer_new(&s, NULL, e) :
					 file_signer_dup(id->signer[0], e);
		if (id->signer[i] == NULL)
			return -1;
		id->checker[i] = file_checker_new(id->own.cert, e);
		if (id->checker[i] == NULL)
			return -1;
	}
	return 0;
}

struct signing_identity *
signing_identity_new(const struct itl_source *certs, unsigned threads,
    struct err *e)
{
	struct signing_identity *id = mem_alloc(sizeof(*id));
	char path[PATH_SIZE];

	id->threads = threads;
	id->signer = mem_array(threads, sizeof(struct file_signer *));
	id->checker = mem_array(threads, sizeof(struct file_checker *));
	if (certfile_read(&id->own, paths_in(path, "certs/CallManager.pem"),
		e) == 0 &&
	    certs->read(certs->self, &id->others, e) == 0 &&
	    make_tools(id, e) == 0)
		return id;
	signing_identity_free(id);
	return NULL;
}

void
signing_identity_free(struct signing_identity *id)
{
	if (id == NULL)
		return;
	for (unsigned i = 0; i < id->threads; i++) {
		file_signer_free(id->signer[i]);
		file_checker_free(id->checker[i]);
	}
	free(id->signer);
	free(id->checker);
	itl_certs_release(&id->others);
	certfile_release(&id->own);
	free(id);
}
