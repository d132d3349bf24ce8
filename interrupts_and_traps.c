// SPDX-License-Identifier: GPL-2.0
/*
 * How a guest hears of things: traps that the CPU raised in it and that the
 * host reflects, and its 32 virtual interrupts, of which number 0 is the
 * clock.  Both end in push_frame(), which does what the CPU does at a gate.
 *
 * A trap gate of the guest goes into the real IDT where that is safe: then the
 * CPU takes it straight to the guest's handler, and a system call costs no
 * exit.  All others lead to the switcher's stubs and come here.
 */
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <asm/desc.h>
#include "lg.h"
#include "trace.h"

#define CLOCK_IRQ		0
#define MAX_STACK_PAGES		2	/* the classic limit */
#define CLASSIC_IDT_ENTRIES	64	/* and one for the system call */

/* One bit for each vector whose trap pushes an error code. */
#define VECTORS_WITH_ERRCODE	(BIT(X86_TRAP_DF) | BIT(X86_TRAP_TS) | \
				 BIT(X86_TRAP_NP) | BIT(X86_TRAP_SS) | \
				 BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | \
				 BIT(X86_TRAP_AC))

/* NMI and machine check are the host's; a double fault has no way back. */
#define VECTORS_NOT_SETTABLE	(BIT(X86_TRAP_NMI) | BIT(X86_TRAP_DF) | \
				 BIT(X86_TRAP_SPURIOUS) | \
				 BIT(X86_TRAP_MC) | BIT(LGUEST_TRAP_ENTRY))

/*
 * The host must see these even when the guest has a trap gate for them.
 *
 * Two of them because their delivery can raise them again, before the handler's first
 * instruction and so with no chance for an interrupt: with a code segment of ring 3
 * and a bad stack, #AC would never end (CVE-2015-5307), nor would #DB with a watched
 * one (CVE-2015-8104).  After #DB the host has DR6 to clean, too.  The others that
 * a delivery can raise are #TS, #NP, #SS and #GP, and two of these in a row are a
 * double fault, which is the host's; and #PF, which is seen already.
 */
#define VECTORS_NOT_DIRECT	(BIT(X86_TRAP_DB) | BIT(X86_TRAP_NM) | \
				 BIT(X86_TRAP_GP) | BIT(X86_TRAP_PF) | \
				 BIT(X86_TRAP_AC))

static bool has_error_code(u32 vector)
{
	return vector < 32 && (BIT(vector) & VECTORS_WITH_ERRCODE);
}

static bool is_settable(const struct lguest *lg, u32 vector)
{
	if (vector < 32)
		return !(BIT(vector) & VECTORS_NOT_SETTABLE);
	return vector == SYSCALL_VECTOR ||
	       vector < (lg->kernel.abi->classic ? CLASSIC_IDT_ENTRIES : IDT_VECTORS);
}

/* The host must see vmcall, too, which is an invalid opcode to the CPU. */
static bool may_be_direct(const struct lguest *lg, u32 vector)
{
	if (vector == X86_TRAP_UD)
		return !lg->kernel.abi->vmcall;
	if (vector < 32)
		return !(BIT(vector) & VECTORS_NOT_DIRECT);
	return vector == SYSCALL_VECTOR;
}

/**
 * guest_handles_trap() - does a guest have a gate for a trap?
 * @vcpu: the guest's CPU
 * @vector: the trap, whatever the launcher said
 *
 * Return: true if it does.
 */
bool guest_handles_trap(const struct lguest_vcpu *vcpu, u32 vector)
{
	return vector < IDT_VECTORS && vcpu->traps.gates[vector].present;
}

/**
 * init_idt() - every vector leads to the switcher
 * @vcpu: a new guest's CPU
 */
void init_idt(struct lguest_vcpu *vcpu)
{
	u32 vector;

	for (vector = 0; vector < IDT_VECTORS; vector++)
		host_set_stub(vcpu, vector,
			      vector == LGUEST_TRAP_ENTRY ? GUEST_PL : 0);
}

