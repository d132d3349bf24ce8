// SPDX-License-Identifier: GPL-2.0
/*
 * sets: many more page directories than the host keeps shadows of, each with
 * pages of its own at the same addresses, used in turn and at random, changed
 * while others are current, freed and made again in the same place.  A broken
 * host would show one process the memory of another, keep what was unmapped,
 * or lose the stack that a trap from ring 3 needs after a switch.
 */
#include "raw.h"
#include "tap.h"

#define BP	3
#define PF	14

#define NR_DIRS		80		/* the host has 64: shadow.h */
#define NR_PAGES	3
#define ROUNDS		3
#define RANDOM_SWITCHES	1500
#define PTE_USER	(PTE_P | PTE_RW | PTE_US)

/* In three different tables, one of them the last below the kernel. */
static const u32 addresses[NR_PAGES] = { 0x08048000, 0x40001000, 0xbffff000 };

static pte_t *dirs[NR_DIRS];
static u32 *frames[NR_DIRS][NR_PAGES];
static u32 value[NR_DIRS][NR_PAGES];

static u32 random(void)
{
	static u32 state = 12345;

	state = state * 1103515245 + 12345;
	return state >> 8;
}

/* Ring 3 reads and changes a word, then makes a system call. */
static u8 user_code[] = {
	0x8b, 0x01,		/* movl (%ecx), %eax */
	0x89, 0x11,		/* movl %edx, (%ecx) */
	0xcd, 0x80,
};

static void fill(u32 d)
{
	u32 p;

	for (p = 0; p < NR_PAGES; p++) {
		value[d][p] = random();
		*frames[d][p] = value[d][p];
		if (!map_page(dirs[d], addresses[p],
			      phys(frames[d][p]) | PTE_USER))
			panic("out of memory");
	}
	/* Where the code is, in every directory. */
	map_page(dirs[d], user_addr(user_code),
		 (phys(user_code) & PTE_ADDR) | PTE_P | PTE_US);
}

static void create(u32 d)
{
	dirs[d] = pgdir_new();
	if (!dirs[d])
		panic("out of memory");
	fill(d);
}

/* Every page of directory @d, from ring 1. */
static u32 wrong_in_ring1(u32 d)
{
	u32 p, wrong = 0;

	for (p = 0; p < NR_PAGES; p++) {
		volatile u32 *word = (u32 *)addresses[p];

		wrong += *word != value[d][p];
		*word = ++value[d][p];
		wrong += *frames[d][p] != value[d][p];
	}
	return wrong;
}

/* And from ring 3, whose system call needs our stack. */
static u32 wrong_in_ring3(u32 d)
{
	struct raw_regs start;
	u32 p, wrong = 0;

	for (p = 0; p < NR_PAGES; p++) {
		raw_user(&start, user_code);
		start.ecx = addresses[p];
		start.edx = value[d][p] + 1000;
		raw_run(&start);
		wrong += !raw_trapped(SYSCALL_VECTOR, false, 0,
				      start.eip + sizeof(user_code));
		wrong += raw.regs.eax != value[d][p];
		value[d][p] += 1000;
		wrong += *frames[d][p] != value[d][p];
	}
	return wrong;
}

static u32 visit(u32 d)
{
	pgdir_switch(dirs[d]);
	return wrong_in_ring1(d) + wrong_in_ring3(d);
}

static void in_turn(const char *name)
{
	u32 round, d, wrong = 0;

	for (round = 0; round < ROUNDS; round++)
		for (d = 0; d < NR_DIRS; d++)
			wrong += visit(d);
	is(wrong, 0, "%u directories in turn: %s", NR_DIRS, name);
}

static void at_random(void)
{
	u32 i, wrong = 0;

	for (i = 0; i < RANDOM_SWITCHES; i++)
		wrong += visit(random() % NR_DIRS);
	is(wrong, 0, "%u directories at random", NR_DIRS);
}

