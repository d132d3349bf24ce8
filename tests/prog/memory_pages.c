// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel does to a launcher's memory of its own accord, or when asked:
 * it swaps pages out, throws lazily freed ones away, merges equal ones, moves
 * them about, and makes huge pages of them and takes those apart.  The guest
 * uses them meanwhile, and must neither notice nor be in the way.
 */
#include "mini/arena.h"

#define PAGES		64
#define ROUNDS		8
#define KSM		"/sys/kernel/mm/ksm/"
#define THP		"/sys/kernel/mm/transparent_hugepage/"
#define HUGE_ROUNDS	3
#define HUGE_PAGES	(2 * 0x400000u / PAGE)
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

/*
 * Written by the guest; brought back for reading, so that the swap still has
 * them; changed in part; and each time swapped out again.
 */
static void swapped_out(void)
{
	u32 i;

	mini_pin(0);
	arena_map(PAGES);
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		arena_fill(PAGES, 100 + i);
		arena_swap_out(0, PAGES);
		arena_check(PAGES, 100 + i);
		arena_swap_out(0, PAGES);
		arena_check(PAGES / 2, 100 + i);
		arena_write(PAGES - 1, 7000 + i);
		arena_write(1, 8000 + i);
		arena_swap_out(0, PAGES);
		expect_value(arena_read(PAGES - 1), 7000 + i);
		expect_value(arena_read(1), 8000 + i);
		arena_spin(i, i % 2 ? SPIN_READ : SPIN_NOT);
	}
	arena_stop();
}

#define COUNTERS	16

static volatile bool enough;
static volatile u32 counted;

static void guest_counts(void)
{
	volatile u32 *at;
	u32 i;

	for (counted = 0; !enough; counted++) {
		for (i = 0; i < COUNTERS; i++) {
			at = (u32 *)(ARENA_USER + i * PAGE);
			guest_expect(*at == counted);
			*arena_word(i) = counted + 1;
		}
	}
}

/* All that the guest has, its page tables too, goes all the time. */
static void everything_swapped_out(void)
{
	u32 i, seen;

	arena_map(COUNTERS);
	arena_run(guest_counts);
	for (i = 0; i < 5 * ROUNDS; i++) {
		int advice = i % 4 ? MADV_PAGEOUT : MADV_COLD;

		seen = counted;
		wait_until(counted != seen || arena_ended());
		expect(!arena_ended(), "the guest died: %s", arena_reason());
		arena_advise(0, COUNTERS, advice);
		expect(!madvise(&mini, sizeof(mini), advice), "madvise: %m");
	}
	enough = true;
	expect_reason(arena_reason(), "CRASH: done");
	for (i = 0; i < COUNTERS; i++)
		expect_value(*arena_word(i), counted);
}

/* A page that was freed lazily, and then written to, must not be thrown away. */
static void lazily_freed(void)
{
	u32 i, page, value;

	mini_pin(0);
	arena_map(PAGES);
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		arena_fill(PAGES, 1000);
		arena_swap_out(0, PAGES);
		arena_check(PAGES, 1000);
		arena_advise(0, PAGES, MADV_FREE);
		for (page = 1; page < PAGES; page += 8)
			arena_write(page, 50 + page + i);
		arena_advise(0, PAGES, MADV_PAGEOUT);
		for (page = 0; page < PAGES; page++) {
			value = *arena_word(page);
			if (page % 8 == 1)
				expect_value(value, 50 + page + i);
			else
				expect(!value || value == 1000 + page, "page %u has %u",
				       page, value);
		}
	}
	arena_stop();
}

static bool all_are_one(u32 from, u32 to)
{
	u64 frame = arena_frame(from);

	while (++from < to) {
		if (!frame || arena_frame(from) != frame)
			return false;
	}
	return true;
}

/* Who reads a page that is others', too, leaves it so: nobody is there to make them one again. */
static void merged_pages_stay(u32 value)
{
	u32 page;

	mini_write(KSM "run", "0");
	for (page = 0; page < PAGES; page++)
		expect_value(arena_read(page), value);
	expect(all_are_one(0, PAGES), "a page that was only read was made another one");
	mini_write(KSM "run", "1");
}

/* Equal pages become one, even while the guest reads it; each write parts them. */
static void merged(void)
{
	u32 i, page;

	mini_write(KSM "sleep_millisecs", "5");
	mini_write(KSM "pages_to_scan", "2000");
	mini_write(KSM "run", "1");
	arena_map(PAGES);
	arena_start();
	arena_advise(0, PAGES, MADV_MERGEABLE);
	for (i = 0; i < 3; i++) {
		for (page = 0; page < PAGES; page++) {
			memset(arena_page(page), 0, PAGE);
			*arena_word(page) = 4711 + i;
			if (page < 10)
				arena_write(page, 4711 + i);
		}
		arena_spin(3, SPIN_READ);
		wait_until(all_are_one(0, PAGES));
		arena_spin(3, SPIN_NOT);
		merged_pages_stay(4711 + i);
		arena_write(1, 1);
		arena_spin(2, SPIN_WRITE);
		arena_moves(arena_word(2));
		arena_spin(2, SPIN_NOT);
		expect_value(*arena_word(1), 1);
		expect_value(arena_read(2), *arena_word(2));
		for (page = 3; page < PAGES; page++)
			expect_value(*arena_word(page), 4711 + i);
	}
	mini_write(KSM "run", "2");
	expect_value(arena_read(0), 4713);
	arena_write(0, 5);
	expect_value(*arena_word(5), 4713);
	mini_write(KSM "run", "0");
	arena_stop();
}

