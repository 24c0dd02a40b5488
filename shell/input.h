/*
 * Keys as they come in: one at a time, with type-ahead kept, CR, LF and
 * CR LF each counted as one Enter, and an end to waiting.
 */
#ifndef SHELL_INPUT_H
#define SHELL_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_SIZE 4096

/* What input_key() returns besides bytes. */
enum input_event {
	INPUT_END = -1, /* end of file, or an error */
	INPUT_INTERRUPT = -2, /* Ctrl-C; type-ahead is gone */
	INPUT_IDLE = -3, /* nothing typed for too long */
	INPUT_HANGUP = -4 /* the session is to end */
};

struct input {
	int fd;
	int64_t idle_ms; /* 0: wait for ever */
	uint8_t buf[INPUT_SIZE];
	size_t off;
	size_t len;
	bool cr; /* the last byte was CR */
	bool cr_last; /* … and nothing had come behind it yet */
	int64_t cr_ticks; /* when that was */
	void (*woken)(void); /* after any other signal; may be NULL */
	/* Once when nothing has been typed for a second; may be NULL. */
	void (*pause)(void *self);
	void *pause_self;
};

void input_init(struct input *in, int fd, int64_t idle_ms);

/* The next byte, '\n' for Enter, or an event. */
int input_key(struct input *in);

/* True when input_key() would not wait. */
bool input_ready(const struct input *in);

/* The next byte if it has been read already, as it came; else -1. */
int input_peek(const struct input *in);

#endif
