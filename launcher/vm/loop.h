/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The event loop, which runs in a thread beside the guest's: see loop.c.
 */
#ifndef LOOP_H
#define LOOP_H

#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <linux/types.h>

#include "base.h"

/* Why a source is called, beside poll()'s POLLIN, POLLOUT, POLLHUP ... */
#define LOOP_TIME	0x10000		/* its time is over */
#define LOOP_RAISED	0x20000		/* somebody said loop_raise() */

/*
 * What the loop waits for: a descriptor, a time, or a word of another thread; or
 * several of them.  A child of the launcher's is a pidfd that becomes readable.
 */
struct loop_source {
	void (*call)(struct loop_source *source, int why);
	/* The descriptor is left alone while this is true; NULL: never. */
	const atomic_bool *unless;

	/* loop.c's own */
	struct loop_source *next;
	bool listed;
	atomic_bool raised;
	int fd;			/* -1: none */
	short events;
	__u64 id;		/* of this fd, with these events */
	__u64 deadline;		/* ms of clock_ms(); 0: none */
	int due;		/* why it is to be called */
};

void loop_add(struct loop_source *source);
void loop_remove(struct loop_source *source);
void loop_watch(struct loop_source *source, int fd, short events);
void loop_timer(struct loop_source *source, int ms);
void loop_raise(struct loop_source *source);
void loop_again(void);
bool __must_check loop_start(void);
void loop_stop(void);

#endif /* LOOP_H */
