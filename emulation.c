// SPDX-License-Identifier: GPL-2.0
/*
 * Instructions of the guest's that trap because they are the host's business.
 * Most are port I/O, with which a guest's kernel probes for devices that are not
 * there.  Launchers from 4.0 on have such devices, and emulate these instructions
 * themselves, as they do accesses to the devices' memory: they are told, read and
 * write the guest's registers, and inject a trap where there is nothing.  And
 * "vmcall" was a hypercall for some time.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include "lg.h"
#include "port_io.h"

#define INSN_CLI		0xfa
#define VMCALL_LEN		3

/* The bytes at eip, as many as are mapped; none that could not be executed. */
static int fetch_instruction(struct lguest_vcpu *vcpu, u8 *insn, u32 len)
{
	u32 base, first;
	bool is_32bit;
	int found;

	memset(insn, 0, len);
	if (!guest_segment(vcpu, vcpu->regs->cs, &base, &is_32bit) || !is_32bit)
		return 0;
	base += vcpu->regs->eip;
	first = min_t(u32, len, PAGE_SIZE - offset_in_page(base));
	found = guest_read_virt(vcpu, insn, base, first);
	if (found <= 0 || first == len)
		return found < 0 ? found : found * first;
	found = guest_read_virt(vcpu, insn + first, base + first, len - first);
	if (found < 0)
		return found;
	return found ? len : first;
}

static bool is_guest_kernel(const struct lguest_regs *regs)
{
	return (regs->cs & SEGMENT_RPL_MASK) == GUEST_PL;
}

/* Launchers from 4.0 on have guests that do not know it any more. */
static bool may_be_vmcall(const struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;

	if (!is_guest_kernel(vcpu->regs) || lg->launcher->takes_traps)
		return false;
	return lg->kernel.abi ? lg->kernel.abi->vmcall : !lg->launcher->classic;
}

/* Return 1 if it was a hypercall, 0 if not, negative if the guest was killed. */
static int emulate_vmcall(struct lguest_vcpu *vcpu)
{
	static const u8 vmcall[VMCALL_LEN] = { 0x0f, 0x01, 0xc1 };
	u8 insn[VMCALL_LEN];
	int len;

	if (!may_be_vmcall(vcpu))
		return 0;
	len = fetch_instruction(vcpu, insn, sizeof(insn));
	if (len < VMCALL_LEN || memcmp(insn, vmcall, VMCALL_LEN))
		return min(len, 0);
	vcpu->regs->eip += VMCALL_LEN;
	vcpu->calls.waiting = true;
	vcpu->calls.by_vmcall = true;
	return 1;
}

/**
 * emulate_invalid_opcode() - handle an invalid opcode
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int emulate_invalid_opcode(struct lguest_vcpu *vcpu)
{
	int handled = emulate_vmcall(vcpu);

	if (handled)
		return min(handled, 0);
	return reflect_trap(vcpu, X86_TRAP_UD);
}

/* IN gives ones, OUT is lost.  Return as emulate_vmcall(). */
static int emulate_port_io(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_regs *regs = vcpu->regs;
	struct port_io io;
	u8 insn[MAX_INSN_LEN];
	int len;

	if (!is_guest_kernel(regs))
		return 0;
	len = fetch_instruction(vcpu, insn, sizeof(insn));
	if (len <= 0)
		return len;
	if (lg->kernel.abi && lg->kernel.abi->skips_cli && insn[0] == INSN_CLI) {
		regs->eip++;
	} else if (port_io_decode(insn, len, &io)) {
		if (io.is_in)
			regs->eax |= io.mask;
		regs->eip += io.len;
	} else {
		return 0;
	}
	lguest_count(lg, STAT_IO_EXITS);
	return 1;
}

/* What the CPU does after an instruction, when somebody is stepping. */
static int finish_instruction(struct lguest_vcpu *vcpu)
{
	if (vcpu->regs->eflags & X86_EFLAGS_TF)
		return reflect_trap(vcpu, X86_TRAP_DB);
	return 0;
}

