/*
 * An SMTP server on a free port of 127.0.0.1, in a thread of the test
 * program, that takes down what it is told.
 */
#ifndef FAKES_SMTP_SERVER_H
#define FAKES_SMTP_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum smtp_mode {
	SMTP_TAKE, /* everything */
	SMTP_REFUSE, /* every address */
	SMTP_SILENT, /* accept the connection, then say nothing */
	SMTP_HANG_UP /* in the middle of the message */
};

#define SMTP_TAKEN_MAX 65536

struct smtp_server {
	int fd;
	uint16_t port;
	_Atomic int mode; /* enum smtp_mode; for the next connection */
	atomic_uint connections;
	atomic_uint messages; /* taken to their end */
	pthread_t thread;
	pthread_mutex_t lock; /* of taken */
	char taken[SMTP_TAKEN_MAX]; /* all lines of the client, CR LF */
	size_t len;
};

/* Listen; a failure ends the test.  s must stay where it is. */
void smtp_server_start(struct smtp_server *s, enum smtp_mode mode);
void smtp_server_stop(struct smtp_server *s);

/* A copy of what was taken so far, and forget it; free it. */
char *smtp_server_take(struct smtp_server *s);

#endif
