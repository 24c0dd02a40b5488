/* Writing one signed file with a signer that is made for it. */
#include <stddef.h>

#include "trust/file_signer.h"
#include "trust/signed_header.h"

int
signed_file_write(const struct signed_draft *draft, const struct signer *s,
    const struct key_piece *content, uint8_t **out, size_t *len, struct err *e)
{
	struct file_signer *signer = file_signer_new(s, draft, e);
	const struct file_draft d = { .major = draft->major,
		.minor = draft->minor,
		.filename = draft->filename,
		.timestamp = s->timestamp,
		.content = *content };
	int rc;

	if (signer == NULL)
		return -1;
	rc = file_signer_sign(signer, &d, out, len, e);
	file_signer_free(signer);
	return rc;
}
