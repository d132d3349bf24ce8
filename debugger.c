// SPDX-License-Identifier: GPL-2.0
/*
 * For debuggers, an extension of the launcher's ABI: a guest's registers, its
 * breakpoints, and single steps.
 *
 * While a debugger wants to see them, all traps end the run: no gate of the guest's is
 * direct, so that none drops the flag of the step on its way.  The processor's own debug
 * registers stay the host's: in the middle of a switch, and on a 32-bit host at all
 * addresses of the kernel's, a breakpoint of a guest's would be met by the host.
 *
 * What a launcher sets goes through the checks that a guest's own state goes through,
 * and more: the segments are such as the CPU itself would load for ring 1 or 3.
 */
#include <linux/kernel.h>
#include <linux/uaccess.h>
#include "eflags.h"
#include "lg.h"

#define DEBUG_OFFERS	(LGUEST_DEBUG_BREAK | LGUEST_DEBUG_STEP | LGUEST_DEBUG_NO_IRQS)

/* The rest is the host's, or for nobody. */
#define SETTABLE_FLAGS	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF | \
			 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_DF | X86_EFLAGS_OF | \
			 X86_EFLAGS_AC | X86_EFLAGS_ID)

#define SELECTOR_MASK	0xffff

#define INSN_INT3	0xcc
#define INSN_PUSHF	0x9c
#define INSN_POPF	0x9d
#define INSN_IRET	0xcf
#define INSN_PREFIX_16	0x66
#define INT3_LEN	1
#define INT_N_LEN	2
/* Of "int n", where the gate is not for its ring. */
#define INT_ERRCODE(vector)	((vector) << 3 | BIT(1))

static bool wants(const struct lguest_vcpu *vcpu, u32 what)
{
	return vcpu->debug.wants & what;
}

/**
 * debugger_reply_size() - how much read() may store for a debugger
 * @vcpu: the guest's CPU
 *
 * Return: bytes; 0 if there is none.
 */
size_t debugger_reply_size(const struct lguest_vcpu *vcpu)
{
	return vcpu->debug.wants ? sizeof(struct lguest_debug_event) : 0;
}

static u32 segment_base(const struct lguest_vcpu *vcpu, u32 sel)
{
	bool is_32bit;
	u32 base;

	return guest_segment(vcpu, sel, &base, &is_32bit) ? base : 0;
}

/*
 * The instruction at eip, if it is one that would show the guest the debugger's TF, or
 * load its own.  If its bytes cannot be had it will fault, and be looked at again.
 */
static u8 flags_insn(struct lguest_vcpu *vcpu)
{
	u32 at = segment_base(vcpu, vcpu->regs->cs) + vcpu->regs->eip;
	u8 insn = 0;

	if (guest_read_virt(vcpu, &insn, at, sizeof(insn)) > 0 && insn == INSN_PREFIX_16 &&
	    guest_read_virt(vcpu, &insn, at + 1, sizeof(insn)) <= 0)
		return 0;
	return insn == INSN_PUSHF || insn == INSN_POPF || insn == INSN_IRET ? insn : 0;
}

/**
 * debugger_before_run() - the guest is about to run
 * @vcpu: the guest's CPU; there is a debugger
 */
void debugger_before_run(struct lguest_vcpu *vcpu)
{
	struct lguest_regs *regs = vcpu->regs;

	vcpu->debug.at_breakpoint = false;
	vcpu->debug.from_eip = regs->eip;
	vcpu->debug.guest_steps = regs->eflags & X86_EFLAGS_TF;
	if (!wants(vcpu, LGUEST_DEBUG_STEP))
		return;
	vcpu->debug.insn = flags_insn(vcpu);
	regs->eflags |= X86_EFLAGS_TF;
}

/* Has it loaded a TF of its own, though it has run with the debugger's? */
static bool has_loaded_flags(const struct lguest_vcpu *vcpu)
{
	return vcpu->regs->trapnum == X86_TRAP_DB &&
	       (vcpu->debug.insn == INSN_POPF || vcpu->debug.insn == INSN_IRET);
}