/*
 * Who may use a stub with "int n"?  That pushes no error code, so the stubs of
 * vectors which have one would take the frame apart wrongly; and the host could
 * not tell it from a device-not-available trap of its own making.
 */
static u32 stub_dpl(u32 vector, const struct guest_gate *gate)
{
	if (!gate->present || has_error_code(vector) || vector == X86_TRAP_NM)
		return 0;
	return gate->dpl;
}

static bool is_direct(const struct lguest_vcpu *vcpu, u32 vector)
{
	struct lguest *lg = vcpu->lg;
	const struct guest_gate *gate = &vcpu->traps.gates[vector];

	return gate->present && gate->type == GATE_TRAP && may_be_direct(lg, vector);
}

static void install_gate(struct lguest_vcpu *vcpu, u32 vector)
{
	const struct guest_gate *gate = &vcpu->traps.gates[vector];
	bool user_irq = vector >= FIRST_IRQ_VECTOR && vector != SYSCALL_VECTOR;
	u32 dpl = stub_dpl(vector, gate);

	if (user_irq)
		return;		/* the CPU's interrupts are the host's */
	if (vector == X86_TRAP_BP && debug_sees_breakpoints(&vcpu->debug))
		dpl = max_t(u32, dpl, GUEST_PL);
	if (is_direct(vcpu, vector) && !debug_sees_traps(&vcpu->debug))
		host_set_gate(vcpu, vector, gate, dpl);
	else
		host_set_stub(vcpu, vector, dpl);
}

/**
 * reinstall_gates() - what the guest's debugger wants has changed
 * @vcpu: the guest's CPU; the caller is its owner
 */
void reinstall_gates(struct lguest_vcpu *vcpu)
{
	u32 vector;

	for (vector = 0; vector < FIRST_IRQ_VECTOR; vector++) {
		if (!(BIT(vector) & VECTORS_NOT_SETTABLE))
			install_gate(vcpu, vector);
	}
	install_gate(vcpu, SYSCALL_VECTOR);
}

/**
 * load_idt_entry() - LHCALL_LOAD_IDT_ENTRY
 * @vcpu: the guest's CPU
 * @vector: 0 to 255; those of the host are ignored, and all from 64 up but 0x80
 *	if the guest is classic
 * @low: low word of the gate
 * @high: high word of the gate
 *
 * Return: 0, or negative if the guest was killed.
 */
int load_idt_entry(struct lguest_vcpu *vcpu, u32 vector, u32 low, u32 high)
{
	struct lguest *lg = vcpu->lg;
	struct guest_gate gate = { 0 };

	if (vector >= IDT_VECTORS && !lg->kernel.abi->classic)
		return kill_guest(lg, "bad IDT entry %u", vector);
	if (!is_settable(lg, vector))
		return 0;
	if (high & BIT(15)) {
		u32 type = (high >> 8) & 0xf;

		if (type != GATE_INTERRUPT && type != GATE_TRAP)
			return kill_guest(lg, "bad gate type %#x for vector %u",
					  type, vector);
		gate = (struct guest_gate){
			.offset = (high & 0xffff0000) | (low & 0xffff),
			.present = true,
			.type = type,
			.dpl = (high >> 13) & 3,
		};
	}
	vcpu->traps.gates[vector] = gate;
	install_gate(vcpu, vector);
	return 0;
}

/* A field of the shared structure; false if there is none to be read. */
static bool read_data(struct lguest *lg, u32 offset, u32 *value)
{
	return lg->kernel.abi && guest_peek_word(lg, value, lg->kernel.data + offset);
}

static int set_irq_enabled(struct lguest *lg, u32 value)
{
	if (!lg->kernel.abi)
		return 0;
	return guest_write_word(lg, lg->kernel.data + LGUEST_DATA_IRQ_ENABLED, value);
}

/**
 * virtual_eflags() - the eflags that a guest would have if its interrupt flag were real
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: the flags.
 */
