/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the switcher must know to load another of the guest's page directories without an
 * exit: see direct_switches.c.  The assembler reads the constants.
 */
#ifndef LGUEST_DIRECT_SWITCHES_H
#define LGUEST_DIRECT_SWITCHES_H

/*
 * Places for directories (a power of two), and the size of one, as a shift.  Each directory
 * has its place, which its address tells: the bits from 12 on, and with PAE, where several
 * may be in a page, those from 5 on, too.
 */
#define DIRECT_SWITCHES		64
#define SWITCH_SHIFT		4
#define SWITCH_BITS		12
#define SWITCH_PAE_BITS		5

/* LHCALL_SWITCH_PGTABLE */
#define SWITCH_CALL		22

/* Offsets into struct direct_switch, which direct_switches.c checks. */
#define SWITCH_pgdir		0
#define SWITCH_cr3		8

#ifndef __ASSEMBLY__

#include <linux/types.h>

struct lguest;
struct lguest_vcpu;
struct shadow_set;

/**
 * struct direct_switch - a directory that can be loaded at once
 * @pgdir: its guest-physical address
 * @cr3: of its shadow; 0: none
 */
struct direct_switch {
	u32 pgdir;
	u32 unused;
	u64 cr3;
};

bool has_direct_switches(const struct lguest *lg);
void allow_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set);
bool may_switch_directly(struct lguest_vcpu *vcpu, u32 pgdir);
void forbid_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set);

#endif /* __ASSEMBLY__ */
#endif /* LGUEST_DIRECT_SWITCHES_H */
