// SPDX-License-Identifier: GPL-2.0
/*
 * worker: computes with everything that a host could lose or mix up, and says
 * what came out, for a test to compare with what the same numbers give alone.
 * The command line has "seed=N" and "rounds=N"; without rounds a key ends it,
 * and with "wait" a key starts it.
 * In each round integers, the x87 and SSE registers that stay loaded
 * all the time, and pages that the host has forgotten meanwhile take a step;
 * so does a program in ring 3, and the clock interrupts them all.  The flags
 * that a kernel seldom has set are set.  A broken host would give a guest
 * another one's registers, pages or segments, or take over its flags.
 */
#include "worker.h"

#define AREA		0x40000000U
#define AREA_PAGES	16
#define USER_ADDR	0x00400000U
#define TICK_NS		1000000
#define EFLAGS_AC	0x40000
#define EFLAGS_NT	0x4000
#define SHOW_ROUNDS	50	/* without a number of rounds: say how it is */

static volatile u32 ticks;
static volatile bool stop;
static u32 errors;

static void tick(u32 irq __unused, struct trap_frame *frame __unused)
{
	ticks++;
	clock_alarm(TICK_NS, tick);
}

static size_t any_key(const char *text __unused, size_t len)
{
	stop = true;
	return len;
}

static u32 option(const char *name, u32 otherwise)
{
	const char *at = strstr(boot_info.command_line, name);
	u32 n = 0;

	if (!at)
		return otherwise;
	for (at += strlen(name); *at >= '0' && *at <= '9'; at++)
		n = n * 10 + *at - '0';
	return n;
}

static void memory_init(u32 seed)
{
	u32 i, *page;

	for (i = 0; i < AREA_PAGES; i++) {
		page = page_alloc();
		page[0] = seed + i;
		page[1023] = seed + i;
		map_page(kernel_pgdir, AREA + i * PAGE_SIZE,
			 phys(page) | PTE_P | PTE_RW);
	}
}

/* Each page must be where it was, with what the last round wrote. */
static void memory_step(u32 seed, u32 round)
{
	u32 i;

	flush_user();
	for (i = 0; i < AREA_PAGES; i++) {
		volatile u32 *page = (u32 *)(AREA + i * PAGE_SIZE);

		errors += page[0] != seed + round + i;
		errors += page[1023] != seed + round + i;
		page[0]++;
		page[1023]++;
	}
}

static void set_flags(u32 flags)
{
	asm volatile("pushl %0\n\tpopfl" : : "r" (flags | 2) : "cc", "memory");
}

/* They hinder nobody but an iret. */
static void check_flags(u32 wanted)
{
	u32 flags;

	asm volatile("pushfl\n\tpopl %0" : "=r" (flags));
	errors += (flags & (EFLAGS_AC | EFLAGS_NT)) != wanted;
}

static void ring3_init(void)
{
	void *page = page_alloc();

	memcpy(page, worker_user, worker_user_end - worker_user);
	map_page(kernel_pgdir, USER_ADDR, phys(page) | PTE_P | PTE_US);
}

static u32 ring3_step(u32 value)
{
	struct trap_frame frame, end;

	user_frame(&frame, USER_ADDR, USER_ADDR + PAGE_SIZE);
	frame.esi = value;
	frame.eflags |= EFLAGS_AC;
	run_user(&frame, &end);
	errors += end.vector != SYSCALL_VECTOR || end.ebx != value;
	errors += !(end.eflags & EFLAGS_AC);
	return end.esi;
}

static u32 integer_step(u32 value)
{
	u32 i;

	set_flags(EFLAGS_AC | EFLAGS_NT);
	for (i = 0; i < INTEGER_STEPS; i++) {
		value ^= value << 13;
		value ^= value >> 17;
		value ^= value << 5;
	}
	check_flags(EFLAGS_AC | EFLAGS_NT);
	set_flags(0);
	return value;
}

static void wait_for_key(void)
{
	printf("waiting\n");
	while (!stop) {
		irq_disable();
		if (!stop)
			halt();
	}
	stop = false;
}

/* Returns how many rounds it were. */
static u32 work(u32 seed, u32 rounds, u32 *result)
{
	u32 sum = seed | 1, round;

	for (round = 0; rounds ? round < rounds : !stop; round++) {
		fpu_step();
		memory_step(seed, round);
		sum = mix(sum, integer_step(sum));
		sum = mix(sum, ring3_step(sum));
		if (!rounds && round % SHOW_ROUNDS == 0)
			printf("working, %u errors\n", errors);
	}
	*result = fpu_sum(sum);
	return round;
}

int main(void)
{
	u32 seed = option("seed=", 1), rounds = option("rounds=", 0), sum;

	paging_init();
	memory_init(seed);
	ring3_init();
	fpu_init(seed);
	console_input(any_key);
	printf("reserve_mem %u\n", lguest_data.reserve_mem);
	if (strstr(boot_info.command_line, "wait"))
		wait_for_key();
	clock_alarm(TICK_NS, tick);
	irq_enable();
	rounds = work(seed, rounds, &sum);
	irq_disable();
	printf("the clock %s\n", ticks ? "ticked" : "stood still");
	printf("seed %u rounds %u sum %08x, %u errors\n", seed, rounds, sum,
	       errors);
	return 0;
}
