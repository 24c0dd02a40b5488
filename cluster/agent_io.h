/*
 * Frames of the agent's protocol over a socket or a pipe.  Each function
 * keeps its deadline whether or not the descriptor is blocking, and none
 * raises SIGPIPE on a socket.  deadline_ticks is a time of clock_ticks();
 * 0: none.
 */
#ifndef CLUSTER_AGENT_IO_H
#define CLUSTER_AGENT_IO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cluster/agent_msg.h"

/*
 * Connect to this node's agent, run/agent.sock.  The descriptor, non-blocking
 * and close-on-exec, or -1 with ERR_UNREACHABLE and a hint, or ERR_TIMEOUT.
 */
int agent_io_connect(int64_t deadline_ticks, struct err *e);

/*
 * Read one frame into *m (overwritten; the caller releases it).  When the
 * other side has closed between two frames: 0 and type AGENT_END.  -1 with
 * ERR_FORMAT, ERR_TIMEOUT, ERR_UNREACHABLE (closed inside a frame), ERR_IO.
 */
int agent_io_read(int fd, struct agent_msg *m, int64_t deadline_ticks,
    struct err *e);

/*
 * Read a request: as agent_io_read(), but any other frame is ERR_FORMAT.
 * What a server calls; it ends the connection at AGENT_END and at -1.
 */
int agent_io_read_request(int fd, struct agent_msg *m, int64_t deadline_ticks,
    struct err *e);

/* Write one frame.  -1 with ERR_UNREACHABLE when nobody listens any more. */
int agent_io_write(int fd, const struct agent_msg *m, int64_t deadline_ticks,
    struct err *e);

/* The four answers of a server.  Text longer than a frame is split. */
int agent_io_text(int fd, const char *text, size_t n, int64_t deadline_ticks,
    struct err *e);
int agent_io_row(int fd, const struct strlist *columns, int64_t deadline_ticks,
    struct err *e);
int agent_io_data(int fd, const void *p, size_t n, int64_t deadline_ticks,
    struct err *e);

/*
 * The last frame of a request.  result is how the job ended: code, message
 * and hint go out as they are, ERR_NONE meaning done (its message may carry
 * a fact such as "Rows: 3").
 */
int agent_io_result(int fd, const struct err *result, int64_t deadline_ticks,
    struct err *e);

/*
 * Read one frame without decoding it: *frame is freed by the caller (*len
 * bytes, head included, so the type is (*frame)[4]).  0 and NULL when the
 * other side has closed between two frames; errors as agent_io_read().
 */
int agent_io_read_raw(int fd, uint8_t **frame, size_t *len,
    int64_t deadline_ticks, struct err *e);

/*
 * Raw bytes with the same rules: exactly n of them; a short read is
 * ERR_UNREACHABLE.
 */
int agent_io_read_bytes(int fd, void *p, size_t n, int64_t deadline_ticks,
    struct err *e);
int agent_io_write_bytes(int fd, const void *p, size_t n,
    int64_t deadline_ticks, struct err *e);

#endif
