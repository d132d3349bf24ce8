// SPDX-License-Identifier: GPL-2.0
/*
 * interrupts: when they come, when they do not, and in which order.  The
 * launcher gives this guest three disks, whose interrupts wait when their
 * requests are done; with the clock's that makes four.  A broken host would
 * deliver with interrupts off, or masked ones, or the wrong one first, forget
 * one whose gate was missing for a while, interrupt the end of a handler, or
 * sleep through an interrupt that was there before the halt.
 */
#include "raw.h"
#include "internal.h"
#include "tap.h"
#include "trip.h"

#define NR_DISKS	3

static struct disk disks[NR_DISKS];
static u32 disk_irqs[NR_DISKS], all_masked;
static u8 *buffer;

static u32 order[64], nr_came;
static u32 enabled_in_handler, flags_were_off;

static void came(u32 irq, struct trap_frame *frame)
{
	order[nr_came++ % ARRAY_SIZE(order)] = irq;
	enabled_in_handler += irqs_on();
	flags_were_off += !(frame->eflags & EFLAGS_IF);
}

static void stop_many_times(u32 n)
{
	while (n--)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void mask_all(void)
{
	lguest_data.blocked_interrupts = ~0U;
	barrier();
}

static void unmask(u32 irqs)
{
	lguest_data.blocked_interrupts &= ~irqs;
	barrier();
}

/*
 * Make the clock's interrupt wait.  Only a halt shows that it does: without a
 * gate the interrupt ends the halt, and stays.
 */
static void clock_waits(void)
{
	u32 mask = lguest_data.blocked_interrupts;

	clear_gate(IRQ_BASE);
	mask_all();
	unmask(1);
	hcall(LHCALL_SET_CLOCKEVENT, 1, 0, 0);
	halt();
	irq_disable();
	lguest_data.blocked_interrupts = mask;
	barrier();
	set_gate(IRQ_BASE, trap_entry(IRQ_BASE), GATE_INTERRUPT, 1);
}

static void disk_waits(u32 d)
{
	disk_start(&disks[d], false, d, buffer, 512);
	while (disk_busy(&disks[d]))
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

static void all_wait(void)
{
	u32 d;

	mask_all();
	for (d = NR_DISKS; d--; )
		disk_waits(d);
	clock_waits();
	nr_came = 0;
}

static void not_when_off(void)
{
	all_wait();
	unmask(all_masked);
	irq_disable();
	stop_many_times(100);
	is(nr_came, 0, "no interrupt comes while they are off");
	mask_all();
	irq_enable();
	stop_many_times(100);
	is(nr_came, 0, "nor while they are masked");
	irq_disable();
}

static void lowest_first(void)
{
	u32 i, bad = 0;

	unmask(all_masked);
	irq_enable();
	stop_many_times(10);
	irq_disable();
	is(nr_came, NR_DISKS + 1, "then all four come");
	for (i = 1; i < nr_came; i++)
		bad += order[i] <= order[i - 1];
	is(order[0], 0, "the clock first");
	is(bad, 0, "in the order of their numbers");
	stop_many_times(100);
	is(nr_came, NR_DISKS + 1, "and once each");
}

static void one_by_one(void)
{
	u32 d;

	all_wait();
	irq_enable();
	for (d = NR_DISKS; d--; ) {
		nr_came = 0;
		unmask(1U << disk_irqs[d]);
		stop_many_times(3);
		ok(nr_came == 1 && order[0] == disk_irqs[d],
		   "irq %u comes when its mask bit is cleared", disk_irqs[d]);
		mask_all();
	}
	nr_came = 0;
	unmask(1);
	stop_many_times(3);
	ok(nr_came == 1 && order[0] == 0, "the clock comes last if it is masked longest");
	irq_disable();
}

/*
 * movl %edx, (%ecx) turns interrupts on, so that none comes before; then a
 * loop: int $0x1f; jmp back, or just jmp.
 */
static u8 call_loop[] = { 0x89, 0x11, 0xcd, LGUEST_TRAP_ENTRY, 0xeb, 0xfc };
static u8 idle_loop[] = { 0x89, 0x11, 0xeb, 0xfe };

/* The frame, as for a trap without error code. */
static void frame_in(u32 ring, enum gate_type type, const char *name, u32 enabled)
{
	const u8 *code = ring == 3 ? idle_loop : call_loop;
	struct raw_regs start;
	u32 flags, words = ring == 3 ? 5 : 3;
	bool good;

	mask_all();
	clock_waits();
	raw_gate(IRQ_BASE, type, 0);
	(ring == 3 ? raw_user : raw_kernel)(&start, code);
	start.eax = LHCALL_FLUSH_ASYNC;
	start.edx = enabled;
	start.ecx = ring == 3 ? user_addr(&lguest_data.irq_enabled) :
				(u32)&lguest_data.irq_enabled;
	start.eflags |= EFLAGS_CF | EFLAGS_NT | EFLAGS_DF;
	flags = start.eflags & ~(enabled & EFLAGS_IF ? 0 : EFLAGS_IF);
	unmask(1);
	raw_run(&start);
	irq_disable();
	good = raw.vector == IRQ_BASE &&
	       (raw.word[0] == start.eip + 2 ||
		(ring == 1 && raw.word[0] == start.eip + 4)) &&
	       (u16)raw.word[1] == start.cs && raw.word[2] == flags &&
	       raw.regs.ss == KERNEL_DS &&
	       raw.regs.esp == (ring == 3 ? raw_stack_top : start.esp) - words * 4 &&
	       (ring == 1 || (raw.word[3] == start.esp &&
			      (u16)raw.word[4] == start.ss));
	raw_ok(good && !memcmp(&raw.regs, &start, offsetof(struct raw_regs, eip)),
	       "the frame in ring %u, %s gate, irq_enabled 0x%x", ring, name,
	       enabled);
	is(raw.irq_enabled, type == GATE_TRAP ? enabled : 0,
	   "irq_enabled in the handler of %s gate", name);
	is(raw.live_eflags & (EFLAGS_TF | EFLAGS_NT | EFLAGS_IF), EFLAGS_IF,
	   "the handler's flags");
}

static void frames(void)
{
	frame_in(1, GATE_INTERRUPT, "an interrupt", EFLAGS_IF);
	frame_in(3, GATE_INTERRUPT, "an interrupt", EFLAGS_IF);
	frame_in(1, GATE_TRAP, "a trap", EFLAGS_IF);
	frame_in(3, GATE_TRAP, "a trap", EFLAGS_IF);
	/* Any value but 0 lets interrupts in; the flag shows one bit of it. */
	frame_in(1, GATE_INTERRUPT, "an interrupt", 1);
	frame_in(3, GATE_TRAP, "a trap", 0x80000000);
	mask_all();
	set_gate(IRQ_BASE, trap_entry(IRQ_BASE), GATE_INTERRUPT, 1);
}

static void missing_gate(void)
{
	mask_all();
	clock_waits();
	clear_gate(IRQ_BASE);
	nr_came = 0;
	unmask(1);
	irq_enable();
	stop_many_times(10);
	is(nr_came, 0, "an interrupt without a gate does not come");
	ok(irqs_on(), "and changes nothing");
	set_gate(IRQ_BASE, trap_entry(IRQ_BASE), GATE_INTERRUPT, 1);
	stop_many_times(3);
	irq_disable();
	is(nr_came, 1, "it comes when there is one");

	mask_all();
	clock_waits();
	clear_gate(IRQ_BASE);
	nr_came = 0;
	unmask(1);
	halt();
	is(lguest_data.irq_enabled, EFLAGS_IF, "without a gate it still ends a halt");
	irq_disable();
	set_gate(IRQ_BASE, trap_entry(IRQ_BASE), GATE_INTERRUPT, 1);
	irq_enable();
	stop_many_times(3);
	irq_disable();
	is(nr_came, 1, "and waits on");
}

static void halting(void)
{
	mask_all();
	clock_waits();
	nr_came = 0;
	enabled_in_handler = 0;
	flags_were_off = 0;
	unmask(1);
	halt();
	is(nr_came, 1, "what waits before a halt ends it");
	is(lguest_data.irq_enabled, EFLAGS_IF, "interrupts are on afterwards");
	is(flags_were_off, 0, "and were so when it came");
	is(enabled_in_handler, 0, "but not in its handler");

	irq_disable();
	nr_came = 0;
	hcall(LHCALL_SET_CLOCKEVENT, 2000000, 0, 0);
	halt();
	is(nr_came, 1, "an interrupt that comes during a halt ends it");
	irq_disable();

	/* The masked clock must not wake us: the disk does. */
	mask_all();
	clock_waits();
	nr_came = 0;
	unmask(1U << disk_irqs[0]);
	disk_waits(0);
	halt();
	ok(nr_came == 1 && order[0] == disk_irqs[0],
	   "a masked interrupt does not end a halt, another does");
	unmask(1);
	stop_many_times(3);
	is(nr_came, 2, "the masked one was not lost");
	irq_disable();
}

static u32 came_at, nr_early;

static void came_where(u32 irq, struct trap_frame *frame)
{
	came(irq, frame);
	came_at = frame->eip;
	nr_early += came_at >= (u32)noirq_start && came_at < (u32)noirq_end;
}

static void noirq_range(void)
{
	u32 page = (u32)&lguest_data & PTE_ADDR, i, stopped_there = 0;
	u32 alias = WINDOW_BASE + 0x50000 + (u32)&lguest_data % PAGE_SIZE;
	pte_t *pte = pte_find(kernel_pgdir, page, false);

	map_page(kernel_pgdir, alias, phys((void *)page) | PTE_P | PTE_RW | PTE_A | PTE_D);
	set_irq_handler(0, came_where);
	for (i = 0; i < 50; i++) {
		mask_all();
		irq_disable();
		clock_waits();
		unmask(1);
		*pte &= ~(PTE_A | PTE_D);
		nr_came = 0;
		noirq_trip((u32 *)alias, phys(kernel_pgdir), page, *pte);
		stopped_there += (*pte & PTE_D) && !nr_came;
		stop_many_times(3);
		if (nr_came != 1)
			break;
	}
	irq_disable();
	is(i, 50, "an interrupt that waits there comes afterwards, once");
	is(nr_early, 0, "and never between enabling and iret");
	/* The host's clock may now and then have been faster. */
	ok(stopped_there > 25, "the guest was stopped there %u of 50 times",
	   stopped_there);
}

static bool find_disks(void)
{
	u32 d;

	for (d = 0; d < NR_DISKS; d++) {
		if (!disk_open(&disks[d], d))
			return false;
		device_find(LGUEST_DEVICE_T_BLOCK, d, &disk_irqs[d]);
		set_irq_handler(disk_irqs[d], came);
		all_masked |= 1U << disk_irqs[d];
	}
	set_irq_handler(0, came);
	all_masked |= 1;
	return true;
}

int main(void)
{
	paging_init();
	raw_init();
	buffer = page_alloc();
	if (!find_disks())
		panic("this guest needs three disks");
	not_when_off();
	lowest_first();
	one_by_one();
	halting();
	missing_gate();
	noirq_range();
	frames();
	done();
}
