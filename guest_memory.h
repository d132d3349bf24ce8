/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's memory: see guest_memory.c.
 */
#ifndef LGUEST_GUEST_MEMORY_H
#define LGUEST_GUEST_MEMORY_H

#include <linux/bits.h>
#include <linux/types.h>
#include <asm/page_types.h>

struct lguest;

/* A guest-physical address. */
typedef u32 gpa_t;
#define MAX_GUEST_PAGES		BIT(32 - PAGE_SHIFT)

/**
 * struct guest_memory - where a guest's memory is
 * @base: guest-physical P is at @base + P in the launcher
 * @pfn_limit: pages, of which all are in the launcher's part of its address space
 * @device_start: from here on are pages of no memory, which the launcher emulates
 * @device_limit: and these end here
 */
struct guest_memory {
	unsigned long base;
	u32 pfn_limit;
	u32 device_start;
	u32 device_limit;
};

/* guest_memory.c: the launcher's memory that is the guest's */
bool guest_range_ok(const struct lguest *lg, gpa_t addr, u32 len);
void __user *guest_uaddr(const struct lguest *lg, gpa_t addr, u32 len);
unsigned long guest_mem_size(const struct lguest *lg);
bool guest_peek(const struct lguest *lg, void *to, gpa_t from, u32 len);
bool guest_peek_word(const struct lguest *lg, u32 *word, gpa_t from);
bool guest_poke(const struct lguest *lg, gpa_t to, const void *from, u32 len);
__must_check int guest_read(struct lguest *lg, void *to, gpa_t from, u32 len);
__must_check int guest_write(struct lguest *lg, gpa_t to, const void *from, u32 len);
__must_check int guest_read_word(struct lguest *lg, u32 *word, gpa_t from);
__must_check int guest_write_word(struct lguest *lg, gpa_t to, u32 word);

#endif /* LGUEST_GUEST_MEMORY_H */
