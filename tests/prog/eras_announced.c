// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest with direct page faults announces that it has just mapped comes with its
 * neighbours: a page that may be written to only if the next one has been used, for such
 * pages mostly come alone.
 */
#include "era.h"

#define ANSWER		PHYS(scratch[0])
#define USED		(P_ALL | P_ACCESSED | P_DIRTY)
/* In the middle of a page table, and the last page of one. */
#define INSIDE		(ERA_WINDOW + 0x10000u)
#define LAST		(ERA_WINDOW + 0x400000u - PAGE)

static u32 announced;
static u64 announced_entry;

static u32 page_of(u32 vaddr)
{
	return PHYS(scratch[1]) + (vaddr - announced);
}

static u64 entry_of(u32 vaddr)
{
	return era_get(ERA_BASE, era_page_entry(ERA_BASE, run.root, vaddr));
}

/* The page that is announced, and two behind it, which are as @flags say. */
static void prepare(void (*guest)(void), u32 at, u64 entry_flags, u64 flags)
{
	u32 i;

	era_prepare(guest);
	announced = at;
	announced_entry = page_of(at) | entry_flags;
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = ANSWER;
	*(u32 *)seen(ANSWER) = LGUEST_WANTS(LGUEST_HAS_DIRECT_FAULTS);
	era_map(run.root, at, announced_entry);
	for (i = 1; i <= 2; i++)
		era_map(run.root, at + i * PAGE, page_of(at + i * PAGE) | flags);
	/* (the memory is the launcher's, and there) */
	memset(seen(page_of(at)), 0, 3 * PAGE);
}

static void guest_uses_all(void)
{
	u32 i;

	era_set_pte(run.root, announced, announced_entry);
	for (i = 0; i <= 2; i++)
		guest_expect(!*word_at(announced + i * PAGE));
}

/* How many page faults of a guest are mended? */
static long faults_of(void (*guest)(void), u32 at, u64 entry_flags, u64 flags)
{
	long count;
	int fd;

	prepare(guest, at, entry_flags, flags);
	fd = era_start();
	expect_reason(era_finish(fd), "CRASH: done");
	count = mini_counter(fd, "pf_fixed");
	close(fd);
	return count;
}

static void guest_uses_nothing(void)
{
	era_set_pte(run.root, announced, announced_entry);
}

/* For the pages themselves, beyond what each guest takes. */
static long faults(u32 at, u64 entry_flags, u64 flags)
{
	return faults_of(guest_uses_all, at, entry_flags, flags) -
		faults_of(guest_uses_nothing, at, entry_flags, flags);
}

static void next_ones_come(void)
{
	expect_value(faults(INSIDE, USED, USED), 0);
	expect_value(faults(INSIDE, USED & ~P_RW, USED), 0);
}

static void unused_ones_do_not(void)
{
	expect_value(faults(INSIDE, USED, P_ALL), 2);
	prepare(guest_uses_all, INSIDE, USED, P_ALL);
	expect_reason(era_run_again(), "CRASH: done");
	expect(entry_of(INSIDE + PAGE) & P_ACCESSED, "it was there without a page fault");
}

/* They have another table, whose page faults are its own. */
static void none_beyond_a_table(void)
{
	expect_value(faults(LAST, USED, USED), 1);
}

static void guest_writes_next(void)
{
	era_set_pte(run.root, announced, announced_entry);
	*word_at(announced + PAGE) = 5;
}

/* What comes along is no more writable than the guest has it. */
static void read_only_stays(void)
{
	prepare(guest_writes_next, INSIDE, USED, USED & ~P_RW);
	mini.on_trap = era_tell_fault;
	expect_formatted(era_run_again(), "CRASH: trap 14 errcode 3 cr2 %x", INSIDE + PAGE);
	expect_value(*(u32 *)seen(page_of(INSIDE + PAGE)), 0);
}

static void clean_becomes_dirty(void)
{
	prepare(guest_writes_next, INSIDE, USED, P_ALL | P_ACCESSED);
	expect_reason(era_run_again(), "CRASH: done");
	expect(entry_of(INSIDE + PAGE) & P_DIRTY, "it is written to, and clean");
}

int main(void)
{
	RUN_FORMATS(next_ones_come, 0, 0);
	RUN_FORMATS(unused_ones_do_not, 0, 0);
	RUN_FORMATS(none_beyond_a_table, 0, 0);
	RUN_FORMATS(read_only_stays, 0, 0);
	RUN_FORMATS(clean_becomes_dirty, 0, 0);
	return mini_done();
}
