// SPDX-License-Identifier: GPL-2.0
/*
 * What no release of Linux had: guests of every era ask for it when they start, and
 * get it only then.
 */
#include <time.h>
#include "era.h"

#define ANSWER	PHYS(scratch[0])	/* what the host says that it has */
#define CLOCK	PHYS(scratch[1])

#define SOMEWHERE	0x1000u

static u32 where;

/* @magic: what the guest has in the register that asks */
static void prepare(void (*guest)(void), u32 magic)
{
	era_prepare(guest);
	run.init2 = magic;
	run.init3 = ANSWER;
}

static u64 clock_now(u32 view)
{
	return *(volatile u64 *)(view + CLOCK);
}

static void guest_reads_clock(void)
{
	u64 first;

	guest_expect(*(volatile u32 *)ANSWER == (LGUEST_HAS_CLOCK | LGUEST_HAS_PROTECT |
					    LGUEST_HAS_RANGE | LGUEST_HAS_SWITCH));
	call1(LHCALL_GET_CLOCK, CLOCK);
	first = clock_now(0);
	guest_expect(first != 0);
	era_later(0, LHCALL_GET_CLOCK, CLOCK, 0, 0);
	call0(LHCALL_FLUSH_ASYNC);
	guest_expect(clock_now(0) > first);
}

static u64 host_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* A guest that asks has a clock, which is the host's that nobody sets. */
static void extension_clock(void)
{
	u64 before;

	prepare(guest_reads_clock, LGUEST_EXTENSIONS);
	before = host_clock();
	expect_reason(era_run_again(), "CRASH: done");
	expect(clock_now(ERA_BASE) > before && clock_now(ERA_BASE) < host_clock(),
	       "it is not the host's clock");
}

/*
 * A ring that fills itself: each call stores the time, whose last byte is 0, which says
 * that a slot is in use, over those of the slots before it.
 */
static void guest_refills_ring(void)
{
	u32 status = run.data + era->data->status, i;

	for (i = 0; i < LHCALL_RING_SIZE; i++) {
		if (i < sizeof(u64))
			era_later(i, LHCALL_FLUSH_ASYNC, 0, 0, 0);
		else
			era_later(i, LHCALL_GET_CLOCK, status + i - sizeof(u64), 0, 0);
	}
	call1(LHCALL_NOTIFY, SOMEWHERE);
}

/* Otherwise it would go on for ever, or nearly. */
static void ring_goes_round_once(void)
{
	int fd;

	prepare(guest_refills_ring, LGUEST_EXTENSIONS);
	fd = era_start();
	expect_value(era_notified(fd), SOMEWHERE);
	expect_value(mini_counter(fd, "async_hypercalls"), LHCALL_RING_SIZE);
	close(fd);
}

static void guest_asks_clock(void)
{
	call1(LHCALL_GET_CLOCK, where);
}

/* Nothing is stored for guests that have something else in these registers. */
static void extensions_unasked(void)
{
	prepare(guest_asks_clock, LGUEST_EXTENSIONS + 1);
	where = CLOCK;
	expect_reason(era_run_again(), "bad hypercall 20");
	expect(!*(volatile u32 *)seen(ANSWER), "a word was stored");
}

static const char *clock_goes_to(u32 address)
{
	where = address;
	return era_run_again();
}

static void extensions_at_limit(void)
{
	u32 limit;

	prepare(guest_asks_clock, LGUEST_EXTENSIONS);
	limit = era_last_page();
	expect_reason(clock_goes_to(limit - 8), "CRASH: done");
	prepare(guest_asks_clock, LGUEST_EXTENSIONS);
	expect_formatted(clock_goes_to(limit - 7), "bad write address %#x len 8", limit - 7);
	prepare(guest_asks_clock, LGUEST_EXTENSIONS);
	expect_formatted(clock_goes_to(-4u), "bad write address %#x len 8", -4u);
	prepare(guest_asks_clock, LGUEST_EXTENSIONS);
	run.init3 = limit - 3;
	expect_formatted(clock_goes_to(CLOCK), "bad write address %#x len 4", limit - 3);
}

#define WINDOW		ERA_WINDOW	/* in the guest's user part */
#define KERNEL_WINDOW	ERA_KERNEL_WINDOW	/* in its kernel part */
#define FIRST		PHYS(scratch[2])
#define SECOND		PHYS(scratch[3])

static void prepare_windows(void (*guest)(void), u32 magic)
{
	prepare(guest, magic);
	mini.on_trap = era_tell_fault;
	era_map(run.root, WINDOW, FIRST | P_ALL);
	era_map(run.root, KERNEL_WINDOW, FIRST | P_ALL);
}

static void change_entries(u32 pte)
{
	era_put(0, era_page_entry(0, run.root, WINDOW), pte);
	era_put(0, era_page_entry(0, run.root, KERNEL_WINDOW), pte);
}

