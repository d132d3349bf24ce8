/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest at work in one thread while the test, in another, does to its memory
 * what a launcher may do.  The memory in question is the arena, which the guest
 * sees twice: in its kernel part at the launcher's own addresses, and in its
 * user part.  It touches one page of it all the time, in both places if it only
 * reads, and does what it is asked to with any other.
 */
#ifndef ARENA_H
#define ARENA_H

#include "mini.h"

#define ARENA_SIZE	0x1000000u
#define ARENA		ABOVE_HEAP
#define ARENA_USER	0x10000000u	/* in the guest */

/* What the guest does with its page all the time. */
enum arena_spin { SPIN_NOT, SPIN_READ, SPIN_WRITE };

/* Word 0 of a page of the arena, for the launcher. */
static inline volatile u32 *arena_word(u32 page)
{
	return (volatile u32 *)(ARENA + page * PAGE);
}

static inline void *arena_page(u32 page)
{
	return (void *)(ARENA + page * PAGE);
}

extern int arena_fd;			/* the running guest */

void arena_map(u32 pages);		/* private and empty */
void arena_mapped(void *at);		/* what mmap() and mremap() gave is good */
void arena_map_file(int fd, u32 page, u32 pages);	/* shared, from its start */
void arena_advise(u32 page, u32 pages, int advice);
void arena_protect(u32 page, int prot);
void arena_move(void *from, u32 to);	/* and nothing stays behind */
int arena_file(u32 pages);		/* a new file in memory */
volatile u32 *arena_view(int fd, u32 pages);	/* elsewhere in the launcher */
void arena_start(void);			/* the guest, in a thread of its own */
void arena_run(void (*guest)(void));	/* the same with another guest */
void arena_prepare(void (*guest)(void));	/* the same in two steps */
void arena_go(void);
volatile pte_t *arena_entry(u32 page);	/* the guest's, between the two */
bool arena_ended(void);
const char *arena_reason(void);		/* wait for the end; why it was */
void arena_stop(void);			/* it must live until now */

/* What the running guest can be asked for. */
void arena_spin(u32 page, enum arena_spin mode);
void arena_goes_on(void);		/* it has done that */
u32 arena_read(u32 page);
void arena_write(u32 page, u32 value);
void arena_fill(u32 pages, u32 seed);
void arena_check(u32 pages, u32 seed);
/* Ask, and do not wait: the guest will die of it. */
void arena_ask_read(u32 page);
void arena_ask_write(u32 page);

/* A word that nobody may write to any more, and one that the guest counts. */
void arena_is_still(volatile u32 *word);
void arena_moves(volatile u32 *word);

/* /proc/self/pagemap */
#define PAGEMAP_PRESENT	(1ull << 63)

static inline u64 pagemap_frame(u64 entry)
{
	return entry & PAGEMAP_PRESENT ? entry & ((1ull << 55) - 1) : 0;
}

void arena_pagemap(const void *addr, u64 *entries, u32 pages);
u64 arena_frame(u32 page);		/* its number, or 0 */
void arena_swap_out(u32 page, u32 pages);	/* all of it */

#endif /* ARENA_H */
