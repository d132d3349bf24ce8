// SPDX-License-Identifier: GPL-2.0
/*
 * System calls of amd64.  Such a program can make i386's, too, by int 0x80; the kernel
 * gives their architecture then, which is not this one.  Those of x32 have a bit in
 * their numbers that none of these has.
 */
#include <linux/audit.h>
#include <sys/syscall.h>

#include "calls.h"

const struct own_calls own_calls = {
	.arch = AUDIT_ARCH_X86_64,
	.nr_allowed = 3,
	.allowed = { __NR_ftruncate, __NR_fstat, __NR_time },
	.map = __NR_mmap,
	.stat_at = __NR_newfstatat,
};
