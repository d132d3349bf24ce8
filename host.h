/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a kind of host must offer.  There are two, 32-bit and 64-bit kernels, and
 * whatever differs between them is behind this interface: in the files whose
 * names end in _32 or _64, of which Kbuild takes one kind.  Nothing else knows
 * which host it is on.
 *
 * HOST_HEADER, host_32.h or host_64.h, has the structures: those of which the
 * others know a part (struct lguest_regs, struct lguest_tables) have the same
 * members on both.  The assembler reads its constants, and those here.
 */
#ifndef LGUEST_HOST_H
#define LGUEST_HOST_H

#include <asm/segment.h>
#include <asm/page_types.h>
#include <asm/processor-flags.h>

/* Flags that the CPU clears on the way through a gate. */
#define FLAGS_CLEARED_BY_GATE	(X86_EFLAGS_TF | X86_EFLAGS_VM | X86_EFLAGS_RF | X86_EFLAGS_NT)

/*
 * The switcher's code segment stands at the same place in every GDT, the
 * host's and the guests', while a switch is made: DPL 0, all of memory.
 */
#define GDT_ENTRY_LGUEST_CS	10
#define LGUEST_CS		(GDT_ENTRY_LGUEST_CS * 8)

/* With a vector added: a fault inside the switcher, or a frame that is junk. */
#define SWITCHER_FAULT		256
/* With a vector added: an NMI or machine check ended an entry. */
#define SWITCHER_ABORT		512

#ifndef __ASSEMBLY__

#include <linux/types.h>
#include <asm/desc_defs.h>
#include <asm/pgtable_types.h>
#include <asm/processor.h>

struct lguest;
struct lguest_vcpu;
struct shadow_dir;
struct guest_gate;

/* Entries of a guest's GDT. */
#define GUEST_GDT_ENTRIES	32
#define IDT_VECTORS		256

#endif /* __ASSEMBLY__ */

#include "abi.h"
#include "direct_faults.h"
#include "direct_switches.h"
#include HOST_HEADER

#ifndef __ASSEMBLY__

/**
 * struct world_exit - how a run ended
 * @ended: the vector, perhaps with SWITCHER_FAULT or SWITCHER_ABORT
 * @nmi: an NMI came while the switcher was at work
 * @mce: likewise a machine check
 * @direct_faults: page faults that the guest has had meanwhile
 * @direct_switches: page directories that it has loaded
 * @pgdir: the last of these, if there was one
 */
struct world_exit {
	u32 ended;
	bool nmi;
	bool mce;
	u32 direct_faults;
	u32 direct_switches;
	u32 pgdir;
};

/* host_map_NN.c: where the switcher and a guest's pages are */
__must_check int host_map_init(void);
void host_map_exit(void);
__must_check int host_guest_alloc(struct lguest *lg);
void host_guest_free(struct lguest *lg);
__must_check int host_vcpu_alloc(struct lguest_vcpu *vcpu);
void host_vcpu_free(struct lguest_vcpu *vcpu);
__must_check int host_root_alloc(struct lguest *lg, struct shadow_dir *dir);
void host_root_free(struct shadow_dir *dir);

/* host_cpu_NN.c: one world switch, and what a CPU must have for it */
const char *host_refusal(void);
__must_check int host_cpus_init(void);
void host_cpus_exit(void);
void host_cpus_get(void);
void host_cpus_put(struct lguest *lg);
u32 host_sysenter_cs(void);
void host_switch(struct lguest_vcpu *vcpu, struct world_exit *how);
void host_deliver_nmi(void);
void host_call_interrupt(struct lguest_vcpu *vcpu, u32 vector);
void host_clear_frames(struct lguest_vcpu *vcpu);

/* gates_NN.c: what the CPU does at a trap of the guest's */
void host_init_tables(struct lguest_vcpu *vcpu);
void host_set_stub(struct lguest_vcpu *vcpu, u32 vector, u32 dpl);
void host_set_gate(struct lguest_vcpu *vcpu, u32 vector, const struct guest_gate *gate,
		   u32 stub_dpl);
void host_set_stack(struct lguest_vcpu *vcpu, u16 ss, u32 esp);
void renew_gates(struct lguest_vcpu *vcpu);

#endif /* __ASSEMBLY__ */
#endif /* LGUEST_HOST_H */
