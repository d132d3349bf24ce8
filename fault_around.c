// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping more than was asked for.  Where the guest uses a page it mostly soon uses
 * those beside it, and each would cost an exit: so when one page is mapped, so are
 * those of its neighbours that the guest has used before and whose memory is there.
 * And when a process begins, so is some of what its parent used.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include "lg.h"

/*
 * How far that goes: a power of two.  (Linux maps a file's pages for so many at a time, as a
 * guest of guests/linux.)
 */
#define FAR_AROUND		64U

/* A process that begins gets so many windows of AROUND pages that the one before it wrote to. */
#define FIRST_WINDOWS		4

/* A bit for each entry that is not present. */
static u32 empty_entries(const struct shadow_table *table, u32 first)
{
	unsigned long present = READ_ONCE(table->present[BIT_WORD(first)]);

	return ~(present >> first % BITS_PER_LONG) & GENMASK(AROUND - 1, 0);
}

/* Those of which the launcher's page is known.  Return: a bit for each that is not. */
static u32 map_known(struct lguest *lg, struct shadow_table *table, u32 first, u32 wanted,
		     const struct used_page *used, bool read_only_will_do)
{
	u32 unknown;

	spin_lock(&lg->shadow.lock);
	unknown = shadow_map_used(lg, table, first, wanted, used, read_only_will_do);
	spin_unlock(&lg->shadow.lock);
	return unknown;
}

/* Without waiting.  Return: a bit for each that is there. */
static u32 look_up(struct lguest *lg, u32 wanted, const struct used_page *used)
{
	u32 found = 0;

	for (; wanted; wanted &= wanted - 1) {
		u32 i = __ffs(wanted);

		if (know_launcher_page(lg, used[i].gfn << PAGE_SHIFT,
				       may_be_writable(used[i].rights), false) >= 0)
			found |= BIT(i);
	}
	return found;
}

/*
 * So many pages from an entry on, which are as far from the page that has been mapped.
 * Return: false if there was nothing to do.
 */
static bool map_window(struct lguest *lg, struct shadow_table *table, u32 first,
		       const struct guest_page *page, int distance)
{
	struct used_page used[AROUND];
	u32 wanted = empty_entries(table, first);

	if (wanted)
		wanted = guest_used_pages(lg, page, distance, wanted, used);
	if (!wanted)
		return false;
	wanted = map_known(lg, table, first, wanted, used, false);
	if (wanted)
		map_known(lg, table, first, look_up(lg, wanted, used), used, true);
	return true;
}

/**
 * map_around() - map the neighbours of a page that has just been mapped
 * @lg: the guest; the caller is its owner
 * @table: the shadow table that the page is in
 * @index: of its entry there
 * @page: what guest_walk() found
 *
 * Those of its own window come first; if there are any, the guest has mapped more than a page
 * there, and perhaps in the windows beside it.  Whatever stands in the way, they are left to
 * page faults of their own.
 */
void map_around(struct lguest *lg, struct shadow_table *table, u32 index,
		const struct guest_page *page)
{
	u32 own = index & ~(AROUND - 1), far = own & ~(FAR_AROUND - 1), first;

	if (!map_window(lg, table, own, page, 0))
		return;
	for (first = far; first < far + FAR_AROUND; first += AROUND) {
		if (first != own)
			map_window(lg, table, first, page, first - own);
	}
}

static void map_used_window(struct lguest_vcpu *vcpu, u32 vaddr)
{
	struct lguest *lg = vcpu->lg;
	struct shadow_table *table;
	struct guest_page page;

	if (!guest_find_place(vcpu, vaddr, &page))
		return;
	table = shadow_set_make_table(lg, vcpu->paging.set, vaddr);
	if (!IS_ERR(table))
		map_window(lg, table, shadow_index(vaddr) & ~(AROUND - 1), &page, 0);
}

/**
 * map_as_before() - map what a process that begins is likely to use first
 * @vcpu: the guest's CPU; the caller is its owner; its current set is empty
 *
 * That is where its parent, which ran before it, has written to last: its stack, and some of
 * its data.
 */
void map_as_before(struct lguest_vcpu *vcpu)
{
	struct lguest *lg = vcpu->lg;
	const struct shadow_set *before = shadow_set_before(vcpu);
	const struct shadow_table *table;
	u32 i, windows = 0;

	if (!before)
		return;
	list_for_each_entry(table, &before->tables, in_set) {
		for_each_set_bit(i, table->writable, PTRS_PER_PTE) {
			if (windows++ == FIRST_WINDOWS || shadow_is_full(lg))
				return;
			map_used_window(vcpu, shadow_vaddr(table, i));
			i |= AROUND - 1;
		}
	}
}
