// SPDX-License-Identifier: GPL-2.0
/*
 * How others than the guest's own thread stop it or hold it: the keys of the
 * console (console.c) and the commands of the control socket (control.c) say
 * what they want; the thread that runs the guest (machine.c) asks here between
 * two runs, and stays here while the guest is held.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "worker.h"

static atomic_bool stop_wanted;
static atomic_bool hold_wanted;
static atomic_bool held;
static int change_fd = -1;	/* readable when a held guest may go on */
static pthread_t owner;

/* The caller is the thread that will run the guest. */
void hold_setup(void)
{
	owner = pthread_self();
	change_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (change_fd < 0)
		give_up("cannot make an eventfd: %s", strerror(errno));
}

/* The user wants the guest to end, as if its power were cut. */
void hold_stop(void)
{
	atomic_store(&stop_wanted, true);
	waker_attention();
}

/*
 * The guest's thread may be in a system call of its own, such as a write to a
 * pipe that nobody reads.  This ends it; but too early it has no effect, so
 * whoever wants the guest to stop repeats it.
 */
void hold_nudge(void)
{
	pthread_kill(owner, WORKER_SIGNAL);
}

bool hold_stopped(void)
{
	return atomic_load(&stop_wanted);
}

/* Is the launcher to end, for whatever reason? */
bool hold_ending(void)
{
	return hold_stopped() || signals_caught();
}

void hold_pause(void)
{
	atomic_store(&hold_wanted, true);
	waker_attention();
}

void hold_resume(void)
{
	const __u64 one = 1;

	atomic_store(&hold_wanted, false);
	if (write(change_fd, &one, sizeof(one)) < 0)
		return;			/* it is full: readable all the same */
}

/* Is the guest to be held? */
bool hold_asked(void)
{
	return atomic_load(&hold_wanted);
}

/* Has the guest's thread come to rest? */
bool hold_paused(void)
{
	return atomic_load(&held);
}

static void set_held(bool on)
{
	atomic_store(&held, on);
	control_kick();
}

/* Sleeps until a signal, a command or a key comes.  @mask: while asleep. */
static void wait_for_change(const sigset_t *mask)
{
	struct pollfd fds[] = {
		{ .fd = change_fd, .events = POLLIN },
		{ .fd = console_keys_fd(), .events = POLLIN },
	};
	__u64 count;

	if (ppoll(fds, ARRAY_SIZE(fds), NULL, mask) <= 0)
		return;
	if (fds[0].revents && read(change_fd, &count, sizeof(count)) < 0)
		return;
	if (fds[1].revents)
		console_keys();
}

/*
 * Between two runs of the guest: returns at once, or when a held guest may go
 * on or has to end.  Signals are blocked but for the sleep itself, so that none
 * comes between the look and the sleep.
 */
void hold_here(void)
{
	sigset_t all, before;

	if (!atomic_load(&hold_wanted))
		return;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	set_held(true);
	while (atomic_load(&hold_wanted) && !hold_ending())
		wait_for_change(&before);
	set_held(false);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
