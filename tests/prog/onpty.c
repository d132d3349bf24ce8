// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command on a terminal of its own, as a user would: waits for what it
 * says, types, and in the end tells whether the terminal is as it was.
 *
 *	usage: onpty [EXPECT TYPE]... -- COMMAND [ARGUMENT]...
 *
 * Each EXPECT is a text that must appear (after the one before it); then TYPE
 * is typed, or, if it is !NUMBER, that signal is sent, or, if it is !raw, raw mode
 * is waited for, or, if it is !ROWSxCOLUMNS, the terminal gets that size.  In both,
 * ^A to ^Z mean control keys.  Everything that the command says is passed on.  The last
 * line is "terminal: restored" or "terminal: changed"; the exit status is that of the
 * command, or 128 and the number of the signal that killed it.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define TRANSCRIPT_MAX	(1 << 20)

static char said[TRANSCRIPT_MAX + 1];
static size_t said_len, seen;
static int terminal;
static pid_t child;

static void fail(const char *what)
{
	printf("onpty: %s: %s\n", what, strerror(errno));
	exit(125);
}

static int open_terminal(void)
{
	int slave;

	terminal = posix_openpt(O_RDWR | O_NOCTTY);
	if (terminal < 0 || grantpt(terminal) < 0 || unlockpt(terminal) < 0)
		fail("cannot make a terminal");
	slave = open(ptsname(terminal), O_RDWR | O_NOCTTY);
	if (slave < 0)
		fail("cannot open the terminal");
	return slave;
}

static void start(int slave, char **command)
{
	child = fork();
	if (child < 0)
		fail("fork");
	if (child)
		return;
	setsid();
	ioctl(slave, TIOCSCTTY, 0);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	execvp(command[0], command);
	fail(command[0]);
}

/* Passes on what the command says; 0 when nothing comes for @ms. */
static int listen_for(int ms)
{
	struct pollfd p = { .fd = terminal, .events = POLLIN };
	ssize_t n;

	if (poll(&p, 1, ms) <= 0 || said_len == TRANSCRIPT_MAX)
		return 0;
	n = read(terminal, said + said_len, TRANSCRIPT_MAX - said_len);
	if (n <= 0)
		return 0;
	if (write(STDOUT_FILENO, said + said_len, n) != n)
		fail("write");
	said_len += n;
	return 1;
}

/* In place. */
static char *control_keys(char *text)
{
	char *from = text, *to = text;

	while (*from) {
		if (from[0] == '^' && from[1])
			*to++ = *++from & 0x1f;
		else
			*to++ = *from;
		from++;
	}
	*to = '\0';
	return text;
}

static void expect(const char *text)
{
	char *at;

	while (!(at = strstr(said + seen, text))) {
		if (!listen_for(20000)) {
			printf("\nonpty: no '%s' came\n", text);
			kill(child, SIGKILL);
			exit(125);
		}
	}
	seen = at - said + strlen(text);
}

static void wait_for_raw(void)
{
	struct termios now;
	int i;

	for (i = 0; i < 2000 && !tcgetattr(terminal, &now) && now.c_lflag & ICANON; i++)
		listen_for(10);
}

static int resize(const char *text)
{
	struct winsize size = { 0 };

	return sscanf(text, "!%hux%hu", &size.ws_row, &size.ws_col) == 2 &&
	       !ioctl(terminal, TIOCSWINSZ, &size);
}

static void type(const char *text)
{
	if (resize(text))
		return;
	if (!strcmp(text, "!raw")) {
		wait_for_raw();
		return;
	}
	if (text[0] == '!') {
		kill(child, atoi(text + 1));
		return;
	}
	for (; *text; text++) {
		/* One at a time, as a finger would. */
		if (write(terminal, text, 1) != 1)
			fail("cannot type");
		listen_for(30);
	}
}

int main(int argc, char **argv)
{
	struct termios before, after;
	int slave = open_terminal();
	int i, first, status;

	for (first = 1; first < argc && strcmp(argv[first], "--"); first++)
		;
	if (first + 1 >= argc || first % 2 == 0) {
		fputs("usage: onpty [EXPECT TYPE]... -- COMMAND [ARGUMENT]...\n", stderr);
		return 125;
	}
	tcgetattr(slave, &before);
	start(slave, argv + first + 1);
	for (i = 1; i < first; i += 2) {
		expect(control_keys(argv[i]));
		type(control_keys(argv[i + 1]));
	}
	for (i = 0; waitpid(child, &status, WNOHANG) == 0; i++) {
		listen_for(100);
		if (i == 200) {
			printf("\nonpty: it does not end\n");
			kill(child, SIGKILL);
		}
	}
	while (listen_for(0))
		;
	tcgetattr(slave, &after);
	printf("\nterminal: %s\n", after.c_iflag == before.c_iflag &&
	       after.c_lflag == before.c_lflag && after.c_oflag == before.c_oflag &&
	       after.c_cflag == before.c_cflag ? "restored" : "changed");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
