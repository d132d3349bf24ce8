/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest's FPU registers, which its owner has instead of its own.
 *
 *	compat_fpu_swap()	when the owner comes to the guest, and goes
 *	compat_fpu_load()	before a run: they must be in the CPU; interrupts are off
 *	compat_fpu_save()	after it, before anything else can happen
 *
 * Up to 5.15 each hypervisor did the swap by itself; 5.16 has it in the kernel; and
 * newer kernels keep that for KVM alone.  There the registers are swapped for each
 * run, by what the kernel has for code of its own that uses the FPU: that costs one
 * XSAVE and one XRSTOR each time.
 */
#ifndef LGUEST_COMPAT_FPU_H
#define LGUEST_COMPAT_FPU_H

#include <linux/version.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>

#ifdef COMPAT_KEPT_FOR_KVM

#include <linux/gfp.h>
#include <asm/cpuid/api.h>
#include <asm/fpu/xcr.h>

/*
 * @area has the guest's registers between two runs, in the form of FXSAVE, or of XSAVE
 * where the kernel uses that.
 */
struct compat_fpu {
	void *area;
	size_t size;
};

/* Offsets in the area, and what a CPU has after FINIT. */
#define FPU_FCW			0
#define FPU_MXCSR		24
#define FPU_FXSAVE_SIZE		512
#define FPU_XSTATE_BV		512
#define FCW_INITIAL		0x37f
#define MXCSR_INITIAL		0x1f80

/*
 * Not PKRU, which is the launcher's; nor AMX's registers, which 32-bit code has no
 * instructions for.
 */
#define FPU_OF_GUESTS		(~(u64)(XFEATURE_MASK_PKRU | XFEATURE_MASK_XTILE))

static inline bool compat_has_xsave(void)
{
	return boot_cpu_has(X86_FEATURE_OSXSAVE);
}

static inline size_t compat_fpu_size(void)
{
	u32 eax, size, ecx, edx;

	if (!compat_has_xsave())
		return FPU_FXSAVE_SIZE;
	/* of all that XCR0 has */
	cpuid_count(0xd, 0, &eax, &size, &ecx, &edx);
	return size;
}

static inline int compat_fpu_alloc(struct compat_fpu *fpu)
{
	fpu->size = compat_fpu_size();
	fpu->area = alloc_pages_exact(fpu->size, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	if (!fpu->area)
		return -ENOMEM;
	*(u16 *)(fpu->area + FPU_FCW) = FCW_INITIAL;
	*(u32 *)(fpu->area + FPU_MXCSR) = MXCSR_INITIAL;
	if (compat_has_xsave())
		*(u64 *)(fpu->area + FPU_XSTATE_BV) = XFEATURE_MASK_FPSSE;
	return 0;
}

static inline void compat_fpu_free(struct compat_fpu *fpu)
{
	if (fpu->area)
		free_pages_exact(fpu->area, fpu->size);
}

static inline void compat_fpu_swap(struct compat_fpu *fpu, bool to_guest)
{
}

static inline void compat_fpu_load(struct compat_fpu *fpu)
{
	/* The owner's are saved, and come back when it returns to user space. */
	kernel_fpu_begin_mask(0);
	if (compat_has_xsave())
		asm volatile("xrstor (%0)" : : "r" (fpu->area), "a" ((u32)FPU_OF_GUESTS),
			     "d" ((u32)(FPU_OF_GUESTS >> 32)) : "memory");
	else
		asm volatile("fxrstor (%0)" : : "r" (fpu->area) : "memory");
}

static inline void compat_fpu_save(struct compat_fpu *fpu)
{
	if (compat_has_xsave())
		asm volatile("xsave (%0)" : : "r" (fpu->area), "a" ((u32)FPU_OF_GUESTS),
			     "d" ((u32)(FPU_OF_GUESTS >> 32)) : "memory");
	else
		asm volatile("fxsave (%0)" : : "r" (fpu->area) : "memory");
	kernel_fpu_end();
}

#else /* the kernel's own way is there */

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 16, 0)

struct compat_fpu {
	struct fpu_guest guest;
};

static inline int compat_fpu_alloc(struct compat_fpu *fpu)
{
	return fpu_alloc_guest_fpstate(&fpu->guest) ? 0 : -ENOMEM;
}

static inline void compat_fpu_free(struct compat_fpu *fpu)
{
	fpu_free_guest_fpstate(&fpu->guest);
}

static inline void compat_fpu_swap(struct compat_fpu *fpu, bool to_guest)
{
	fpu_swap_kvm_fpstate(&fpu->guest, to_guest);
}

#else /* before 5.16 */

#include <linux/string.h>
#include <asm/fpu/internal.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 14, 0)	/* new names */
#define save_fpregs_to_fpstate		copy_fpregs_to_fpstate
#define restore_fpregs_from_fpstate	copy_kernel_to_fpregs
#endif

/*
 * @guest and @owner hold registers while the other's are in use.  struct fpu
 * ends where the CPU's state does, and that state has an alignment: pages have
 * any.
 */
struct compat_fpu {
	struct fpu *guest;
	struct fpu *owner;
};

static inline size_t compat_fpu_size(void)
{
	return offsetof(struct fpu, state) + fpu_kernel_xstate_size;
}

static inline void compat_fpu_free(struct compat_fpu *fpu)
{
	if (fpu->guest)
		free_pages_exact(fpu->guest, compat_fpu_size());
	if (fpu->owner)
		free_pages_exact(fpu->owner, compat_fpu_size());
}

static inline int compat_fpu_alloc(struct compat_fpu *fpu)
{
	gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_ZERO;

	fpu->guest = alloc_pages_exact(compat_fpu_size(), gfp);
	fpu->owner = alloc_pages_exact(compat_fpu_size(), gfp);
	if (!fpu->guest || !fpu->owner)
		return -ENOMEM;
	fpstate_init(&fpu->guest->state);
	return 0;
}

/* If the registers are not the task's at the moment, its memory has them. */
static inline void compat_fpu_keep(struct fpu *fpu)
{
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		memcpy(&fpu->state, &current->thread.fpu.state,
		       fpu_kernel_xstate_size);
	else
		save_fpregs_to_fpstate(fpu);
}

static inline void compat_fpu_swap(struct compat_fpu *fpu, bool to_guest)
{
	fpregs_lock();
	compat_fpu_keep(to_guest ? fpu->owner : fpu->guest);
	restore_fpregs_from_fpstate(to_guest ? &fpu->guest->state
					     : &fpu->owner->state);
	/* The task's memory is stale now, and nobody else's registers are here. */
	fpregs_mark_activate();
	fpregs_unlock();
}

#endif /* before 5.16 */

/* The owner's FPU state is the guest's while it is in read(). */
static inline void compat_fpu_load(struct compat_fpu *fpu)
{
	if (test_thread_flag(TIF_NEED_FPU_LOAD))
		switch_fpu_return();
}

static inline void compat_fpu_save(struct compat_fpu *fpu)
{
}

#endif /* COMPAT_KEPT_FOR_KVM */

#endif /* LGUEST_COMPAT_FPU_H */