static u64 *frames_of_many;

static int by_frame(const void *a, const void *b)
{
	u64 frame = frames_of_many[*(u32 *)a], other = frames_of_many[*(u32 *)b];

	return frame < other ? -1 : frame > other;
}

/*
 * The arena gets a few of very many pages, from all over memory.  When the
 * others are free, the kernel, told to tidy up, moves those that are low to the
 * end of memory.
 */
static void migrated(void)
{
	u32 many = mini_number_in("/proc/meminfo", "MemFree") / 2 / (PAGE / 1024), i, moved = 0;
	u64 *frames = mini_shared(many * sizeof(*frames)), old[PAGES];
	u32 *order = mini_shared(many * sizeof(*order));
	u8 *most = mmap(NULL, many * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	expect(most != MAP_FAILED, "mmap: %m");
	arena_pagemap(most, frames, many);
	for (i = 0; i < many; i++) {
		frames[i] = pagemap_frame(frames[i]);
		order[i] = i;
	}
	frames_of_many = frames;
	qsort(order, many, sizeof(*order), by_frame);
	arena_map(PAGES);
	arena_start();
	for (i = 0; i < PAGES; i++)
		arena_move(most + order[i * (many / PAGES)] * PAGE, i);
	munmap(most, many * PAGE);
	arena_fill(PAGES, 0);
	for (i = 0; i < PAGES; i++)
		old[i] = arena_frame(i);
	arena_spin(3, SPIN_READ);
	mini_write("/proc/sys/vm/compact_memory", "1");
	for (i = 0; i < PAGES; i++)
		moved += arena_frame(i) != old[i];
	expect(moved, "no page was moved");
	arena_check(PAGES, 0);
	arena_fill(PAGES, 9);
	for (i = 0; i < PAGES; i++)
		expect_value(*arena_word(i), 9 + i);
	arena_stop();
}

static long huge_kb(void)
{
	return mini_number_in("/proc/self/smaps_rollup", "AnonHugePages");
}

/* Huge pages are taken apart under the guest, and made under it. */
static void huge_pages(void)
{
	u32 i;

	mini_write(THP "enabled", "madvise");
	arena_map(HUGE_PAGES);
	arena_advise(0, HUGE_PAGES, MADV_HUGEPAGE);
	arena_start();
	arena_fill(HUGE_PAGES, 3);
	expect(huge_kb() > 0, "there is no huge page");
	arena_spin(40, SPIN_READ);
	arena_advise(5, 1, MADV_DONTNEED);
	expect_value(arena_read(5), 0);
	arena_write(5, 3 + 5);
	arena_protect(6, PROT_READ);
	expect_value(arena_read(6), 3 + 6);
	arena_protect(6, PROT_READ | PROT_WRITE);
	arena_word(5)[1023] = ~(3 + 5);
	arena_check(HUGE_PAGES, 3);
	for (i = 0; i < HUGE_ROUNDS; i++) {
		arena_spin(7, SPIN_WRITE);
		if (madvise((void *)ARENA, HUGE_PAGES * PAGE, MADV_COLLAPSE)) {
			expect(errno == EINVAL || errno == EAGAIN || errno == ENOMEM,
			       "MADV_COLLAPSE: %m");
			break;
		}
		expect(huge_kb() >= (long)(HUGE_PAGES * PAGE / 1024), "they are not huge");
		arena_moves(arena_word(7));
		arena_spin(7, SPIN_NOT);
		expect_value(arena_read(7), *arena_word(7));
		arena_write(7, 3 + 7);
		arena_check(HUGE_PAGES, 3);
		arena_advise(8 + i, 1, MADV_DONTNEED);
		arena_fill(HUGE_PAGES, 3);
	}
	arena_stop();
}

int main(void)
{
	bool swap = mini_number_in("/proc/meminfo", "SwapTotal") > 0;

	mini_case_seconds = 180;
	if (swap) {
		RUN(swapped_out);
		RUN(everything_swapped_out);
		RUN(lazily_freed);
	} else {
		mini_skip("swapped_out and others", "there is no swap");
	}
	if (access(KSM "run", W_OK))
		mini_skip("merged", "this kernel has no KSM");
	else
		RUN(merged);
	if (access("/proc/sys/vm/compact_memory", W_OK))
		mini_skip("migrated", "this kernel has no compaction");
	else
		RUN(migrated);
	if (access(THP "enabled", W_OK))
		mini_skip("huge_pages", "this kernel has no transparent huge pages");
	else
		RUN(huge_pages);
	return mini_done();
}
