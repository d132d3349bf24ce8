// SPDX-License-Identifier: GPL-2.0
/*
 * The hypercalls: those that wait in the ring, then the one that trapped.
 * Most only unpack their arguments for the file that does the work.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/uaccess.h>
#include <asm/tsc.h>
#include "lg.h"
#include "trace.h"

/* CRASH reads this much, whatever the message's length. */
#define CRASH_MESSAGE_SIZE	128

/**
 * write_guest_time() - tell the guest what time it is
 * @lg: the guest; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int write_guest_time(struct lguest *lg)
{
	struct timespec64 now;
	u32 time[2];

	if (!lg->abi->time)
		return 0;
	ktime_get_real_ts64(&now);
	time[0] = now.tv_sec;
	time[1] = now.tv_nsec;
	return guest_write(lg, lg->data + lg->abi->time, time, sizeof(time));
}

/* The guest may use the time stamp counter as a clock if the host may. */
static u32 dependable_tsc_khz(void)
{
	if (boot_cpu_has(X86_FEATURE_CONSTANT_TSC) && !check_tsc_unstable())
		return tsc_khz;
	return 0;
}

static int write_init_data(struct lguest *lg)
{
	u32 reserve_mem = guest_reserve_mem(), khz = dependable_tsc_khz();
	int err;

	err = guest_write(lg, lg->data + lg->abi->reserve_mem, &reserve_mem,
			  sizeof(reserve_mem));
	if (!err)
		err = guest_write(lg, lg->data + lg->abi->guestid,
				  &lg->guestid, sizeof(lg->guestid));
	if (!err)
		err = guest_write(lg, lg->data + lg->abi->tsc_khz, &khz,
				  sizeof(khz));
	return err ? err : write_guest_time(lg);
}

/* LHCALL_LGUEST_INIT: the guest says where its shared structure is. */
static int initialise(struct lguest *lg, gpa_t data)
{
	const struct lguest_abi *abi;
	u32 noirq[2];
	int err;

	if (lg->abi)
		return kill_guest(lg, "already initialised");
	abi = recognise_abi(lg, data);
	if (!abi)
		return -ENOENT;
	lg->abi = abi;
	lg->data = data;
	err = write_init_data(lg);
	if (err)
		return err;
	err = guest_read(lg, noirq, data + abi->noirq_start, sizeof(noirq));
	if (err)
		return err;
	lg->noirq_start = noirq[0];
	lg->noirq_end = noirq[1];
	return guest_flush_all(lg);
}

static int crash(struct lguest *lg, gpa_t message)
{
	char text[CRASH_MESSAGE_SIZE];
	int err = guest_read(lg, text, message, sizeof(text));

	if (err)
		return err;
	text[sizeof(text) - 1] = '\0';
	return kill_guest(lg, "CRASH: %s", text);
}

static int wallclock(struct lguest *lg, u32 *result)
{
	if (!lg->abi->wallclock_call)
		return kill_guest(lg, "bad hypercall %u",
				  LHCALL_GET_WALLCLOCK);
	*result = ktime_get_real_seconds();
	return 0;
}

/*
 * A hypercall and its arguments, of which the ring has no fourth; @result is
 * where an answer goes.
 */
