#include "cluster/agent_io.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/paths.h"

#define TEXT_CHUNK (1 << 16)
#define RETRY_MS 20 /* while the agent's queue of connections is full */

/* What poll() may wait: -1 without a deadline. */
static int
wait_ms(int64_t deadline_ticks)
{
	int64_t left;

	if (deadline_ticks == 0)
		return -1;
	left = deadline_ticks - clock_ticks();
	if (left <= 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* Until fd can be read or written. */
static int
wait_for(int fd, short events, int64_t deadline_ticks, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = events };

	for (;;) {
		int n = poll(&p, 1, wait_ms(deadline_ticks));
		if (n > 0)
			return 0;
		if (n == 0)
			return err_set(e, ERR_TIMEOUT,
			    "agent: no answer in time");
		if (errno != EINTR)
			return err_errno(e, "agent: poll");
	}
}

/* Nothing lost, only not now. */
static bool
is_later(int error)
{
	return error == EAGAIN || error == EINTR;
}

/* One read that does not block: bytes, 0 at the end, -1 with errno. */
static ssize_t
read_some(int fd, void *p, size_t n)
{
	ssize_t got = recv(fd, p, n, MSG_DONTWAIT);

	if (got == -1 && errno == ENOTSOCK)
		got = read(fd, p, n); /* a pipe: poll() said it is ready */
	return got;
}

/* As read_some(); a pipe takes PIPE_BUF bytes at once when it is ready. */
static ssize_t
write_some(int fd, const void *p, size_t n)
{
	ssize_t sent = send(fd, p, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (sent == -1 && errno == ENOTSOCK)
		sent = write(fd, p, n < PIPE_BUF ? n : PIPE_BUF);
	return sent;
}

/* Read up to n bytes, fewer only when the other side closes. */
static int
read_full(int fd, void *p, size_t n, int64_t deadline_ticks, size_t *got,
    struct err *e)
{
	uint8_t *at = p;

	*got = 0;
	while (*got < n) {
		ssize_t r;

		if (wait_for(fd, POLLIN, deadline_ticks, e) == -1)
			return -1;
		r = read_some(fd, at + *got, n - *got);
		if (r == 0)
			return 0;
		if (r > 0)
			*got += (size_t)r;
		else if (errno == ECONNRESET)
			return err_set(e, ERR_UNREACHABLE,
			    "agent: the connection was reset");
		else if (!is_later(errno))
			return err_errno(e, "agent: read");
	}
	return 0;
}

int
agent_io_read_bytes(int fd, void *p, size_t n, int64_t deadline_ticks,
    struct err *e)
{
	size_t got;

	if (read_full(fd, p, n, deadline_ticks, &got, e) == -1)
		return -1;
	if (got < n)
		return err_set(e, ERR_UNREACHABLE,
		    "agent: the connection was closed after %zu of %zu bytes",
		    got, n);
	return 0;
}

int
agent_io_write_bytes(int fd, const void *p, size_t n, int64_t deadline_ticks,
    struct err *e)
{
	const uint8_t *at = p;

	while (n > 0) {
		ssize_t sent;

		if (wait_for(fd, POLLOUT, deadline_ticks, e) == -1)
			return -1;
		sent = write_some(fd, at, n);
		if (sent >= 0) {
			at += sent;
			n -= (size_t)sent;
		} else if (errno == EPIPE || errno == ECONNRESET) {
			return err_set(e, ERR_UNREACHABLE,
			    "agent: the other side has gone");
		} else if (!is_later(errno)) {
			return err_errno(e, "agent: write");
		}
	}
	return 0;
}

int
agent_io_read_raw(int fd, uint8_t **frame, size_t *len, int64_t deadline_ticks,
    struct err *e)
{
	uint8_t head[4];
	uint8_t *whole;
	size_t got, size;

	*frame = NULL;
	*len = 0;
	if (read_full(fd, head, sizeof(head), deadline_ticks, &got, e) == -1)
		return -1;
	if (got == 0)
		return 0;
	if (got < sizeof(head))
		return err_set(e, ERR_UNREACHABLE,
		    "agent: the connection was closed inside a frame");
	if (agent_msg_frame_size(head, sizeof(head), &size, e) == -1)
		return -1;
	whole = mem_alloc(size);
	memcpy(whole, head, sizeof(head));
	if (agent_io_read_bytes(fd, whole + 4, size - 4, deadline_ticks, e) ==
	    -1) {
		mem_free_wiped(whole, size);
		return -1;
	}
	*frame = whole;
	*len = size;
	return 0;
}

int
agent_io_read(int fd, struct agent_msg *m, int64_t deadline_ticks,
    struct err *e)
{
	uint8_t *frame;
	size_t len;
	int rc;

	agent_msg_init(m);
	if (agent_io_read_raw(fd, &frame, &len, deadline_ticks, e) == -1)
		return -1;
	if (frame == NULL)
		return 0;
	rc = agent_msg_decode(frame, len, m, e);
	mem_free_wiped(frame, len);
	return rc;
}

int
agent_io_read_request(int fd, struct agent_msg *m, int64_t deadline_ticks,
    struct err *e)
{
	if (agent_io_read(fd, m, deadline_ticks, e) == -1)
		return -1;
	if (m->type == AGENT_REQUEST || m->type == AGENT_END)
		return 0;
	err_set(e, ERR_FORMAT, "agent message: type %d is no request",
	    (int)m->type);
	agent_msg_release(m);
	return -1;
}

int
agent_io_write(int fd, const struct agent_msg *m, int64_t deadline_ticks,
    struct err *e)
{
	struct wbuf w;
	int rc = -1;

	wbuf_init(&w, 0);
	if (agent_msg_encode(&w, m, e) == 0)
		rc = agent_io_write_bytes(fd, w.data, w.len, deadline_ticks, e);
	wbuf_release(&w);
	return rc;
}

/* One TEXT or DATA frame; the codec only reads the bytes. */
static int
write_piece(int fd, enum agent_msg_type type, const void *p, size_t n,
    int64_t deadline_ticks, struct err *e)
{
	struct agent_msg m;
	int rc;

	agent_msg_init(&m);
	m.type = type;
	m.bytes = mem_dup(p, n);
	m.len = n;
	m.has_bytes = true;
	rc = agent_io_write(fd, &m, deadline_ticks, e);
	agent_msg_release(&m);
	return rc;
}

static int
write_pieces(int fd, enum agent_msg_type type, const void *p, size_t n,
    int64_t deadline_ticks, struct err *e)
{
	const uint8_t *at = p;

	while (n > 0) {
		size_t piece = n < TEXT_CHUNK ? n : TEXT_CHUNK;
		if (write_piece(fd, type, at, piece, deadline_ticks, e) == -1)
			return -1;
		at += piece;
		n -= piece;
	}
	return 0;
}

int
agent_io_text(int fd, const char *text, size_t n, int64_t deadline_ticks,
    struct err *e)
{
	return write_pieces(fd, AGENT_TEXT, text, n, deadline_ticks, e);
}

int
agent_io_data(int fd, const void *p, size_t n, int64_t deadline_ticks,
    struct err *e)
{
	return write_pieces(fd, AGENT_DATA, p, n, deadline_ticks, e);
}

int
agent_io_row(int fd, const struct strlist *columns, int64_t deadline_ticks,
    struct err *e)
{
	struct agent_msg m;

	agent_msg_init(&m);
	m.type = AGENT_ROW;
	m.words = *columns; /* lent: m is not released */
	return agent_io_write(fd, &m, deadline_ticks, e);
}

int
agent_io_result(int fd, const struct err *result, int64_t deadline_ticks,
    struct err *e)
{
	struct agent_msg m;
	int rc;

	agent_msg_init(&m);
	m.type = AGENT_RESULT;
	m.code = result->code;
	m.message = mem_strdup(result->msg);
	m.hint = mem_strdup(result->hint);
	rc = agent_io_write(fd, &m, deadline_ticks, e);
	agent_msg_release(&m);
	return rc;
}

/* --- the socket of this node's agent -------------------------------------- */

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags == -1 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) == -1)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* A full queue of connections is EAGAIN here, and has no event to poll for. */
static int
connect_in_time(int fd, const struct sockaddr_un *a, int64_t deadline_ticks,
    struct err *e)
{
	const struct sockaddr *to = (const struct sockaddr *)a;

