// SPDX-License-Identifier: GPL-2.0
/*
 * A launcher does what it likes with its own memory while its guest uses it,
 * and the guest sees what the launcher sees: pages given back, replaced, moved,
 * copied on write, protected.  No page stays because a guest has touched it.
 */
#include <pthread.h>
#include "mini/arena.h"

#define PAGES		64
#define MANY_PAGES	(ARENA_SIZE / PAGE)
#define ROUNDS		30
#define MANY_KB		((long)(ARENA_SIZE / 1024))

static long free_kb(void)
{
	return mini_number_in("/proc/meminfo", "MemFree");
}

static long resident_kb(void)
{
	return mini_number_in("/proc/self/status", "VmRSS");
}

/* A page that was given back begins again with zeroes, for both. */
static void dontneed(void)
{
	u32 i, page;

	arena_map(PAGES);
	arena_start();
	for (i = 0; i < ROUNDS; i++) {
		page = i % PAGES;
		arena_spin(page, i % 2 ? SPIN_WRITE : SPIN_READ);
		arena_word(page)[1] = i + 1;
		arena_write((page + 1) % PAGES, i + 1);
		arena_advise(page, 1, MADV_DONTNEED);
		expect_value(arena_word(page)[1], 0);
		if (i % 2)
			arena_moves(arena_word(page));
		else
			expect_value(arena_read(page), 0);
		expect_value(arena_read((page + 1) % PAGES), i + 1);
	}
	arena_stop();
}

/* All of a guest's memory is the host's again at once, the guest running on. */
static void dontneed_frees(void)
{
	long resident, before;

	arena_map(MANY_PAGES);
	arena_start();
	arena_fill(MANY_PAGES, 1);
	arena_spin(5, SPIN_WRITE);
	resident = resident_kb();
	before = free_kb();
	expect(resident > MANY_KB * 9 / 10, "%ld kB are resident", resident);
	arena_advise(0, MANY_PAGES, MADV_DONTNEED);
	wait_until(free_kb() > before + MANY_KB * 9 / 10);
	expect(resident_kb() < resident - MANY_KB * 9 / 10, "%ld kB are resident", resident_kb());
	arena_moves(arena_word(5));
	arena_stop();
}

static void munmap_frees(void)
{
	long before;

	arena_map(MANY_PAGES);
	arena_start();
	arena_fill(MANY_PAGES, 1);
	arena_spin(5, SPIN_WRITE);
	before = free_kb();
	expect(!munmap(arena_page(PAGES), (MANY_PAGES - PAGES) * PAGE), "munmap: %m");
	wait_until(free_kb() > before + MANY_KB * 9 / 10);
	arena_moves(arena_word(5));
	arena_stop();
}

/* The launcher is gone, but another process still has its guest's file. */
static void exit_frees(void)
{
	u32 *filled = mini_shared(PAGE);
	pid_t launcher, holder;
	long before;

	launcher = mini_fork();
	if (!launcher) {
		arena_map(MANY_PAGES);
		arena_start();
		holder = fork();
		if (!holder) {
			munmap((void *)ARENA, ARENA_SIZE);
			filled[1] = 1;
			for (;;)
				pause();
		}
		arena_fill(MANY_PAGES, 1);
		filled[0] = 1;
		for (;;)
			pause();
	}
	wait_until(filled[0] && filled[1]);
	before = free_kb();
	kill(launcher, SIGKILL);
	expect_value(mini_wait(launcher), SIGKILL);
	wait_until(free_kb() > before + MANY_KB * 9 / 10);
	/* the end of the case kills the holder */
}

/* A page that the guest writes to at full speed, when its protection changes. */
static void read_only_stops_writer(void)
{
	arena_map(PAGES);
	arena_start();
	arena_spin(3, SPIN_WRITE);
	arena_moves(arena_word(3));
	arena_protect(3, PROT_READ);
	arena_is_still(arena_word(3));
	expect_formatted(arena_reason(), "read-only memory at %#x", ARENA + 3 * PAGE);
}

static void none_stops_reader(void)
{
	arena_map(PAGES);
	arena_start();
	arena_spin(3, SPIN_READ);
	arena_protect(3, PROT_NONE);
	expect_formatted(arena_reason(), "no memory at %#x", ARENA + 3 * PAGE);
}

static void munmap_stops_writer(void)
{
	arena_map(PAGES);
	arena_start();
	arena_spin(3, SPIN_WRITE);
	munmap(arena_page(3), PAGE);
	expect_formatted(arena_reason(), "no memory at %#x", ARENA + 3 * PAGE);
}

/* What is protected for a while does no harm if the guest leaves it alone. */
static void protected_and_back(void)
{
	u32 i;

	arena_map(PAGES);
	arena_start();
	arena_fill(PAGES, 100);
	arena_spin(0, SPIN_READ);
	for (i = 0; i < ROUNDS; i++) {
		u32 page = 1 + i % (PAGES - 1);

		arena_protect(page, PROT_READ);
		expect_value(arena_read(page), 100 + page);
		arena_protect(page, PROT_NONE);
		arena_goes_on();
		arena_protect(page, PROT_READ | PROT_WRITE);
		arena_write(page, 100 + page - i);
		expect_value(*arena_word(page), 100 + page - i);
		arena_write(page, 100 + page);
	}
	arena_protect(0, PROT_READ);
	expect_value(arena_read(0), 100);
	arena_ask_write(0);
	expect_formatted(arena_reason(), "read-only memory at %#x", ARENA);
}

/* Two files of a page, with the launcher's own views of them. */
static volatile u32 *view[2];
static int file[2];

