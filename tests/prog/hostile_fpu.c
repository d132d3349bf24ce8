// SPDX-License-Identifier: GPL-2.0
/*
 * FPU state: guests and their launchers on one CPU fill the registers with
 * patterns of their own and look for anybody else's.
 */
#include <cpuid.h>
#include "mini/pair.h"

static u32 me, has_sse, has_avx, lost_at;
static u32 patterns[8][8] __attribute__((aligned(32)));
static u32 found[8][8] __attribute__((aligned(32)));

__attribute__((target("avx"))) static void load_avx(void)
{
	asm volatile("vmovups 0(%0), %%ymm0\n\tvmovups 32(%0), %%ymm1\n\t"
		     "vmovups 64(%0), %%ymm2\n\tvmovups 96(%0), %%ymm3\n\t"
		     "vmovups 128(%0), %%ymm4\n\tvmovups 160(%0), %%ymm5\n\t"
		     "vmovups 192(%0), %%ymm6\n\tvmovups 224(%0), %%ymm7"
		     : : "r" (patterns) : "memory");
}

__attribute__((target("avx"))) static void store_avx(void)
{
	asm volatile("vmovups %%ymm0, 0(%0)\n\tvmovups %%ymm1, 32(%0)\n\t"
		     "vmovups %%ymm2, 64(%0)\n\tvmovups %%ymm3, 96(%0)\n\t"
		     "vmovups %%ymm4, 128(%0)\n\tvmovups %%ymm5, 160(%0)\n\t"
		     "vmovups %%ymm6, 192(%0)\n\tvmovups %%ymm7, 224(%0)"
		     : : "r" (found) : "memory");
}

static void load_sse(void)
{
	asm volatile("movups 0(%0), %%xmm0\n\tmovups 32(%0), %%xmm1\n\t"
		     "movups 64(%0), %%xmm2\n\tmovups 96(%0), %%xmm3\n\t"
		     "movups 128(%0), %%xmm4\n\tmovups 160(%0), %%xmm5\n\t"
		     "movups 192(%0), %%xmm6\n\tmovups 224(%0), %%xmm7"
		     : : "r" (patterns) : "memory");
}

static void store_sse(void)
{
	asm volatile("movups %%xmm0, 0(%0)\n\tmovups %%xmm1, 32(%0)\n\t"
		     "movups %%xmm2, 64(%0)\n\tmovups %%xmm3, 96(%0)\n\t"
		     "movups %%xmm4, 128(%0)\n\tmovups %%xmm5, 160(%0)\n\t"
		     "movups %%xmm6, 192(%0)\n\tmovups %%xmm7, 224(%0)"
		     : : "r" (found) : "memory");
}

static double x87[4];

static void make_patterns(void)
{
	u32 i, k, words = has_avx ? 8 : 4;

	for (i = 0; i < 8; i++) {
		for (k = 0; k < 8; k++) {
			patterns[i][k] = me << 24 | i << 8 | k;
			found[i][k] = k < words ? 0 : patterns[i][k];
		}
	}
}

static void load_all(void)
{
	u32 i;

	make_patterns();
	for (i = 0; i < 4; i++)
		x87[i] = me * 16 + i + 1;
	asm volatile("fninit\n\tfldl 0(%0)\n\tfldl 8(%0)\n\tfldl 16(%0)\n\tfldl 24(%0)"
		     : : "r" (x87) : "memory");
	if (has_avx)
		load_avx();
	else if (has_sse)
		load_sse();
}

/* Is all of it still as load_all() left it? */
static bool check_all(void)
{
	u32 i;

	memset(x87, 0, sizeof(x87));
	asm volatile("fstpl 24(%0)\n\tfstpl 16(%0)\n\tfstpl 8(%0)\n\tfstpl 0(%0)"
		     : : "r" (x87) : "memory");
	for (i = 0; i < 4; i++) {
		lost_at = i;
		if (x87[i] != me * 16 + i + 1)
			return false;
	}
	if (has_avx)
		store_avx();
	else if (has_sse)
		store_sse();
	else
		return true;
	for (i = 0; i < 64; i++) {
		lost_at = 100 + i;
		if (found[i / 8][i % 8] != patterns[i / 8][i % 8])
			return false;
	}
	return true;
}

