// SPDX-License-Identifier: GPL-2.0
/*
 * Faults as data.  A function is run with a net under it: the first trap that
 * nobody handles ends it, and what comes back is the vector and error code.
 * The same net catches what ring 3 does, see user.c.
 */
#include "guest.h"
#include "context.h"

static struct context *net;
static struct trap_frame *caught;

/* Puts @c and @frame in place of the present net, and gives that back. */
struct catch_state catch_set(struct context *c, struct trap_frame *frame)
{
	struct catch_state old = { net, caught };

	net = c;
	caught = frame;
	return old;
}

/* For trap_dispatch(): returns false if nobody is waiting for a fault. */
bool catch_pending(struct trap_frame *frame)
{
	size_t size = sizeof(*frame);

	if (!net)
		return false;
	if (!from_user(frame))
		size = offsetof(struct trap_frame, esp);
	memset(caught, 0, sizeof(*caught));
	memcpy(caught, frame, size);
	context_load(net);
}

/**
 * catch_fault - run a function that may fault
 * @fn: the function
 * @arg: for it
 * @fault: what happened
 *
 * Return: whether it faulted.
 */
bool catch_fault(void (*fn)(void *arg), void *arg, struct fault *fault)
{
	struct trap_frame frame;
	struct context here;
	struct catch_state old;
	u32 flags = lguest_data.irq_enabled;

	fault->vector = NO_FAULT;
	old = catch_set(&here, &frame);
	if (!context_save(&here)) {
		fn(arg);
	} else {
		fault->vector = frame.vector;
		fault->error = frame.error;
		fault->eip = frame.eip;
		fault->address = lguest_data.cr2;
		irq_restore(flags);
	}
	catch_set(old.net, old.caught);
	return fault->vector != NO_FAULT;
}
