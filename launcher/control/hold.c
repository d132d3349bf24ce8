// SPDX-License-Identifier: GPL-2.0
/*
 * How others than the guest's own thread stop it or hold it: the keys of the
 * console (console.c), the commands of the control socket (control.c) and signals
 * say what they want; the thread that runs the guest (machine.c) asks here between
 * two runs, and stays here while the guest is held.
 */
#include <semaphore.h>
#include <signal.h>

#include "loop.h"
#include "worker.h"

#define NUDGE_MS	20	/* from one call to a busy thread to the next */

static atomic_bool stop_wanted;
static atomic_bool hold_wanted;
static atomic_bool held;
static sem_t change;		/* of what a held guest waits for */
static pthread_t owner;
static void (*watcher)(void);	/* wants to know when it is held, or not any more */

/* Somebody wants something of the guest's thread.  Good in a signal handler. */
static void wake(void)
{
	sem_post(&change);
	waker_attention();
}

/*
 * The guest's thread may be in a system call of its own, such as a write to a
 * pipe that nobody reads.  A signal ends it; but too early it has no effect, so
 * it is repeated.
 */
static void nudge(struct loop_source *source, int why)
{
	(void)why;
	pthread_kill(owner, WORKER_SIGNAL);
	loop_timer(source, NUDGE_MS);
}

static struct loop_source nudger = { .call = nudge };

/* The caller is the thread that will run the guest. */
void hold_setup(void)
{
	owner = pthread_self();
	sem_init(&change, 0, 0);
	loop_add(&nudger);
	signals_when_asked(wake);
}

/**
 * hold_tell() - have somebody called whenever the guest is held, or goes on
 * @changed: in the guest's thread
 */
void hold_tell(void (*changed)(void))
{
	watcher = changed;
}

/* The user wants the guest to end, as if its power were cut. */
void hold_stop(void)
{
	atomic_store(&stop_wanted, true);
	wake();
	loop_raise(&nudger);
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
	atomic_store(&hold_wanted, false);
	sem_post(&change);
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
	if (watcher)
		watcher();
}

/*
 * Between two runs of the guest: returns at once, or when a held guest may go
 * on or has to end.
 */
void hold_here(void)
{
	if (!atomic_load(&hold_wanted))
		return;
	waker_rest(true);
	set_held(true);
	while (atomic_load(&hold_wanted) && !hold_ending())
		sem_wait(&change);	/* or a signal: look again */
	set_held(false);
	waker_rest(false);
}
