// SPDX-License-Identifier: GPL-2.0
/*
 * Direct switches: LHCALL_SWITCH_PGTABLE, for a directory whose shadow is cached, is done
 * by the switcher, which loads CR3 and notes what it has done; page_tables.c hears of that
 * after the run.  Here is the table of the directories that it may load: page_tables.c puts
 * each in that it has loaded itself, and takes it out when its shadow becomes another's.
 */
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include "lg.h"

static_assert(SWITCH_CALL == LHCALL_SWITCH_PGTABLE);
static_assert(offsetof(struct direct_switch, pgdir) == SWITCH_pgdir);
static_assert(offsetof(struct direct_switch, cr3) == SWITCH_cr3);
static_assert(sizeof(struct direct_switch) == SWITCH_SIZE);
static_assert(DIRECT_SWITCHES == MAX_SHADOW_SETS);
static_assert(DIRECT_SWITCHES * SWITCH_SIZE == 256 && !(TABLES_switches % 256));

/* Where a directory is, or NULL. */
static struct direct_switch *place_of(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	struct direct_switch *place = vcpu->tables->switches;
	u32 i;

	for (i = 0; i < DIRECT_SWITCHES; i++, place++) {
		if (place->cr3 && place->pgdir == pgdir)
			return place;
	}
	return NULL;
}

/* There is one: no more are in use than there are shadows. */
static struct direct_switch *free_place(struct lguest_vcpu *vcpu)
{
	struct direct_switch *place = vcpu->tables->switches;

	while (place->cr3)
		place++;
	return place;
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
 */
void allow_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	if (place_of(vcpu, set->gpgdir))
		return;
	*free_place(vcpu) = (struct direct_switch){
		.pgdir = set->gpgdir,
		.cr3 = set->dir.host.cr3,
	};
}

/**
 * may_switch_directly() - can a directory be loaded without an exit?
 * @vcpu: the guest's CPU; the caller is its owner
 * @pgdir: its guest-physical address, whatever the guest said
 *
 * Return: true if it can.
 */
bool may_switch_directly(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	return place_of(vcpu, pgdir);
}

/**
 * forbid_direct_switch() - it cannot be any more
 * @vcpu: the guest's CPU; the caller is its owner
 * @set: its shadow, which is about to become that of another directory
 */
void forbid_direct_switch(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	struct direct_switch *place = place_of(vcpu, set->gpgdir);

	if (place)
		place->cr3 = 0;
}
