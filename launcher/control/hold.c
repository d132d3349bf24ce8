// SPDX-License-Identifier: GPL-2.0
/*
 * How others than the guest's own thread stop it or hold it: the keys of the
 * console (console.c), the commands of the control socket (control.c) and signals
 * say what they want; the thread that runs the guest (machine.c) asks here between
 * two runs, and stays here while the guest is held.
 */
#include <semaphore.h>
#include <signal.h>

#include "hold.h"
#include "loop.h"
#include "signals.h"
#include "waker.h"
#include "worker.h"

#define NUDGE_MS	20	/* from one call to a busy thread to the next */

/* Who wants the guest to be held. */
#define HOLD_USER	1u
#define HOLD_DEBUGGER	2u
#define HOLD_DUMP	4u

static atomic_bool stop_wanted;
static atomic_uint hold_wanted;		/* HOLD_... */
static void (*debugger)(void);
static void (*write_dump)(void);
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

static void want(unsigned int who)
{
	atomic_fetch_or(&hold_wanted, who);
	wake();
}

static void want_no_more(unsigned int who)
{
	atomic_fetch_and(&hold_wanted, ~who);
	sem_post(&change);
}

void hold_pause(void)
{
	want(HOLD_USER);
}

void hold_resume(void)
{
	want_no_more(HOLD_USER);
}

/** hold_debugged() - who serves a debugger that holds the guest, in the guest's thread */
void hold_debugged(void (*serve)(void))
{
	debugger = serve;
}

/** hold_debug() - the debugger holds the guest, or does not any more */
void hold_debug(bool on)
{
	if (on)
		want(HOLD_DEBUGGER);
	else
		want_no_more(HOLD_DEBUGGER);
}

/** hold_for_dump() - the guest stands still for its dump, or need not any more */
void hold_for_dump(bool on)
{
	if (on)
		want(HOLD_DUMP);
	else
		want_no_more(HOLD_DUMP);
}

/** hold_dumped() - who writes dumps, in the guest's thread */
void hold_dumped(void (*dump)(void))
{
	write_dump = dump;
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

/* Does what can be done while the guest is held, and waits for a change, or a signal. */
static void rest(void)
{
	const unsigned int who = atomic_load(&hold_wanted);

	if (who & HOLD_DUMP) {
		write_dump();
		return;
	}
	if (who & HOLD_DEBUGGER)
		debugger();
	if (atomic_load(&hold_wanted))
		sem_wait(&change);
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
		rest();
	set_held(false);
	waker_rest(false);
}
