#include "node/passwords.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/str.h"

#define TEXT_MAX 4096

static const char *const kind_names[PASSWORD_KINDS] = {
	[PASSWORD_ADMIN] = "admin",
	[PASSWORD_CCM] = "ccm",
	[PASSWORD_SECURITY] = "security",
};

void
passwords_release(struct passwords *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < PASSWORD_KINDS; i++)
		secret_release(&p->of[i]);
}

int
passwords_check(const struct secret *s, struct err *e)
{
	if (s->text == NULL || s->len < PASSWORD_LENGTH_MIN ||
	    s->len > PASSWORD_LENGTH_MAX)
		return err_set(e, ERR_USAGE,
		    "a password has %d to %d characters", PASSWORD_LENGTH_MIN,
		    PASSWORD_LENGTH_MAX);
	for (size_t i = 0; i < s->len; i++)
		if (s->text[i] < ' ' || s->text[i] > '~')
			return err_set(e, ERR_USAGE,
			    "a password has printable ASCII characters only");
	return 0;
}

static int
kind_of(const char *name, size_t n)
{
	for (int i = 0; i < PASSWORD_KINDS; i++)
		if (strlen(kind_names[i]) == n &&
		    strncmp(kind_names[i], name, n) == 0)
			return i;
	return -1;
}

/* One line, without its newline. */
static int
parse_line(struct passwords *p, const char *line, size_t len, struct err *e)
{
	const char *equals = memchr(line, '=', len);
	const char *value;
	size_t n;
	int kind;

	if (len == 0 || line[0] == '#')
		return 0;
	if (equals == NULL)
		return err_set(e, ERR_FORMAT, "not \"KIND = PASSWORD\"");
	n = (size_t)(equals - line);
	while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
		n--;
	kind = kind_of(line, n);
	if (kind == -1)
		return err_set(e, ERR_FORMAT,
		    "a kind is one of admin, ccm, security");
	if (p->of[kind].text != NULL)
		return err_set(e, ERR_FORMAT, "%s: given twice",
		    kind_names[kind]);
	value = equals + 1;
	while (value < line + len && (*value == ' ' || *value == '\t'))
		value++;
	secret_set(&p->of[kind], value, (size_t)(line + len - value));
	if (passwords_check(&p->of[kind], e) == -1)
		return err_wrap(e, "%s", kind_names[kind]);
	return 0;
}

int
passwords_parse(struct passwords *p, const char *text, struct err *e)
{
	unsigned number = 1;

	for (const char *s = text; *s != '\0'; number++) {
		size_t len = strcspn(s, "\n");

		if (parse_line(p, s, len, e) == -1)
			return err_wrap(e, "line %u", number);
		s += len;
		if (*s == '\n')
			s++;
	}
	return 0;
}

/* Read to the end, at most size - 1 bytes; -1 when there are more. */
static int
read_text(int fd, char *dst, size_t size, struct err *e)
{
	size_t len = 0;

	for (;;) {
		ssize_t n = read(fd, dst + len, size - len);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return err_errno(e, "read");
		if (n == 0)
			break;
		len += (size_t)n;
		if (len == size)
			return err_set(e, ERR_TOO_BIG, "over %zu bytes",
			    size - 1);
	}
	if (memchr(dst, '\0', len) != NULL)
		return err_set(e, ERR_FORMAT, "not a text");
	dst[len] = '\0';
	return 0;
}

static int
open_private(const char *path, struct err *e)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd == -1)
		return err_errno(e, "open");
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077) == 0)
		return fd;
	close(fd);
	(void)err_set(e, ERR_DENIED,
	    "not a file that its owner alone may read");
	return err_hint(e, "chmod 600 %s", path);
}

