/*
 * Files below a directory in which others write.  A path is opened one
 * component after the other, each relative to the descriptor of the one
 * before and never through a symbolic link.  So neither an odd name nor a
 * change made meanwhile leads out of the directory.
 *
 * Paths are relative: names with one '/' between them.  "", ".", ".." and
 * hidden names (beginning with '.') are no names.
 */
#ifndef BASE_BENEATH_H
#define BASE_BENEATH_H

#include <sys/stat.h>

#include <stdbool.h>

#include "base/err.h"

/* 0, or -1 with ERR_USAGE when this is no such path. */
int beneath_check(const char *path, struct err *e);

/*
 * Open a directory for reading its names; "" is the directory dir itself.
 * The descriptor, or -1: ERR_NOT_FOUND (also when a component is no
 * directory), ERR_DENIED (also for a symbolic link), ERR_USAGE.
 */
int beneath_open_dir(int dir, const char *path, struct err *e);

/*
 * Open the directory that holds the last component of path, which *leaf
 * points to.
 */
int beneath_open_parent(int dir, const char *path, const char **leaf,
    struct err *e);

/*
 * Open a regular file for reading and tell what it is in *st.  Anything else
 * under that name is ERR_DENIED and is not waited for.
 */
int beneath_open_file(int dir, const char *path, struct stat *st,
    struct err *e);

#endif
