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
 * A guest that has no buffer for waiting input does not tell when it has one
 * again.  So the launcher tries again after every return of read(), and in
 * case there is none, the waker breaks in after the time of waker_retry().
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "launcher.h"

/* Makes the waker's system calls return; nobody else needs this signal. */
#define STOP_SIGNAL	SIGUSR2
#define STOP_STEP_NS	10000000

static const int own_signals[] = {
	STOP_SIGNAL, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
};

/* By slot; -1: nothing to watch. */
static atomic_int watches[WAKER_WATCHES] = {
	[0 ... WAKER_WATCHES - 1] = -1,
};

static pthread_t thread;
static bool running;
static int kick_fd = -1;
static atomic_bool stopping;
static atomic_bool attention;
static atomic_int retry_ms = -1;

void waker_watch(unsigned int slot, int fd)
{
	atomic_store(&watches[slot], fd);
}

void waker_retry(int milliseconds)
{
	atomic_store(&retry_ms, milliseconds);
}

/* The launcher changed what to wait for.  Good in a signal handler. */
void waker_kick(void)
{
	const __u64 one = 1;
	int saved = errno;

	if (kick_fd >= 0 && write(kick_fd, &one, sizeof(one)) < 0)
		errno = saved;		/* it is full: kicked enough */
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

	fds[nr++] = (struct pollfd){ .fd = kick_fd, .events = POLLIN };
	for (i = 0; i < WAKER_WATCHES; i++) {
		int fd = atomic_load(&watches[i]);

		if (fd >= 0)
			fds[nr++] = (struct pollfd){ .fd = fd, .events = POLLIN };
	}
	return nr;
}

/* Waits; true if the launcher has something to do. */
static bool wait_for_work(void)
{
	struct pollfd fds[WAKER_WATCHES + 1];
	unsigned int nr = collect(fds);
	int ready = poll(fds, nr, atomic_load(&retry_ms));
	__u64 kicks;

	if (ready < 0)
		return false;
	if (fds[0].revents) {
		if (read(kick_fd, &kicks, sizeof(kicks)) < 0)
			return false;
		ready--;
		return ready || atomic_exchange(&attention, false);
	}
	return true;
}

static void *waker_thread(void *unused)
{
	(void)unused;
	while (!atomic_load(&stopping)) {
		if (!wait_for_work())
			continue;
		/* A signal ends the wait, not the break: ask again. */
		if (host_break(true) < 0 && errno != EINTR)
			break;		/* the guest is dead */
	}
	return NULL;
}

static void ignore(int sig)
{
	(void)sig;
}

void waker_start(void)
{
	struct sigaction action = { .sa_handler = ignore };
	sigset_t all, before;
	size_t i;
	int error;

	kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kick_fd < 0)
		give_up("cannot make an eventfd: %s", strerror(errno));
	sigaction(STOP_SIGNAL, &action, NULL);

	/* All signals but these are for the launcher's thread. */
	sigfillset(&all);
	for (i = 0; i < ARRAY_SIZE(own_signals); i++)
		sigdelset(&all, own_signals[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, NULL, waker_thread, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		give_up("cannot make a thread: %s", strerror(error));
	running = true;
}

/*
 * The waker may be anywhere: in poll(), in the BREAK request of a guest that
 * is dead and cannot be told to go on, or about to enter either.  A signal
 * that comes too early for a system call has no effect, so repeat it.
 */
void waker_stop(void)
{
	struct timespec until;

	if (!running)
		return;
	atomic_store(&stopping, true);
	do {
		waker_kick();
		pthread_kill(thread, STOP_SIGNAL);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += STOP_STEP_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(thread, NULL, &until) == ETIMEDOUT);
	running = false;
}