static int do_hypercall(struct lguest *lg,
			const struct lguest_ring_entry *hcall, u32 arg4, u32 *result)
{
	u32 arg1 = hcall->arg1, arg2 = hcall->arg2, arg3 = hcall->arg3;
	int bound;

	trace_lguest_hypercall(hcall->call, arg1, arg2, arg3);
	if (!lg->abi && hcall->call != LHCALL_LGUEST_INIT)
		return kill_guest(lg, "hypercall %u before LGUEST_INIT",
				  hcall->call);
	switch (hcall->call) {
	case LHCALL_FLUSH_ASYNC:
		return 0;	/* that the ring is run was the point */
	case LHCALL_LGUEST_INIT:
		return initialise(lg, arg1);
	case LHCALL_CRASH:
		return crash(lg, arg1);
	case LHCALL_LOAD_GDT:
		return load_guest_gdt(lg, arg1, arg2);
	case LHCALL_NEW_PGTABLE:
		return guest_new_pgtable(lg, arg1);
	case LHCALL_FLUSH_TLB:
		if (arg1)
			return guest_flush_all(lg);
		guest_flush_user(lg);
		return 0;
	case LHCALL_LOAD_IDT_ENTRY:
		return load_idt_entry(lg, arg1, arg2, arg3);
	case LHCALL_SET_STACK:
		return set_guest_stack(lg, arg1, arg2, arg3);
	case LHCALL_TS:
		lg->ts = arg1;
		return 0;
	case LHCALL_SET_CLOCKEVENT:
		set_clock(lg, arg1);
		return 0;
	case LHCALL_HALT:
		lg->halted = true;
		return 0;
	case LHCALL_GET_WALLCLOCK:
		return wallclock(lg, result);
	case LHCALL_BIND_DMA:
		bound = bind_dma(lg, arg1, arg2, (arg3 >> 8) & 0xffff,
				 arg3 & 0xff);
		if (bound < 0)
			return bound;
		*result = bound;
		return 0;
	case LHCALL_SEND_DMA:
		return send_dma(lg, arg1, arg2);
	case LHCALL_SET_PTE:
		return guest_set_pte(lg, arg1, arg2, guest_pte(lg, arg3, arg4));
	case LHCALL_SET_PGD:
		return guest_set_pgd(lg, arg1, arg2);
	case LHCALL_LOAD_TLS:
		return load_guest_tls(lg, arg1);
	default:
		return kill_guest(lg, "bad hypercall %u", hcall->call);
	}
}

/* The status of the next slot of the ring; free if it cannot be read. */
static bool ring_entry_is_ready(struct lguest *lg)
{
	u8 status, __user *from =
		guest_uaddr(lg, lg->data + lg->abi->hcall_status +
			    lg->next_hcall);

	return !get_user(status, from) && status != LHCALL_RING_FREE;
}

static int do_ring_entry(struct lguest *lg)
{
	u32 slot = lg->next_hcall, lost_result;
	u8 done = LHCALL_RING_FREE;
	struct lguest_ring_entry hcall;
	int err;

	err = guest_read(lg, &hcall,
			 lg->data + lg->abi->hcalls + slot * sizeof(hcall),
			 sizeof(hcall));
	if (err)
		return err;
	lg->next_hcall = (slot + 1) % LHCALL_RING_SIZE;
	lguest_count(lg, STAT_ASYNC_HYPERCALLS);
	err = do_hypercall(lg, &hcall, 0, &lost_result);
	if (err)
		return err;
	return guest_write(lg, lg->data + lg->abi->hcall_status + slot, &done,
			   sizeof(done));
}

/*
 * At most once round: the launcher's other threads could go on filling it.
 * Something for the launcher ends it early.
 */
static int do_ring(struct lguest *lg)
{
	int i, err;

	if (!lg->abi)
		return 0;
	for (i = 0; i < LHCALL_RING_SIZE; i++) {
		if (lg->dma_waiting || !ring_entry_is_ready(lg))
			return 0;
		err = do_ring_entry(lg);
		if (err)
			return err;
	}
	return 0;
}

/**
 * do_hypercalls() - do what the guest asked for: the ring, then the trap
 * @lg: the guest; the caller is its owner
 *
 * If something in the ring is for the launcher, the rest waits.
 *
 * Return: 0, or negative if the guest was killed.
 */
int do_hypercalls(struct lguest *lg)
{
	struct lguest_regs *regs = lg->regs;
	struct lguest_ring_entry hcall;
	int err = do_ring(lg);

	if (err || lg->dma_waiting || !lg->hcall_waiting)
		return err;
	lg->hcall_waiting = false;
	lguest_count(lg, STAT_HYPERCALLS);
	hcall.call = regs->eax;
	hcall.arg1 = regs->edx;
	hcall.arg2 = regs->ebx;
	hcall.arg3 = regs->ecx;
	return do_hypercall(lg, &hcall, regs->esi, &regs->eax);
}
