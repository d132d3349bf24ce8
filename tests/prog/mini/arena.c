// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose memory changes under them: see arena.h.  The guest's part comes
 * first; it must do without the C library.
 */
#include <pthread.h>
#include "arena.h"

enum job { JOB_NONE, JOB_READ, JOB_WRITE, JOB_FILL, JOB_CHECK, JOB_END };

/* How long a word is watched that must not change. */
#define STILL_MS	10
/* How long a page may take to leave. */
#define SWAP_MS		10000

static pte_t tables[ARENA_SIZE / PAGE] page_aligned;

static struct {
	volatile u32 job, page, value, result;
	volatile u32 spin_page, spin_mode, rounds;
} control;

int arena_fd;

static pthread_t owner;
static volatile bool ended;
static const char *reason;

static volatile u32 *kernel_view(u32 page)
{
	return arena_word(page);
}

static volatile u32 *user_view(u32 page)
{
	return (volatile u32 *)(ARENA_USER + page * PAGE);
}

static void guest_fills(u32 pages, u32 seed)
{
	u32 page;

	for (page = 0; page < pages; page++) {
		kernel_view(page)[0] = seed + page;
		user_view(page)[1023] = ~(seed + page);
	}
}

static void guest_checks(u32 pages, u32 seed)
{
	u32 page, first, last;

	for (page = 0; page < pages; page++) {
		first = user_view(page)[0];
		last = kernel_view(page)[1023];
		if (first != seed + page || last != ~(seed + page))
			crash("page %u has %x and %x", page, first, last);
	}
}

static u32 guest_reads(u32 page)
{
	u32 value = *kernel_view(page), other = *user_view(page);

	if (value != other)
		crash("page %u is %x and %x", page, value, other);
	return value;
}

/* The page may change between the two, so they need not be the same. */
static void guest_touches(u32 page)
{
	(void)*kernel_view(page);
	(void)*user_view(page);
}

static void guest_does_job(void)
{
	switch (control.job) {
	case JOB_READ:
		control.result = guest_reads(control.page);
		break;
	case JOB_WRITE:
		*user_view(control.page) = control.value;
		break;
	case JOB_FILL:
		guest_fills(control.page, control.value);
		break;
	case JOB_CHECK:
		guest_checks(control.page, control.value);
		break;
	case JOB_END:
		crash("end");
	}
	control.job = JOB_NONE;
}

static void guest_spins(void)
{
	u32 mode = control.spin_mode;

	/* the mode is set last, and so it is read first */
	if (mode == SPIN_WRITE)
		++*user_view(control.spin_page);
	else if (mode == SPIN_READ)
		guest_touches(control.spin_page);
}

static void arena_guest(void)
{
	for (;;) {
		guest_spins();
		if (control.job)
			guest_does_job();
		control.rounds++;
	}
}

/**
 * arena_mapped() - check what mmap() or mremap() gave
 * @at: an address of the arena, or MAP_FAILED
 */
void arena_mapped(void *at)
{
	expect(at != MAP_FAILED, "the arena cannot be mapped: %m");
}

/**
 * arena_map() - have private memory in the arena
 * @pages: how much from its start
 */
