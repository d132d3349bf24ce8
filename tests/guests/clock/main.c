// SPDX-License-Identifier: GPL-2.0
/*
 * clock: one alarm, never early.  The host tells the time with each interrupt,
 * so two of them show how long it was between.  A new alarm replaces the old
 * one, 0 takes it back, and short ones may follow each other for ever without
 * one being lost.  No interrupt ever finds the guest in the few instructions
 * that leave a handler.  A broken host would fire early, twice or never, take a
 * long alarm for a negative one, or interrupt between the enabling of
 * interrupts and the iret, and so overflow the stack one day.
 */
#include "guest.h"
#include "internal.h"
#include "tap.h"

#define MSEC	1000000U

static volatile u32 ticks, in_noirq, not_disabled, eflags_wrong;
static u64 time_of_tick;

static u64 host_time(void)
{
	struct wallclock now = wallclock();

	return (u64)now.sec * 1000000000U + now.nsec;
}

static u64 tsc_of_tick;

static u64 tsc_now(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high));
	return (u64)high << 32 | low;
}

static void tick(u32 irq __unused, struct trap_frame *frame)
{
	u32 eip = frame->eip;

	ticks++;
	time_of_tick = host_time();
	tsc_of_tick = tsc_now();
	in_noirq += eip >= (u32)noirq_start && eip < (u32)noirq_end;
	not_disabled += irqs_on();
	eflags_wrong += !(frame->eflags & EFLAGS_IF);
}

static void wait_for_ticks(u32 n)
{
	while (ticks < n) {
		irq_disable();
		if (ticks < n)
			halt();
	}
}

/* The tick before is what we measure from: so let there be one now. */
static u64 start_of_measurement(void)
{
	ticks = 0;
	clock_alarm(1000, tick);
	wait_for_ticks(1);
	ticks = 0;
	return time_of_tick;
}

/* The host's two clocks may differ by what ntp does: a thousandth. */
static void never_early(u32 ns)
{
	u64 start = start_of_measurement(), took;
	u32 rest;

	clock_alarm(ns, tick);
	wait_for_ticks(1);
	took = time_of_tick - start;
	ok(took >= ns - ns / 1000, "an alarm in %u us is not early", ns / 1000);
	ok(took < 2000000000ULL + ns, "nor forgotten");
	diag("it came after %u us", (u32)div64(took, 1000, &rest));
}

static void replaced(void)
{
	u64 start = start_of_measurement();

	clock_alarm(5 * MSEC, tick);
	clock_alarm(20 * MSEC, tick);
	wait_for_ticks(1);
	ok(time_of_tick - start >= 20 * MSEC - MSEC / 10,
	   "a later alarm replaces an earlier one");
	start = start_of_measurement();
	clock_alarm(4000 * MSEC, tick);
	clock_alarm(2 * MSEC, tick);
	wait_for_ticks(1);
	ok(time_of_tick - start < 3900ULL * MSEC,
	   "an earlier alarm replaces a later one");
	is(ticks, 1, "one tick for one alarm");
}

static void cancelled(void)
{
	u64 start = start_of_measurement();

	clock_alarm(3 * MSEC, tick);
	clock_alarm(0, tick);
	clock_alarm(30 * MSEC, tick);
	wait_for_ticks(1);
	ok(time_of_tick - start >= 30 * MSEC - MSEC / 10,
	   "an alarm that is taken back does not come");
	is(ticks, 1, "nor later");
	clock_alarm(0, tick);
	clock_alarm(0, tick);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(ticks, 1, "taking back what is not there does no harm");
}

/* 2^31 ns and more are times to come, not times gone by. */
static void far_away(void)
{
	u32 i;

	start_of_measurement();
	clock_alarm(0x80000000, tick);
	for (i = 0; i < 1000; i++)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(ticks, 0, "an alarm in 2.1 s does not come at once");
	clock_alarm(0xffffffff, tick);
	for (i = 0; i < 1000; i++)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(ticks, 0, "nor one in 4.2 s");
	clock_alarm(0, tick);
}

/* Each tick asks for the next. */
static volatile u32 wanted;
static u32 interval;

static void next_tick(u32 irq, struct trap_frame *frame)
{
	tick(irq, frame);
	if (ticks < wanted)
		hcall_later(LHCALL_SET_CLOCKEVENT, interval, 0, 0);
}

static void many(u32 n, u32 ns, bool by_halt)
{
	u64 start = start_of_measurement();

	wanted = n;
	interval = ns;
	clock_alarm(ns, next_tick);
	irq_enable();
	while (ticks < n) {
		if (by_halt) {
			irq_disable();
			if (ticks < n)
				halt();
		} else {
			hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		}
	}
	irq_disable();
	is(ticks, n, "%u alarms of %u us, %s", n, ns / 1000,
	   by_halt ? "asleep" : "awake");
	ok(time_of_tick - start >= (u64)n * (ns - ns / 1000),
	   "none of them was early");
}

/* Without a call: only the host's own interrupts stop this loop. */
static void busy(u32 n)
{
	start_of_measurement();
	wanted = n;
	interval = 100000;
	clock_alarm(interval, next_tick);
	irq_enable();
	while (ticks < n)
		barrier();
	irq_disable();
	is(ticks, n, "%u alarms in a loop without calls", n);
}

static void time_goes_on(void)
{
	u32 i, backwards = 0, bad_nsec = 0;
	u64 last = start_of_measurement();

	for (i = 0; i < 200; i++) {
		start_of_measurement();
		backwards += time_of_tick < last;
		bad_nsec += lguest_data.time.nsec >= 1000000000;
		last = time_of_tick;
	}
	is(backwards, 0, "time does not go backwards");
	is(bad_nsec, 0, "a second has 1,000,000,000 nanoseconds");
}

/*
 * The rate that the host tells is the one at which the counter goes: for a
 * wait of 200 ms, to a tenth, since the counter is read later than the time.
 */
static void counter(void)
{
	u32 khz = lguest_data.tsc_khz, rest;
	u64 start, tsc, took, counted;

	if (!khz) {
		skip("the host has no dependable counter", "time stamp counter");
		return;
	}
	start = start_of_measurement();
	tsc = tsc_of_tick;
	clock_alarm(200 * MSEC, tick);
	wait_for_ticks(1);
	took = div64(time_of_tick - start, 1000, &rest);
	counted = div64((tsc_of_tick - tsc) * 1000, khz, &rest);
	ok(counted > took - div64(took, 10, &rest) && counted < took + div64(took, 10, &rest),
	   "the time stamp counter's rate is as the host says");
	diag("%u us by the host, %u us by the counter", (u32)took,
	     (u32)counted);
}

int main(void)
{
	paging_init();
	counter();
	never_early(100 * 1000);
	never_early(MSEC);
	never_early(10 * MSEC);
	never_early(100 * MSEC);
	replaced();
	cancelled();
	far_away();
	time_goes_on();
	many(300, MSEC / 2, true);
	many(5000, 1000, true);
	many(5000, 1000, false);
	busy(200);
	is(in_noirq, 0, "no interrupt came in the range without");
	is(not_disabled, 0, "interrupts were off in each handler");
	is(eflags_wrong, 0, "and had been on before each");
	done();
}
