// SPDX-License-Identifier: GPL-2.0
/*
 * Time.  The host writes the wall clock beside each interrupt that it sends;
 * where the time stamp counter can be trusted it tells its rate, and the
 * counter gives the time between.
 */
#include "guest.h"

#define NSEC_PER_SEC	1000000000U

/* Two 32-bit words that the host may change between our two reads. */
struct wallclock wallclock(void)
{
	volatile u32 *sec = &lguest_data.time.sec;
	volatile u32 *nsec = &lguest_data.time.nsec;
	struct wallclock now;

	do {
		now.sec = *sec;
		barrier();
		now.nsec = *nsec;
		barrier();
	} while (now.sec != *sec);
	return now;
}

static u64 tsc_read(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a" (low), "=d" (high));
	return (u64)high << 32 | low;
}

/* Nanoseconds from some fixed moment on; may stand still between interrupts. */
u64 clock_ns(void)
{
	struct wallclock now;
	u32 khz = lguest_data.tsc_khz, rest;
	u64 ms;

	if (khz) {
		ms = div64(tsc_read(), khz, &rest);
		return ms * 1000000 + div64((u64)rest * 1000000, khz, NULL);
	}
	now = wallclock();
	return (u64)now.sec * NSEC_PER_SEC + now.nsec;
}

/**
 * clock_alarm - ask for one clock interrupt
 * @nsec: from now; 0 takes the last request back
 * @handler: what to do then
 */
void clock_alarm(u32 nsec, irq_handler handler)
{
	set_irq_handler(0, handler);
	/* In the ring it would wait for a call that trap handlers need not make. */
	hcall(LHCALL_SET_CLOCKEVENT, nsec, 0, 0);
}

/* Lets so many cycles of the CPU pass. */
void spin_cycles(u32 cycles)
{
	u64 start = tsc_read();

	while (tsc_read() - start < cycles)
		asm volatile("pause");
}