static void make_files(void)
{
	u32 i;

	for (i = 0; i < 2; i++) {
		file[i] = arena_file(1);
		view[i] = arena_view(file[i], 1);
	}
}

/*
 * Another page takes the place of the one that the guest writes to.  When
 * @replace returns, the guest must have lost the old one, however busy it was.
 */
static void replaced_under_writer(void (*replace)(int with))
{
	u32 i;

	arena_map(PAGES);
	make_files();
	arena_map_file(file[0], 7, 1);
	arena_start();
	arena_spin(7, SPIN_WRITE);
	for (i = 0; i < ROUNDS; i++) {
		arena_moves(view[i % 2]);
		replace(file[(i + 1) % 2]);
		arena_is_still(view[i % 2]);
		arena_moves(view[(i + 1) % 2]);
	}
	arena_stop();
}

static void map_over(int with)
{
	arena_map_file(with, 7, 1);
}

static void other_page_over(void)
{
	replaced_under_writer(map_over);
}

/* Pages change places, by way of a third; the guest reads one all the time. */
static void swapped_by_mremap(void)
{
	u32 i;

	arena_map(PAGES);
	arena_start();
	arena_write(1, 1000);
	arena_write(2, 2000);
	arena_spin(3, SPIN_READ);
	for (i = 0; i < ROUNDS; i++) {
		expect_value(arena_read(1), i % 2 ? 2000 : 1000);
		arena_move(arena_page(1), 0);
		arena_move(arena_page(2), 1);
		arena_move(arena_page(0), 2);
		expect_value(arena_read(1), i % 2 ? 1000 : 2000);
		expect_value(arena_read(2), i % 2 ? 2000 : 1000);
	}
	arena_ask_read(0);
	expect_formatted(arena_reason(), "no memory at %#x", ARENA);
}

/* A shared page moves over the one that the guest is writing to. */
static void move_over(int with)
{
	arena_map_file(with, 8, 1);
	arena_move(arena_page(8), 7);
}

static void moved_over_writer(void)
{
	replaced_under_writer(move_over);
}

/* A child, in which nothing may change any more. */
static void child_keeps(u32 page, volatile u32 *stage)
{
	u32 first = *arena_word(page), i;

	arena_is_still(arena_word(page));
	*stage = 1;
	wait_until(*stage == 2);
	expect_value(*arena_word(page), first);
	for (i = 1; i < PAGES; i++)
		expect_value(*arena_word(i), 50 + i);
	_exit(0);
}

/*
 * fork() makes copies on write, of which the guest's writes go to its own
 * launcher's.  A guest that went on writing to a page after it became the
 * child's as well would show in the child.
 */
static void fork_copies(void)
{
	volatile u32 *stage = mini_shared(PAGE);
	pid_t pid;
	u32 i;

	arena_map(PAGES);
	arena_start();
	for (i = 0; i < ROUNDS / 3; i++) {
		arena_fill(PAGES, 50);
		arena_spin(0, SPIN_WRITE);
		*stage = 0;
		pid = mini_fork();
		if (!pid)
			child_keeps(0, stage);
		wait_until(*stage == 1);
		arena_moves(arena_word(0));
		arena_spin(0, SPIN_NOT);
		expect_value(arena_read(0), *arena_word(0));
		arena_fill(PAGES, 5000 + i);
		*stage = 2;
		if (mini_wait(pid))
			_exit(1);	/* it has said why */
		arena_check(PAGES, 5000 + i);
	}
	arena_stop();
}

/* The child writes first: then the guest's page is no copy, but must stay. */
static void fork_child_writes(void)
{
	u32 i, j;
	pid_t pid;

	arena_map(PAGES);
	arena_start();
	for (i = 0; i < ROUNDS / 3; i++) {
		arena_fill(PAGES, 50);
		arena_spin(0, SPIN_READ);
		pid = mini_fork();
		if (!pid) {
			for (j = 0; j < PAGES; j++)
				*arena_word(j) = 1;
			_exit(0);
		}
		expect_value(mini_wait(pid), 0);
		arena_check(PAGES, 50);
		for (j = 0; j < PAGES; j++)
			expect_value(*arena_word(j), 50 + j);
	}
	arena_stop();
}

/* Memory that was never written to is all one page of zeroes: no guest's. */
static void zero_page_stays(void)
{
	static const u8 zeroes[PAGE];
	u32 i;

	arena_map(PAGES);
	arena_start();
	for (i = 0; i < PAGES; i++)
		expect_value(*arena_word(i), 0);
	for (i = 0; i < PAGES; i += 2)
		expect_value(arena_read(i), 0);
	for (i = 0; i < PAGES; i += 3)
		arena_write(i, i + 1);
	for (i = 0; i < PAGES; i++) {
		expect_value(arena_read(i), i % 3 ? 0 : i + 1);
		expect(i % 3 == 0 || !memcmp(arena_page(i), zeroes, PAGE),
		       "page %u has something", i);
	}
	arena_stop();
}

int main(void)
{
	mini_case_seconds = 180;
	RUN(dontneed);
	RUN(dontneed_frees);
	RUN(munmap_frees);
	RUN(exit_frees);
	RUN(read_only_stops_writer);
	RUN(none_stops_reader);
	RUN(munmap_stops_writer);
	RUN(protected_and_back);
	RUN(other_page_over);
	RUN(swapped_by_mremap);
	RUN(moved_over_writer);
	RUN(fork_copies);
	RUN(fork_child_writes);
	RUN(zero_page_stays);
	return mini_done();
}