void arena_map(u32 pages)
{
	arena_mapped(mmap((void *)ARENA, pages * PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
}

void arena_map_file(int fd, u32 page, u32 pages)
{
	arena_mapped(mmap(arena_page(page), pages * PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_FIXED, fd, 0));
}

void arena_advise(u32 page, u32 pages, int advice)
{
	expect(!madvise(arena_page(page), pages * PAGE, advice), "madvise %d: %m", advice);
}

void arena_protect(u32 page, int prot)
{
	expect(!mprotect(arena_page(page), PAGE, prot), "mprotect: %m");
}

void arena_move(void *from, u32 to)
{
	arena_mapped(mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			    arena_page(to)));
}

int arena_file(u32 pages)
{
	int fd = memfd_create("arena", MFD_CLOEXEC);

	expect(fd >= 0 && !ftruncate(fd, pages * PAGE), "memfd: %m");
	return fd;
}

volatile u32 *arena_view(int fd, u32 pages)
{
	void *view = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	expect(view != MAP_FAILED, "mmap: %m");
	return view;
}

static void map_twice(void)
{
	u32 i, at, table;

	for (i = 0; i < ARENA_SIZE / PAGE; i++)
		tables[i] = (ARENA + i * PAGE) | P_ALL;
	for (at = 0; at < ARENA_SIZE; at += TABLE_SPAN) {
		table = (u32)&tables[at / PAGE] | P_ALL;
		*mini_pde(ARENA + at) = table;
		*mini_pde(ARENA_USER + at) = table;
	}
}

static void *owner_thread(void *unused)
{
	arena_fd = mini_open();
	expect_value(mini_initialize(arena_fd), 16);
	reason = mini_finish(arena_fd);
	ended = true;
	return unused;
}

/**
 * arena_entry() - the entry of a page, in both of its places
 * @page: of the arena
 *
 * Return: the entry, which arena_prepare() fills in.
 */
volatile pte_t *arena_entry(u32 page)
{
	return &tables[page];
}

/**
 * arena_prepare() - make a guest that has the arena
 * @guest: its main function
 */
void arena_prepare(void (*guest)(void))
{
	memset(&control, 0, sizeof(control));
	mini_reset(guest);
	map_twice();
}

/**
 * arena_go() - run it in a thread of its own
 */
void arena_go(void)
{
	ended = false;
	expect(!pthread_create(&owner, NULL, owner_thread, NULL), "pthread_create: %m");
}

/**
 * arena_goes_on() - wait until the guest has come round
 */
void arena_goes_on(void)
{
	u32 rounds = control.rounds;

	wait_until(control.rounds - rounds > 1 || ended);
	expect(!ended, "the guest died: %s", reason);
}

void arena_run(void (*guest)(void))
{
	arena_prepare(guest);
	arena_go();
}

void arena_start(void)
{
	arena_run(arena_guest);
	arena_goes_on();
}

bool arena_ended(void)
{
	return ended;
}

const char *arena_reason(void)
{
	wait_until(ended);
	pthread_join(owner, NULL);
	close(arena_fd);
	return reason;
}

static void give_job(enum job job, u32 page, u32 value)
{
	control.page = page;
	control.value = value;
	control.job = job;
}

static u32 do_job(enum job job, u32 page, u32 value)
{
	give_job(job, page, value);
	wait_until(!control.job || ended);
	expect(!ended, "the guest died: %s", reason);
	return control.result;
}

void arena_stop(void)
{
	give_job(JOB_END, 0, 0);
	expect_reason(arena_reason(), "CRASH: end");
}

/**
 * arena_spin() - let the guest touch one page all the time
 * @page: its number
 * @mode: how
 *
 * When this returns it has done so.
 */
void arena_spin(u32 page, enum arena_spin mode)
{
	control.spin_mode = SPIN_NOT;
	arena_goes_on();
	control.spin_page = page;
	control.spin_mode = mode;
	arena_goes_on();
}

u32 arena_read(u32 page)
{
	return do_job(JOB_READ, page, 0);
}

void arena_write(u32 page, u32 value)
{
	do_job(JOB_WRITE, page, value);
}

void arena_fill(u32 pages, u32 seed)
{
	do_job(JOB_FILL, pages, seed);
}

void arena_check(u32 pages, u32 seed)
{
	do_job(JOB_CHECK, pages, seed);
}

void arena_ask_read(u32 page)
{
	give_job(JOB_READ, page, 0);
}

void arena_ask_write(u32 page)
{
	give_job(JOB_WRITE, page, 0);
}

/**
 * arena_is_still() - nobody writes there
 * @word: where
 *
 * A guest that counts is much faster than this looks.
 */
void arena_is_still(volatile u32 *word)
{
	u32 first = *word, now;
	long end = mini_ms() + STILL_MS;

	do {
		now = *word;
		expect(now == first, "%p went from %u to %u", word, first, now);
	} while (mini_ms() < end);
}

void arena_moves(volatile u32 *word)
{
	u32 first = *word;

	wait_until(*word != first || ended);
	expect(!ended, "the guest died: %s", reason);
}

/**
 * arena_pagemap() - /proc/self/pagemap
 * @addr: of the first page
 * @entries: for the result
 * @pages: how many
 */
void arena_pagemap(const void *addr, u64 *entries, u32 pages)
{
	off_t at = (off_t)((u32)addr / PAGE) * sizeof(u64);
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t size = pages * sizeof(u64);

	expect(pread(fd, entries, size, at) == size, "pagemap: %m");
	close(fd);
}

/**
 * arena_frame() - where a page is
 * @page: its number
 *
 * Return: its frame's number, or 0.
 */
u64 arena_frame(u32 page)
{
	u64 entry;

	arena_pagemap(arena_page(page), &entry, 1);
	return pagemap_frame(entry);
}

static bool is_present(u32 page, u32 pages)
{
	while (pages--) {
		if (arena_frame(page++))
			return true;
	}
	return false;
}

/**
 * arena_swap_out() - until no page is left in memory
 * @page: the first
 * @pages: how many
 *
 * It can only come to an end if nobody holds one; a CPU holds those that it got
 * last, so the caller and its guest must be on one: mini_pin().
 */
void arena_swap_out(u32 page, u32 pages)
{
	long give_up = mini_ms() + SWAP_MS;

	do {
		expect(mini_ms() < give_up, "page %u stays in memory", page);
		arena_advise(page, pages, MADV_PAGEOUT);
	} while (is_present(page, pages));
}
