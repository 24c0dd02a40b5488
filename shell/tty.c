#include "shell/tty.h"

#include <string.h>
#include <unistd.h>

int
tty_enter(struct tty *t, int fd)
{
	struct termios raw;

	memset(t, 0, sizeof(*t));
	t->fd = fd;
	if (tcgetattr(fd, &t->before) == -1)
		return -1;
	raw = t->before;
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	raw.c_oflag |= OPOST | ONLCR;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	raw.c_lflag |= ISIG;
	raw.c_cc[VINTR] = 0x03;
	raw.c_cc[VQUIT] = _POSIX_VDISABLE;
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	/* TCSADRAIN keeps what has been typed already. */
	if (tcsetattr(fd, TCSADRAIN, &raw) == -1)
		return -1;
	t->changed = true;
	return 0;
}

void
tty_leave(struct tty *t)
{
	if (t->changed)
		(void)tcsetattr(t->fd, TCSADRAIN, &t->before);
	t->changed = false;
}
