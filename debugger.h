/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a launcher's debugger wants of a guest: see debugger.c.
 */
#ifndef LGUEST_DEBUGGER_H
#define LGUEST_DEBUGGER_H

#include <linux/types.h>
#include <linux/lguest_launcher.h>

struct lguest_vcpu;

/**
 * struct vcpu_debug - a debugger of a guest's CPU
 * @wants: LGUEST_DEBUG_..., of which none is most guests' case
 * @event: what it has to hear of, or 0
 * @regs_wanted: the next read() is about the registers
 * @at_breakpoint: it was told of one, and the guest has not run since
 * @guest_steps: the guest's own TF, while that of the debugger's is in its place
 * @from_eip: where the last run began
 * @insn: what it began with, if that is about flags; else 0
 */
struct vcpu_debug {
	u32 wants;
	u32 event;
	bool regs_wanted;
	bool at_breakpoint;
	bool guest_steps;
	u32 from_eip;
	u8 insn;
};

/* Must all traps end the run, and the guest have no direct gates? */
static inline bool debug_sees_traps(const struct vcpu_debug *debug)
{
	return debug->wants;
}

/* Are the breakpoints of a guest's kernel good before it has a gate for them? */
static inline bool debug_sees_breakpoints(const struct vcpu_debug *debug)
{
	return debug->wants & LGUEST_DEBUG_BREAK;
}

/* Does the guest make a step that none of its interrupts may disturb? */
static inline bool debug_holds_irqs(const struct vcpu_debug *debug)
{
	const u32 both = LGUEST_DEBUG_STEP | LGUEST_DEBUG_NO_IRQS;

	return (debug->wants & both) == both;
}

ssize_t debugger_offers(const u32 __user *input, size_t size);
ssize_t debugger_request(struct lguest_vcpu *vcpu, u32 request, const u32 __user *input,
			 size_t size);
size_t debugger_reply_size(const struct lguest_vcpu *vcpu);
ssize_t debugger_tell_registers(struct lguest_vcpu *vcpu, void __user *user, size_t size);
int debugger_tell(struct lguest_vcpu *vcpu, void __user *reply);
void debugger_before_run(struct lguest_vcpu *vcpu);
void debugger_after_run(struct lguest_vcpu *vcpu, bool ran);
bool debugger_takes_trap(struct lguest_vcpu *vcpu, u32 vector);
void debugger_after_trap(struct lguest_vcpu *vcpu, u32 vector);

#endif /* LGUEST_DEBUGGER_H */
