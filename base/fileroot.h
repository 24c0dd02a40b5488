/*
 * The directories that the commands `file …` speak of, under the names and
 * paths the reference gives them (cli-reference 8): what an administrator
 * may see of a node's files.
 *
 * Hidden files and keys (*.p12, *.pem, *.key) are no part of them, wherever
 * they lie.
 */
#ifndef BASE_FILEROOT_H
#define BASE_FILEROOT_H

#include <sys/stat.h>

#include <stdbool.h>

#include "base/err.h"

struct fileroot {
	const char *word; /* "activelog" */
	const char *shown; /* "/var/log/active/" */
	const char *dir; /* below the node's root; NULL: not on this node */
	/* Another directory of the node that is seen at view; or NULL. */
	const char *view; /* "cm/tftpdata" */
	const char *view_dir; /* "tftp" */
	bool deletable; /* its files may be deleted */
};

/* NULL when there is none of that name. */
const struct fileroot *fileroot_find(const char *word);

/* False for a name that is not shown, or is none at all. */
bool fileroot_has_name(const char *name);

/*
 * As the functions of base/beneath.h, for a path below the root.  A root
 * that is not on this node has nothing in it: ERR_NOT_FOUND.
 */
int fileroot_open_dir(const struct fileroot *r, const char *path,
    struct err *e);
int fileroot_open_parent(const struct fileroot *r, const char *path,
    const char **leaf, struct err *e);
int fileroot_open_file(const struct fileroot *r, const char *path,
    struct stat *st, struct err *e);

#endif
