// SPDX-License-Identifier: GPL-2.0
/*
 * How a guest ends: by a reason, of which the first wins, told to its launcher; and,
 * when the last who holds it has let go, in memory.  guest.c has its beginning.
 */
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "lg.h"

/**
 * wake_guest() - make a guest look at its interrupts, its death or a break
 * @lg: the guest
 *
 * Ends its sleep, or its run if it runs on another CPU.  (It cannot be running
 * on this one.)  Any context.
 */
void wake_guest(struct lguest *lg)
{
	wake_up(&lg->vcpu.traps.halt_wait);
	kick_process(lg->vcpu.owner);
}

/* Stand for reasons that are no text: there was no memory for it; a restart. */
static char no_memory_for_reason;
static char restart_reason;

static int end_guest(struct lguest *lg, char *reason)
{
	char *first = cmpxchg(&lg->dead, NULL, reason);

	wake_up(&lg->break_wait);
	if (current != lg->vcpu.owner)
		wake_guest(lg);
	return first ? -EEXIST : 0;
}

/**
 * kill_guest() - record why a guest must end
 * @lg: the guest
 * @fmt: the reason, as for printf
 *
 * The first reason wins.  Nothing more may be done for the guest.  Any
 * context that may allocate memory.
 *
 * Return: always -ENOENT.
 */
int kill_guest(struct lguest *lg, const char *fmt, ...)
{
	char *reason;
	va_list args;

	va_start(args, fmt);
	reason = kvasprintf(GFP_KERNEL_ACCOUNT, fmt, args);
	va_end(args);
	if (end_guest(lg, reason ?: &no_memory_for_reason))
		kfree(reason);
	return -ENOENT;
}

/**
 * restart_guest() - the guest asks its launcher to start it again
 * @lg: the guest
 *
 * As kill_guest(), and just as final: it will be another guest.
 *
 * Return: always -ENOENT.
 */
int restart_guest(struct lguest *lg)
{
	end_guest(lg, &restart_reason);
	return -ENOENT;
}

/**
 * guest_wants_restart() - did a guest end by restart_guest()?
 * @lg: the guest
 *
 * Return: true if it did.
 */
bool guest_wants_restart(const struct lguest *lg)
{
	return READ_ONCE(lg->dead) == &restart_reason;
}

/**
 * tell_death() - tell the launcher why its guest has ended
 * @lg: the guest, which is dead
 * @user: where to
 * @size: bytes that there is room for
 *
 * Return: bytes of the reason; -ERESTART if the guest wants to be started again;
 * -ENOMEM if there was no memory for the reason; -EFAULT.
 */
ssize_t tell_death(const struct lguest *lg, char __user *user, size_t size)
{
	if (guest_wants_restart(lg))
		return -ERESTART;
	if (!lg->dead[0])
		return -ENOMEM;		/* not even for the reason */
	size = min(size, strlen(lg->dead) + 1);
	return copy_to_user(user, lg->dead, size) ? -EFAULT : size;
}

static void free_death_reason(struct lguest *lg)
{
	if (lg->dead != &no_memory_for_reason && lg->dead != &restart_reason)
		kfree(lg->dead);
}

/**
 * get_guest() - keep what others may ask of a guest: if it lives, an interrupt
 * @lg: the guest
 *
 * Its memory and everything that it runs with goes with its file all the same.
 *
 * Return: the guest.
 */
struct lguest *get_guest(struct lguest *lg)
{
	refcount_inc(&lg->refs);
	return lg;
}

/**
 * put_guest() - undo get_guest()
 * @lg: the guest
 */
void put_guest(struct lguest *lg)
{
	if (!refcount_dec_and_test(&lg->refs))
		return;
	mmdrop(lg->mm);
	put_task_struct(lg->vcpu.owner);
	free_death_reason(lg);
	kfree(lg);
}
