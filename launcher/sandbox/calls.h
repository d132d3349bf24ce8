/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The system calls that programs of one architecture alone have, or that are called
 * otherwise there: calls_32.c and calls_64.c, of which the Makefile chooses one.
 */
#ifndef CALLS_H
#define CALLS_H

#include <linux/types.h>

#define OWN_CALLS_MAX	16

struct own_calls {
	__u32 arch;			/* as the kernel says it, AUDIT_ARCH_... */
	unsigned int nr_allowed;
	int allowed[OWN_CALLS_MAX];	/* beside those that all have */
	int map;			/* mmap(), with its rights in the third argument */
	int stat_at;			/* fstatat() */
};

extern const struct own_calls own_calls;

#endif /* CALLS_H */