static void guest_with_fpu(void)
{
	u32 round, i;

	for (round = 0; round < 400; round++) {
		load_all();
		for (i = 0; i < (round & 7) * 2000; i++)
			asm volatile("");
		if (round & 1)
			hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		if (round & 2)
			asm volatile("inb $0x80, %%al" : : : "eax");
		if (round % 50 == 0)
			hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
		if (!check_all())
			crash("guest %u: round %u: lost at %u", me, round, lost_at);
	}
}

static void find_features(void)
{
	u32 eax, ebx, ecx, edx;

	__cpuid(1, eax, ebx, ecx, edx);
	has_sse = !!(edx & bit_SSE);
	if (ecx & bit_OSXSAVE && ecx & bit_AVX) {
		asm volatile("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
		has_avx = (eax & 6) == 6;
	}
}

/* The launcher's registers, around everything that happens in read(). */
static void run_with_fpu(u32 who)
{
	u32 notice[2];
	int fd, got;

	mini_pin(0);
	me = who;
	fd = mini_new(guest_with_fpu);
	do {
		me = who + 100;
		load_all();
		/* the variables are shared with the guest */
		me = who;
		make_patterns();
		got = read(fd, notice, sizeof(notice));
		me = who + 100;
		make_patterns();
		expect(check_all(), "launcher %u: lost at %u", who, lost_at);
		me = who;
		make_patterns();
	} while (got == 8);
	expect_reason(mini_reason(fd), "CRASH: done");
}

static void two_guests_on_one_cpu(void)
{
	pid_t pids[3];
	u32 i;

	find_features();
	for (i = 0; i < 3; i++) {
		pids[i] = mini_fork();
		if (!pids[i]) {
			run_with_fpu(i + 1);
			_exit(0);
		}
	}
	for (i = 0; i < 3; i++)
		pair_end(pids[i]);
}

/* TS makes the FPU trap, and only then. */
static void touch_fpu(void)
{
	asm volatile("fnop");
}

static void touch_sse(void)
{
	asm volatile("movups %xmm0, %xmm0");
}

static void guest_with_ts(void)
{
	u32 i, ts;

	for (i = 0; i < 300; i++) {
		ts = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 0x80000000;
		hcall1(LHCALL_TS, ts);
		guest_expect(mini_try(touch_fpu) == (ts ? 7 : -1));
		if (has_sse)
			guest_expect(mini_try(touch_sse) == (ts ? 7 : -1));
		/* it stays so until the guest changes it */
		guest_expect(mini_try(touch_fpu) == (ts ? 7 : -1));
	}
}

static void task_switched_flag(void)
{
	double one = 1;

	find_features();
	expect_reason(mini_run(guest_with_ts), "CRASH: done");
	/* the launcher's own use is not meant */
	asm volatile("fldl %0\n\tfstpl %0" : "+m" (one));
	expect(one == 1, "it is %f", one);
}

/* Errors of the FPU are the guest's to handle. */
static void divide_by_zero(void)
{
	static const u16 unmasked = 0x370;

	asm volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp\n\tfwait" : : "m" (unmasked));
}

static void guest_with_errors(void)
{
	u32 i;

	for (i = 0; i < 20; i++) {
		guest_expect(mini_try(divide_by_zero) == 16);
		asm volatile("fnclex\n\tfninit");
	}
	/* left pending at the end: must not come to the launcher */
	asm volatile("fninit\n\tfldcw %0\n\tfldz\n\tfld1\n\tfdivp" : : "m" ((u16){ 0x370 }));
}

static void guests_errors_stay_its_own(void)
{
	expect_reason(mini_run(guest_with_errors), "CRASH: done");
	asm volatile("fwait");
}

int main(void)
{
	RUN(two_guests_on_one_cpu);
	RUN(task_switched_flag);
	RUN(guests_errors_stay_its_own);
	return mini_done();
}
