// SPDX-License-Identifier: GPL-2.0
/*
 * Signals.  One that asks the launcher to end is only noted, and who wants to
 * hear of that gets the launcher out of read(), so that machine.c can clean up; who asks again
 * ends it at once.  So does a signal that says that the launcher is broken.  In
 * every case the terminal is restored first.  One that stops the launcher lets
 * the shell have the terminal meanwhile, and all others that would end a program
 * are not for this one.
 *
 * The supervisor passes on what its child has to hear, and outlives it.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "signals.h"
#include "supervise.h"
#include "terminal.h"

/*
 * timeout(1) sends its signal twice, and what is for a whole group reaches the
 * supervisor, which passes it on, and the child: all of that asks once.
 */
#define AGAIN_MS	1000

#define BY_FILTER	1		/* SYS_SECCOMP, which not all libraries have */

typedef void (*handler_fn)(int sig, siginfo_t *info, void *unused);

static const int polite[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU };
static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
static const int stops[] = { SIGTSTP, SIGTTIN, SIGTTOU };
static const int strays[] = {
	SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGSTKFLT,
	SIGXFSZ,		/* write() says it as well */
};

static volatile sig_atomic_t caught;
static __u64 asked_ms[2];	/* when first: by others, by the supervisor */
static pid_t supervisor;	/* 0: there is none */
static void (*when_asked)(void);
static void (*at_end)(void);

int signals_caught(void)
{
	return caught;
}

/* For what is no signal but ends the launcher as one would. */
void signals_pretend(int sig)
{
	caught = sig;
}

/**
 * signals_when_asked() - have somebody called when a signal asks the launcher to end
 * @hear: in the signal's handler
 */
void signals_when_asked(void (*hear)(void))
{
	when_asked = hear;
}

/**
 * signals_at_end() - what is to be done however the launcher ends
 * @clean_up: perhaps in a signal's handler
 */
void signals_at_end(void (*clean_up)(void))
{
	at_end = clean_up;
}

/** signals_supervisor() - who passes signals on */
void signals_supervisor(pid_t pid)
{
	supervisor = pid;
}

static bool is_passed_on(const siginfo_t *info)
{
	return supervisor && info->si_code == SI_USER && info->si_pid == supervisor;
}

static void let(int sig, int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(how, &set, NULL);
}

static pid_t (*supervised)(void);	/* NULL: this is no supervisor */

/* A child that lived on for a moment would take the terminal again. */
static void end_child(void)
{
	pid_t child = supervised ? supervised() : 0;

	if (!child)
		return;
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Ends as if nobody had caught @sig, so that the shell sees the truth. */
void signals_die(int sig)
{
	end_child();
	terminal_restore();
	if (at_end)
		at_end();
	signal(sig, SIG_DFL);
	let(sig, SIG_UNBLOCK);
	kill(getpid(), sig);
	_exit(128 + sig);		/* init is not killed by signals */
}

static bool (*taker)(int sig);
static void (*resizers[2])(void);	/* the command's, the console's */

/*
 * Is it for the command that the guest runs?  That hears of each signal once, and who
 * asks again means the guest.
 */
static bool is_taken(int sig, __u64 now)
{
	static __u64 first, heard;

	if (!taker || (first && now - first > AGAIN_MS))
		return false;
	if (!(heard >> sig & 1) && !taker(sig))
		return false;
	heard |= 1ull << sig;
	if (!first)
		first = now;
	return true;
}

static void polite_handler(int sig, siginfo_t *info, void *unused)
{
	__u64 *first = &asked_ms[is_passed_on(info)];
	const __u64 now = clock_ms();

	(void)unused;
	if (is_taken(sig, now))
		return;
	if (*first && now - *first > AGAIN_MS)
		signals_die(sig);
	if (!*first)
		*first = now;
	if (!caught)
		caught = sig;
	if (when_asked)
		when_asked();
}

/* Whoever kills the supervisor leaves us to give the terminal back. */
static void orphan_handler(int sig, siginfo_t *info, void *unused)
{
	(void)unused;
	if (is_passed_on(info))
		signals_die(sig);
}

static void resize_handler(int sig, siginfo_t *info, void *unused)
{
	(void)sig;
	(void)info;
	(void)unused;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(resizers) && resizers[i]; i++)
		resizers[i]();
}

static void fatal_handler(int sig, siginfo_t *info, void *unused)
{
	(void)info;
	(void)unused;
	signals_die(sig);
}

/* Where nobody could make it go on, the kernel does not stop it. */
static void stop(int sig)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, before;

	sigaction(sig, &usual, &before);
	let(sig, SIG_UNBLOCK);
	kill(getpid(), sig);
	let(sig, SIG_BLOCK);
	sigaction(sig, &before, NULL);
}

/* The terminal is the shell's while the launcher is stopped. */
static void stop_handler(int sig, siginfo_t *info, void *unused)
{
	(void)info;
	(void)unused;
	terminal_restore();
	stop(sig);
	terminal_again();
}

static void continue_handler(int sig, siginfo_t *info, void *unused)
{
	(void)sig;
	(void)info;
	(void)unused;
	terminal_again();
}

