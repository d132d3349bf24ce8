// SPDX-License-Identifier: GPL-2.0
/*
 * The user's terminal: raw while a guest has it, as it was whenever the
 * launcher ends or is stopped, however that comes about.  What signals.c
 * calls from its handlers uses nothing that a handler may not.
 */
#include <errno.h>
#include <stdlib.h>
#include <termios.h>

#include "launcher.h"

static int raw_fd = -1;
static struct termios before;
static struct termios raw;

/*
 * Every key goes to the guest, which does its own echo and line editing.
 * Output is left as it was, so that messages of the launcher and of guests
 * that end lines with \n alone are readable.
 */
void terminal_raw(int fd)
{
	if (tcgetattr(fd, &before) < 0)
		return;
	raw = before;
	raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	raw.c_lflag &= ~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag = (raw.c_cflag & ~(CSIZE | PARENB)) | CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	raw_fd = fd;
	atexit(terminal_restore);
	terminal_again();
}

/* After the launcher was stopped and continued. */
void terminal_again(void)
{
	int saved = errno;

	if (raw_fd >= 0)
		tcsetattr(raw_fd, TCSANOW, &raw);
	errno = saved;
}

void terminal_restore(void)
{
	int saved = errno;

	if (raw_fd >= 0)
		tcsetattr(raw_fd, TCSANOW, &before);
	errno = saved;
}
