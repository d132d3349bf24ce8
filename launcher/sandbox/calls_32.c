// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of i386: many come in two sizes, of file offsets or of time, and what
 * a library takes depends on its age.
 */
#include <linux/audit.h>
#include <sys/syscall.h>

#include "calls.h"

const struct own_calls own_calls = {
	.arch = AUDIT_ARCH_I386,
	.nr_allowed = 11,
	.allowed = {
		__NR__llseek, __NR_ftruncate64, __NR_fstat64, __NR_ppoll_time64,
		__NR_futex_time64, __NR_waitpid, __NR_sigreturn, __NR_timerfd_settime64,
		__NR_clock_gettime64, __NR_clock_nanosleep_time64, __NR_time,
	},
	.map = __NR_mmap2,
	.stat_at = __NR_fstatat64,
};
