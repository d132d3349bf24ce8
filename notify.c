// SPDX-License-Identifier: GPL-2.0
/*
 * LHCALL_NOTIFY: the guest has something for a device of its launcher's, and says
 * so by an address.  The launcher's read() returns it, unless the launcher has
 * named an eventfd for it: then a thread of the launcher hears of it, and the
 * guest goes on.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/eventfd.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/xarray.h>
#include "lg.h"

/*
 * Each keeps an eventfd alive, for which the kernel charges nobody.  Launchers have
 * one for each queue of their devices, and a page of descriptors has room for 256.
 */
#define MAX_EVENTFDS	512

/**
 * notify_launcher() - LHCALL_NOTIFY
 * @vcpu: the guest's CPU; the caller is its owner
 * @addr: an address that means something to the launcher; 0 means nothing
 *
 * Return: 0, or negative if the guest was killed.
 */
int notify_launcher(struct lguest_vcpu *vcpu, u32 addr)
{
	struct lguest *lg = vcpu->lg;
	struct eventfd_ctx *eventfd;

	if (lg->launcher->takes_traps)
		return kill_guest(lg, "bad hypercall %u", LHCALL_NOTIFY);
	if (!addr)
		return 0;
	lguest_count(lg, STAT_NOTIFIES);
	eventfd = xa_load(&lg->devices.eventfds, addr);
	if (eventfd) {
		compat_eventfd_signal(eventfd);
		return 0;
	}
	vcpu->reply.notify = addr;
	vcpu->reply.waiting = true;
	return 0;
}

/**
 * add_eventfd() - LHREQ_EVENTFD: who hears of notifications of an address
 * @lg: the guest
 * @addr: the address, in the guest's memory: where a queue of its lies
 * @fd: of an eventfd
 *
 * Of several for one address the first one counts.  Any task of the launcher's.
 *
 * Return: 0; -ENOSPC if the guest has too many; or another negative error.
 */
int add_eventfd(struct lguest *lg, u32 addr, int fd)
{
	struct eventfd_ctx *eventfd;
	int err = -ENOSPC;

	if (!addr || !guest_range_ok(lg, addr, 1))
		return -EINVAL;
	eventfd = eventfd_ctx_fdget(fd);
	if (IS_ERR(eventfd))
		return PTR_ERR(eventfd);
	if (atomic_add_unless(&lg->devices.nr_eventfds, 1, MAX_EVENTFDS)) {
		err = xa_insert(&lg->devices.eventfds, addr, eventfd, GFP_KERNEL);
		if (err)
			atomic_dec(&lg->devices.nr_eventfds);
	}
	if (err)
		eventfd_ctx_put(eventfd);
	return err == -EBUSY ? 0 : err;
}

/**
 * release_eventfds() - forget them all
 * @lg: a guest that nobody uses any more
 */
void release_eventfds(struct lguest *lg)
{
	struct eventfd_ctx *eventfd;
	unsigned long addr;

	xa_for_each(&lg->devices.eventfds, addr, eventfd) {
		eventfd_ctx_put(eventfd);
		cond_resched();		/* there may be any number */
	}
	xa_destroy(&lg->devices.eventfds);
}
