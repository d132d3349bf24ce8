// SPDX-License-Identifier: GPL-2.0
/*
 * fpu: the floating point registers are the guest's, all the time: over calls,
 * traps, interrupts, sleep, and while the launcher, which is a program with
 * floating point registers of its own, writes to the console.  With TS set by
 * hypercall every use traps, and the registers wait.  A broken host would show
 * the guest another task's registers, or lose the guest's.
 */
#include "raw.h"
#include "tap.h"

#define NM	7
#define ROUNDS	60

struct fpu_state {
	u8 fnsave[108];
	u8 xmm[8][16];
	u32 mxcsr;
};

static bool has_sse;

static bool cpu_has_sse(void)
{
	u32 eax = 1, ebx, ecx, edx;

	asm volatile("cpuid" : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	return edx >> 25 & 1;
}

/* Eight numbers, a control word and a mode; another guest has others. */
static void set_state(u32 seed)
{
	static u32 numbers[8];
	static u8 xmm[8][16] __attribute__((aligned(16)));
	static u16 control;
	static u32 mxcsr;
	u32 i;

	seed += lguest_data.guestid * 1000;
	for (i = 0; i < sizeof(xmm); i++)
		xmm[i / 16][i % 16] = seed * 31 + i * 7;
	for (i = 0; i < 8; i++)
		numbers[i] = seed + i;
	control = 0x037f & ~(seed % 4 << 8);
	mxcsr = 0x1f80 | seed % 4 << 13;
	asm volatile("fninit\n\tfldcw %0\n\t"
		     "fildl %1\n\tfildl 4+%1\n\tfildl 8+%1\n\tfildl 12+%1\n\t"
		     "fildl 16+%1\n\tfildl 20+%1\n\tfildl 24+%1\n\tfildl 28+%1"
		     : : "m" (control), "o" (numbers));
	if (!has_sse)
		return;
	asm volatile("ldmxcsr %0\n\t"
		     "movups %1, %%xmm0\n\tmovups 16+%1, %%xmm1\n\t"
		     "movups 32+%1, %%xmm2\n\tmovups 48+%1, %%xmm3\n\t"
		     "movups 64+%1, %%xmm4\n\tmovups 80+%1, %%xmm5\n\t"
		     "movups 96+%1, %%xmm6\n\tmovups 112+%1, %%xmm7"
		     : : "m" (mxcsr), "o" (xmm));
}

static void get_state(struct fpu_state *state)
{
	memset(state, 0, sizeof(*state));
	asm volatile("fnsave %0\n\tfrstor %0" : "+m" (state->fnsave));
	/* Where the last instruction was is not part of the bargain. */
	memset(state->fnsave + 12, 0, 16);
	if (!has_sse)
		return;
	asm volatile("stmxcsr %1\n\t"
		     "movups %%xmm0, %0\n\tmovups %%xmm1, 16+%0\n\t"
		     "movups %%xmm2, 32+%0\n\tmovups %%xmm3, 48+%0\n\t"
		     "movups %%xmm4, 64+%0\n\tmovups %%xmm5, 80+%0\n\t"
		     "movups %%xmm6, 96+%0\n\tmovups %%xmm7, 112+%0"
		     : "=o" (state->xmm), "=m" (state->mxcsr));
}

static volatile u32 ticks;

static void tick(u32 irq __unused, struct trap_frame *frame __unused)
{
	ticks++;
}

static void do_nothing(u32 i __unused)
{
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void write_to_console(u32 i)
{
	printf("# round %u\n", i);
}

static void sleep(u32 i __unused)
{
	irq_disable();
	clock_alarm(200000, tick);
	halt();
	irq_disable();
}

static void undefined(void *arg __unused)
{
	asm volatile("ud2");
}

static void trap(u32 i __unused)
{
	struct fault fault;

	catch_fault(undefined, NULL, &fault);
}

static void switch_tables(u32 i __unused)
{
	flush_all();
}

/* A million instructions or so: the host's clock ticks and its tasks change. */
static void compute(u32 i __unused)
{
	u32 n;

	for (n = 0; n < 2000000; n++)
		barrier();
}

static void survives(void (*fn)(u32 i), u32 rounds, const char *name)
{
	static struct fpu_state before, after;
	u32 i, bad = 0;

	for (i = 0; i < rounds; i++) {
		set_state(i + 1);
		get_state(&before);
		fn(i);
		get_state(&after);
		bad += memcmp(&before, &after, sizeof(before)) != 0;
	}
	is(bad, 0, "registers survive %s", name);
}

static void use_fpu(void *arg __unused)
{
	asm volatile("fld1\n\tfstp %st(0)");
}

static void use_sse(void *arg __unused)
{
	asm volatile("movaps %xmm0, %xmm0");
}

static void wait_for_fpu(void *arg __unused)
{
	asm volatile("fwait");
}

static void nothing(void *arg __unused)
{
}

static void switched_off(void)
{
	static struct fpu_state before, after;

	set_state(77);
	get_state(&before);
	hcall(LHCALL_TS, 1, 0, 0);
	faults(use_fpu, NULL, NM, 0, "with TS, x87 instructions trap");
	faults(wait_for_fpu, NULL, NM, 0, "with TS, fwait traps");
	if (has_sse)
		faults(use_sse, NULL, NM, 0, "with TS, SSE instructions trap");
	printf("# the launcher uses its own meanwhile\n");
	faults(use_fpu, NULL, NM, 0, "and again: the guest has to call");
	runs(nothing, NULL, "other instructions do not trap");
	hcall(LHCALL_TS, 0, 0, 0);
	get_state(&after);
	is(memcmp(&before, &after, sizeof(before)), 0,
	   "without TS, the registers are as they were");
	hcall(LHCALL_TS, 0x100, 0, 0);
	faults(use_fpu, NULL, NM, 0, "any argument but 0 sets TS");
	hcall_later(LHCALL_TS, 0, 0, 0);
	hcall_later(LHCALL_TS, 1, 0, 0);
	hcall_later(LHCALL_TS, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	runs(use_fpu, NULL, "the last of three calls in the ring counts");
}

static void trap_in_nm(struct trap_frame *frame __unused)
{
	hcall(LHCALL_TS, 0, 0, 0);
}

/* The way of a kernel: the handler turns it on, the instruction goes on. */
static void lazily(void)
{
	static struct fpu_state before, after;
	u32 i, bad = 0;

	set_trap_handler(NM, trap_in_nm);
	for (i = 0; i < ROUNDS; i++) {
		set_state(i);
		get_state(&before);
		hcall(LHCALL_TS, 1, 0, 0);
		get_state(&after);
		bad += memcmp(&before, &after, sizeof(before)) != 0;
	}
	set_trap_handler(NM, NULL);
	is(bad, 0, "a handler of #NM that clears TS, %u times", ROUNDS);
}

int main(void)
{
	paging_init();
	has_sse = cpu_has_sse();
	diag("SSE: %s", has_sse ? "yes" : "no");
	survives(do_nothing, 500, "hypercalls");
	survives(write_to_console, ROUNDS, "output");
	survives(trap, 200, "traps");
	survives(sleep, ROUNDS, "sleep and interrupts");
	survives(switch_tables, ROUNDS, "flushes");
	survives(compute, 20, "other tasks of the host's");
	switched_off();
	lazily();
	done();
}
