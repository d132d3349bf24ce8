/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest-physical memory, as the launcher reaches it: see memory.c.
 *
 * Addresses that GETDMA returns come back as the result of write(), where
 * those with the top bit would look like errors: hence the upper limit, which
 * includes the device pages.
 */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include "base.h"

#define MEMORY_TOP		0x80000000u
#define DEVICE_PAGES		(1u + LGUEST_MAX_DEVICES)
#define MEMORY_MAX		(MEMORY_TOP - DEVICE_PAGES * PAGE_BYTES)
#define MEMORY_MIN		MIB
#define MEMORY_DEFAULT		(64 * MIB)

struct memory {
	char *base;		/* address of guest-physical 0 */
	__u32 ram;		/* bytes of RAM; the device page is there */
	__u32 limit;		/* bytes that the guest may name */
	int file;		/* that it is, for others to map; -1: it is nobody else's */
	__u32 file_size;
};

struct era;
bool __must_check memory_map(struct memory *mem, const struct era *era, __u32 ram, bool shared);
bool memory_has(const struct memory *mem, __u32 addr, __u32 len);
void *memory_at(const struct memory *mem, __u32 addr);
bool memory_discard(const struct memory *mem, __u32 addr, __u32 len);
__u64 memory_resident(void);

#endif /* GUEST_MEMORY_H */
