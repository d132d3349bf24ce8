// SPDX-License-Identifier: GPL-2.0
/*
 * The event loop: one thread that waits for whatever does not come from the guest,
 * while the launcher's first thread sits in read() of /dev/lguest.  Who wants to
 * hear of a descriptor, of a time, or of what another thread or a signal handler
 * says (loop_raise()) adds a source, and is called in this thread.
 *
 * Callbacks are made without a lock, one at a time; they may add, change and remove
 * any source, and must not block: all others wait for them.  When loop_remove()
 * returns, the callback of that source is over and will not be made again.
 */
#include <pthread.h>
#include <unistd.h>

#include "base.h"
#include "loop.h"
#include "worker.h"

#define SOURCES_MAX	128	/* that have a descriptor; more wait for their turn */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t returned = PTHREAD_COND_INITIALIZER;
static struct loop_source *sources;
static struct loop_source *running;	/* its callback */
static bool sleeping;			/* or about to */
static __u64 last_id;
static struct worker loop;
static bool alive;
static pthread_t thread;		/* while it is */

/* With the lock. */
static bool is_inside(void)
{
	return alive && pthread_equal(pthread_self(), thread);
}

/* With the lock.  What the loop waits for has changed. */
static void wake(void)
{
	if (sleeping)
		worker_kick(&loop);
	sleeping = false;
}

/**
 * loop_add() - have a source
 * @source: its call is set, and unless, if that is wanted
 */
void loop_add(struct loop_source *source)
{
	pthread_mutex_lock(&lock);
	if (!source->listed) {
		source->fd = -1;
		source->deadline = 0;
		source->due = 0;
		source->listed = true;
		source->next = sources;
		sources = source;
		if (atomic_load(&source->raised))
			wake();
	}
	pthread_mutex_unlock(&lock);
}

/* With the lock. */
static void unlink_source(const struct loop_source *source)
{
	struct loop_source **link = &sources;

	while (*link != source)
		link = &(*link)->next;
	*link = source->next;
}

/**
 * loop_remove() - forget a source
 * @source: any; its descriptor is not closed
 */
void loop_remove(struct loop_source *source)
{
	pthread_mutex_lock(&lock);
	if (source->listed) {
		unlink_source(source);
		source->listed = false;
		wake();
	}
	while (running == source && !is_inside())
		pthread_cond_wait(&returned, &lock);
	pthread_mutex_unlock(&lock);
}

/**
 * loop_watch() - wait for a descriptor, instead of the one before
 * @source: added
 * @fd: a descriptor; -1: none
 * @events: POLLIN, POLLOUT
 */
void loop_watch(struct loop_source *source, int fd, short events)
{
	pthread_mutex_lock(&lock);
	if (source->fd != fd || source->events != events) {
		source->fd = fd;
		source->events = events;
		source->id = ++last_id;
		source->due &= LOOP_TIME | LOOP_RAISED;
		wake();
	}
	pthread_mutex_unlock(&lock);
}

/**
 * loop_timer() - call a source in a while, once
 * @source: added
 * @ms: from now on; -1: not any more
 */
void loop_timer(struct loop_source *source, int ms)
{
	pthread_mutex_lock(&lock);
	source->due &= ~LOOP_TIME;
	if (ms >= 0 || source->deadline) {
		source->deadline = ms < 0 ? 0 : clock_ms() + ms;
		wake();
	}
	pthread_mutex_unlock(&lock);
}

/**
 * loop_raise() - call a source at once
 * @source: added, or to be added
 *
 * Good in any thread, and in a signal handler.  Several may be one call.
 */
void loop_raise(struct loop_source *source)
{
	if (!atomic_exchange(&source->raised, true))
		worker_kick(&loop);
}

/** loop_again() - what a source's unless points to has become false */
void loop_again(void)
{
	worker_kick(&loop);
}

static bool rests(const struct loop_source *source)
{
	return source->fd < 0 || (source->unless && atomic_load(source->unless));
}

/* What poll() is to wait for; @ids tell whose it is. */
static nfds_t collect(struct pollfd *fds, __u64 *ids, int *patience)
{
	const __u64 now = clock_ms();
	struct loop_source *source;
	nfds_t nr = 0;

	fds[nr++] = (struct pollfd){ .fd = loop.kick, .events = POLLIN };
	*patience = -1;
	pthread_mutex_lock(&lock);
	for (source = sources; source; source = source->next) {
		const int left = source->deadline > now ? source->deadline - now : 0;

		if (atomic_load(&source->raised))
			*patience = 0;
		if (source->deadline && (*patience < 0 || left < *patience))
			*patience = left;
		if (rests(source) || nr == SOURCES_MAX)
			continue;
		ids[nr] = source->id;
		fds[nr++] = (struct pollfd){ .fd = source->fd, .events = source->events };
	}
	sleeping = true;
	pthread_mutex_unlock(&lock);
	return nr;
}

/* With the lock. */
static void note_descriptor(__u64 id, short events)
{
	struct loop_source *source;

	for (source = sources; source; source = source->next) {
		if (source->fd >= 0 && source->id == id)
			source->due |= (unsigned short)events;
	}
}

/* With the lock. */
static void note_others(void)
{
	const __u64 now = clock_ms();
	struct loop_source *source;

	for (source = sources; source; source = source->next) {
		if (source->deadline && source->deadline <= now) {
			source->deadline = 0;
			source->due |= LOOP_TIME;
		}
		if (atomic_exchange(&source->raised, false))
			source->due |= LOOP_RAISED;
	}
}

/* With the lock. */
static struct loop_source *next_due(void)
{
	struct loop_source *source = sources;

	while (source && !source->due)
		source = source->next;
	return source;
}

/* With the lock, which is given up meanwhile. */
static void call(struct loop_source *source)
{
	const int why = source->due;

	source->due = 0;
	running = source;
	pthread_mutex_unlock(&lock);
	source->call(source, why);
	pthread_mutex_lock(&lock);
	running = NULL;
	pthread_cond_broadcast(&returned);
}

static void one_round(void)
{
	struct pollfd fds[SOURCES_MAX];
	__u64 ids[SOURCES_MAX], kicks;
	struct loop_source *source;
	int patience;
	nfds_t i, nr = collect(fds, ids, &patience);

	if (poll(fds, nr, patience) < 0)
		nr = 0;
	if (nr && fds[0].revents && read(loop.kick, &kicks, sizeof(kicks)) < 0)
		return;
	pthread_mutex_lock(&lock);
	sleeping = false;
	for (i = 1; i < nr; i++) {
		if (fds[i].revents)
			note_descriptor(ids[i], fds[i].revents);
	}
	note_others();
	while ((source = next_due()) && !atomic_load(&loop.stopping))
		call(source);
	pthread_mutex_unlock(&lock);
}

static void set_alive(bool on)
{
	pthread_mutex_lock(&lock);
	alive = on;
	thread = pthread_self();
	pthread_mutex_unlock(&lock);
}

static void *loop_thread(void *unused)
{
	set_alive(true);
	while (!atomic_load(&loop.stopping))
		one_round();
	set_alive(false);
	return unused;
}

/**
 * loop_start() - call sources from now on
 *
 * Return: false, see failure(), if there can be no thread for that.
 */
bool loop_start(void)
{
	return worker_prepare(&loop) && worker_start(&loop, loop_thread, NULL);
}

/** loop_stop() - call none any more; they remain */
void loop_stop(void)
{
	worker_stop(&loop);
}
