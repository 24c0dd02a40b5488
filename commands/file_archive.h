/*
 * Files as one .tar.gz, made while it is read: nothing is written on the
 * node, and the memory it takes does not depend on the files.
 */
#ifndef COMMANDS_FILE_ARCHIVE_H
#define COMMANDS_FILE_ARCHIVE_H

#include "base/err.h"
#include "commands/file_batch.h"
#include "commands/file_source.h"

struct file_archive; /* opaque: zlib's part of it */

/*
 * An archive of that name with all files of p, which is lent; those that
 * cannot be opened when their turn comes, and are not the only one, are left
 * out and in p->missed.  The batch that *a lends has one file.  Free with
 * file_archive_free().
 */
struct file_archive *file_archive_new(struct file_plain *p, const char *name);
const struct file_batch *file_archive_batch(const struct file_archive *a);
void file_archive_free(struct file_archive *a);

#endif
