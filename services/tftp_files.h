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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "services/tftp_message.h"

#define TFTP_FILE_MAX (128UL * 1024 * 1024) /* a larger file is not served */
#define TFTP_CACHE_MAX                                        \
	(256UL * 1024 * 1024) /* bytes kept for later lookups \
			       */

struct tftp_file; /* a snapshot */
struct tftp_files; /* the directory */

/*
 * Open the directory at path.  is_reset(data, len) says whether an
 * ITLFile.tlv is one that a reset has signed with a recovery key; as long
 * as it is, every ITLSEP<MAC>.tlv is answered with its bytes, because a
 * locked phone asks for nothing else.  NULL on failure.
 */
struct tftp_files *tftp_files_new(const char *path,
    bool (*is_reset)(const uint8_t *data, size_t len), struct err *e);

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

/* NULL-safe. */
void tftp_file_release(struct tftp_file *f);

/* The bytes in this mode, lent while f is held. */
const uint8_t *tftp_file_bytes(struct tftp_file *f, enum tftp_mode mode,
    size_t *len);

/* True for an ITLFile.tlv that a reset has signed. */
bool tftp_file_is_reset(const struct tftp_file *f);

#endif
