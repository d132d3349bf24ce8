// SPDX-License-Identifier: GPL-2.0
/*
 * Page directories that a guest loads without an exit (LGUEST_HAS_SWITCH): the processor
 * and the host must both have the right one, whatever comes next.
 */
#include "era.h"

#define ANSWER		PHYS(scratch[0])
#define FIRST		PHYS(scratch[2])
#define SECOND		PHYS(scratch[3])
#define WINDOW		ERA_WINDOW
#define BESIDE		(WINDOW + era_span())	/* by a table of its own */
#define ROUNDS		50
#define MANY		66u			/* more than are cached */
#define MANY_PAGES	0x800000u		/* in low memory */

static u32 other_root, roots[MANY];

/* Directly, if the host can: by "int", with the directory in ebx and where it is usual. */
static void switch_to(u32 root)
{
	asm volatile("int $0x1f"
		     : : "a" (LHCALL_SWITCH_PGTABLE), "b" (root), "d" (root) : "memory");
}

/* Another directory, with a gigabyte or so of its own. */
static u32 new_root(void)
{
	u32 root = era_new_table();

	memcpy(seen(root), seen(run.root), PAGE);
	return root;
}

static void prepare(void (*guest)(void))
{
	era_prepare(guest);
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = ANSWER;
	*(u32 *)seen(FIRST) = 1;
	*(u32 *)seen(SECOND) = 2;
	other_root = new_root();
	era_map(run.root, WINDOW, FIRST | P_ALL);
	era_map(run.root, BESIDE, FIRST | P_ALL);
	era_map(other_root, WINDOW, SECOND | P_ALL);
	era_map(other_root, BESIDE, SECOND | P_ALL);
}

/* Run it as it was prepared, and count. */
static u32 direct_switches(const char *reason)
{
	int fd = era_start();
	u32 direct;

	expect_reason(era_finish(fd), reason);
	direct = mini_counter(fd, "pgtable_direct");
	close(fd);
	return direct;
}

/* Each is known once it has been loaded.  (Then the other's last page is mapped.) */
static void guest_goes_back_and_forth(void)
{
	int i;

	switch_to(other_root);
	guest_expect(*word_at(WINDOW) == 2);
	for (i = 0; i < ROUNDS; i++) {
		switch_to(run.root);
		guest_expect(*word_at(WINDOW) == 1);
		switch_to(other_root);
		guest_expect(*word_at(WINDOW) == 2);
	}
	guest_expect(*word_at(BESIDE) == 2);
	switch_to(run.root);
	guest_expect(*word_at(BESIDE) == 1);
}

/* (An NMI in the middle of one may make it count twice, or take an exit.) */
static void back_and_forth(void)
{
	prepare(guest_goes_back_and_forth);
	expect(direct_switches("CRASH: done") >= ROUNDS, "too few were direct");
}

static void so_many_are_direct(void)
{
	prepare(guest_goes_back_and_forth);
	expect_value(direct_switches("CRASH: done"), 2 * ROUNDS + 1);
	expect_value(*(u32 *)seen(ANSWER) & LGUEST_HAS_SWITCH, LGUEST_HAS_SWITCH);
}

/* What follows is about the directory that was loaded without the host. */
static void guest_changes_after_switch(void)
{
	switch_to(other_root);
	switch_to(run.root);
	switch_to(other_root);
	guest_expect(*word_at(WINDOW) == 2);
	era_put(0, era_page_entry(0, other_root, WINDOW), FIRST | P_ALL);
	switch_to(run.root);
	switch_to(other_root);
	call1(LHCALL_FLUSH_TLB, 0);
	guest_expect(*word_at(WINDOW) == 1);
}

static void changes_after_switch(void)
{
	prepare(guest_changes_after_switch);
	expect_value(direct_switches("CRASH: done"), 4);
}

/* Those whose shadows have been given to others are unknown again. */
static void guest_has_many(void)
{
	u32 round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < MANY; i++) {
			switch_to(roots[i]);
			guest_expect(*word_at(WINDOW) == i);
			switch_to(roots[(i + MANY - 1) % MANY]);
			guest_expect(*word_at(WINDOW) == (i + MANY - 1) % MANY);
		}
	}
}

static void many_directories(void)
{
	u32 i;

	prepare(guest_has_many);
	for (i = 0; i < MANY; i++) {
		u32 page = MANY_PAGES + i * PAGE;

		*(u32 *)seen(page) = i;
		roots[i] = new_root();
		era_new_table();	/* (an odd number of pages: each has a place of its own) */
		era_put(ERA_BASE, era_dir_entry(ERA_BASE, roots[i], WINDOW), 0);
		era_map(roots[i], WINDOW, page | P_ALL);
	}
	expect(direct_switches("CRASH: done") > MANY, "too few were direct");
}

/* One that was never loaded, one that is none, and the one that is loaded. */
static void guest_loads_unknown(void)
{
	switch_to(run.root);
	guest_expect(*word_at(WINDOW) == 1);
	switch_to(0);
	switch_to(-1u);
}

static void unknown_directories(void)
{
	prepare(guest_loads_unknown);
	direct_switches("bad read address 0xfffff004 len 4");
}

/* On a 32-bit host ring 1 can write where the switcher leaves its notes. */
#define NOTES		0xffc01000u	/* of the first CPU */

static void guest_forges_notes(void)
{
	u32 pgdir;

	for (pgdir = 0; pgdir < 3; pgdir++) {
		word_at(NOTES)[0] = -1u;
		word_at(NOTES)[1] = 1;
		word_at(NOTES)[2] = pgdir == 2 ? other_root : pgdir ? pgdir : -1u;
		call0(LHCALL_FLUSH_ASYNC);
	}
	guest_expect(*word_at(WINDOW) < 3);
}

static void notes_are_forged(void)
{
	mini_pin(0);
	prepare(guest_forges_notes);
	if (host_is_64bit())
		expect_prefix(era_run_again(), "attempt to use the host's addresses");
	else
		direct_switches("CRASH: done");
}

/* A call of no release: who has not asked has not got it. */
static void guest_switches_unasked(void)
{
	switch_to(run.root);
}

static void switch_unasked(void)
{
	prepare(guest_switches_unasked);
	run.init2 = 0;
	expect_reason(era_run_again(), "bad hypercall 22");
}

int main(void)
{
	RUN_ERAS(back_and_forth, 0, 0);
	RUN_ERAS(so_many_are_direct, 0, 0);
	RUN_ERAS(changes_after_switch, 0, 0);
	RUN_ERAS(many_directories, 0, 0);
	RUN_ERAS(unknown_directories, 0, 0);
	RUN_ERAS(notes_are_forged, 0, 0);
	RUN_ERAS(switch_unasked, 0, ERA_VMCALL);
	return mini_done();
}
