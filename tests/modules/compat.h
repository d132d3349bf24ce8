/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the modules of the tests need to know of how kernels differ.
 */
#ifndef TESTS_MODULES_COMPAT_H
#define TESTS_MODULES_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/mm.h>
#include <linux/version.h>
#include <asm/msr.h>

/* 6.16 gave them the name of what they read and write. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define rdmsrq		rdmsrl
#define rdmsrq_safe	rdmsrl_safe
#define wrmsrq		wrmsrl
#endif

/* 6.13 made one call of these two. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*tick)(struct hrtimer *timer),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = tick;
}
#endif

/* Newer kernels have this for folios alone. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define page_mapped(page)	folio_mapped(page_folio(page))
#endif

#endif /* TESTS_MODULES_COMPAT_H */
