// SPDX-License-Identifier: GPL-2.0
/*
 * One FPU for all, lazily.  The registers stay those of the last process that
 * used them; while another runs, the host makes their use a trap, and only
 * then are they exchanged.
 */
#include "tiny.h"

#define VECTOR_NM		7
#define CPUID_FXSR		(1 << 24)
#define FX_MXCSR		24	/* offset in the image */
#define FX_XMM			160
#define MXCSR_DEFAULT		0x1f80

static u8 clean[FPU_SIZE] __aligned(16);
static bool has_fxsr, trapped;
static struct proc *owner;

static void save(u8 *image)
{
	if (has_fxsr)
		asm volatile("fxsave (%0)" : : "r" (image) : "memory");
	else
		asm volatile("fnsave (%0); fwait" : : "r" (image) : "memory");
}

static void load(const u8 *image)
{
	if (has_fxsr)
		asm volatile("fxrstor (%0)" : : "r" (image) : "memory");
	else
		asm volatile("frstor (%0)" : : "r" (image) : "memory");
}

/* Queues what the host must know before @to may run. */
void fpu_switch(const struct proc *to)
{
	bool trap = to != owner;

	if (trap == trapped)
		return;
	trapped = trap;
	hcall_later(LHCALL_TS, trap, 0, 0);
}

/* The trap that says: the running process wants the FPU. */
static void fpu_trap(struct trap_frame *frame)
{
	irq_disable();
	if (!from_user(frame))
		panic("the kernel uses the FPU at %08x", frame->eip);
	trapped = false;
	hcall(LHCALL_TS, 0, 0, 0);
	if (owner)
		save(owner->fpu);
	load(current->fpu);
	owner = current;
	before_user();
}

/* A program starts; the caller changes address spaces afterwards. */
void fpu_fresh(struct proc *p)
{
	fpu_forget(p);
	fpu_switch(p);
	memcpy(p->fpu, clean, FPU_SIZE);
}

/* The child starts with what its parent has at this moment. */
void fpu_fork(struct proc *child)
{
	if (owner == current) {
		save(current->fpu);
		load(current->fpu);
	}
	memcpy(child->fpu, current->fpu, FPU_SIZE);
}

/* What @p has in the registers is not needed any more. */
void fpu_forget(struct proc *p)
{
	if (owner == p)
		owner = NULL;
}

void fpu_init(void)
{
	u32 eax = 1, ebx, ecx, edx;

	asm volatile("cpuid"
		     : "+a" (eax), "=b" (ebx), "=c" (ecx), "=d" (edx));
	has_fxsr = edx & CPUID_FXSR;
	asm volatile("fninit");
	save(clean);
	if (has_fxsr) {
		memset(clean + FX_XMM, 0, FPU_SIZE - FX_XMM);
		*(u32 *)(clean + FX_MXCSR) = MXCSR_DEFAULT;
	}
	set_trap_handler(VECTOR_NM, fpu_trap);
}
