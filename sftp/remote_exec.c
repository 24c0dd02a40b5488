#include "sftp/remote_exec.h"

#include <stdlib.h>
#include <string.h>

#include <libssh/libssh.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"
#include "sftp/session_priv.h"

#define CHUNK (1 << 15)

/* One run of one command. */
struct remote {
	struct session *s;
	const struct remote_command *c; /* under way */
	ssh_channel channel;
	int64_t deadline_ticks;
	bool goes_on; /* no end of file behind the input */
	bool complete; /* the output that was wanted is here */
	size_t sent; /* of the input */
	bool input_ended;
	char errors[REMOTE_ERRORS_MAX]; /* standard error so far */
	size_t errors_len;
};

static int
lost(struct remote *r, struct err *e)
{
	return session_fail(r->s, ERR_IO, e, "the connection was lost");
}

static int
open_channel(struct remote *r, struct err *e)
{
	int rc;

	r->channel = ssh_channel_new(r->s->ssh);
	if (r->channel == NULL)
		return lost(r, e);
	while ((rc = ssh_channel_open_session(r->channel)) == SSH_AGAIN) {
		if (session_wait(r->s, r->deadline_ticks, e) == -1)
			return -1;
	}
	if (rc != SSH_OK)
		return session_fail(r->s, ERR_DENIED, e, "channel");
	return 0;
}

static int
request_command(struct remote *r, const char *command, struct err *e)
{
	int rc;

	while (
	    (rc = ssh_channel_request_exec(r->channel, command)) == SSH_AGAIN) {
		if (session_wait(r->s, r->deadline_ticks, e) == -1)
			return -1;
	}
	if (rc != SSH_OK)
		return session_fail(r->s, ERR_DENIED, e,
		    "the command was refused");
	return 0;
}

/*
 * Send as much input as the server takes now.  A server that closes the
 * channel early has its say in the exit status, not here.
 */
static int
send_input(struct remote *r, bool *moved, struct err *e)
{
	const uint8_t *input = r->c->input;
	size_t left = r->c->input_len - r->sent;

	if (r->input_ended || ssh_channel_is_closed(r->channel))
		return 0;
	if (left > 0) {
		int n = ssh_channel_write(r->channel, input + r->sent,
		    (uint32_t)(left < CHUNK ? left : CHUNK));

		if (n < 0 && !ssh_channel_is_closed(r->channel))
			return lost(r, e);
		if (n > 0) {
			r->sent += (size_t)n;
			*moved = true;
		}
	}
	if (r->sent == r->c->input_len) {
		r->input_ended = true;
		if (!r->goes_on &&
		    ssh_channel_send_eof(r->channel) == SSH_ERROR &&
		    !ssh_channel_is_closed(r->channel))
			return lost(r, e);
	}
	return 0;
}

static void
keep_errors(struct remote *r, const char *p, size_t n)
{
	size_t room = sizeof(r->errors) - r->errors_len;

	if (n > room)
		n = room;
	memcpy(r->errors + r->errors_len, p, n);
	r->errors_len += n;
}

/* Read what is here of one of the two streams; *moved when there was any. */
static int
take_stream(struct remote *r, bool errors, bool *moved, struct err *e)
{
	char buf[CHUNK];
	int n, rc;

	n = ssh_channel_read_nonblocking(r->channel, buf, sizeof(buf), errors);
	if (n == SSH_ERROR)
		return lost(r, e);
	if (n <= 0)
		return 0;
	*moved = true;
	if (errors) {
		keep_errors(r, buf, (size_t)n);
		return 0;
	}
	rc =
	    r->c->output == NULL ? 0 : r->c->output(r->c->self, buf, (size_t)n);
	r->complete = r->goes_on && rc == REMOTE_COMPLETE;
	if (rc == 0 || r->complete)
		return 0;
	return err_set(e, ERR_CANCELLED, "no more output was wanted");
}

