// SPDX-License-Identifier: GPL-2.0
/*
 * Who runs.  Round robin, with a clock interrupt every 10 ms while anybody
 * wants the CPU; when nobody does, the guest halts until the next alarm or
 * device.  Switching costs one world switch: the new stack and the FPU's trap
 * bit ride in the ring, and the new page directory takes them along.
 */
#include "tiny.h"

#define NS_PER_MS	1000000
#define LONGEST_ALARM	1000000000	/* the clock takes 32 bits of ns */

static struct proc idle = { .state = RUNNABLE };

struct proc *current = &idle;
u32 switches, preemptions;

static struct proc *active;	/* whose stack and tables the host has */
static bool want_schedule;

static u64 started;

static void clock_irq(u32 irq, struct trap_frame *frame);

void sched_init(void)
{
	started = clock_ns();
}

u32 uptime_ms(void)
{
	return div64(clock_ns() - started, NS_PER_MS, NULL);
}

/* The host learns about stack, FPU and address space of who is to run. */
static void activate(struct proc *p)
{
	if (p == active && p->pgdir == current_pgdir)
		return;
	active = p;
	set_kernel_stack(p->kstack + KSTACK_PAGES * PAGE_SIZE, KSTACK_PAGES);
	fpu_switch(p);
	current_pgdir = p->pgdir;
	hcall(LHCALL_NEW_PGTABLE, phys(p->pgdir), 0, 0);
}

static struct proc *pick(void)
{
	static u32 last;
	u32 i;

	for (i = 1; i <= PROCS; i++) {
		struct proc *p = &procs[(last + i) % PROCS];

		if (p->state != RUNNABLE)
			continue;
		last = p - procs;
		return p;
	}
	return &idle;
}

/* When the next one wants to wake up; 0 if nobody does. */
static u64 next_wake(void)
{
	u64 first = 0;
	struct proc *p;

	for (p = procs; p < procs + PROCS; p++)
		if (p->state == SLEEPING && p->wake_at &&
		    (!first || p->wake_at < first))
			first = p->wake_at;
	return first;
}

static void set_alarm(void)
{
	u64 now, at;

	if (current != &idle) {
		clock_alarm(TICK_NS, clock_irq);
		return;
	}
	at = next_wake();
	if (!at)
		return;
	now = clock_ns();
	at = at > now ? at - now : 0;
	clock_alarm(max(min(at, LONGEST_ALARM), NS_PER_MS), clock_irq);
}

/* Gives the CPU to the next that wants it; interrupts are off. */
void schedule(void)
{
	struct proc *from = current, *to = pick();

	want_schedule = false;
	if (to == from)
		return;
	switches++;
	current = to;
	if (from == &idle)
		set_alarm();
	if (to != &idle)
		activate(to);
	context_switch(&from->esp, to->esp);
}

/* Sleeps until wake() with the same channel; look at the condition again. */
void sleep_on(const void *channel)
{
	current->channel = channel;
	current->state = SLEEPING;
	schedule();
}

void wake(const void *channel)
{
	struct proc *p;

	for (p = procs; p < procs + PROCS; p++)
		if (p->state == SLEEPING && p->channel == channel)
			p->state = RUNNABLE;
}

static void wake_sleepers(void)
{
	u64 now = clock_ns();
	struct proc *p;

	for (p = procs; p < procs + PROCS; p++)
		if (p->state == SLEEPING && p->wake_at && p->wake_at <= now)
			p->state = RUNNABLE;
}

void sleep_ms(u32 ms)
{
	current->wake_at = clock_ns() + (u64)ms * NS_PER_MS;
	while (clock_ns() < current->wake_at && !current->killed)
		sleep_on(&current->wake_at);
	current->wake_at = 0;
}

/*
 * The tick.  It may have interrupted the kernel between the entry of a system
 * call and its first instruction, or halted: only ring 3 is preempted here.
 */
static void clock_irq(u32 irq __unused, struct trap_frame *frame)
{
	wake_sleepers();
	set_alarm();
	want_schedule = true;
	if (!from_user(frame))
		return;
	current->ticks++;
	preemptions++;
	before_user();
}

/* The last look around before ring 3, with interrupts off. */
void before_user(void)
{
	if (want_schedule)
		schedule();
	if (current->killed)
		proc_exit(STATUS_KILLED);
}

/* What the boot stack does for the rest of its life. */
void idle_loop(void)
{
	for (;;) {
		irq_disable();
		schedule();
		set_alarm();
		halt();
	}
}
