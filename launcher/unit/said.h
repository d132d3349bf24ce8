/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of what a launcher says when it gives up: it does so in a child.
 */
#ifndef LAUNCHER_UNIT_SAID_H
#define LAUNCHER_UNIT_SAID_H

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static char said[4096];		/* on standard error */

/* How a process ends that does @act, as wait() tells it; what it says is in said[]. */
static inline int end_of(void (*act)(void))
{
	size_t done = 0;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		act();
		_exit(0);
	}
	close(fds[1]);
	while ((n = read(fds[0], said + done, sizeof(said) - 1 - done)) > 0)
		done += n;
	said[done] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return status;
}

/* What this process says while it does @act is in said[], if it is less than a pipe has. */
static inline void listen_to(void (*act)(void))
{
	const int err = dup(STDERR_FILENO);
	ssize_t n = 0;
	int fds[2];

	if (!pipe2(fds, O_CLOEXEC | O_NONBLOCK)) {
		dup2(fds[1], STDERR_FILENO);
		close(fds[1]);
		act();
		dup2(err, STDERR_FILENO);
		n = read(fds[0], said, sizeof(said) - 1);
		close(fds[0]);
	}
	said[n > 0 ? n : 0] = '\0';
	close(err);
}

#endif /* LAUNCHER_UNIT_SAID_H */
