/*
 * What a file-spec has found as files on their way out of the node: one by
 * one, or as one compressed archive.
 */
#ifndef COMMANDS_FILE_BATCH_H
#define COMMANDS_FILE_BATCH_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "commands/ctx.h"
#include "commands/file_source.h"
#include "commands/file_spec.h"

/* Files one by one.  A file that grows meanwhile is read to its old end. */
struct file_plain {
	struct file_batch batch; /* hand this on */
	const struct cmd_ctx *c;
	const struct file_set *set; /* regular files only */
	char *shown; /* of the file described last */
	int fd; /* -1: none */
	int64_t left; /* bytes of the open file that come */
	uint8_t *key; /* the bytes of ITLRecovery.p12; NULL: not open */
	size_t key_len;
	struct strlist missed; /* "NAME: why not" of what could not be opened */
};

/* p must stay where it is; c and set are lent. */
void file_plain_init(struct file_plain *p, const struct cmd_ctx *c,
    const struct file_set *set);
void file_plain_release(struct file_plain *p);

#endif
