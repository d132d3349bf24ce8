// SPDX-License-Identifier: GPL-2.0
/*
 * Signals.  One that asks the launcher to end is only noted, and the waker
 * gets the launcher out of read(), so that machine.c can clean up; a second
 * one ends it at once.  So does one that says that the launcher is broken, and
 * any other that ends programs.  In every case the terminal is restored first.
 */
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "launcher.h"

static const int polite[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int fatal[] = {
	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGXCPU, SIGXFSZ,
	SIGUSR1, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT,
};

static volatile sig_atomic_t caught;

int signals_caught(void)
{
	return caught;
}

/* For what is no signal but ends the launcher as one would. */
void signals_pretend(int sig)
{
	caught = sig;
}

/* Ends as if nobody had caught @sig, so that the shell sees the truth. */
void signals_die(int sig)
{
	sigset_t set;

	terminal_restore();
	control_remove();
	signal(sig, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	kill(getpid(), sig);
	_exit(128 + sig);		/* init is not killed by signals */
}

static void polite_handler(int sig)
{
	if (caught)
		signals_die(sig);
	caught = sig;
	waker_attention();
}

static void fatal_handler(int sig)
{
	signals_die(sig);
}

/* The terminal is the shell's while the launcher is stopped. */
static void stop_handler(int sig)
{
	(void)sig;
	terminal_restore();
	kill(getpid(), SIGSTOP);
}

static void continue_handler(int sig)
{
	(void)sig;
	terminal_again();
}

/* By the filter of sandbox.c. */
static void forbidden_handler(int sig, siginfo_t *info, void *unused)
{
	(void)unused;
	dprintf(STDERR_FILENO,
		"lguest: system call %d is not allowed: see --no-seccomp in lguest(1)\n",
		info->si_syscall);
	signals_die(sig);
}

static void handle_forbidden(void)
{
	struct sigaction action = {
		.sa_sigaction = forbidden_handler, .sa_flags = SA_SIGINFO,
	};

	sigfillset(&action.sa_mask);
	sigaction(SIGSYS, &action, NULL);
}

static void handle(int sig, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };
	struct sigaction old;

	/* nohup and & in scripts ask for some signals to be ignored. */
	if (!sigaction(sig, NULL, &old) && old.sa_handler == SIG_IGN)
		return;
	sigfillset(&action.sa_mask);
	sigaction(sig, &action, NULL);
}

void signals_setup(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(polite); i++)
		handle(polite[i], polite_handler, 0);
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		handle(fatal[i], fatal_handler, 0);
	handle_forbidden();
	handle(SIGTSTP, stop_handler, SA_RESTART);
	handle(SIGCONT, continue_handler, SA_RESTART);
	signal(SIGPIPE, SIG_IGN);
}
