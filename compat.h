/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place that knows how kernels differ (compat_fpu.h, which this includes,
 * has what is of the FPU).  The rest of the module is written for the newest kernel of
 * the range below, by the names that this header gives to what has changed; an older
 * or newer kernel needs entries here and nowhere else.  Each entry says which release
 * brought the change.
 */
#ifndef LGUEST_COMPAT_H
#define LGUEST_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/pagemap.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/version.h>
#include <linux/vtime.h>
#include <asm/cpufeature.h>
#include <asm/kvm_types.h>
#include <asm/msr.h>
#include <asm/pgtable.h>
#include <asm/tlbflush.h>
#include "compat_fpu.h"

/* Beyond these it may build, and may work: module.c warns. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 10, 0) || \
	LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0)
#define COMPAT_UNKNOWN_KERNEL
#endif

/* 6.3 gave load_gs_index() and its kin a header of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <asm/gsseg.h>
#endif

/* 6.16 gave it the name of what it writes. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define wrmsrq wrmsrl
#endif

/* Folios came with 5.16, and took this over. */
static inline int compat_lock_page_killable(struct page *page)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)
	return folio_lock_killable(page_folio(page));
#else
	return lock_page_killable(page);
#endif
}

/*
 * Does the kernel keep FPU registers for a task?  Not for its own threads, which may
 * have a program's memory (kthread_use_mm()), nor for workers of io_uring: 6.4 calls
 * all of those that share a program's memory user workers.
 */
static inline bool compat_has_fpu(const struct task_struct *task)
{
#ifdef PF_USER_WORKER
	return !(task->flags & (PF_KTHREAD | PF_USER_WORKER));
#else
	return !(task->flags & (PF_KTHREAD | PF_IO_WORKER));
#endif
}

/*
 * The FPU was told by its MSR not to give out some registers, AMX's, before they are
 * asked for (5.16).  What it noted when a guest did is not for the host to find.
 */
static inline void compat_forget_xfd(void)
{
#ifdef X86_FEATURE_XFD
	if (boot_cpu_has(X86_FEATURE_XFD))
		wrmsrq(MSR_IA32_XFD_ERR, 0);
#endif
}

/*
 * Change CR4, with interrupts off, so that the kernel remembers it, which may be asked
 * for only where it makes things faster: kernels that have symbols for KVM alone keep
 * this to KVM, and then it does nothing.  (One of 7.3 does, and 6.12 does not.)
 */
static inline void compat_update_cr4(unsigned long set, unsigned long clear)
{
#if !defined(EXPORT_SYMBOL_FOR_KVM) && !defined(KVM_SUB_MODULES)
	cr4_update_irqsoff(set, clear);
#endif
}

/*
 * The time that follows is a guest's.  RCU hears of it by context tracking or,
 * without that, by compat_note_quiescent().  5.13 took these apart.
 */
static inline void compat_guest_time_begins(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 13, 0)
	vtime_account_guest_enter();
	context_tracking_guest_enter();
#else
	guest_enter_irqoff();
#endif
}

/* This CPU has just been where no RCU reader can be.  6.2: no argument. */
static inline void compat_note_quiescent(void)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	rcu_virt_note_context_switch();
#else
	rcu_virt_note_context_switch(smp_processor_id());
#endif
}

/*
 * What an interrupt's handler may leave to its return to where interrupts are on, which
 * host_call_interrupt() is not: to set the CPU's timer for what is next.  What KVM has
 * for that is KVM's alone; the scheduler does it, too.  (A kernel of 7.3 has this, and
 * 6.12 has not.)  May sleep.
 */
static inline void compat_finish_interrupt(void)
{
#ifdef TIF_HRTIMER_REARM
	if (unlikely(test_thread_flag(TIF_HRTIMER_REARM)))
		schedule();
#endif
}

/*
 * Does the kernel clear the CPU's buffers on its way to user space?  Stable
 * releases have had this bit since 2024; without it, expect that it does.
 */
static inline bool compat_clears_cpu_buffers(void)
{
#ifdef X86_FEATURE_CLEAR_CPU_BUF
	return boot_cpu_has(X86_FEATURE_CLEAR_CPU_BUF);
#else
	return boot_cpu_has_bug(X86_BUG_MDS);
#endif
}

/* 6.8: no argument; nobody had ever added anything but one. */
static inline void compat_eventfd_signal(struct eventfd_ctx *eventfd)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
	eventfd_signal(eventfd);
#else
	eventfd_signal(eventfd, 1);
#endif
}

/* What an mmu notifier says of a page's age: a bool in the newest kernels, an int before. */
#define compat_young_t	typeof(((struct mmu_notifier_ops *)NULL)->test_young(NULL, NULL, 0))

/* 5.12 has it. */
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC	0x65735546
#endif

/* 6.5: no array of VMAs. */
static inline long compat_pin_page_remote(struct mm_struct *mm, unsigned long addr,
					  struct page **page)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
	return pin_user_pages_remote(mm, addr, 1, FOLL_WRITE | FOLL_NOWAIT, page,
				     NULL);
#else
	return pin_user_pages_remote(mm, addr, 1, FOLL_WRITE | FOLL_NOWAIT, page,
				     NULL, NULL);
#endif
}

/* 6.13 made one call of it, and 6.15 took the other away. */
static inline void
compat_hrtimer_init(struct hrtimer *timer,
		    enum hrtimer_restart (*function)(struct hrtimer *timer))
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(timer, function, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
#else
	hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	timer->function = function;
#endif
}

#endif /* LGUEST_COMPAT_H */
