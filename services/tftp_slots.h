/*
 * How many of a bounded number of slots each source address holds.  The
 * rule that keeps one source from taking them all is in
 * services/tftp_server.h.
 */
#ifndef SERVICES_TFTP_SLOTS_H
#define SERVICES_TFTP_SLOTS_H

#include <netinet/in.h>

#include <stddef.h>

struct tftp_slots;

enum tftp_room {
	TFTP_ROOM,
	TFTP_ROOM_FULL, /* none left */
	TFTP_ROOM_HOGGED /* few are left, and most are this source's */
};

struct tftp_slots *tftp_slots_new(size_t max);

/* NULL-safe. */
void tftp_slots_free(struct tftp_slots *s);

/* Take a slot, with TFTP_ROOM as the answer, or say why there is none. */
enum tftp_room tftp_slots_take(struct tftp_slots *s, struct in_addr source);

/* Give back one that this source has taken. */
void tftp_slots_give(struct tftp_slots *s, struct in_addr source);

/* Taken now, and the most that ever were. */
size_t tftp_slots_used(const struct tftp_slots *s);
size_t tftp_slots_most(const struct tftp_slots *s);

#endif
