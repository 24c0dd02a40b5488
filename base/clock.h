/*
 * The clock of a node.  Everything that compares or prints times asks here,
 * never the host's clock and never SQL now(), because a lab shifts a node's
 * clock with clock_offset and lets time pass with age_offset (seconds, both
 * in etc/node.conf, 0 outside a lab; design: the lab).  The file is looked
 * at again whenever it has changed, so running programs follow.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CLOCK_BOOT_ID_SIZE 37

/*
 * Wall time: seconds since 1970, shifted by clock_offset and age_offset.
 * clock_wall_ts() has nanoseconds.
 */
int64_t clock_wall(void);
void clock_wall_ts(struct timespec *ts);

/*
 * Seconds since boot, suspend included (CLOCK_BOOTTIME), shifted by
 * age_offset only.  A wall clock that is set wrong does not change it.
 */
int64_t clock_boot(void);

/* Milliseconds of CLOCK_MONOTONIC for deadlines; never shifted. */
int64_t clock_ticks(void);

/* Sleep so many milliseconds, or until a signal comes. */
void clock_nap(int64_t ms);

/* The kernel's boot id into id; "" when it cannot be read. */
void clock_boot_id(char id[CLOCK_BOOT_ID_SIZE]);

/* "%a %b %d %H:%M:%S %Z %Y" in the node's zone: Wed Feb 26 10:24:27 PST 2014 */
void clock_format(char *dst, size_t size, int64_t t);

/* Any strftime() form in the node's zone. */
void clock_strftime(char *dst, size_t size, const char *form, int64_t t);

/* The same in UTC. */
void clock_strftime_utc(char *dst, size_t size, const char *form, int64_t t);

#endif