u32 virtual_eflags(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	u32 enabled = 0;

	read_data(lg, LGUEST_DATA_IRQ_ENABLED, &enabled);
	if (enabled & X86_EFLAGS_IF)
		return vcpu->regs->eflags;
	return vcpu->regs->eflags & ~X86_EFLAGS_IF;
}

/*
 * Where the CPU could have taken the guest to its handler without the host, the frame
 * would have the real interrupt flag: on no host must it be another.
 */
static u32 trap_eflags(struct lguest_vcpu *vcpu, u32 vector)
{
	return is_direct(vcpu, vector) ? vcpu->regs->eflags : virtual_eflags(vcpu);
}

static bool in_guest_kernel(const struct lguest_regs *regs)
{
	return (regs->ss & SEGMENT_RPL_MASK) == GUEST_PL;
}

static int enter_gate(struct lguest_vcpu *vcpu, const struct guest_gate *gate)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;

	regs->cs = GUEST_KERNEL_CS;
	regs->eip = gate->offset;
	regs->eflags &= ~FLAGS_CLEARED_BY_GATE;
	if (gate->type == GATE_INTERRUPT)
		return set_irq_enabled(lg, 0);
	return 0;
}

/* Linear address of the start of a stack segment. */
static int stack_base(struct lguest_vcpu *vcpu, u32 ss, u32 *base)
{
	struct lguest *lg = vcpu->lg;
	bool is_32bit;

	if (guest_segment(vcpu, ss, base, &is_32bit) && is_32bit)
		return 0;
	return kill_guest(lg, "bad stack segment %#x", ss);
}

/*
 * Enter the guest through a gate: switch to its kernel's stack if it was not
 * on it, push what the CPU pushes, and jump.
 */
static int push_frame(struct lguest_vcpu *vcpu, const struct guest_gate *gate, u32 eflags,
		      const u32 *errcode)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;
	u32 frame[6], esp = regs->esp, ss = regs->ss, base;
	int n = 0, written, err;

	if (errcode)
		frame[n++] = *errcode;
	frame[n++] = regs->eip;
	frame[n++] = regs->cs;
	frame[n++] = eflags;
	if (!in_guest_kernel(regs)) {
		frame[n++] = regs->esp;
		frame[n++] = regs->ss;
		esp = vcpu->traps.kernel_esp;
		ss = vcpu->traps.kernel_ss;
	}
	err = stack_base(vcpu, ss, &base);
	if (err)
		return err;
	esp -= n * sizeof(u32);
	written = guest_write_virt(vcpu, base + esp, frame, n * sizeof(u32));
	if (written < 0)
		return written;
	if (!written)
		return kill_guest(lg, "stack at %#x is not writable", esp);

	regs->esp = esp;
	regs->ss = ss;
	return enter_gate(vcpu, gate);
}

/* The frame of the iret that the guest's kernel is about to make. */
#define IRET_FRAME_EFLAGS	(2 * sizeof(u32))

/*
 * The guest's kernel stands on its iret, and has made its interrupt flag that of
 * the frame there: so this frame is the interrupt's, too.
 */
static int take_over_iret_frame(struct lguest_vcpu *vcpu, const struct guest_gate *gate)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;
	u32 base, eflags;
	int found = stack_base(vcpu, regs->ss, &base);

	if (found)
		return found;
	found = guest_read_virt(vcpu, &eflags, base + regs->esp + IRET_FRAME_EFLAGS,
				sizeof(eflags));
	if (found < 0)
		return found;
	if (!found)
		return kill_guest(lg, "stack at %#x is not readable", regs->esp);
	regs->eflags = eflags;	/* of which the CPU gets what is harmless */
	return enter_gate(vcpu, gate);
}

/**
 * reflect_trap() - let the guest handle the trap that ended its run
 * @vcpu: the guest's CPU; the caller is its owner
 * @vector: the trap
 *
 * Return: 0, or negative if the guest was killed, also for want of a gate.
 */