/* What else has changed is no part of that call: the old page is there still. */
static void guest_protects(void)
{
	*word_at(WINDOW) = 1;
	*word_at(KERNEL_WINDOW) = 2;
	change_entries((SECOND | P_ALL | P_ACCESSED) & ~P_RW);
	call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	guest_expect(*word_at(WINDOW) == 2);
	*word_at(KERNEL_WINDOW) = 3;
	guest_expect(*word_at(WINDOW) == 3);
	*word_at(WINDOW) = 4;
}

static void extension_protect(void)
{
	prepare_windows(guest_protects, LGUEST_EXTENSIONS);
	expect_formatted(era_run_again(), "CRASH: trap 14 errcode 3 cr2 %x", WINDOW);
	expect_value(*(u32 *)seen(FIRST), 3);
	expect_value(*(u32 *)seen(SECOND), 0);
}

/* Pages that are written to, from WINDOW on; then all but some become read-only. */
#define MANY		40u		/* more than the host asks about */
#define FEW		3u
#define ALL_OF_IT	(P_ALL | P_ACCESSED | P_DIRTY)

static u32 nr_pages, stay_writable;

static void change_page(u32 i, u32 pte)
{
	era_put(0, era_page_entry(0, run.root, WINDOW + i * PAGE), pte);
}

static void guest_forks(void)
{
	u32 i;

	for (i = 0; i < nr_pages; i++)
		*word_at(WINDOW + i * PAGE) = 1;
	for (i = 0; i < nr_pages; i++)
		change_page(i, FIRST | (i < stay_writable ? ALL_OF_IT : ALL_OF_IT & ~P_RW));
	call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	for (i = 0; i < stay_writable; i++)
		*word_at(WINDOW + i * PAGE) = 2;
	if (nr_pages > stay_writable)
		*word_at(WINDOW + (nr_pages - 1) * PAGE) = 3;
}

static void prepare_fork(u32 pages, u32 writable)
{
	u32 i;

	prepare_windows(guest_forks, LGUEST_EXTENSIONS);
	for (i = 1; i < pages; i++)
		era_map(run.root, WINDOW + i * PAGE, FIRST | P_ALL);
	nr_pages = pages;
	stay_writable = writable;
}

/* How many page faults are mended in all? */
static u32 faults_of_fork(u32 pages, u32 writable)
{
	u32 count;
	int fd;

	prepare_fork(pages, writable);
	fd = era_start();
	expect_reason(era_finish(fd), "CRASH: done");
	expect_value(*(u32 *)seen(FIRST), 2);
	count = mini_counter(fd, "pf_fixed");
	close(fd);
	return count;
}

static void writable_ones_stay(void)
{
	expect_value(faults_of_fork(2 * FEW, 2 * FEW), faults_of_fork(FEW, FEW) + FEW);
	/* too many to ask about all */
	expect(faults_of_fork(MANY, MANY) > faults_of_fork(FEW, FEW) + MANY - FEW,
	       "all have stayed");
}

static void others_do_not(void)
{
	u32 pages;

	for (pages = 1; pages <= MANY; pages += MANY - 1) {
		prepare_fork(pages, pages - 1);
		expect_formatted(era_run_again(), "CRASH: trap 14 errcode 3 cr2 %x",
				 WINDOW + (pages - 1) * PAGE);
		expect_value(*(u32 *)seen(FIRST), pages > 1 ? 2 : 1);
	}
}

/* The next write must mark it as dirty. */
static void guest_cleans(void)
{
	*word_at(WINDOW) = 1;
	change_page(0, FIRST | P_ALL | P_ACCESSED);
	call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	*word_at(WINDOW) = 2;
	guest_expect(era_get(0, era_page_entry(0, run.root, WINDOW)) & P_DIRTY);
}

static void clean_ones_do_not(void)
{
	prepare_windows(guest_cleans, LGUEST_EXTENSIONS);
	expect_reason(era_run_again(), "CRASH: done");
}

static void guest_flushes(void)
{
	*word_at(WINDOW) = 1;
	*word_at(KERNEL_WINDOW) = 2;
	change_entries(SECOND | P_ALL);
	call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	guest_expect(*word_at(WINDOW) == 0 && *word_at(KERNEL_WINDOW) == 0);
}

/* To other guests it is one more number that is not 0. */
static void protect_unasked(void)
{
	prepare_windows(guest_flushes, 0);
	expect_reason(era_run_again(), "CRASH: done");
}

int main(void)
{
	RUN_ERAS(ring_goes_round_once, ERA_NOTIFY, 0);
	RUN_ERAS(extension_clock, 0, 0);
	RUN_ERAS(extensions_unasked, 0, 0);
	RUN_ERAS(extensions_at_limit, 0, 0);
	RUN_ERAS(extension_protect, 0, 0);
	RUN_ERAS(protect_unasked, 0, 0);
	RUN_FORMATS(writable_ones_stay, 0, 0);
	RUN_FORMATS(others_do_not, 0, 0);
	RUN_FORMATS(clean_ones_do_not, 0, 0);
	return mini_done();
}