/**
 * debugger_after_run() - the guest has run, or not
 * @vcpu: the guest's CPU; there is a debugger
 * @ran: it has, and its registers say to where
 *
 * Nobody else sees the debugger's TF.
 */
void debugger_after_run(struct lguest_vcpu *vcpu, bool ran)
{
	if (wants(vcpu, LGUEST_DEBUG_STEP) && !vcpu->debug.guest_steps &&
	    !(ran && has_loaded_flags(vcpu)))
		vcpu->regs->eflags &= ~X86_EFLAGS_TF;
}

/* The guest has pushed its flags, among them a TF that is not its own. */
static void mend_pushed_flags(struct lguest_vcpu *vcpu)
{
	u32 at = segment_base(vcpu, vcpu->regs->ss) + vcpu->regs->esp;
	u16 flags;

	if (guest_read_virt(vcpu, &flags, at, sizeof(flags)) <= 0)
		return;
	flags &= ~X86_EFLAGS_TF;
	/* Where it could push, this can be written; or the guest has been killed. */
	if (guest_write_virt(vcpu, at, &flags, sizeof(flags)) <= 0)
		return;
}

/**
 * debugger_takes_trap() - is this trap the debugger's?
 * @vcpu: the guest's CPU; there is a debugger
 * @vector: the trap that ended the run
 *
 * A step that the guest makes by itself goes to its own handler.
 *
 * Return: true if the guest is not to hear of it.
 */
bool debugger_takes_trap(struct lguest_vcpu *vcpu, u32 vector)
{
	if (vector == X86_TRAP_BP && wants(vcpu, LGUEST_DEBUG_BREAK)) {
		vcpu->debug.event = LGUEST_DEBUG_BREAK;
		vcpu->debug.at_breakpoint = true;
		return true;
	}
	if (vector != X86_TRAP_DB || !wants(vcpu, LGUEST_DEBUG_STEP) || vcpu->debug.guest_steps)
		return false;
	if (vcpu->debug.insn == INSN_PUSHF)
		mend_pushed_flags(vcpu);
	return true;
}

/**
 * debugger_after_trap() - a trap of the guest's has been handled
 * @vcpu: the guest's CPU; there is a debugger
 * @vector: the trap
 *
 * A step ends with the instruction, or in the handler of its trap; not with a page that
 * the host has given, nor with an interrupt of the host's.
 */
void debugger_after_trap(struct lguest_vcpu *vcpu, u32 vector)
{
	if (!wants(vcpu, LGUEST_DEBUG_STEP) || vcpu->debug.event)
		return;
	if (vector == X86_TRAP_DB || vcpu->regs->eip != vcpu->debug.from_eip)
		vcpu->debug.event = LGUEST_DEBUG_STEP;
}

/**
 * debugger_tell() - tell the launcher what its debugger waits for
 * @vcpu: the guest's CPU; the caller is its owner
 * @reply: where to
 *
 * As after a trap, a guest does not stay halted.
 *
 * Return: bytes stored; -EFAULT; -ENOENT if the guest was killed.
 */
int debugger_tell(struct lguest_vcpu *vcpu, void __user *reply)
{
	struct lguest_debug_event event = {
		.what = vcpu->debug.event,
		.eip = vcpu->regs->eip,
		.cs = vcpu->regs->cs & SELECTOR_MASK,
	};

	if (vcpu->traps.halted && wake_halted(vcpu))
		return -ENOENT;
	if (copy_to_user(reply, &event, sizeof(event)))
		return -EFAULT;
	vcpu->debug.event = 0;
	return sizeof(event);
}

/* What the guest would find there, were it alone on the machine. */
static u32 virtual_cr0(const struct lguest_vcpu *vcpu)
{
	return X86_CR0_PE | X86_CR0_MP | X86_CR0_ET | X86_CR0_NE | X86_CR0_WP | X86_CR0_AM |
	       (vcpu->ts ? X86_CR0_TS : 0) |
	       (guest_has_tables(vcpu->lg) ? X86_CR0_PG : 0);
}

