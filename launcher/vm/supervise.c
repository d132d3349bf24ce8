// SPDX-License-Identifier: GPL-2.0
/*
 * A launcher that has given up its rights can neither start anew when its guest
 * restarts nor remove its control socket.  So it is a child of a process that
 * does nothing but wait, pass signals on, and do that.  It ends as its child
 * does, and the child ends with it.  Whatever kills the child, it restores the
 * terminal and says what it was.
 *
 * All signals are passed on, also those that the kernel sends: of a terminal that
 * is closed it tells the leader of the session, which is the parent, alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "daemon.h"
#include "restart.h"
#include "signals.h"
#include "supervise.h"
#include "terminal.h"

static volatile sig_atomic_t child;
static atomic_bool *again;	/* the child says that it ends to restart */
static pid_t parent;		/* 0: there is none that waits for us */

static pid_t who(void)
{
	return child;
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
	prctl(PR_SET_PDEATHSIG, SUPERVISE_DEATH);
	if (getppid() != parent)
		_exit(STATUS_SETUP);	/* it had ended before */
}

/**
 * supervise_restart() - end, if somebody will start the guest anew
 */
void supervise_restart(void)
{
	if (!parent)
		return;
	atomic_store(again, true);
	exit(STATUS_POWER_OFF);
}

/* What the child is to know. */
static void follow(pid_t self)
{
	parent = self;
	signals_supervisor(parent);
	signals_forget();
	supervise_follow();
}

static void wait_for(pid_t pid, int *status)
{
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
}

/* 0 in the child.  In the parent its pid, once it has ended; or -1, there is none. */
static pid_t fork_child(int *status)
{
	const pid_t self = getpid();
	sigset_t all, before;
	pid_t pid;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	if (pid < 0)
		failure("cannot make a process: %s", strerror(errno));
	if (!pid)
		follow(self);
	child = pid < 0 ? 0 : pid;
	if (pid > 0)
		daemon_forked();
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0)
		wait_for(pid, status);
	child = 0;
	return pid;
}

/* The guest's end by a signal that nobody sent to us, or that says nothing by itself. */
static bool is_news(int sig)
{
	return !signals_caught() && sig != SIGPIPE;
}

/* As it ended. */
static noreturn void end_as(int status)
{
	if (WIFSIGNALED(status) && failure_status() != STATUS_SETUP) {
		complain("the launcher of the guest was ended by signal %d (%s)",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
		exit(failure_status());
	}
	if (WIFSIGNALED(status)) {
		if (is_news(WTERMSIG(status)))
			complain("the launcher of the guest was ended by signal %d (%s)",
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
		prctl(PR_SET_DUMPABLE, 0);	/* the core that tells something is the child's */
		signals_die(WTERMSIG(status));
	}
	if (atomic_load(again))
		signals_die(signals_caught());
	exit(WEXITSTATUS(status));
}

/**
 * supervise() - go on in a child, and in a new one whenever that ends to restart
 *
 * Only children return from this.
 *
 * Return: false, see failure(), if there can be none.
 */
bool supervise(void)
{
	int status = 0;
	pid_t pid;

	terminal_share();
	again = mmap(NULL, sizeof(*again), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (again == MAP_FAILED)
		return failure("%s", strerror(errno));
	signals_supervise(who);
	do {
		atomic_store(again, false);
		pid = fork_child(&status);
		if (pid <= 0)
			return !pid;
		terminal_restore();
		restart_happens();
	} while (WIFEXITED(status) && atomic_load(again) && !signals_caught());
	end_as(status);
}
