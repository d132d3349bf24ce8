// SPDX-License-Identifier: GPL-2.0
/*
 * A process that begins, as guests with direct page faults tell of it: another directory,
 * and what was known of it forgotten.  Where the process before it has written to, what this
 * one has used is mapped at once, and nothing else.
 */
#include "era.h"

#define ANSWER		PHYS(scratch[0])
#define FIRST		PHYS(scratch[2])
#define SECOND		PHYS(scratch[3])
#define USED		(P_ALL | P_ACCESSED)
#define HERE		ERA_WINDOW
#define BESIDE		(HERE + PAGE)
#define UNUSED		(HERE + 2 * PAGE)

static u32 child_root;
static bool parent_writes, wanted;

static void begin(void)
{
	if (parent_writes)
		*word_at(HERE) = 1;
	guest_expect(*word_at(HERE) == 1);
	call1(LHCALL_NEW_PGTABLE, child_root);
	call1(LHCALL_FLUSH_TLB, 0);
}

static void prepare(void (*guest)(void))
{
	era_prepare(guest);
	mini.on_trap = era_tell_fault;
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = ANSWER;
	*(u32 *)seen(ANSWER) = wanted ? LGUEST_WANTS(LGUEST_HAS_DIRECT_FAULTS) : 0;
	*(u32 *)seen(FIRST) = 1;
	*(u32 *)seen(SECOND) = 2;
	child_root = era_new_table();
	memcpy(seen(child_root), seen(run.root), PAGE);
	if (era_pae) {	/* a gigabyte of its own */
		era_put(ERA_BASE, child_root + era_pgd_index(HERE) * sizeof(u64),
			era_new_table() | P_PRESENT);
	}
	era_map(run.root, HERE, FIRST | P_ALL);
	era_map(child_root, HERE, SECOND | USED | P_DIRTY);
	era_map(child_root, BESIDE, SECOND | USED);
	era_map(child_root, UNUSED, SECOND | P_ALL);
	parent_writes = true;
}

static u64 child_entry(u32 vaddr)
{
	return era_get(ERA_BASE, era_page_entry(ERA_BASE, child_root, vaddr));
}

static void spoil_entry(u32 vaddr, u64 flags)
{
	era_put(ERA_BASE, era_page_entry(ERA_BASE, child_root, vaddr), child_entry(vaddr) | flags);
}

static void guest_reads_used(void)
{
	begin();
	guest_expect(*word_at(HERE) == 2 && *word_at(BESIDE) == 2);
	*word_at(HERE) = 3;
	guest_expect(*word_at(BESIDE) == 3);
}

/* How many page faults are mended in all? */
static u32 faults(bool after_writing)
{
	u32 count;
	int fd;

	prepare(guest_reads_used);
	parent_writes = after_writing;
	fd = era_start();
	expect_reason(era_finish(fd), "CRASH: done");
	expect_value(*(u32 *)seen(FIRST), 1);
	expect_value(*(u32 *)seen(SECOND), 3);
	count = mini_counter(fd, "pf_fixed");
	close(fd);
	return count;
}

/* (Without that one page fault maps both, as neighbours.) */
static void used_is_there(void)
{
	expect_value(faults(true), faults(false) - 1);
}

static void unasked_it_is_not(void)
{
	wanted = false;
	expect_value(faults(true), faults(false));
	wanted = true;
}

/* Where the child makes its first access. */
static u32 where;

static void guest_reads(void)
{
	begin();
	guest_expect(*word_at(where) == 2);
}

static void guest_writes(void)
{
	begin();
	*word_at(where) = 4;
}

static void prepare_access(void (*guest)(void), u32 at)
{
	prepare(guest);
	where = at;
}

static void unused_is_not(void)
{
	prepare_access(guest_reads, HERE);
	expect_reason(era_run_again(), "CRASH: done");
	expect(!(child_entry(UNUSED) & P_ACCESSED), "it has become used");
	prepare_access(guest_reads, UNUSED);
	expect_reason(era_run_again(), "CRASH: done");
	expect(child_entry(UNUSED) & P_ACCESSED, "it was there without a page fault");
}

static void clean_becomes_dirty(void)
{
	prepare_access(guest_writes, BESIDE);
	expect_reason(era_run_again(), "CRASH: done");
	expect(child_entry(BESIDE) & P_DIRTY, "it is written to, and clean");
}

static void read_only_is(void)
{
	prepare_access(guest_writes, HERE);
	era_put(ERA_BASE, era_page_entry(ERA_BASE, child_root, HERE),
		(SECOND | USED | P_DIRTY) & ~P_RW);
	expect_formatted(era_run_again(), "CRASH: trap 14 errcode 3 cr2 %x", HERE);
	expect_value(*(u32 *)seen(SECOND), 2);
}

/* What is illegal is no crime until it is used. */
static void guest_only_begins(void)
{
	begin();
}

static void illegal_is_not(void)
{
	prepare(guest_only_begins);
	spoil_entry(HERE, P_LARGE);
	expect_reason(era_run_again(), "CRASH: done");
	prepare_access(guest_reads, HERE);
	spoil_entry(HERE, P_LARGE);
	expect_prefix(era_run_again(), "bad page table entry");
}

static u32 child_dir_entry(void)
{
	return era_dir_entry(ERA_BASE, child_root, HERE);
}

static void spoil_directory(u64 flags)
{
	era_put(ERA_BASE, child_dir_entry(), era_get(ERA_BASE, child_dir_entry()) | flags);
}

static void illegal_table_is_not(void)
{
	prepare(guest_only_begins);
	spoil_directory(P_LARGE);
	expect_reason(era_run_again(), "CRASH: done");
	prepare_access(guest_reads, HERE);
	spoil_directory(P_LARGE);
	expect_prefix(era_run_again(), "bad page directory entry");
}

static void absent_table_is_not(void)
{
	prepare(guest_only_begins);
	era_put(ERA_BASE, child_dir_entry(), 0);
	expect_reason(era_run_again(), "CRASH: done");
	prepare_access(guest_reads, HERE);
	era_put(ERA_BASE, child_dir_entry(), 0);
	expect_formatted(era_run_again(), "CRASH: trap 14 errcode 0 cr2 %x", HERE);
}

int main(void)
{
	wanted = true;
	RUN_FORMATS(used_is_there, 0, 0);
	RUN_FORMATS(unasked_it_is_not, 0, 0);
	RUN_FORMATS(unused_is_not, 0, 0);
	RUN_FORMATS(clean_becomes_dirty, 0, 0);
	RUN_FORMATS(read_only_is, 0, 0);
	RUN_FORMATS(illegal_is_not, 0, 0);
	RUN_FORMATS(illegal_table_is_not, 0, 0);
	RUN_FORMATS(absent_table_is_not, 0, 0);
	return mini_done();
}
