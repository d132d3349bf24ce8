// SPDX-License-Identifier: GPL-2.0
/*
 * What the host maps besides the page that a guest faulted for: neighbours that the
 * guest has used before, as far as their memory is there, and nothing else.  The
 * host's counter of mended faults tells.
 */
#include "mini/arena.h"

/* Pages that are mapped together, and if there are any, how far that goes: fault_around.c */
#define AROUND		16
#define FAR_AROUND	64
#define WRITABLE	(P_ALL | P_ACCESSED | P_DIRTY)
#define TABLE_PAGES	(TABLE_SPAN / PAGE)

static volatile u32 from, to;
static volatile enum { WAITING, READING, WRITING, LEAVING } job;

static void guest_works(void)
{
	volatile u32 *word;
	u32 page;

	for (;;) {
		while (job == WAITING)
			;
		if (job == LEAVING)
			return;
		for (page = from; page < to; page++) {
			word = (volatile u32 *)(ARENA_USER + page * PAGE);
			if (job == WRITING)
				*word = page;
			else
				(void)*word;
		}
		job = WAITING;
	}
}

static void work(int what, u32 first, u32 end)
{
	from = first;
	to = end;
	job = what;
	wait_until(job == WAITING || arena_ended());
	expect(!arena_ended(), "the guest died: %s", arena_reason());
}

/* How many faults are mended while the guest does that? */
static long faults(int what, u32 first, u32 end)
{
	long before = mini_counter(arena_fd, "pf_fixed");

	work(what, first, end);
	return mini_counter(arena_fd, "pf_fixed") - before;
}

static void finish(void)
{
	job = LEAVING;
	expect_reason(arena_reason(), "CRASH: done");
}

/* A guest with so many pages, of which the launcher has used all. */
static void prepare(u32 pages, u32 flags)
{
	u32 i;

	arena_map(pages);
	arena_prepare(guest_works);
	for (i = 0; i < pages; i++) {
		*arena_word(i) = i;
		*arena_entry(i) |= flags;
	}
	job = WAITING;
}

static void start(void)
{
	arena_go();
	/* its code and stack */
	work(READING, 0, 0);
	work(WRITING, 0, 0);
}

static void used_come_along(void)
{
	prepare(2 * FAR_AROUND, WRITABLE);
	start();
	expect_value(faults(READING, 0, AROUND), 1);
	expect_value(faults(READING, AROUND, FAR_AROUND), 0);
	expect_value(faults(READING, 2 * FAR_AROUND - 1, 2 * FAR_AROUND), 1);
	expect_value(faults(READING, FAR_AROUND, 2 * FAR_AROUND), 0);
	expect_value(faults(WRITING, 0, 2 * FAR_AROUND), 0);
	expect_value(*arena_word(2 * FAR_AROUND - 1), 2 * FAR_AROUND - 1);
	finish();
}

/* What the guest writes to them is not lost when the page leaves memory. */
static void written_ones_stay(void)
{
	u32 i;

	mini_pin(0);
	arena_map_file(arena_file(AROUND), 0, AROUND);
	arena_prepare(guest_works);
	for (i = 0; i < AROUND; i++) {
		expect_value(*arena_word(i), 0);	/* it is there, and clean */
		*arena_entry(i) |= WRITABLE;
	}
	job = WAITING;
	start();
	expect_value(faults(READING, 5, 6), 1);
	expect_value(faults(WRITING, 0, AROUND), 0);
	finish();
	arena_swap_out(0, AROUND);
	for (i = 0; i < AROUND; i++)
		expect_value(*arena_word(i), i);
}

/* What was not written to must fault when it is, for its dirty bit. */
static void clean_come_read_only(void)
{
	u32 i;

	prepare(AROUND, P_ACCESSED);
	start();
	expect_value(faults(READING, 5, 6), 1);
	expect_value(faults(READING, 0, AROUND), 0);
	for (i = 0; i < AROUND; i++)
		expect(!(*arena_entry(i) & P_DIRTY), "page %u became dirty", i);
	expect_value(faults(WRITING, 0, AROUND), AROUND);
	for (i = 0; i < AROUND; i++)
		expect(*arena_entry(i) & P_DIRTY, "page %u is not dirty", i);
	finish();
}

static void unused_do_not(void)
{
	u32 i;

	prepare(AROUND, 0);
	start();
	expect_value(faults(READING, 5, 6), 1);
	for (i = 0; i < AROUND; i++)
		expect(!(*arena_entry(i) & P_ACCESSED) == (i != 5), "page %u", i);
	expect_value(faults(READING, 0, AROUND), AROUND - 1);
	finish();
}

/* The launcher's memory does not grow by it. */
static void no_memory_is_made(void)
{
	u32 i;

	prepare(AROUND, WRITABLE);
	arena_advise(0, AROUND, MADV_DONTNEED);
	start();
	expect_value(faults(READING, 7, 8), 1);
	for (i = 0; i < AROUND; i++)
		expect(!arena_frame(i) == (i != 7), "page %u", i);
	finish();
}

/* The end of one table, the start of the next. */
static void tables_end(void)
{
	prepare(TABLE_PAGES + 1, WRITABLE);
	start();
	expect_value(faults(READING, TABLE_PAGES - AROUND, TABLE_PAGES), 1);
	expect_value(faults(READING, TABLE_PAGES, TABLE_PAGES + 1), 1);
	finish();
}

/* Entries that would end the guest do so when it uses them. */
static void wrong_do_not(void)
{
	static const u32 wrong[] = { P_LARGE, 0xfffff000 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		prepare(AROUND, WRITABLE);
		*arena_entry(3) |= wrong[i];
		start();
		expect_value(faults(READING, 4, AROUND), 1);
		from = 3;
		job = READING;
		expect_prefix(arena_reason(), "bad page table entry");
		munmap(arena_page(0), AROUND * PAGE);
	}
}

/* What the launcher may only read, the guest may, too. */
static void protected_come_read_only(void)
{
	prepare(AROUND, WRITABLE);
	arena_protect(3, PROT_READ);
	start();
	expect_value(faults(READING, 4, 5), 1);
	expect_value(faults(READING, 0, AROUND), 0);
	expect_value(faults(WRITING, 4, AROUND), 0);
	from = 3;
	job = WRITING;
	expect_prefix(arena_reason(), "read-only memory");
}

/* They go with their memory, as others do. */
static void they_go(void)
{
	u32 i;

	prepare(AROUND, WRITABLE);
	start();
	expect_value(faults(READING, 0, AROUND), 1);
	arena_advise(0, AROUND, MADV_DONTNEED);
	expect_value(faults(WRITING, 9, 10), 1);
	for (i = 0; i < AROUND; i++)
		expect_value(*arena_word(i), i == 9 ? 9 : 0);
	finish();
}

int main(void)
{
	RUN(used_come_along);
	RUN(written_ones_stay);
	RUN(clean_come_read_only);
	RUN(unused_do_not);
	RUN(no_memory_is_made);
	RUN(tables_end);
	RUN(wrong_do_not);
	RUN(protected_come_read_only);
	RUN(they_go);
	return mini_done();
}
