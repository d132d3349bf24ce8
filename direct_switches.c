// SPDX-License-Identifier: GPL-2.0
/*
 * Direct switches: LHCALL_SWITCH_PGTABLE, for a directory whose shadow is cached, is done
 * by the switcher, which loads CR3 and notes what it has done; guest_changes.c hears of that
 * after the run.  Here is the table of the directories that it may load: guest_changes.c puts
 * each in that it has loaded itself, and shadow_sets.c takes it out when its shadow becomes
 * another's.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include "lg.h"

static_assert(SWITCH_CALL == LHCALL_SWITCH_PGTABLE);
static_assert(offsetof(struct direct_switch, pgdir) == SWITCH_pgdir);
static_assert(offsetof(struct direct_switch, cr3) == SWITCH_cr3);
static_assert(sizeof(struct direct_switch) == BIT(SWITCH_SHIFT));

static struct direct_switch *place_of(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	u32 place = pgdir >> SWITCH_BITS ^ pgdir >> SWITCH_PAE_BITS;

	return &vcpu->tables->switches[place % DIRECT_SWITCHES];
}

/**
 * has_direct_switches() - does a guest know of LHCALL_SWITCH_PGTABLE?
 * @lg: the guest
 *
 * Return: true if it does.
 */
bool has_direct_switches(const struct lguest *lg)
{
	return lg->kernel.calls & BIT(LHCALL_SWITCH_PGTABLE);
}

/**
 * allow_direct_switch() - a directory can be loaded without an exit from now on
 * @vcpu: the guest's CPU; the caller is its owner
 * @set: its shadow, in the guest's list
 *
 * Another one that has the same place cannot.
 */
void allow_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	*place_of(vcpu, set->gpgdir) = (struct direct_switch){
		.pgdir = set->gpgdir,
		.cr3 = set->dir.host.cr3,
	};
}

/**
 * may_switch_directly() - can a directory be loaded without an exit?
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: its guest-physical address, whatever the guest said
 *
 * Return: true if it can: then it has a shadow.
 */
bool may_switch_directly(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	const struct direct_switch *place = place_of(vcpu, pgdir);

	return place->cr3 && place->pgdir == pgdir;
}

/**
 * forbid_direct_switch() - it cannot be any more
 * @vcpu: the guest's CPU; the caller is its owner
 * @set: its shadow, which is about to become that of another directory
 */
void forbid_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	if (may_switch_directly(vcpu, set->gpgdir))
		place_of(vcpu, set->gpgdir)->cr3 = 0;
}
