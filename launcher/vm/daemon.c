// SPDX-License-Identifier: GPL-2.0
/*
 * --daemon: the process that the user has started waits until the guest runs, and ends
 * with status 0; or until that fails, with the status of what failed, whose messages
 * are seen as always.  The launcher is a session of its own meanwhile, and when the
 * guest runs, it has no standard streams any more.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "daemon.h"

static int ready_fd = -1;	/* the one who waits has the other end */

/* It ends as the one does for whom it waits, unless that stays. */
static noreturn void wait_for(pid_t pid, int fd)
{
	int status = 0;
	ssize_t n;
	char byte;

	do {
		n = read(fd, &byte, 1);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		_exit(STATUS_POWER_OFF);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/**
 * daemon_fork() - go on in a process of a session of its own
 *
 * Return: false, see failure(), if there can be none.
 */
bool daemon_fork(void)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return failure("cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return failure("cannot make a process: %s", strerror(errno));
	}
	if (pid) {
		close(fds[1]);
		wait_for(pid, fds[0]);
	}
	close(fds[0]);
	ready_fd = fds[1];
	setsid();
	return true;
}

static void close_streams(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int fd;

	for (fd = 0; null >= 0 && fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	close(null);
}

/**
 * daemon_forked() - the child runs the guest, and says so, and what is wrong
 *
 * In the parent, which has nothing to say.
 */
void daemon_forked(void)
{
	if (ready_fd < 0)
		return;
	close(ready_fd);
	ready_fd = -1;
	close_streams();
}

/** daemon_detach() - the last moment at which files can be opened */
void daemon_detach(void)
{
	if (ready_fd >= 0)
		close_streams();
}

/** daemon_ready() - the guest runs */
void daemon_ready(void)
{
	if (ready_fd < 0)
		return;
	if (write(ready_fd, "r", 1) < 0)
		exit(STATUS_SETUP);	/* who has started it does not wait any more */
	close(ready_fd);
	ready_fd = -1;
}