/* By the filter of sandbox.c, or somebody's kill(). */
static void forbidden_handler(int sig, siginfo_t *info, void *unused)
{
	(void)unused;
	terminal_restore();
	if (info->si_code == BY_FILTER)
		dprintf(STDERR_FILENO,
			"lguest: system call %d is not allowed: see --no-seccomp in lguest(1)\n",
			info->si_syscall);
	signals_die(sig);
}

/* Not SIG_IGN, which programs that the launcher starts would inherit. */
static void stray_handler(int sig, siginfo_t *info, void *unused)
{
	(void)sig;
	(void)info;
	(void)unused;
}

static void handle(int sig, handler_fn handler, int flags)
{
	struct sigaction action = { .sa_sigaction = handler, .sa_flags = flags | SA_SIGINFO };
	struct sigaction old;

	/* nohup and & in scripts ask for some signals to be ignored. */
	if (!sigaction(sig, NULL, &old) && old.sa_handler == SIG_IGN)
		return;
	sigfillset(&action.sa_mask);
	sigaction(sig, &action, NULL);
}

static void handle_all(const int *sigs, size_t nr, handler_fn handler, int flags)
{
	while (nr--)
		handle(sigs[nr], handler, flags);
}

/* What launcher and supervisor take alike. */
static void handle_others(void)
{
	int sig;

	handle_all(fatal, ARRAY_SIZE(fatal), fatal_handler, 0);
	handle_all(strays, ARRAY_SIZE(strays), stray_handler, SA_RESTART);
	for (sig = SIGRTMIN; sig <= SIGRTMAX; sig++)
		handle(sig, stray_handler, SA_RESTART);
	signal(SIGCHLD, SIG_DFL);	/* who ignores it never hears of a child's end */
}

/**
 * signals_setup() - be ready for all signals, as the launcher of a guest
 */
void signals_setup(void)
{
	handle_others();
	handle_all(polite, ARRAY_SIZE(polite), polite_handler, 0);
	handle_all(stops, ARRAY_SIZE(stops), stop_handler, SA_RESTART);
	handle(SIGCONT, continue_handler, SA_RESTART);
	handle(SUPERVISE_DEATH, orphan_handler, SA_RESTART);
	handle(SIGSYS, forbidden_handler, 0);
	signal(SIGPIPE, SIG_IGN);
}

/**
 * signals_resized() - have somebody told that the terminal has another size
 * @resize: in the signal's handler
 *
 * After signals_setup().
 */
void signals_resized(void (*resize)(void))
{
	size_t i = 0;

	while (i < ARRAY_SIZE(resizers) - 1 && resizers[i] && resizers[i] != resize)
		i++;
	resizers[i] = resize;
	handle(SIGWINCH, resize_handler, SA_RESTART);
}

/**
 * signals_offer() - have signals that would end the launcher, and the terminal's new
 * size, go to somebody else
 * @take: false if it has no use for it now
 * @resize: the terminal has another size
 *
 * After signals_setup(); both are called in signal handlers.
 */
void signals_offer(bool (*take)(int sig), void (*resize)(void))
{
	taker = take;
	signals_resized(resize);
}

static void pass_on(int sig, siginfo_t *info, void *unused)
{
	pid_t child = supervised();

	(void)info;
	(void)unused;
	if (child)
		kill(child, sig);
}

static void pass_on_polite(int sig, siginfo_t *info, void *unused)
{
	caught = sig;
	pass_on(sig, info, unused);
}

/* The child has the terminal, and has to give it back, too. */
static void pass_on_and_stop(int sig, siginfo_t *info, void *unused)
{
	pass_on(sig, info, unused);
	stop(sig);
}

/**
 * signals_supervise() - be ready for all signals, as its supervisor
 * @child: says to whom they are passed on; 0: nobody
 */
void signals_supervise(pid_t (*child)(void))
{
	supervised = child;
	handle_others();
	handle_all(polite, ARRAY_SIZE(polite), pass_on_polite, SA_RESTART);
	handle_all(stops, ARRAY_SIZE(stops), pass_on_and_stop, SA_RESTART);
	handle(SIGCONT, pass_on, SA_RESTART);
	handle(SIGPIPE, stray_handler, SA_RESTART);
	handle(SUPERVISE_DEATH, stray_handler, SA_RESTART);
}

static void forget(const int *sigs, size_t nr)
{
	struct sigaction old;

	while (nr--) {
		if (!sigaction(sigs[nr], NULL, &old) && old.sa_handler != SIG_IGN)
			signal(sigs[nr], SIG_DFL);
	}
}

/**
 * signals_forget() - not the supervisor's any more, but its child's, until signals_setup()
 */
void signals_forget(void)
{
	const int others[] = { SIGCONT, SIGPIPE, SUPERVISE_DEATH };

	forget(polite, ARRAY_SIZE(polite));
	forget(fatal, ARRAY_SIZE(fatal));
	forget(stops, ARRAY_SIZE(stops));
	forget(others, ARRAY_SIZE(others));
}