	while (connect(fd, to, sizeof(*a)) == -1) {
		if (!is_later(errno))
			return err_errno(e, "%s", a->sun_path);
		if (wait_ms(deadline_ticks) == 0)
			return err_set(e, ERR_TIMEOUT,
			    "%s: too many are waiting", a->sun_path);
		clock_nap(RETRY_MS);
	}
	return 0;
}

static int
unreachable(struct err *e)
{
	if (e != NULL && e->code != ERR_TIMEOUT)
		e->code = ERR_UNREACHABLE;
	err_wrap(e, "the node's agent does not answer");
	return err_hint(e,
	    "Cluster Manager (ucm-agent) must be running on this node.");
}

int
agent_io_connect(int64_t deadline_ticks, struct err *e)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char path[PATH_SIZE];
	int fd;

	paths_in(path, "run/agent.sock");
	if (str_copy(a.sun_path, sizeof(a.sun_path), path) == -1)
		return err_set(e, ERR_INTERNAL,
		    "%s: longer than a socket's name may be", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1)
		return err_errno(e, "socket");
	if (set_nonblocking(fd) == -1) {
		err_errno(e, "socket");
		close(fd);
		return -1;
	}
	if (connect_in_time(fd, &a, deadline_ticks, e) == -1) {
		close(fd);
		return unreachable(e);
	}
	return fd;
}
