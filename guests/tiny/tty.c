// SPDX-License-Identifier: GPL-2.0
/*
 * Lines from the keyboard: echo, backspace, control-U, control-C.
 */
#include "tiny.h"

#define RING_SIZE	1024
#define CTRL(c)		((c) & 0x1f)
#define DELETE		0x7f

/* Free-running counts: read <= line <= end; what is before line is whole. */
static char ring[RING_SIZE];
static u32 read_at, line_at, end_at;

u32 foreground;

static void echo(const char *text)
{
	console_write(text, strlen(text));
}

static void erase(void)
{
	if (end_at == line_at)
		return;
	end_at--;
	echo("\b \b");
}

static void put(char c)
{
	/* The last place is kept for the end of the line. */
	if (c != '\n' && end_at - read_at >= RING_SIZE - 1)
		return;
	ring[end_at++ % RING_SIZE] = c;
	console_write(&ring[(end_at - 1) % RING_SIZE], 1);
	if (c != '\n')
		return;
	line_at = end_at;
	wake(ring);
}

static void type(char c)
{
	switch (c) {
	case '\b':
	case DELETE:
		erase();
		break;
	case CTRL('U'):
		while (end_at != line_at)
			erase();
		break;
	case CTRL('C'):
		echo("^C\n");
		end_at = line_at;
		if (foreground)
			proc_kill(foreground);
		break;
	case '\r':
	case '\n':
		put('\n');
		break;
	default:
		if (c == '\t' || c >= ' ')
			put(c);
	}
}

/*
 * One line at a time: what was typed ahead is taken, and echoed, when it is
 * read, so that it stands after its prompt.  Called with interrupts off.
 */
static size_t take(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && line_at == read_at; i++)
		type(text[i]);
	return i;
}

/*
 * The first reader opens the keyboard: what was typed before that is then
 * echoed in its place.
 */
static void listen(void)
{
	static bool listening;

	if (listening) {
		console_input_more();
	} else {
		listening = true;
		console_input(take);
	}
}

/* At most one line; fewer bytes if the process is to die. */
int tty_read(void *buf, u32 len)
{
	char *to = buf;
	u32 i;

	listen();
	while (read_at == line_at) {
		if (current->killed)
			return 0;
		sleep_on(ring);
	}
	for (i = 0; i < len && read_at != line_at; ) {
		to[i] = ring[read_at++ % RING_SIZE];
		if (to[i++] == '\n')
			break;
	}
	return i;
}

/* The console wants memory of the linear map, and this is not. */
void tty_write(const void *buf, u32 len)
{
	static char text[256];
	u32 part;

	for (; len; len -= part, buf += part) {
		part = min(len, sizeof(text));
		memcpy(text, buf, part);
		console_write(text, part);
	}
}
