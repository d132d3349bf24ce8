// SPDX-License-Identifier: GPL-2.0
/*
 * A guest that computes, in the background, while others misbehave: with its
 * registers, its FPU, its memory, its segments and its clock.  On SIGTERM the
 * launcher says in its exit status whether all of it has stayed right.
 */
#include "mini/mini.h"

static volatile u32 ticks, rounds;

static void tick(struct frame *f)
{
	guest_expect(f->vector == 32);
	ticks++;
	hcall1(LHCALL_SET_CLOCKEVENT, 3000000);
}

static void check_fpu(void)
{
	static double sum, part;
	u32 i;

	sum = 0;
	for (i = 1; i <= 100; i++) {
		part = i;
		sum += part * 0.25;
	}
	guest_expect(sum == 1262.5);
}

static void check_segments(void)
{
	u32 ds, es, fs, gs;

	asm volatile("movl %%ds, %0\n\tmovl %%es, %1\n\t"
		     "movl %%fs, %2\n\tmovl %%gs, %3"
		     : "=r" (ds), "=r" (es), "=r" (fs), "=r" (gs));
	guest_expect(ds == KERNEL_DS && es == KERNEL_DS && fs == USER_DS && gs == 0);
}

static void guest_witness(void)
{
	u32 *words = (u32 *)mini.scratch, n = sizeof(mini.scratch) / 4 - 1, i, seed;

	mini.on_trap = tick;
	mini_load_gdt();
	asm volatile("movl %0, %%fs" : : "r" (USER_DS));
	hcall1(LHCALL_SET_CLOCKEVENT, 1000000);
	mini_irqs(true);
	for (;;) {
		seed = rounds;
		for (i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			words[i] = seed;
		}
		check_fpu();
		check_segments();
		seed = rounds;
		for (i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			guest_expect(words[i] == seed);
		}
		hcall1(LHCALL_FLUSH_TLB, rounds & 1);
		rounds++;
		mini_irqs(true);
	}
}

static void stop(int sig)
{
	(void)sig;
}

int main(void)
{
	struct sigaction sa = { .sa_handler = stop };
	int fd = open("/dev/lguest", O_RDWR | O_CLOEXEC);
	u32 notice[2];

	sigaction(SIGTERM, &sa, NULL);
	mini_reset(guest_witness);
	if (fd < 0 || mini_initialize(fd) != 16) {
		perror("/dev/lguest");
		return 1;
	}
	if (read(fd, notice, sizeof(notice)) != -1 || errno != EINTR) {
		printf("the witness died: %s\n", mini_reason(fd));
		return 1;
	}
	printf("%u rounds, %u ticks\n", rounds, ticks);
	return !rounds || !ticks;
}
