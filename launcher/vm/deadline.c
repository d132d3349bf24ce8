// SPDX-License-Identifier: GPL-2.0
/*
 * --timeout: when the time is up, the guest ends as if its power were cut.  The time
 * is that of the launcher from its start, however often the guest restarts.
 *
 * A timer of the process does it, by a signal that is for the guest's thread alone.  It
 * comes again, since one that comes just before a system call does not end that.
 */
#include <signal.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "base.h"
#include "ends.h"
#include "hold.h"

#define AGAIN_US	100000

static __u64 deadline;		/* ms of clock_ms(); 0: none */
static atomic_bool over;

/** deadline_set() - it ends then; 0: never */
void deadline_set(__u64 at)
{
	deadline = at;
}

/** deadline_at() - what was set */
__u64 deadline_at(void)
{
	return deadline;
}

/* Others may send that signal, too, to whom the time is no matter. */
static void time_is_up(int sig)
{
	(void)sig;
	if (clock_ms() < deadline)
		return;
	atomic_store(&over, true);
	hold_stop();
}

/**
 * deadline_start() - the guest runs from now on
 *
 * A process does not inherit its parent's timer.
 */
void deadline_start(void)
{
	struct sigaction action = { .sa_handler = time_is_up };
	struct itimerval timer = { .it_interval = { .tv_usec = AGAIN_US } };
	const __u64 now = clock_ms();
	__u64 left = deadline > now ? deadline - now : 0;

	if (!deadline)
		return;
	sigfillset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	timer.it_value.tv_sec = left / 1000;
	timer.it_value.tv_usec = left % 1000 * 1000 + 1;	/* 0 would be never */
	setitimer(ITIMER_REAL, &timer, NULL);
}

/** deadline_stop() - before exec(), which a timer outlives, but not its handler */
void deadline_stop(void)
{
	const struct itimerval none = { 0 };

	setitimer(ITIMER_REAL, &none, NULL);
}

/** deadline_over() - has the time run out? */
bool deadline_over(void)
{
	return atomic_load(&over);
}
