/*
 * The ITL file of a call manager group: ITLSEP<MAC>.tlv of its phones.  It is
 * the node's ITL file with the TVS entries of the group's nodes, in their
 * order, in place of those of all nodes.  The name inside is ITLFile.tlv, so
 * all phones of a group get the same bytes.
 */
#ifndef SERVICES_GROUP_ITL_H
#define SERVICES_GROUP_ITL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/phone_source.h"
#include "services/signing_identity.h"

/*
 * Must there be one?  Not if it would list what ITLFile.tlv lists, and not if
 * the TVS certificate of none of its nodes is known: then its phones get
 * ITLFile.tlv.  A node without a certificate is left out.
 */
bool group_itl_needed(const struct signing_identity *id,
    const struct phone_group *g);

/* Would both be made of the same TVS entries? */
bool group_itl_same(const struct phone_group *a, const struct phone_group *b);

/* Build, sign and verify it.  Free *out with free(). */
int group_itl_build(const struct signing_identity *id,
    const struct phone_group *g, uint8_t **out, size_t *len, struct err *e);

#endif
