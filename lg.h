/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest and its CPU are: the sum of what the headers below have of them; and
 * what all files share.
 */
#ifndef LG_H
#define LG_H

#include <linux/mm_types.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
#include <asm/trapnr.h>

#include <linux/lguest.h>
#include <linux/lguest_launcher.h>
#include "abi.h"
#include "compat.h"
#include "debugger.h"
#include "direct_faults.h"
#include "direct_switches.h"
#include "guest_memory.h"
#include "guest_tables.h"
#include "host.h"
#include "hypercalls.h"
#include "requests.h"
#include "shadow.h"
#include "traps.h"

/* Counters, named as KVM names its own. */
enum lguest_stat {
	STAT_EXITS,
	STAT_HYPERCALLS,
	STAT_ASYNC_HYPERCALLS,
	STAT_PF_FIXED,
	STAT_PF_GUEST,
	STAT_PF_DIRECT,
	STAT_TRAPS_REFLECTED,
	STAT_IO_EXITS,
	STAT_IRQ_EXITS,
	STAT_NMI_EXITS,
	STAT_MCE_EXITS,
	STAT_IRQ_INJECTIONS,
	STAT_HALT_EXITS,
	STAT_SIGNAL_EXITS,
	STAT_TLB_FLUSH,
	STAT_PGTABLE_SWITCHES,
	STAT_PGTABLE_MISSES,
	STAT_PGTABLE_DIRECT,
	STAT_CPU_MOVES,
	STAT_INVALIDATIONS,
	STAT_NOTIFIES,
	STAT_DEVICE_EXITS,
	NR_LGUEST_STATS
};

/**
 * struct lguest_vcpu - a CPU of a guest's
 * @lg: the guest
 * @owner: the one task that may run it
 * @regs: its registers while it does not run
 * @tables: what the real CPU reads while it runs
 * @host: what else the host keeps for it
 * @traps: how it hears of things
 * @ts: it wants to hear of its next use of the FPU
 * @cr2: address of its last page fault
 * @calls: hypercalls
 * @paging: the page tables that it runs on
 * @mmu: how it is kept out while these change
 * @reply: what the launcher hears of next
 * @debug: what its debugger wants
 * @fpu: its FPU registers while its owner is elsewhere
 *
 * Everything belongs to the owner, but for what is marked: [any] may be touched
 * from any context.  A guest has one; several are meant to be possible.
 */
struct lguest_vcpu {
	struct lguest *lg;
	struct task_struct *owner;
	struct lguest_regs *regs;
	struct lguest_tables *tables;
	struct host_vcpu host;
	struct vcpu_traps traps;
	bool ts;
	u32 cr2;
	struct vcpu_calls calls;
	struct vcpu_paging paging;
	struct vcpu_mmu mmu;
	struct vcpu_reply reply;
	struct vcpu_debug debug;
	struct compat_fpu fpu;
};

/**
 * struct lguest - a guest
 * @refs: [any] the file's, and DMA arrays'
 * @user: who has it, for users.c
 * @id: what it may call itself
 * @mm: the launcher's address space
 * @dead: [any] why it ended, or NULL
 * @launcher: the form of the launcher's ABI
 * @memory: where its memory is
 * @kernel: what it said of itself
 * @host: what the host keeps for it
 * @paging: its page tables
 * @shadow: the entries that the CPU uses instead
 * @mmu: the launcher's address space as it changes
 * @devices: what is for the launcher's devices
 * @break_out: [any] LHREQ_BREAK: it must not run
 * @break_wait: whoever said so waits here
 * @stats: counters
 * @vcpu: its CPU
 *
 * As with the CPU, everything that is not marked belongs to its owner.
 */
struct lguest {
	refcount_t refs;
	kuid_t user;
	u16 id;
	struct mm_struct *mm;
	char *dead;
	const struct launcher_abi *launcher;
	struct guest_memory memory;
	struct guest_kernel kernel;
	struct host_guest host;
	struct guest_paging paging;
	struct guest_shadow shadow;
	struct guest_mmu mmu;
	struct guest_devices devices;
	bool break_out;
	wait_queue_head_t break_wait;
	u64 stats[NR_LGUEST_STATS];
	struct lguest_vcpu vcpu;
};

static inline void lguest_count(struct lguest *lg, enum lguest_stat stat)
{
	lg->stats[stat]++;
}

static inline bool guest_is_dead(const struct lguest *lg)
{
	return READ_ONCE(lg->dead);
}

/* core.c: the run loop */
int run_guest(struct lguest_vcpu *vcpu, void __user *reply);

/* lifetime.c: how a guest ends */
__must_check int kill_guest(struct lguest *lg, const char *fmt, ...)
	__printf(2, 3);
__must_check int restart_guest(struct lguest *lg);
bool guest_wants_restart(const struct lguest *lg);
ssize_t tell_death(const struct lguest *lg, char __user *user, size_t size);
void wake_guest(struct lguest *lg);
struct lguest *get_guest(struct lguest *lg);
void put_guest(struct lguest *lg);

/* host_cpu.c: a run of a guest */
bool launcher_is_wanted(void);
bool enter_guest_world(struct lguest_vcpu *vcpu);

/* system_calls.c: SYSENTER and SYSCALL are not for guests */
__must_check int system_calls_init(void);
void system_calls_exit(void);
void system_calls_off(void);

/* debug_store.c: the processor writes no trace while a guest runs */

/**
 * struct debug_store_state - what was on
 * @pebs: MSR_IA32_PEBS_ENABLE
 * @debugctl: MSR_IA32_DEBUGCTLMSR
 */
struct debug_store_state {
	u64 pebs;
	u64 debugctl;
};

bool debug_store_off(struct debug_store_state *was);
void debug_store_on(const struct debug_store_state *was);

#endif /* LG_H */
