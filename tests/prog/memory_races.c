// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that change hands between the moment when the host takes them for a guest and
 * the moment when it maps them.  The script makes that time long (the module
 * slowdown), and the launcher is quick.
 */
#include "mini/arena.h"

#define ROUNDS		100
#define SLOW_ROUNDS	20	/* of fifteen pages that are taken slowly */
#define AROUND		16	/* pages that are mapped together: fault_around.c */
#define USED		(P_ALL | P_ACCESSED | P_DIRTY)

/* The guest reads all the time; what was written last is what it reads then. */
static void the_page_itself(void)
{
	u32 i;

	arena_map(1);
	arena_start();
	arena_spin(0, SPIN_READ);
	for (i = 1; i <= ROUNDS; i++) {
		arena_advise(0, 1, MADV_DONTNEED);
		*arena_word(0) = i;
		expect_value(arena_read(0), i);
	}
	arena_stop();
}

static volatile u32 expected[AROUND];
static volatile enum { WAITING, TOUCHING, COMPARING, LEAVING } job;

static volatile u32 *user_view(u32 page)
{
	return (volatile u32 *)(ARENA_USER + page * PAGE);
}

static void guest_works(void)
{
	u32 i;

	for (;;) {
		while (job == WAITING)
			;
		if (job == LEAVING)
			return;
		if (job == TOUCHING)
			(void)*user_view(0);
		for (i = 0; i < AROUND && job == COMPARING; i++) {
			if (*user_view(i) != expected[i])
				crash("page %u has %u for %u", i, *user_view(i), expected[i]);
		}
		job = WAITING;
	}
}

static void replace(u32 page)
{
	arena_advise(page, 1, MADV_DONTNEED);
	*arena_word(page) = ++expected[page];
}

static void wait_for_guest(void)
{
	wait_until(job == WAITING || arena_ended());
	expect(!arena_ended(), "the guest died: %s", arena_reason());
}

/* While one is mapped and its neighbours with it, these are replaced. */
static void its_neighbours(void)
{
	u32 i, page;

	arena_map(AROUND);
	arena_prepare(guest_works);
	for (i = 0; i < AROUND; i++)
		*arena_entry(i) |= USED;
	arena_go();
	for (i = 0; i < SLOW_ROUNDS; i++) {
		for (page = 0; page < AROUND; page++)
			replace(page);
		job = TOUCHING;
		for (page = 1; job == TOUCHING && !arena_ended(); page = page % (AROUND - 1) + 1)
			replace(page);
		wait_for_guest();
		job = COMPARING;
		wait_for_guest();
	}
	job = LEAVING;
	expect_reason(arena_reason(), "CRASH: done");
}

int main(void)
{
	RUN(the_page_itself);
	RUN(its_neighbours);
	return mini_done();
}