static void get_registers(struct lguest_vcpu *vcpu, struct lguest_debug_regs *to)
{
	const struct lguest_regs *regs = vcpu->regs;

	*to = (struct lguest_debug_regs){
		.eax = regs->eax,
		.ecx = regs->ecx,
		.edx = regs->edx,
		.ebx = regs->ebx,
		.esp = regs->esp,
		.ebp = regs->ebp,
		.esi = regs->esi,
		.edi = regs->edi,
		.eip = regs->eip,
		.eflags = virtual_eflags(vcpu),
		.cs = regs->cs & SELECTOR_MASK,
		.ss = regs->ss & SELECTOR_MASK,
		.ds = regs->ds & SELECTOR_MASK,
		.es = regs->es & SELECTOR_MASK,
		.fs = regs->fs & SELECTOR_MASK,
		.gs = regs->gs & SELECTOR_MASK,
		.cr0 = virtual_cr0(vcpu),
		.cr2 = vcpu->cr2,
		.cr3 = vcpu->paging.set->gpgdir,
		.cr4 = guest_has_pae(vcpu->lg) ? X86_CR4_PAE : 0,
		.fs_base = segment_base(vcpu, regs->fs),
		.gs_base = segment_base(vcpu, regs->gs),
	};
}

/**
 * debugger_tell_registers() - what LHREQ_GETREGS has asked for
 * @vcpu: the guest's CPU, which may be dead; the caller is its owner
 * @user: where to
 * @size: room there
 *
 * Return: bytes stored; -EINVAL if there is no room for them; -EFAULT.
 */
ssize_t debugger_tell_registers(struct lguest_vcpu *vcpu, void __user *user, size_t size)
{
	struct lguest_debug_regs regs;

	if (size < sizeof(regs))
		return -EINVAL;
	get_registers(vcpu, &regs);
	vcpu->debug.regs_wanted = false;
	return copy_to_user(user, &regs, sizeof(regs)) ? -EFAULT : sizeof(regs);
}

/* What the guest has already, it may keep. */
static bool may_have_segments(const struct lguest_vcpu *vcpu,
			      const struct lguest_debug_regs *now,
			      const struct lguest_debug_regs *then)
{
	const bool same_ring = now->cs == then->cs;

	if ((!same_ring || now->ss != then->ss) && !guest_may_run(vcpu, then->cs, then->ss))
		return false;
	return ((same_ring && now->ds == then->ds) || guest_may_use(vcpu, then->cs, then->ds)) &&
	       ((same_ring && now->es == then->es) || guest_may_use(vcpu, then->cs, then->es)) &&
	       ((same_ring && now->fs == then->fs) || guest_may_use(vcpu, then->cs, then->fs)) &&
	       ((same_ring && now->gs == then->gs) || guest_may_use(vcpu, then->cs, then->gs));
}

static int set_registers(struct lguest_vcpu *vcpu, const struct lguest_debug_regs *from)
{
	struct lguest_regs *regs = vcpu->regs;
	struct lguest_debug_regs now;

	get_registers(vcpu, &now);
	if (!may_have_segments(vcpu, &now, from))
		return -EINVAL;
	regs->eax = from->eax;
	regs->ecx = from->ecx;
	regs->edx = from->edx;
	regs->ebx = from->ebx;
	regs->esp = from->esp;
	regs->ebp = from->ebp;
	regs->esi = from->esi;
	regs->edi = from->edi;
	regs->eip = from->eip;
	regs->eflags = eflags_for_guest(from->eflags & SETTABLE_FLAGS);
	regs->cs = from->cs;
	regs->ss = from->ss;
	regs->ds = from->ds;
	regs->es = from->es;
	regs->fs = from->fs;
	regs->gs = from->gs;
	return 0;
}