int reflect_trap(struct lguest_vcpu *vcpu, u32 vector)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;

	if (!guest_handles_trap(vcpu, vector))
		return kill_guest(lg, "unhandled trap %u at %#x (%#x)", vector,
				  regs->eip, vector == X86_TRAP_PF ?
				  vcpu->cr2 : regs->errcode);
	lguest_count(lg, STAT_TRAPS_REFLECTED);
	return push_frame(vcpu, &vcpu->traps.gates[vector], trap_eflags(vcpu, vector),
			  has_error_code(vector) ? &regs->errcode : NULL);
}

/**
 * reflect_page_fault() - let the guest handle the last page fault
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int reflect_page_fault(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	lguest_count(lg, STAT_PF_GUEST);
	if (lg->kernel.abi) {
		int err = guest_write_word(lg, lg->kernel.data + LGUEST_DATA_CR2,
					   vcpu->cr2);

		if (err)
			return err;
	}
	return reflect_trap(vcpu, X86_TRAP_PF);
}

static bool in_noirq_range(const struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	return vcpu->regs->eip >= lg->kernel.noirq_start &&
	       vcpu->regs->eip < lg->kernel.noirq_end;
}

/**
 * acceptable_irqs() - the interrupts that the guest has not masked
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * The virtual interrupt flag does not count here.
 *
 * Return: a bit for each; none before the guest has told where its mask is, or
 * where it may not be interrupted.
 */
u32 acceptable_irqs(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	u32 blocked;

	if (in_noirq_range(vcpu) || !read_data(lg, LGUEST_DATA_BLOCKED, &blocked))
		return 0;
	return ~blocked;
}

/**
 * wake_halted() - a guest that waits for an interrupt, with its flag set, goes on
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int wake_halted(struct lguest_vcpu *vcpu)
{
	vcpu->traps.halted = false;
	return set_irq_enabled(vcpu->lg, X86_EFLAGS_IF);
}

/* Has the guest's interrupt flag set?  A halted guest waits for just this. */
static int interrupts_enabled(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	u32 enabled = 0;

	if (vcpu->traps.halted)
		return wake_halted(vcpu) ?: 1;
	read_data(lg, LGUEST_DATA_IRQ_ENABLED, &enabled);
	return enabled != 0;
}

static bool stands_on_iret(const struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	return lg->kernel.noirq_iret && vcpu->regs->eip == lg->kernel.noirq_iret &&
	       in_guest_kernel(vcpu->regs);
}

/* Let the guest know whether it must call when it enables interrupts. */
static int tell_of_waiting(struct lguest_vcpu *vcpu, bool waits)
{
	struct lguest *lg = vcpu->lg;

	if (vcpu->traps.irq_waits == waits || !lg->kernel.abi || !lg->kernel.abi->irq_pending)
		return 0;
	vcpu->traps.irq_waits = waits;
	return guest_write_word(lg, lg->kernel.data + lg->kernel.abi->irq_pending,
				waits ? X86_EFLAGS_IF : 0);
}

static int inject_interrupt(struct lguest_vcpu *vcpu, u32 irq)
{
	struct lguest *lg = vcpu->lg;
	const struct guest_gate *gate = &vcpu->traps.gates[FIRST_IRQ_VECTOR + irq];

	clear_bit(irq, &vcpu->traps.irqs_pending);
	lguest_count(lg, STAT_IRQ_INJECTIONS);
	trace_lguest_interrupt(irq);
	if (stands_on_iret(vcpu))
		return take_over_iret_frame(vcpu, gate);
	return push_frame(vcpu, gate, virtual_eflags(vcpu), NULL);
}

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

	if (!lg->kernel.abi->time)
		return 0;
	ktime_get_real_ts64(&now);
	time[0] = now.tv_sec;
	time[1] = now.tv_nsec;
	return guest_write(lg, lg->kernel.data + lg->kernel.abi->time, time, sizeof(time));
}

/**
 * deliver_interrupt() - send the guest at most one of its pending interrupts
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * The lowest number comes first.
 *
 * Return: 0, or negative if the guest was killed.
 */
