/*
 * Phones, groups and pools as ucm-node phone lists them, as text and JSON, and
 * phones as CSV.
 */
#ifndef NODE_PHONE_PRINT_H
#define NODE_PHONE_PRINT_H

#include "base/out.h"
#include "base/str.h"
#include "db/callmanager_groups.h"
#include "db/devices.h"

/* A line each; with `all`, every field of each in lines of its own. */
void phone_print_list(struct out *o, const struct device_list *l, bool all);

/*
 * As a table that ucm-node phone import reads as what there is already: RFC
 * 4180, every field a column.  Of a text that import refuses each wrong byte
 * is replaced by U+FFFD.
 */
void phone_print_table(struct out *o, const struct device_list *l);

void phone_print_models(struct out *o, const struct strlist *models);
void phone_print_groups(struct out *o, const struct phone_layout *l);
void phone_print_pools(struct out *o, const struct phone_layout *l);

#endif
