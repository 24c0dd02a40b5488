/*
 * The line of a transfer: a dot for each file, and behind them how much of
 * the file under way is done, on a terminal and when it takes longer than a
 * second.
 */
#ifndef COMMANDS_SFTP_METER_H
#define COMMANDS_SFTP_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "commands/ctx.h"

struct sftp_meter {
	struct out *out; /* borrowed */
	bool shows; /* percentages */
	unsigned cols;
	size_t dots;
	int64_t size; /* of the file under way; -1: not known */
	int64_t next_ticks; /* when to show how far it is */
	size_t width; /* of what is shown */
};

void sftp_meter_init(struct sftp_meter *m, const struct cmd_ctx *c);

/* A file of size bytes begins. */
void sftp_meter_begin(struct sftp_meter *m, int64_t size);

/* So many bytes of it are done. */
void sftp_meter_moved(struct sftp_meter *m, uint64_t bytes);

/* It has ended; a dot when it is done. */
void sftp_meter_end(struct sftp_meter *m, bool done);

/* No more files: the line's end, if there is a line. */
void sftp_meter_finish(struct sftp_meter *m);

#endif
