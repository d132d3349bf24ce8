// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping more than was asked for.  Where the guest uses a page it mostly soon uses
 * those beside it, and each would cost an exit: so when one page is mapped, so are
 * those of its neighbours that the guest has used before and whose memory is there.
 */
#include <linux/kernel.h>
#include "lg.h"

/*
 * How far that goes: a power of two.  (Linux maps a file's pages for so many at a time, as a
 * guest of guests/linux.)
 */
#define FAR_AROUND		64U

/**
 * struct neighbours - pages beside one that has just been mapped, aligned
 * @table: their shadow table
 * @first: the first one's entry there
 * @window: what the guest's tables say of them
 * @dir_flags: and the levels above
 */
struct neighbours {
	struct shadow_table *table;
	u32 first;
	struct guest_window window;
	u64 dir_flags;
};

/* A bit for each that is not mapped. */
static u32 empty_entries(const struct neighbours *around)
{
	unsigned long present = READ_ONCE(around->table->present[BIT_WORD(around->first)]);

	return ~(present >> around->first % BITS_PER_LONG) & GENMASK(AROUND - 1, 0);
}

/* Not used yet: only the CPU knows when it is, for mmu_notifier.c's was_used(). */
static bool map_one(struct lguest *lg, const struct neighbours *around, u32 i,
		    const struct guest_page *page, bool writable)
{
	return shadow_map(lg, around->table, around->first + i, page->gpa >> PAGE_SHIFT,
			  entry_flags(page, writable));
}

/*
 * Map those of which the launcher's page is known.  A page that may be written to is to be
 * known for writing, unless @read_only_will_do.  Return: a bit for each that is not.
 */
static u32 map_known(struct lguest *lg, const struct neighbours *around, unsigned long wanted,
		     bool read_only_will_do)
{
	struct guest_page page = { .dir_flags = around->dir_flags };
	u32 i, unknown = 0;

	spin_lock(&lg->shadow.lock);
	for_each_set_bit(i, &wanted, AROUND) {
		if (guest_window_page(lg, &around->window, i, &page) &&
		    !map_one(lg, around, i, &page, may_be_writable(&page)) &&
		    !(read_only_will_do && map_one(lg, around, i, &page, false)))
			unknown |= BIT(i);
	}
	spin_unlock(&lg->shadow.lock);
	return unknown;
}

/* Without waiting.  Return: a bit for each that is there. */
static u32 look_up(struct lguest *lg, const struct neighbours *around, unsigned long wanted)
{
	struct guest_page page = { .dir_flags = around->dir_flags };
	u32 i, found = 0;

	for_each_set_bit(i, &wanted, AROUND) {
		if (guest_window_page(lg, &around->window, i, &page) &&
		    know_launcher_page(lg, page.gpa, may_be_writable(&page), false) >= 0)
			found |= BIT(i);
	}
	return found;
}

/* Return: false if there was nothing to do. */
static bool map_window(struct lguest *lg, struct neighbours *around,
		       const struct guest_page *page, int distance)
{
	u32 wanted = empty_entries(around);

	if (wanted)
		wanted &= guest_open_window(lg, page, distance, &around->window);
	if (!wanted)
		return false;
	wanted = map_known(lg, around, wanted, false);
	if (wanted)
		map_known(lg, around, look_up(lg, around, wanted), true);
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
	struct neighbours around = {
		.table = table,
		.first = index & ~(AROUND - 1),
		.dir_flags = page->dir_flags,
	};
	u32 own = around.first, far = own & ~(FAR_AROUND - 1);

	if (!map_window(lg, &around, page, 0))
		return;
	for (around.first = far; around.first < far + FAR_AROUND; around.first += AROUND) {
		if (around.first != own)
			map_window(lg, &around, page, around.first - own);
	}
}