/* Return as emulate_vmcall(). */
static int tell_launcher(struct lguest_vcpu *vcpu, u8 trap, gpa_t addr)
{
	struct lguest *lg = vcpu->lg;
	struct lguest_pending *pending = &vcpu->reply.pending;
	int len = fetch_instruction(vcpu, pending->insn, sizeof(pending->insn));

	if (len <= 0)
		return len;
	pending->trap = trap;
	pending->addr = addr;
	vcpu->reply.waiting = true;
	lguest_count(lg, STAT_DEVICE_EXITS);
	return 1;
}

/**
 * emulate_general_protection() - handle a general protection fault
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: 0, or negative if the guest was killed.
 */
int emulate_general_protection(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	int handled;

	if (vcpu->regs->errcode)
		return reflect_trap(vcpu, X86_TRAP_GP);
	if (lg->launcher->takes_traps) {
		handled = tell_launcher(vcpu, X86_TRAP_GP, 0);
	} else {
		handled = emulate_port_io(vcpu);
		if (handled > 0)
			return finish_instruction(vcpu);
		/* A CPU in VMX operation says so of it. */
		if (!handled)
			handled = emulate_vmcall(vcpu);
	}
	if (handled)
		return min(handled, 0);
	return reflect_trap(vcpu, X86_TRAP_GP);
}

/**
 * tell_device_access() - a page fault is for the launcher's devices
 * @vcpu: the guest's CPU; the caller is its owner
 * @addr: guest-physical address of the access
 *
 * Return: 0, or negative if the guest was killed.
 */
int tell_device_access(struct lguest_vcpu *vcpu, gpa_t addr)
{
	int told = tell_launcher(vcpu, X86_TRAP_PF, addr);

	if (told)
		return min(told, 0);
	return reflect_page_fault(vcpu);
}

/* A register as the launcher numbers it: by its offset in i386's pt_regs. */
struct launcher_reg {
	u8 offset;
	u16 ours;
	bool writable;
};

#define LAUNCHER_REG(number, name, may_write)				\
	{								\
		.offset = (number),					\
		.ours = offsetof(struct lguest_regs, name),		\
		.writable = (may_write),				\
	}

static const struct launcher_reg launcher_regs[] = {
	LAUNCHER_REG(0, ebx, true),
	LAUNCHER_REG(4, ecx, true),
	LAUNCHER_REG(8, edx, true),
	LAUNCHER_REG(12, esi, true),
	LAUNCHER_REG(16, edi, true),
	LAUNCHER_REG(20, ebp, true),
	LAUNCHER_REG(24, eax, true),
	LAUNCHER_REG(28, ds, false),
	LAUNCHER_REG(32, es, false),
	LAUNCHER_REG(36, fs, false),
	LAUNCHER_REG(40, gs, false),
	LAUNCHER_REG(48, eip, true),
	LAUNCHER_REG(52, cs, false),
	LAUNCHER_REG(56, eflags, false),
	LAUNCHER_REG(60, esp, true),
	LAUNCHER_REG(64, ss, false),
};

/**
 * launcher_register() - find a register that the launcher asks for
 * @vcpu: the guest's CPU
 * @offset: the launcher's name for it
 * @write: to set it
 *
 * Return: where the register is, or NULL if there is none such.
 */
u32 *launcher_register(struct lguest_vcpu *vcpu, u32 offset, bool write)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(launcher_regs); i++) {
		const struct launcher_reg *reg = &launcher_regs[i];

		if (reg->offset == offset && (reg->writable || !write))
			return (void *)vcpu->regs + reg->ours;
	}
	return NULL;
}

/**
 * launcher_trap() - LHREQ_TRAP: let the guest handle what the launcher refuses
 * @vcpu: the guest's CPU; the caller is its owner
 * @vector: the trap
 *
 * It goes with the error code and the address of the last one.
 *
 * Return: 0; -EINVAL if the guest has no gate for it; -ENOENT if the guest was
 * killed.
 */
int launcher_trap(struct lguest_vcpu *vcpu, u32 vector)
{
	if (!guest_handles_trap(vcpu, vector))
		return -EINVAL;
	vcpu->reply.waiting = false;
	return vector == X86_TRAP_PF ? reflect_page_fault(vcpu)
				     : reflect_trap(vcpu, vector);
}
