// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that tries its luck with what keeps it out of ring 0, while the module
 * meddler writes to those registers again and again.
 *
 *	usage: meddled address	tells which address to have watched
 *	       meddled		runs the guest
 */
#include "mini/mini.h"

/* What the meddler must have had from each of its two kinds. */
#define ENOUGH	200

#define CR0_TS	0x8u
#define CR0_WP	0x10000u

/* The guest's alone: to others it would be a breakpoint that nobody knows. */
static volatile u32 watched[1024] page_aligned;
static volatile bool enough;

static void try_sysenter(void)
{
	asm volatile("sysenter" : : : "ecx", "edx", "memory");
}

static void try_syscall(void)
{
	asm volatile("syscall" : : : "ecx", "memory");
}

static u32 read_cr0(void)
{
	u32 cr0;

	asm volatile("smsw %0" : "=r" (cr0));
	return cr0;
}

/* #UD or #GP: processors differ. */
static bool is_refused(void (*instruction)(void))
{
	int vector = mini_try(instruction);

	return vector == 6 || vector == 13;
}

/* Shorter than a tick of the meddler's, so that each is met by all of it. */
static void try_all(void)
{
	u32 cr0 = read_cr0();

	if (!(cr0 & CR0_WP) || cr0 & CR0_TS)
		crash("CR0 %x", cr0);
	watched[0]++;
	guest_expect(is_refused(try_sysenter));
	guest_expect(is_refused(try_syscall));
}

static void guest_tries_its_luck(void)
{
	u32 i;

	while (!enough) {
		for (i = 0; i < 1000; i++)
			try_all();
		hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
	}
}

static int look_at_meddler(int fd __attribute__((unused)),
			   const struct lguest_dma_notice *notice __attribute__((unused)))
{
	enough = mini_number_in("/proc/meddler", "timer") >= ENOUGH &&
		 mini_number_in("/proc/meddler", "thread") >= ENOUGH;
	return 0;
}

static void registers_are_changed(void)
{
	mini_pin(0);
	mini_on_notice = look_at_meddler;
	expect_reason(mini_run(guest_tries_its_luck), "CRASH: done");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "address")) {
		printf("%#lx\n", (unsigned long)&watched[0]);
		return 0;
	}
	RUN(registers_are_changed);
	return mini_done();
}
