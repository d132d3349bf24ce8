// SPDX-License-Identifier: GPL-2.0
/*
 * A launcher that has given up its rights can neither start anew when its guest
 * restarts nor remove its control socket.  So it is a child of a process that
 * does nothing but wait, pass signals on, and do that.  It ends as its child
 * does, and the child ends with it.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "launcher.h"

static const int passed_on[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static volatile sig_atomic_t child;
static volatile sig_atomic_t ending;
static pid_t parent;		/* 0: there is none that waits for us */

/* The terminal's signals go to the child anyway. */
static void pass_on(int sig, siginfo_t *info, void *unused)
{
	int saved = errno;

	(void)unused;
	ending = true;
	if (info->si_code <= 0 && child)
		kill(child, sig);
	errno = saved;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_sigaction = pass_on, .sa_flags = SA_SIGINFO };
	struct sigaction old;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(passed_on); i++) {
		if (sigaction(passed_on[i], NULL, &old) || old.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &action, NULL);
	}
}

static void forget_signals(void)
{
	struct sigaction old;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(passed_on); i++) {
		if (!sigaction(passed_on[i], NULL, &old) && old.sa_handler != SIG_IGN)
			signal(passed_on[i], SIG_DFL);
	}
}

/**
 * supervise_follow() - end when the parent does
 *
 * The kernel forgets this when the child changes its user, so sandbox.c says it
 * again.
 */
void supervise_follow(void)
{
	if (!parent)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_SETUP);	/* it had ended before */
}

/**
 * supervise_restart() - end, if somebody will start the guest anew
 */
void supervise_restart(void)
{
	if (parent)
		exit(STATUS_RESTART);
}

/* Returns in the child only; to the parent, it is how that ended. */
static bool fork_child(int *status)
{
	const pid_t self = getpid();
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid < 0)
		give_up("cannot make a process: %s", strerror(errno));
	if (!pid) {
		parent = self;
		control_lend();
		forget_signals();
		supervise_follow();
	}
	child = pid;
	sigprocmask(SIG_SETMASK, &before, NULL);
	while (pid && waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	child = 0;
	return !pid;
}

/**
 * supervise() - go on in a child, and in a new one whenever that ends to restart
 *
 * Only children return from this.
 */
void supervise(void)
{
	int status = 0;

	catch_signals();
	do {
		if (fork_child(&status))
			return;
		restart_happens();
	} while (WIFEXITED(status) && WEXITSTATUS(status) == STATUS_RESTART && !ending);
	if (WIFSIGNALED(status))
		signals_die(WTERMSIG(status));
	exit(WEXITSTATUS(status) == STATUS_RESTART ? STATUS_USER : WEXITSTATUS(status));
}
