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

#include "base.h"
#include "ends.h"
#include "restart.h"

#define SELF		"/proc/self/exe"
#define VARIABLE	"LGUEST_RESTART"	/* the pipe and so on, through exec() */
#define SHORT_MS	10000

static char **arguments;
static int pipe_fds[2] = { -1, -1 };
static bool again;
static unsigned int short_lives;	/* of the guest, one after the other */
static __u64 born;			/* ms: when this one began */

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
	unsigned long long deadline;
	unsigned int lives;
	int fds[2], nr;

	born = clock_ms();
	if (!text)
		return;
	again = true;
	nr = sscanf(text, "%d,%d,%u,%llu", &fds[0], &fds[1], &lives, &deadline);
	if (nr == 4) {
		short_lives = lives;
		deadline_set(deadline);
	}
	if (nr >= 2 && is_pipe(fds[0]) && is_pipe(fds[1])) {
		memcpy(pipe_fds, fds, sizeof(fds));
		pass_on(false);
	}
	unsetenv(VARIABLE);
}

/**
 * restart_remember - keep the arguments
 * @argc: their number
 * @argv: they; reading options changes their order
 *
 * Return: false, see failure(), if there is no memory for them.
 */
bool restart_remember(int argc, char **argv)
{
	free(arguments);
	arguments = calloc(argc + 1, sizeof(*arguments));
	if (!arguments)
		return failure("%s", strerror(errno));
	memcpy(arguments, argv, argc * sizeof(*arguments));
	inherit();
	return true;
}

/**
 * restart_prepare() - the guest may restart: make what will be inherited
 *
 * Return: false, see failure(), if that cannot be.
 */
bool restart_prepare(void)
{
	return pipe_fds[0] >= 0 || !pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) ||
	       failure("cannot make a pipe: %s", strerror(errno));
}

/* Has the guest not come far? */
static bool is_short(void)
{
	return clock_ms() - born < SHORT_MS;
}

/** restart_happens() - the next launcher is not the first */
void restart_happens(void)
{
	again = true;
	short_lives = is_short() ? short_lives + 1 : 0;
	born = clock_ms();
}

/** restart_storm() - has it restarted too often already?  @limit: 0: never */
bool restart_storm(unsigned int limit)
{
	return limit && is_short() && short_lives >= limit;
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
 *
 * Return: false, see failure(); otherwise it does not return.
 */
bool restart_now(void)
{
	char text[64];

	deadline_stop();
	signal(SIGPIPE, SIG_DFL);
	restart_happens();
	snprintf(text, sizeof(text), "%d,%d,%u,%llu", pipe_fds[0], pipe_fds[1], short_lives,
		 (unsigned long long)deadline_at());
	setenv(VARIABLE, text, 1);
	pass_on(true);
	execv(SELF, arguments);
	return failure("the guest wants to restart, but " SELF ": %s", strerror(errno));
}