int deliver_interrupt(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	unsigned long ready;
	u32 irq;
	int err;

	if (READ_ONCE(vcpu->traps.irq_raised)) {
		WRITE_ONCE(vcpu->traps.irq_raised, false);
		smp_mb();	/* whoever raises one from here on is seen again */
	}
	if (!READ_ONCE(vcpu->traps.irqs_pending))
		return tell_of_waiting(vcpu, false);
	ready = READ_ONCE(vcpu->traps.irqs_pending) & acceptable_irqs(vcpu);
	if (!ready)
		return in_noirq_range(vcpu) ? 0 : tell_of_waiting(vcpu, false);
	err = interrupts_enabled(vcpu);
	if (err < 0)
		return err;
	if (!err)
		return tell_of_waiting(vcpu, true);

	irq = __ffs(ready);
	if (guest_handles_trap(vcpu, FIRST_IRQ_VECTOR + irq)) {
		err = inject_interrupt(vcpu, irq);
		if (err)
			return err;
		ready &= ~BIT(irq);
	}
	return write_guest_time(lg) ?: tell_of_waiting(vcpu, ready);
}

/**
 * raise_irq() - make an interrupt pending
 * @vcpu: the guest's CPU
 * @irq: its number
 *
 * Any context.  Wakes a halted guest, and makes a running one look.
 *
 * Return: 0, or -EINVAL if there is no such interrupt.
 */
int raise_irq(struct lguest_vcpu *vcpu, u32 irq)
{
	struct lguest *lg = vcpu->lg;

	if (irq >= LGUEST_IRQS)
		return -EINVAL;
	set_bit(irq, &vcpu->traps.irqs_pending);
	smp_wmb();		/* the interrupt before the news of it */
	WRITE_ONCE(vcpu->traps.irq_raised, true);
	wake_guest(lg);
	return 0;
}

/**
 * set_guest_stack() - LHCALL_SET_STACK: where traps from ring 3 push
 * @vcpu: the guest's CPU; the caller is its owner
 * @seg: selector of ring 1
 * @esp: virtual address of the top
 * @pages: how many pages it has, at most two
 *
 * Return: 0, or negative if the guest was killed.
 */
int set_guest_stack(struct lguest_vcpu *vcpu, u32 seg, u32 esp, u32 pages)
{
	struct lguest *lg = vcpu->lg;

	if ((seg & SEGMENT_RPL_MASK) != GUEST_PL)
		return kill_guest(lg, "bad stack segment %#x", seg);
	if (pages > MAX_STACK_PAGES)
		return kill_guest(lg, "bad number of stack pages %u", pages);
	vcpu->traps.kernel_ss = seg;
	vcpu->traps.kernel_esp = esp;
	host_set_stack(vcpu, seg, esp);
	vcpu->paging.stack_top = esp;
	vcpu->paging.stack_pages = pages;
	return pin_guest_stack(vcpu);
}

static enum hrtimer_restart clock_ticks(struct hrtimer *timer)
{
	raise_irq(container_of(timer, struct lguest_vcpu, traps.timer), CLOCK_IRQ);
	return HRTIMER_NORESTART;
}

/**
 * init_clock() - give a guest its clock
 * @vcpu: a new guest's CPU
 *
 * It is monotonic: setting the host's time does not disturb the guest.
 */
void init_clock(struct lguest_vcpu *vcpu)
{
	compat_hrtimer_init(&vcpu->traps.timer, clock_ticks);
}

/**
 * set_clock() - LHCALL_SET_CLOCKEVENT
 * @vcpu: the guest's CPU
 * @ns: nanoseconds until irq 0; 0 cancels
 */
void set_clock(struct lguest_vcpu *vcpu, u32 ns)
{
	if (!ns)
		hrtimer_cancel(&vcpu->traps.timer);
	else
		hrtimer_start(&vcpu->traps.timer, ns_to_ktime(ns), HRTIMER_MODE_REL);
}

/**
 * stop_clock() - no interrupt comes from the clock after this
 * @vcpu: the CPU of a guest that ends
 */
void stop_clock(struct lguest_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->traps.timer);
}
