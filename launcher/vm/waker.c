// SPDX-License-Identifier: GPL-2.0
/*
 * The waker.  While its guest runs, the launcher sits in read() and cannot see
 * that a key was pressed or a packet came.  The event loop (loop.c) waits for the
 * devices' input; when there is any, it makes the launcher's read() return by a
 * signal, and leaves input alone until the launcher has done it.
 *
 * A signal that arrives just before read() has no effect, so it is repeated until
 * the launcher has come.  The request to BREAK, by which the first launcher did
 * this, would keep the loop waiting for the launcher.
 *
 * A classic guest that has no buffer for waiting input does not tell when it
 * has one again.  So the launcher tries again after every return of read(), and
 * in case there is none, it is called after the time of waker_retry().
 */
#include <signal.h>

#include "loop.h"
#include "waker.h"
#include "worker.h"

#define CALL_STEP_MS	10	/* between two signals */

static pthread_t launcher;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;	/* for the next two together */
static atomic_bool calling;	/* the launcher */
static atomic_uint calls;	/* how often, since it answered the last */
static atomic_bool resting;	/* it comes by itself, in the end */
static atomic_bool attention;

static void repeat(struct loop_source *source, int why);

static struct loop_source repeater = { .call = repeat };

/* With the lock. */
static void nudge(void)
{
	const bool sleeps = !atomic_load(&resting);

	loop_timer(&repeater, sleeps ? CALL_STEP_MS : -1);
	if (sleeps)
		pthread_kill(launcher, WORKER_SIGNAL);
}

static void call_launcher(void)
{
	pthread_mutex_lock(&lock);
	atomic_fetch_add(&calls, 1);
	atomic_store(&calling, true);
	nudge();
	pthread_mutex_unlock(&lock);
}

/* What it was called for it may have seen to, and be about to say so: that is no new call. */
static void call_again(void)
{
	pthread_mutex_lock(&lock);
	if (atomic_load(&calling))
		nudge();
	pthread_mutex_unlock(&lock);
}

static void repeat(struct loop_source *source, int why)
{
	(void)source;
	(void)why;
	if (atomic_exchange(&attention, false))
		call_launcher();
	else
		call_again();
}

static void work(struct loop_source *source, int why)
{
	(void)source;
	(void)why;
	call_launcher();
}

static struct loop_source retry = { .call = work };
static struct loop_source watches[WAKER_WATCHES] = {
	[0 ... WAKER_WATCHES - 1] = { .call = work, .unless = &calling },
};

/**
 * waker_retry() - call the launcher in a while, even if there is no input
 * @milliseconds: from now on; -1: not any more
 */
void waker_retry(int milliseconds)
{
	loop_add(&retry);
	loop_timer(&retry, milliseconds);
}

/**
 * waker_watch() - call the launcher when a descriptor has input
 * @slot: of the device or queue
 * @fd: the descriptor, instead of the one before; -1: none
 */
void waker_watch(unsigned int slot, int fd)
{
	loop_add(&watches[slot]);
	loop_watch(&watches[slot], fd, POLLIN);
}

/** waker_attention() - the launcher must leave read(); good in a signal handler */
void waker_attention(void)
{
	atomic_store(&attention, true);
	loop_raise(&repeater);
}

/** waker_start() - the caller is whom to call */
void waker_start(void)
{
	launcher = pthread_self();
	loop_add(&repeater);
}

/**
 * waker_calls() - has the launcher been called?
 *
 * Return: 0, or how often, for waker_release().
 */
unsigned int waker_calls(void)
{
	return atomic_load(&calls);
}

/**
 * waker_release() - the launcher has done what it was called for
 * @answered: what waker_calls() said before it did that
 *
 * If it was called meanwhile, it still is.
 */
void waker_release(unsigned int answered)
{
	bool all;

	pthread_mutex_lock(&lock);
	all = atomic_load(&calls) == answered;
	if (all) {
		atomic_store(&calls, 0);
		atomic_store(&calling, false);
		loop_timer(&repeater, -1);
	}
	pthread_mutex_unlock(&lock);
	if (all)
		loop_again();
}

/**
 * waker_rest() - no need to signal
 * @on: while the launcher is not in read(), and looks at waker_calls() before it is
 */
void waker_rest(bool on)
{
	atomic_store(&resting, on);
	if (!on)
		loop_raise(&repeater);
}