/* Output that never pauses has a deadline, too. */
static bool
is_late(const struct remote *r)
{
	return r->deadline_ticks != 0 && clock_ticks() >= r->deadline_ticks;
}

/*
 * Nothing more will come.  Reading from a channel at its end of file looks
 * at no further packets; asking for the exit status does.
 */
static bool
is_over(struct remote *r)
{
	if (ssh_channel_is_closed(r->channel))
		return true;
	return ssh_channel_is_eof(r->channel) != 0 &&
	    ssh_channel_get_exit_status(r->channel) != -1;
}

/*
 * Until the command has ended and everything was read, or the output is
 * complete.
 */
static int
transfer(struct remote *r, struct err *e)
{
	bool moved;

	for (;;) {
		moved = false;
		if (send_input(r, &moved, e) == -1 ||
		    take_stream(r, false, &moved, e) == -1 ||
		    take_stream(r, true, &moved, e) == -1)
			return -1;
		if (r->complete)
			return 0;
		if (moved && !is_late(r))
			continue;
		if (is_over(r))
			return ssh_is_connected(r->s->ssh) ? 0 : lost(r, e);
		if (session_wait(r->s, r->deadline_ticks, e) == -1)
			return -1;
	}
}

static int
start(struct remote *r, const char *command, struct err *e)
{
	if (open_channel(r, e) == -1)
		return -1;
	return request_command(r, command, e);
}

/* Input and output of r->c; *status is -1 when the command goes on. */
static int
converse(struct remote *r, int *status, struct err *e)
{
	*status = -1;
	if (transfer(r, e) == -1)
		return -1;
	if (r->complete)
		return 0;
	*status = ssh_channel_get_exit_status(r->channel);
	if (*status == -1)
		return err_set(e, ERR_IO,
		    "the command ended without an exit status");
	return 0;
}

static void
fill_result(struct remote_result *result, const struct remote *r, int status)
{
	if (result == NULL)
		return;
	result->status = status;
	str_visible(result->errors, sizeof(result->errors), r->errors,
	    r->errors_len);
}

int
remote_exec(struct session *s, const struct remote_command *c,
    int64_t deadline_ticks, struct remote_result *result, struct err *e)
{
	struct remote r = { .s = s, .c = c, .deadline_ticks = deadline_ticks };
	int status = -1;
	int rc;

	rc = start(&r, c->command, e);
	if (rc == 0)
		rc = converse(&r, &status, e);
	fill_result(result, &r, status);
	if (r.channel != NULL)
		ssh_channel_free(r.channel);
	return rc;
}

struct remote *
remote_start(struct session *s, const char *command, int64_t deadline_ticks,
    struct err *e)
{
	struct remote *r = mem_alloc(sizeof(*r));

	r->s = s;
	r->goes_on = true;
	r->deadline_ticks = deadline_ticks;
	if (start(r, command, e) == 0)
		return r;
	remote_end(r);
	return NULL;
}

int
remote_ask(struct remote *r, const struct remote_command *c,
    int64_t deadline_ticks, struct remote_result *result, struct err *e)
{
	int status;
	int rc;

	r->c = c;
	r->deadline_ticks = deadline_ticks;
	r->complete = false;
	r->sent = 0;
	r->input_ended = false;
	r->errors_len = 0;
	rc = converse(r, &status, e);
	fill_result(result, r, status);
	return rc;
}

bool
remote_is_quiet(struct remote *r)
{
	/* 0: nothing has come; else bytes, the end of file or an error */
	return ssh_channel_poll(r->channel, 0) == 0 &&
	    ssh_channel_poll(r->channel, 1) == 0 &&
	    !ssh_channel_is_closed(r->channel) && ssh_is_connected(r->s->ssh);
}

void
remote_end(struct remote *r)
{
	if (r == NULL)
		return;
	if (r->channel != NULL)
		ssh_channel_free(r->channel);
	free(r);
}
