// SPDX-License-Identifier: GPL-2.0
/*
 * The waker.  While its guest runs, the launcher sits in read() and cannot see
 * that a key was pressed or a packet came.  A second thread sleeps on the
 * devices' input fds; when one is readable, it asks the host to BREAK, which
 * makes the launcher's read() return EAGAIN, and waits in that request until
 * the launcher has done its input and says that the guest may go on.
 *
 * A thread and not a process, as the first launcher had: fork() makes the
 * guest's pages copy-on-write while the host holds some of them, and a process
 * could outlive the launcher or die before it.
 *
 * From 2.6.31 on there is no BREAK; a signal ends the launcher's read() instead,
 * and is repeated until the launcher has come, because one that arrives just
 * before read() has no effect.
 *
 * A classic guest that has no buffer for waiting input does not tell when it
 * has one again.  So the launcher tries again after every return of read(), and
 * in case there is none, the waker breaks in after the time of waker_retry().
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "worker.h"

#define CALL_STEP_MS	10	/* between two signals */

/* By slot; -1: nothing to watch. */
static atomic_int watches[WAKER_WATCHES] = {
	[0 ... WAKER_WATCHES - 1] = -1,
};

static struct worker waker;
static pthread_t launcher;
static bool by_signal;
static atomic_bool calling;	/* the launcher, by signal */
static atomic_bool attention;
static atomic_int retry_ms = -1;

void waker_retry(int milliseconds)
{
	atomic_store(&retry_ms, milliseconds);
}

/* The launcher changed what to wait for.  Good in a signal handler. */
void waker_kick(void)
{
	worker_kick(&waker);
}

/* A waker that sleeps on other fds has to look again. */
void waker_watch(unsigned int slot, int fd)
{
	if (atomic_exchange(&watches[slot], fd) != fd)
		waker_kick();
}

/* The launcher must leave read(), input or not.  Good in a signal handler. */
void waker_attention(void)
{
	atomic_store(&attention, true);
	waker_kick();
}

static unsigned int collect(struct pollfd *fds)
{
	unsigned int i, nr = 0;

	fds[nr++] = (struct pollfd){ .fd = waker.kick, .events = POLLIN };
	for (i = 0; i < WAKER_WATCHES; i++) {
		int fd = atomic_load(&watches[i]);

		if (fd >= 0)
			fds[nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return nr;
}

/* How long poll() may sleep. */
static int patience(int retry)
{
	const int look = terminal_patience();

	return retry < 0 || (look >= 0 && look < retry) ? look : retry;
}

/* Waits; true if the launcher has something to do. */
static bool wait_for_work(void)
{
	struct pollfd fds[WAKER_WATCHES + 1];
	const int retry = atomic_load(&retry_ms);
	unsigned int nr = collect(fds);
	__u64 kicks;
	int ready;

	if (atomic_exchange(&attention, false))
		return true;
	ready = poll(fds, nr, patience(retry));
	if (terminal_patience() >= 0)
		terminal_look();
	if (ready < 0 || (!ready && retry < 0))
		return false;
	if (fds[0].revents) {
		if (read(waker.kick, &kicks, sizeof(kicks)) < 0)
			return false;
		ready--;
		return ready || atomic_exchange(&attention, false);
	}
	return true;
}

/* Returns when the launcher has been here; false if the guest is dead. */
static bool break_in(void)
{
	/* A signal ends the wait, not the break: ask again. */
	return host_break(true) >= 0 || errno == EINTR;
}

static bool call(void)
{
	struct pollfd kick = { .fd = waker.kick, .events = POLLIN };

	atomic_store(&calling, true);
	while (atomic_load(&calling) && !atomic_load(&waker.stopping)) {
		__u64 kicks;

		pthread_kill(launcher, WORKER_SIGNAL);
		if (poll(&kick, 1, CALL_STEP_MS) > 0 &&
		    read(waker.kick, &kicks, sizeof(kicks)) < 0)
			break;
	}
	return true;
}

static void *waker_thread(void *unused)
{
	(void)unused;
	while (!atomic_load(&waker.stopping)) {
		if (wait_for_work() && !(by_signal ? call() : break_in()))
			break;
	}
	return NULL;
}

/* @signals: for guests without the BREAK request. */
void waker_start(bool signals)
{
	by_signal = signals;
	launcher = pthread_self();
	worker_prepare(&waker);
	worker_start(&waker, waker_thread, NULL);
}

/* read() was interrupted: was that the waker? */
bool waker_calls(void)
{
	return atomic_load(&calling);
}

/* The launcher has done what it was called for. */
void waker_release(void)
{
	if (!by_signal) {
		host_break(false);
		return;
	}
	atomic_store(&calling, false);
	waker_kick();
}

/*
 * The waker may be in the BREAK request of a guest that is dead and cannot be
 * told to go on.
 */
void waker_stop(void)
{
	worker_stop(&waker);
}
