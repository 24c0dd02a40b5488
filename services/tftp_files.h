/*
 * The bytes of the files that phones may fetch (services/tftp_name.h says
 * which).  All are regular files below one directory; no symbolic link is
 * followed on the way.
 *
 * A file is handed out as a snapshot: bytes in memory that never change and
 * live as long as somebody holds them, so a transfer sees one whole file
 * whatever happens to it on disk.  A later lookup of the same name reads
 * the file again when inode, size or times differ.
 */
#ifndef SERVICES_TFTP_FILES_H
#define SERVICES_TFTP_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_message.h"
#include "services/tftp_name.h"

#define TFTP_FILE_MAX (128UL * 1024 * 1024) /* a larger file is not served */
#define TFTP_CACHE_MAX                                        \
	(256UL * 1024 * 1024) /* bytes kept for later lookups \
			       */

struct tftp_file; /* a snapshot */
struct tftp_files; /* the directory */

/* Open the directory at path.  NULL on failure. */
struct tftp_files *tftp_files_new(const char *path, struct err *e);

/* NULL-safe.  Snapshots that are held stay valid. */
void tftp_files_free(struct tftp_files *files);

/*
 * The file a request names.  0 and a snapshot in *out, which the caller
 * holds and gives back with tftp_file_release().  ERR_NOT_FOUND when there
 * is no such file or phones may not have it; any other code means a file
 * that could not be read now, worth a line in the log.
 */
int tftp_files_lookup(struct tftp_files *files, const char *request,
    struct tftp_file **out, struct err *e);

/* As above, for a request that has been read already. */
int tftp_files_find(struct tftp_files *files, const struct tftp_name *name,
    struct tftp_file **out, struct err *e);

/*
 * A snapshot of bytes that come from elsewhere: len bytes of malloc()ed
 * data, taken over.  The caller holds it.  Snapshots are counted without a
 * lock: all of them belong to the thread of the event loop.
 */
struct tftp_file *tftp_file_new(uint8_t *data, size_t len);

/* Hold it once more.  Returns f. */
struct tftp_file *tftp_file_hold(struct tftp_file *f);

/* NULL-safe. */
void tftp_file_release(struct tftp_file *f);

/* The bytes in this mode, lent while f is held. */
const uint8_t *tftp_file_bytes(struct tftp_file *f, enum tftp_mode mode,
    size_t *len);

#endif
