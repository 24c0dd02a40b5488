/*
 * Whole files.  What is written appears under its name complete or not at
 * all: temporary file in the same directory, fsync, rename, fsync of the
 * directory.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Read a regular file of at most max bytes.  *data gets one NUL more than
 * *len and is freed by the caller (mem_free_wiped() if it holds a secret).
 * A symbolic link as last component is refused.
 */
int file_read(const char *path, size_t max, uint8_t **data, size_t *len,
    struct err *e);

/*
 * Replace or create path with these bytes.  mode is set exactly, whatever
 * the umask.  On failure the old file stands and nothing else is left.
 */
int file_replace(const char *path, const void *data, size_t len, mode_t mode,
    struct err *e);

/*
 * The first half of file_replace(): write and fsync path as a new or
 * truncated file.  file_rename() is the second: rename and fsync of the
 * directory.  For callers that must do something in between.
 */
int file_write_synced(const char *path, const void *data, size_t len,
    mode_t mode, struct err *e);
int file_rename(const char *from, const char *to, struct err *e);

/* Remove path and fsync the directory.  A missing file is no error. */
int file_remove(const char *path, struct err *e);

/*
 * Is name that of a file which file_replace() is about to put in the place
 * of another: "NAME.tmp" and eight hex digits?
 */
bool file_is_temporary(const char *name);

/*
 * Remove the temporary files of path that killed writers have left.  Only
 * for path's one writer, at its start.  What cannot be removed stays.
 */
void file_clean(const char *path);

/* mkdir with exactly this mode; an existing directory is no error. */
int file_mkdir(const char *path, mode_t mode, struct err *e);

#endif
