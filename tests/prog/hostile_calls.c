// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls with arguments that nobody would think of: arbitrary sequences of
 * calls, through the ring and by trap, until the guest dies of one; the worst
 * of each call, again and again; and memory that another thread of the launcher
 * changes while the host looks at it.
 */
#include <pthread.h>
#include <sys/time.h>
#include "mini/mini.h"

static u32 state;

static u32 next(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* An argument: a place in memory, an edge, a small number, or anything. */
static u32 argument(void)
{
	static const u32 edges[] = {
		0, 1, 2, 3, 4, 31, 32, 33, 63, 64, 127, 128, 255, 256, 1022, 1023, 1024,
		0xffff, 0x10000, 0x1fffffff, 0x20000000, 0x7fffffff, 0x80000000,
		0xbfffffff, 0xc0000000, 0xffbfffff, 0xffc00000, 0xffc01000,
		0xfffffff0, 0xfffffffc, 0xffffffff, MINI_PFN_LIMIT * PAGE - 1,
		MINI_PFN_LIMIT * PAGE - 4, MINI_PFN_LIMIT * PAGE
	};
	static void * const places[] = {
		mini.pgdir, mini.pgdir2, mini.image, mini.low, mini.stack, mini.scratch,
		&mini.data, mini.gdt, mini.stack[2]
	};

	switch (next() % 4) {
	case 0:
		return edges[next() % ARRAY_SIZE(edges)];
	case 1:
		return (u32)places[next() % ARRAY_SIZE(places)] +
		       (next() % 4 ? 0 : next() % 8192);
	case 2:
		return next() % 64;
	default:
		return next() >> next() % 32;
	}
}

/* Calls that say nothing of interest too often are left out. */
static u32 call_number(void)
{
	static const u8 nrs[] = {
		LHCALL_LOAD_GDT, LHCALL_NEW_PGTABLE, LHCALL_FLUSH_TLB, LHCALL_LOAD_IDT_ENTRY,
		LHCALL_SET_STACK, LHCALL_TS, LHCALL_SET_CLOCKEVENT, LHCALL_BIND_DMA,
		LHCALL_SEND_DMA, LHCALL_SET_PTE, LHCALL_SET_PGD, LHCALL_LOAD_TLS
	};

	u32 nr = next() % 20;

	if (next() % 200)
		return nrs[next() % ARRAY_SIZE(nrs)];
	/* nothing would wake it */
	return nr == LHCALL_HALT ? LHCALL_FLUSH_ASYNC : nr;
}

static void ignore_trap(struct frame *f)
{
	if (f->vector < 32)
		crash("trap %u", f->vector);
}

static void guest_fuzzes(void)
{
	u32 i, n, slot = 0;

	mini.on_trap = ignore_trap;
	for (i = 0; i < 400; i++) {
		for (n = next() % 4; n; n--) {
			hcall_later(slot, call_number(), argument(), argument(), argument());
			slot = (slot + 1) % 64;
		}
		hcall4(call_number(), argument(), argument(), argument(),
		       next() % 4 ? 0 : argument());
	}
}

static int take_notice(int fd, const struct lguest_dma_notice *notice)
{
	static u32 notices;

	mini_request(fd, LHREQ_GETDMA, notice->key);
	mini_request(fd, LHREQ_IRQ, notices % 32);
	/* it may well send for ever */
	return ++notices % 2000 == 0;
}

static void fuzz(u32 first, u32 count)
{
	u32 seed, text;
	const char *reason;

	mini_on_notice = take_notice;
	for (seed = first; seed < first + count; seed++) {
		int fd = mini_open();

		mini_reset(guest_fuzzes);
		mini.no_traps = seed & 1;
		for (text = 0; text < GDT_ENTRIES; text++) {
			mini.gdt[text][0] = 0xffff;
			mini.gdt[text][1] = text & 4 ? USER_DATA : KERNEL_DATA;
		}
		mini.gdt[KERNEL_CS / 8][1] = KERNEL_CODE;
		state = seed * 2654435761u + 1;
		expect_value(mini_initialize(fd), 16);
		reason = mini_finish(fd);
		expect(strlen(reason) > 3, "seed %u: \"%s\"", seed, reason);
		close(fd);
	}
}

static void arbitrary_calls(void)
{
	fuzz(1, 600);
}

/* The same in several processes: their guests meet in the DMA's tables. */
static void arbitrary_calls_at_once(void)
{
	pid_t pids[3];
	u32 i;

	for (i = 0; i < 3; i++) {
		pids[i] = mini_fork();
		if (!pids[i]) {
			fuzz(10000 * i, 100);
			_exit(0);
		}
	}
	for (i = 0; i < 3; i++)
		expect_value(mini_wait(pids[i]), 0);
}

/* Another thread of the launcher changes all that the host reads. */
static volatile bool over;

static void *flip(void *unused)
{
	volatile u32 *data = (u32 *)&mini.data;
	u32 seed = 12345, i;

	while (!over) {
		for (i = 0; i < 200; i++) {
			u32 slot;

			seed = seed * 1664525 + 1013904223;
			slot = (seed >> 8) % 64;
			switch (seed >> 30) {
			case 0:
				mini.data.hcall_status[slot] = seed >> 16 & 1 ? 0xff : 0;
				break;
			case 1:
				/* not HALT, from which it might never wake */
				mini.data.hcalls[slot].call = (seed >> 16) % LHCALL_HALT;
				mini.data.hcalls[(seed >> 12) % 64].arg1 = seed;
				break;
			case 2:
				data[(seed >> 8) % 5] = seed;
				break;
			default:
				mini.low[(seed >> 8) % 16] ^=
					(pte_t)1 << (seed >> 20) % (8 * sizeof(pte_t));
				mini.gdt[(seed >> 8) % 6][1] = seed;
			}
		}
	}
	return unused;
}

static void guest_trusts(void)
{
	u32 i;

	mini.on_trap = ignore_trap;
	mini_map_low(mini.pgdir, 5 << 22);
	for (i = 0; i < 2000; i++) {
		hcall2(LHCALL_LOAD_GDT, mini.gdt, 6);
		hcall_set_pte(mini.pgdir, (5 << 22) + i % 16 * PAGE, mini.low[i % 16]);
		hcall1(LHCALL_FLUSH_TLB, i & 1);
	}
}

static void double_fetch(void)
{
	pthread_t thread;
	u32 i;

	mini_on_notice = take_notice;
	for (i = 0; i < 40; i++) {
		int fd = mini_new(guest_trusts);
		const char *reason;

		over = false;
		pthread_create(&thread, NULL, flip, NULL);
		reason = mini_finish(fd);
		expect(strlen(reason) > 3, "\"%s\"", reason);
		over = true;
		pthread_join(thread, NULL);
		close(fd);
	}
}

/* The dearest of each call, 64 at a time: a signal must still get through. */
static u32 worst_call, worst1, worst2, worst3;

static void guest_repeats(void)
{
	u32 slot;

	for (;;) {
		for (slot = 0; slot < 64; slot++)
			hcall_later(slot, worst_call, worst1, worst2, worst3);
		hcall(worst_call, worst1, worst2, worst3);
		(*(volatile u32 *)mini.scratch[0])++;
	}
}

static void nothing(int sig)
{
	(void)sig;
}

static void worst_calls_are_interrupted(void)
{
	static const struct {
		u32 call, arg1, arg2, arg3;
	} worst[] = {
		{ LHCALL_FLUSH_ASYNC, 0, 0, 0 },
		{ LHCALL_LOAD_GDT, (u32)mini.gdt, 12, 0 },
		{ LHCALL_NEW_PGTABLE, (u32)mini.pgdir2, 0, 0 },
		{ LHCALL_FLUSH_TLB, 0, 0, 0 },
		{ LHCALL_FLUSH_TLB, 1, 0, 0 },
		{ LHCALL_SET_STACK, KERNEL_DS, (u32)mini.stack[1], 2 },
		{ LHCALL_SET_CLOCKEVENT, 1, 0, 0 },
		{ LHCALL_SET_CLOCKEVENT, 0xffffffff, 0, 0 },
		{ LHCALL_SET_PTE, (u32)mini.pgdir, (u32)mini.scratch[1],
		  (u32)mini.scratch[1] + 0x67 },
		{ LHCALL_SET_PGD, (u32)mini.pgdir, IMAGE_BASE >> DIR_SHIFT, 0 },
		{ LHCALL_BIND_DMA, (u32)mini.scratch[2], (u32)mini.scratch[3], 0xffff01 },
		{ LHCALL_LOAD_TLS, (u32)mini.gdt, 0, 0 },
		{ LHCALL_HALT, 0, 0, 0 },
	};
	struct sigaction sa = { .sa_handler = nothing };
	struct itimerval timer = { .it_value = { .tv_usec = 50000 } };
	u32 notice[2], i;
	long ms;
	int fd;

	sigaction(SIGALRM, &sa, NULL);
	for (i = 0; i < ARRAY_SIZE(worst); i++) {
		fd = mini_open();
		mini_reset(guest_repeats);
		memcpy(mini.pgdir2, mini.pgdir, sizeof(mini.pgdir));
		mini.data.blocked_interrupts = -1;
		worst_call = worst[i].call;
		worst1 = worst[i].arg1;
		worst2 = worst[i].arg2;
		worst3 = worst[i].arg3;
		expect_value(mini_initialize(fd), 16);
		setitimer(ITIMER_REAL, &timer, NULL);
		ms = mini_ms();
		expect_error(read(fd, notice, 8), EINTR);
		ms = mini_ms() - ms;
		expect(ms < 2000, "call %u: the signal took %ld ms", worst_call, ms);
		close(fd);
	}
}

int main(void)
{
	RUN(arbitrary_calls);
	RUN(arbitrary_calls_at_once);
	RUN(double_fetch);
	RUN(worst_calls_are_interrupted);
	return mini_done();
}
