/* ppoll(), so that no signal is missed between asking and waiting. */
#define _GNU_SOURCE

#include "shell/input.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "shell/signals.h"

#define CR_LF_MS 100 /* between the halves of a CR LF that came apart */
#define PAUSE_MS 1000

void
input_init(struct input *in, int fd, int64_t idle_ms)
{
	memset(in, 0, sizeof(*in));
	in->fd = fd;
	in->idle_ms = idle_ms;
}

/* An event that a signal has brought; 0: none. */
static int
event_of_signals(struct input *in)
{
	if (signals_ended())
		return INPUT_HANGUP;
	if (signals_interrupted()) {
		signals_clear();
		in->off = in->len = 0;
		in->cr = false;
		return INPUT_INTERRUPT;
	}
	return 0;
}

/* ppoll() up to a time of clock_ticks(); 0: for ever. */
static int
poll_until(const struct input *in, int64_t until, const sigset_t *open)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };
	struct timespec ts;
	int64_t left;

	if (until == 0)
		return ppoll(&p, 1, NULL, open);
	left = until - clock_ticks();
	if (left < 0)
		left = 0;
	ts.tv_sec = (time_t)(left / 1000);
	ts.tv_nsec = (long)(left % 1000) * 1000000L;
	return ppoll(&p, 1, &ts, open);
}

/* Wait for input with our signals let in only here.  As ppoll(). */
static int
wait_readable(const struct input *in, int64_t until, const sigset_t *open)
{
	int64_t soon = clock_ticks() + PAUSE_MS;
	int rc;

	if (in->pause == NULL || (until != 0 && until < soon))
		return poll_until(in, until, open);
	rc = poll_until(in, soon, open);
	if (rc != 0)
		return rc;
	in->pause(in->pause_self);
	return poll_until(in, until, open);
}

/*
 * A signal that came while input did is taken first, or what was typed
 * behind Ctrl-C would go with what was typed before it.  True if there was
 * one.
 */
static bool
let_signals_in(const sigset_t *held, const sigset_t *open)
{
	sigset_t waiting;

	sigemptyset(&waiting);
	(void)sigpending(&waiting);
	if (!sigismember(&waiting, SIGINT) && !sigismember(&waiting, SIGHUP) &&
	    !sigismember(&waiting, SIGTERM))
		return false;
	(void)sigprocmask(SIG_SETMASK, open, NULL);
	(void)sigprocmask(SIG_BLOCK, held, NULL);
	return true;
}

/* Fill the empty buffer: 0, or an event. */
static int
fill(struct input *in)
{
	int64_t until = in->idle_ms == 0 ? 0 : clock_ticks() + in->idle_ms;
	sigset_t held, open;
	int event;
	ssize_t got;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGHUP);
	sigaddset(&held, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &held, &open);
	for (;;) {
		int n;

		event = event_of_signals(in);
		if (event != 0)
			break;
		n = wait_readable(in, until, &open);
		if (n == 0)
			event = INPUT_IDLE;
		else if (n == -1 && errno == EINTR && in->woken != NULL)
			in->woken();
		else if (n == -1 && errno != EINTR)
			event = INPUT_END;
		if (event == 0 && (n <= 0 || let_signals_in(&held, &open)))
			continue;
		if (event != 0)
			break;
		got = read(in->fd, in->buf, sizeof(in->buf));
		if (got == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		in->off = 0;
		in->len = got > 0 ? (size_t)got : 0;
		event = got > 0 ? 0 : INPUT_END;
		break;
	}
	(void)sigprocmask(SIG_SETMASK, &open, NULL);
	return event;
}

/*
 * Is the LF just taken the second half of a CR LF?  It is when it came with
 * the CR, or soon after; one that comes later is an Enter of its own.
 */
static bool
belongs_to_cr(struct input *in)
{
	bool belongs =
	    in->cr && (!in->cr_last || clock_ticks() - in->cr_ticks < CR_LF_MS);

	in->cr = false;
	return belongs;
}

int
input_key(struct input *in)
{
	for (;;) {
		uint8_t c;
		int event;

		event = event_of_signals(in);
		if (event == 0 && in->off == in->len)
			event = fill(in);
		if (event != 0)
			return event;
		c = in->buf[in->off];
		in->buf[in->off++] = 0; /* it may be part of a secret */
		if (c == '\n' && belongs_to_cr(in))
			continue;
		in->cr = c == '\r';
		in->cr_last = in->cr && in->off == in->len;
		in->cr_ticks = in->cr_last ? clock_ticks() : 0;
		return c == '\r' ? '\n' : c;
	}
}

bool
input_ready(const struct input *in)
{
	struct pollfd p = { .fd = in->fd, .events = POLLIN };

	return in->off < in->len || poll(&p, 1, 0) > 0;
}

int
input_peek(const struct input *in)
{
	return in->off < in->len ? in->buf[in->off] : -1;
}
