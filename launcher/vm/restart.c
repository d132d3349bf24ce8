// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that restarts gets what a machine would give it: everything anew.  So
 * the launcher becomes itself again, with the arguments that it was given, or
 * ends for supervise.c to start the next one.
 *
 * What the next one inherits is that it is not the first, and a pipe with input
 * that was for the guest but has not reached it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "launcher.h"

#define SELF		"/proc/self/exe"
#define VARIABLE	"LGUEST_RESTART"	/* the pipe, through exec() */

static char **arguments;
static int pipe_fds[2] = { -1, -1 };
static bool again;

static bool is_pipe(int fd)
{
	struct stat st;

	return fd > STDERR_FILENO && !fstat(fd, &st) && S_ISFIFO(st.st_mode);
}

/* Through exec(), or not. */
static void pass_on(bool on)
{
	fcntl(pipe_fds[0], F_SETFD, on ? 0 : FD_CLOEXEC);
	fcntl(pipe_fds[1], F_SETFD, on ? 0 : FD_CLOEXEC);
}

/* From the launcher that this process was. */
static void inherit(void)
{
	const char *text = getenv(VARIABLE);
	int fds[2];

	if (!text)
		return;
	again = true;
	if (sscanf(text, "%d,%d", &fds[0], &fds[1]) == 2 && is_pipe(fds[0]) && is_pipe(fds[1])) {
		memcpy(pipe_fds, fds, sizeof(fds));
		pass_on(false);
	}
	unsetenv(VARIABLE);
}

/**
 * restart_remember - keep the arguments
 * @argc: their number
 * @argv: they; reading options changes their order
 */
void restart_remember(int argc, char **argv)
{
	free(arguments);
	arguments = calloc(argc + 1, sizeof(*arguments));
	if (!arguments)
		give_up("%s", strerror(errno));
	memcpy(arguments, argv, argc * sizeof(*arguments));
	inherit();
}

/** restart_prepare() - the guest may restart: make what will be inherited */
void restart_prepare(void)
{
	if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
		give_up("cannot make a pipe: %s", strerror(errno));
}

/** restart_happens() - the next launcher is not the first */
void restart_happens(void)
{
	again = true;
}

/** restart_is() - did the guest run before? */
bool restart_is(void)
{
	return again;
}

/**
 * restart_keep() - keep input for the next launcher, if there will be one
 * @input: it
 * @len: of it; less than a pipe has room for
 */
void restart_keep(const void *input, size_t len)
{
	if (pipe_fds[1] >= 0 && len && write(pipe_fds[1], input, len) < (ssize_t)len)
		complain("some input is lost");
}

/**
 * restart_kept() - get what the last launcher has kept
 * @input: where to
 * @len: room there
 *
 * Return: how much it is.
 */
size_t restart_kept(void *input, size_t len)
{
	ssize_t n = again && pipe_fds[0] >= 0 ? read(pipe_fds[0], input, len) : 0;

	return n > 0 ? n : 0;
}

/**
 * restart_now - start all over; all is closed that must not stay open
 *
 * What the launcher ignored for its own sake, the next one must not take for
 * the user's wish.
 */
void restart_now(void)
{
	char text[32];

	signal(SIGPIPE, SIG_DFL);
	snprintf(text, sizeof(text), "%d,%d", pipe_fds[0], pipe_fds[1]);
	setenv(VARIABLE, text, 1);
	pass_on(true);
	execv(SELF, arguments);
	give_up("the guest wants to restart, but " SELF ": %s", strerror(errno));
}
