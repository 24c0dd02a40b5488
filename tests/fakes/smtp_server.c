#include "tests/fakes/smtp_server.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"

#define LINE_SIZE 2048
#define PATIENCE_MS 30000

static void
note(struct smtp_server *s, const char *line)
{
	size_t n = strlen(line);

	(void)pthread_mutex_lock(&s->lock);
	if (s->len + n < sizeof(s->taken)) {
		memcpy(s->taken + s->len, line, n);
		s->len += n;
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static void
say(int fd, const char *text)
{
	(void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* A line with its end, byte by byte; false at the end. */
static bool
take_line(struct smtp_server *s, int fd, char line[LINE_SIZE])
{
	size_t n = 0;

	while (n < LINE_SIZE - 1 && (n == 0 || line[n - 1] != '\n')) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (poll(&p, 1, PATIENCE_MS) != 1 || read(fd, line + n, 1) != 1)
			return false;
		n++;
	}
	line[n] = '\0';
	note(s, line);
	return true;
}

/* The lines of the message, to the lone dot. */
static bool
take_message(struct smtp_server *s, int fd, enum smtp_mode mode)
{
	char line[LINE_SIZE];

	say(fd, "354 go on\r\n");
	while (take_line(s, fd, line)) {
		if (mode == SMTP_HANG_UP)
			return false;
		if (str_equal(line, ".\r\n")) {
			atomic_fetch_add(&s->messages, 1);
			say(fd, "250 taken\r\n");
			return true;
		}
	}
	return false;
}

static void
serve(struct smtp_server *s, int fd, enum smtp_mode mode)
{
	char line[LINE_SIZE];

	if (mode != SMTP_SILENT)
		say(fd, "220 fake ESMTP\r\n");
	while (take_line(s, fd, line)) {
		if (str_starts(line, "EHLO"))
			say(fd, "250-fake\r\n250 8BITMIME\r\n");
		else if (mode == SMTP_REFUSE && str_starts(line, "RCPT"))
			say(fd, "550 no such user\r\n");
		else if (str_starts(line, "QUIT"))
			say(fd, "221 bye\r\n");
		else if (!str_starts(line, "DATA"))
			say(fd, "250 ok\r\n");
		else if (!take_message(s, fd, mode))
			break;
	}
}

static void *
run(void *arg)
{
	struct smtp_server *s = arg;
	int fd;

	while ((fd = accept(s->fd, NULL, NULL)) != -1) {
		atomic_fetch_add(&s->connections, 1);
		serve(s, fd, (enum smtp_mode)s->mode);
		(void)close(fd);
	}
	return NULL;
}

void
smtp_server_start(struct smtp_server *s, enum smtp_mode mode)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(in);

	memset(s, 0, sizeof(*s));
	s->mode = (int)mode;
	assert_int_equal(pthread_mutex_init(&s->lock, NULL), 0);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(s->fd != -1);
	assert_int_equal(bind(s->fd, (const struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(s->fd, 16), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&in, &len), 0);
	s->port = ntohs(in.sin_port);
	assert_int_equal(pthread_create(&s->thread, NULL, run, s), 0);
}

void
smtp_server_stop(struct smtp_server *s)
{
	/* accept() returns; a client must have gone before. */
	(void)shutdown(s->fd, SHUT_RDWR);
	(void)pthread_join(s->thread, NULL);
	(void)close(s->fd);
	(void)pthread_mutex_destroy(&s->lock);
}

char *
smtp_server_take(struct smtp_server *s)
{
	char *text;

	(void)pthread_mutex_lock(&s->lock);
	text = mem_strndup(s->taken, s->len);
	s->len = 0;
	(void)pthread_mutex_unlock(&s->lock);
	return text;
}