int
passwords_load(struct passwords *p, const char *path, struct err *e)
{
	bool standard = str_equal(path, "-");
	char text[TEXT_MAX];
	int fd;
	int rc = -1;

	fd = standard ? STDIN_FILENO : open_private(path, e);
	if (fd != -1 && read_text(fd, text, sizeof(text), e) == 0)
		rc = passwords_parse(p, text, e);
	if (fd != -1 && !standard)
		close(fd);
	mem_wipe(text, sizeof(text));
	if (rc == -1)
		return err_wrap(e, "%s", standard ? "standard input" : path);
	return 0;
}

int
passwords_read_fd(struct secret *out, int fd, struct err *e)
{
	char text[TEXT_MAX];
	int rc;

	rc = read_text(fd, text, sizeof(text), e);
	if (rc == 0) {
		secret_set(out, text, strcspn(text, "\r\n"));
		rc = passwords_check(out, e);
		if (rc == -1)
			secret_release(out);
	}
	mem_wipe(text, sizeof(text));
	if (rc == -1)
		return err_wrap(e, "descriptor %d", fd);
	return 0;
}

/* Set by a signal while the terminal does not echo. */
static volatile sig_atomic_t interrupted;

static void
on_signal(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* Let these signals end read() instead of the program, or give them back. */
static void
catch_signals(bool yes, struct sigaction old[3])
{
	static const int signals[3] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	interrupted = 0;
	for (size_t i = 0; i < 3; i++)
		(void)sigaction(signals[i], yes ? &sa : &old[i],
		    yes ? &old[i] : NULL);
}

/* One line of the terminal without echo; the prompt is printed there. */
static int
ask_once(int tty, const char *prompt, struct secret *out, struct err *e)
{
	struct sigaction signals[3];
	struct termios old;
	struct termios quiet;
	char line[PASSWORD_LENGTH_MAX + 2];
	bool cancelled;
	ssize_t n;

	if (tcgetattr(tty, &old) == -1)
		return err_errno(e, "/dev/tty");
	quiet = old;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= ICANON;
	catch_signals(true, signals);
	(void)tcsetattr(tty, TCSAFLUSH, &quiet);
	(void)dprintf(tty, "%s: ", prompt);
	n = read(tty, line, sizeof(line));
	(void)tcsetattr(tty, TCSAFLUSH, &old);
	(void)dprintf(tty, "\n");
	cancelled = n == -1 && interrupted != 0;
	catch_signals(false, signals);
	if (cancelled)
		return err_set(e, ERR_CANCELLED, "interrupted");
	if (n > 0 && line[n - 1] == '\n')
		n--;
	secret_set(out, line, n < 0 ? 0 : (size_t)n);
	mem_wipe(line, sizeof(line));
	return 0;
}

int
passwords_ask(struct secret *out, const char *what, struct err *e)
{
	struct secret again = { .text = NULL, .len = 0 };
	char prompt[128];
	int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	int rc = -1;

	secret_set(out, "", 0);
	if (tty == -1) {
		(void)err_set(e, ERR_USAGE,
		    "%s: not given, and no terminal to ask on", what);
		(void)err_hint(e, "use --passwords-file");
		goto out;
	}
	(void)str_printf(prompt, sizeof(prompt), "%s", what);
	secret_release(out);
	if (ask_once(tty, prompt, out, e) == -1 ||
	    passwords_check(out, e) == -1)
		goto out;
	(void)str_printf(prompt, sizeof(prompt), "%s, again", what);
	if (ask_once(tty, prompt, &again, e) == -1)
		goto out;
	if (str_equal(out->text, again.text))
		rc = 0;
	else
		(void)err_set(e, ERR_USAGE, "the two passwords differ");
out:
	if (tty != -1)
		close(tty);
	secret_release(&again);
	if (rc == -1)
		secret_release(out);
	return rc;
}

int
passwords_need(struct passwords *p, enum password_kind kind, const char *what,
    struct err *e)
{
	if (p->of[kind].text != NULL)
		return 0;
	return passwords_ask(&p->of[kind], what, e);
}
