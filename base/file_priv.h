/*
 * Only for base/: the parts that whole files are written with.
 */
#ifndef BASE_FILE_PRIV_H
#define BASE_FILE_PRIV_H

#include <stddef.h>

#include "base/err.h"

/*
 * Make a fresh file beside path, open for writing in *fd, mode 0600.  Its
 * name is the caller's to free; NULL with e set.
 */
char *file_open_temporary(const char *path, int *fd, struct err *e);

/* Write all of it, however often that takes.  0, or -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);

#endif
