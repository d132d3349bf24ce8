// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping more than was asked for.  Where the guest uses a page it mostly soon uses
 * those beside it, and each would cost an exit: so when one page is mapped, so are
 * those of its neighbours that the guest has used before and whose memory is there.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include "lg.h"

/* An entry to be: for which page of the guest's, and what the launcher has for it. */
struct candidate {
	u32 index;
	u32 gfn;
	struct page *page;
	pteval_t flags;
};

/* A bit for each entry from @first on that is empty. */
static u32 empty_entries(const struct shadow_table *table, u32 first)
{
	u32 i, empty = 0;

	for (i = 0; i < AROUND; i++) {
		if (!(READ_ONCE(table->entries[first + i]) & _PAGE_PRESENT))
			empty |= BIT(i);
	}
	return empty;
}

static bool find_candidate(struct lguest *lg, const struct guest_page *guest,
			   struct candidate *candidate)
{
	bool writable = may_be_writable(guest);

	candidate->gfn = guest->gpa >> PAGE_SHIFT;
	if (shadow_prepare(lg, candidate->gfn))
		return false;
	candidate->page = peek_launcher_page(lg, guest->gpa, writable);
	if (!candidate->page && writable) {
		writable = false;
		candidate->page = peek_launcher_page(lg, guest->gpa, writable);
	}
	candidate->flags = entry_flags(guest, writable);
	return candidate->page;
}

/* Not used yet: only the CPU knows when it is, for mmu_notifier.c's was_used(). */
static pteval_t unused_entry(const struct candidate *candidate)
{
	return shadow_entry(PFN_PHYS(page_to_pfn(candidate->page)), candidate->flags) &
	       ~_PAGE_ACCESSED;
}

static u32 find_candidates(struct lguest *lg, const struct guest_window *window,
			   unsigned long wanted, u64 dir_flags, struct candidate *candidates)
{
	struct guest_page page = { .dir_flags = dir_flags };
	u32 i, nr = 0;

	for_each_set_bit(i, &wanted, AROUND) {
		if (!guest_window_page(lg, window, i, &page) ||
		    !find_candidate(lg, &page, &candidates[nr]))
			continue;
		candidates[nr++].index = i;
	}
	return nr;
}

static void map_candidates(struct lguest *lg, struct shadow_table *table, u32 first,
			   const struct guest_window *window, u32 wanted, u64 dir_flags)
{
	unsigned long seq = launcher_pages_begin(lg);
	struct candidate candidates[AROUND];
	u32 i, nr = find_candidates(lg, window, wanted, dir_flags, candidates);

	spin_lock(&lg->shadow.lock);
	for (i = 0; i < nr && !launcher_page_changed(lg, seq); i++)
		shadow_set(lg, table, first + candidates[i].index,
			   unused_entry(&candidates[i]), candidates[i].gfn);
	spin_unlock(&lg->shadow.lock);
	while (nr)
		put_page(candidates[--nr].page);
}

/**
 * map_around() - map the neighbours of a page that has just been mapped
 * @lg: the guest; the caller is its owner
 * @table: the shadow table that the page is in
 * @index: of its entry there
 * @page: what guest_walk() found
 *
 * Whatever stands in the way, they are left to page faults of their own.
 */
void map_around(struct lguest *lg, struct shadow_table *table, u32 index,
		const struct guest_page *page)
{
	u32 first = index & ~(AROUND - 1), wanted;
	struct guest_window window;

	wanted = guest_open_window(lg, page, &window) & empty_entries(table, first);
	if (wanted)
		map_candidates(lg, table, first, &window, wanted, page->dir_flags);
}
