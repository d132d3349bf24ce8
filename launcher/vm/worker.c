// SPDX-License-Identifier: GPL-2.0
/*
 * Threads beside the one that runs the guest: the waker (waker.c), and one for
 * each busy queue of a virtio device (virtio_queue.c).  Each waits on an eventfd
 * of its own, among other things, and ends when it is told to.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base.h"
#include "worker.h"

#define STOP_STEP_NS	10000000

/* What a thread may get; all other signals are for the launcher's first. */
static const int own_signals[] = {
	WORKER_SIGNAL, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS,
};

static void ignore(int sig)
{
	(void)sig;
}

/**
 * worker_prepare - make what a thread will wait on
 * @worker: zero, or prepared before
 *
 * Return: false, see failure(), if that cannot be.
 */
bool worker_prepare(struct worker *worker)
{
	struct sigaction action = { .sa_handler = ignore };

	if (worker->prepared)
		return true;
	worker->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->kick < 0)
		return failure("cannot make an eventfd: %s", strerror(errno));
	sigaction(WORKER_SIGNAL, &action, NULL);
	worker->prepared = true;
	return true;
}

/**
 * worker_start - start a thread
 * @worker: prepared, not running
 * @run: the thread; it ends when worker->stopping is set
 * @arg: for @run
 *
 * Return: false, see failure(), if there can be none.
 */
bool worker_start(struct worker *worker, void *(*run)(void *arg), void *arg)
{
	sigset_t all, before;
	size_t i;
	int error;

	atomic_store(&worker->stopping, false);
	sigfillset(&all);
	for (i = 0; i < ARRAY_SIZE(own_signals); i++)
		sigdelset(&all, own_signals[i]);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&worker->thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		return failure("cannot make a thread: %s", strerror(error));
	worker->running = true;
	return true;
}

/**
 * worker_kick - wake a thread
 * @worker: any; good in a signal handler
 */
void worker_kick(const struct worker *worker)
{
	const __u64 one = 1;
	int saved = errno;

	if (worker->prepared && write(worker->kick, &one, sizeof(one)) < 0)
		errno = saved;		/* it is full: kicked enough */
}

/**
 * worker_stop - end a thread, and wait for its end
 * @worker: any
 *
 * The thread may be in a system call that does not end by itself, or about to
 * enter one.  A signal that comes too early for it has no effect, so repeat it.
 */
void worker_stop(struct worker *worker)
{
	struct timespec until;

	if (!worker->running)
		return;
	atomic_store(&worker->stopping, true);
	do {
		worker_kick(worker);
		pthread_kill(worker->thread, WORKER_SIGNAL);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += STOP_STEP_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_timedjoin_np(worker->thread, NULL, &until) == ETIMEDOUT);
	worker->running = false;
}

/**
 * worker_close - end a thread for good
 * @worker: any
 */
void worker_close(struct worker *worker)
{
	worker_stop(worker);
	if (worker->prepared)
		close(worker->kick);
	worker->prepared = false;
}