/* LHREQ_DEBUG.  The gates are the CPU's between two runs. */
static ssize_t set_wants(struct lguest_vcpu *vcpu, u32 what)
{
	const u32 changes = vcpu->debug.wants ^ what;
	const bool first_or_last = !vcpu->debug.wants != !what;

	if (what & ~DEBUG_OFFERS)
		return -EINVAL;
	vcpu->debug.wants = what;
	if (first_or_last || (changes & LGUEST_DEBUG_BREAK))
		reinstall_gates(vcpu);
	/* Who does not want to hear of it any more, does not. */
	if (!what)
		vcpu->debug.event = 0;
	return DEBUG_OFFERS;
}

/* May the guest have handlers called from where it is, by "int n"? */
static bool gate_is_open(const struct lguest_vcpu *vcpu, u32 vector)
{
	const struct guest_gate *gate = &vcpu->traps.gates[vector];

	return gate->present && gate->dpl >= (vcpu->regs->cs & SEGMENT_RPL_MASK);
}

/* Bytes of the instruction before eip, which was a breakpoint; negative: killed. */
static int breakpoint_len(struct lguest_vcpu *vcpu)
{
	u32 at = segment_base(vcpu, vcpu->regs->cs) + vcpu->regs->eip - INT3_LEN;
	u8 insn = INSN_INT3;
	int found = guest_read_virt(vcpu, &insn, at, sizeof(insn));

	if (found < 0)
		return found;
	return insn == INSN_INT3 ? INT3_LEN : INT_N_LEN;
}

/* LHREQ_DEBUG_PASS: what would have happened without a debugger. */
static int pass_breakpoint(struct lguest_vcpu *vcpu)
{
	struct lguest_regs *regs = vcpu->regs;
	int len;

	if (!vcpu->debug.at_breakpoint)
		return -EINVAL;
	vcpu->debug.at_breakpoint = false;
	vcpu->debug.event = 0;
	if (gate_is_open(vcpu, X86_TRAP_BP))
		return reflect_trap(vcpu, X86_TRAP_BP);
	len = breakpoint_len(vcpu);
	if (len < 0)
		return len;
	regs->eip -= len;
	regs->errcode = INT_ERRCODE(X86_TRAP_BP);
	return reflect_trap(vcpu, X86_TRAP_GP);
}

/**
 * debugger_offers() - LHREQ_DEBUG of a file that is no guest yet
 * @input: what the launcher wants, which can only be nothing
 * @size: bytes of that
 *
 * Return: what it can have later; -EINVAL; -EFAULT.
 */
ssize_t debugger_offers(const u32 __user *input, size_t size)
{
	u32 what;

	if (size < sizeof(what))
		return -EINVAL;
	if (get_user(what, input))
		return -EFAULT;
	return what ? -EINVAL : DEBUG_OFFERS;
}

/**
 * debugger_request() - a request of a debugger's
 * @vcpu: the guest's CPU; the caller is its owner.  It may be dead if that does not
 *	matter to the request.
 * @request: LHREQ_DEBUG to LHREQ_DEBUG_PASS
 * @input: what comes with it
 * @size: bytes of that
 *
 * Return: 0, or for LHREQ_DEBUG what this host offers; -EINVAL if the launcher wants
 * what there is not; -ENOENT if the guest was killed; -EFAULT.
 */
ssize_t debugger_request(struct lguest_vcpu *vcpu, u32 request, const u32 __user *input,
			 size_t size)
{
	struct lguest_debug_regs regs;
	u32 what;

	switch (request) {
	case LHREQ_DEBUG:
		if (size < sizeof(what))
			return -EINVAL;
		return get_user(what, input) ? -EFAULT : set_wants(vcpu, what);
	case LHREQ_GETREGS:
		vcpu->debug.regs_wanted = true;
		return 0;
	case LHREQ_SETREGS:
		if (size < sizeof(regs))
			return -EINVAL;
		if (copy_from_user(&regs, input, sizeof(regs)))
			return -EFAULT;
		return set_registers(vcpu, &regs);
	default:
		return pass_breakpoint(vcpu);
	}
}