/* Two directories exchange their pages while a third is current. */
static void exchange(void)
{
	u32 i, p, wrong = 0;

	for (i = 0; i < RANDOM_SWITCHES / 3; i++) {
		u32 a = random() % NR_DIRS, b = random() % NR_DIRS, *f, v;
		u32 used = random() % 2 ? PTE_A | PTE_D : 0;

		wrong += visit(random() % NR_DIRS);
		p = random() % NR_PAGES;
		f = frames[a][p];
		frames[a][p] = frames[b][p];
		frames[b][p] = f;
		v = value[a][p];
		value[a][p] = value[b][p];
		value[b][p] = v;
		map_page(dirs[a], addresses[p], phys(frames[a][p]) | PTE_USER | used);
		map_page(dirs[b], addresses[p], phys(frames[b][p]) | PTE_USER | used);
		/* The changes wait in the ring, and a may be current. */
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		wrong += visit(a) + visit(b);
	}
	is(wrong, 0, "pages exchanged between directories");
}

/* A directory's page soon is another directory, as with fork and exit. */
static void recycled(void)
{
	u32 i, p, wrong = 0, same = 0;

	for (i = 0; i < RANDOM_SWITCHES / 3; i++) {
		u32 d = random() % NR_DIRS;
		pte_t *old = dirs[d];

		wrong += visit(d);
		pgdir_switch(dirs[(d + 1) % NR_DIRS]);
		pgdir_free(dirs[d]);
		create(d);
		same += dirs[d] == old;
		if (random() % 2)
			wrong += visit(random() % NR_DIRS);
		wrong += visit(d);
		for (p = 0; p < NR_PAGES; p++)
			wrong += *frames[d][p] != value[d][p];
	}
	is(wrong, 0, "directories freed and made again (%u in the same page)",
	   same);
}

/* What one unmaps, and what it never had, faults there and only there. */
static void holes(void)
{
	u32 d, wrong = 0;

	for (d = 0; d < NR_DIRS; d += 2) {
		pte_t *pte = pte_find(dirs[d], addresses[1], false);

		pte_set(dirs[d], addresses[1], pte, 0);
	}
	for (d = 0; d < NR_DIRS; d++) {
		struct raw_regs start;

		pgdir_switch(dirs[d]);
		raw_user(&start, user_code);
		start.ecx = addresses[1];
		start.edx = value[d][1];
		raw_run(&start);
		if (d % 2)
			wrong += raw.vector != SYSCALL_VECTOR ||
				 raw.regs.eax != value[d][1];
		else
			wrong += !raw_trapped(PF, true, 4, start.eip) ||
				 lguest_data.cr2 != addresses[1];
	}
	is(wrong, 0, "pages that every other directory lacks");
	for (d = 0; d < NR_DIRS; d++)
		fill(d);
}

/* Everything goes: the host must look at all the tables again. */
static void after_flush(void)
{
	u32 d, p, wrong = 0;

	for (d = 0; d < NR_DIRS; d++)
		for (p = 0; p < NR_PAGES; p++)
			*pte_find(dirs[d], addresses[p], false) =
				phys(frames[(d + 1) % NR_DIRS][p]) | PTE_USER;
	flush_all();
	for (d = 0; d < NR_DIRS; d++) {
		pgdir_switch(dirs[d]);
		for (p = 0; p < NR_PAGES; p++)
			wrong += *(volatile u32 *)addresses[p] !=
				 value[(d + 1) % NR_DIRS][p];
	}
	is(wrong, 0, "all tables changed at once and flushed");
}

int main(void)
{
	u32 d, p;

	paging_init();
	raw_init();
	raw_gates(GATE_TRAP, 3);
	for (d = 0; d < NR_DIRS; d++) {
		for (p = 0; p < NR_PAGES; p++)
			frames[d][p] = page_alloc();
		create(d);
	}
	in_turn("direct system calls");
	at_random();
	exchange();
	holes();
	recycled();
	raw_gate(SYSCALL_VECTOR, GATE_INTERRUPT, 3);
	in_turn("reflected system calls");
	raw_stack(raw_stack_top, 0);
	raw_gate(SYSCALL_VECTOR, GATE_TRAP, 3);
	in_turn("no stack pages kept mapped");
	after_flush();
	done();
}
