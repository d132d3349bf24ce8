// SPDX-License-Identifier: GPL-2.0
/*
 * Free physical pages: everything from the end of the image to the lowest of
 * what the launcher put at the top of what we map (initrd, first page tables).
 */
#include "guest.h"
#include "internal.h"

/* More would leave no room for the window above the linear map. */
#define LINEAR_MAX	(WINDOW_BASE - PAGE_OFFSET)

static u32 free_list;		/* physical; the first word is the next */
static u32 never_used, limit, left;

/*
 * The first page tables, made by launcher or host, stay untouched for ever: the
 * host may still have a copy under their address.  There is at most one more
 * above the page tables than the directory.  They are below the initrd, or where
 * it would end: our launcher puts it where every Linux finds it, which is below
 * LINEAR_MAX, too.
 */
static u32 lowest_of_launcher(void)
{
	u32 size = boot_info.mem_size;
	u32 tables = 2 + (size + TABLE_SPAN - 1) / TABLE_SPAN;
	u32 top = boot_info.initrd_size ? boot_info.initrd_start : size;

	return min(top, LINEAR_MAX) - tables * PAGE_SIZE;
}

void pages_init(void)
{
	never_used = phys(__image_end);
	limit = lowest_of_launcher() & PTE_ADDR;
	left = (limit - never_used) / PAGE_SIZE;
	free_list = 0;
}

/* A zeroed page at its address in the linear map; NULL if there is none. */
void *page_alloc(void)
{
	u32 flags = irq_save();
	void *page = NULL;

	if (free_list) {
		page = virt(free_list);
		free_list = *(u32 *)page;
	} else if (never_used < limit) {
		page = virt(never_used);
		never_used += PAGE_SIZE;
	}
	left -= !!page;
	irq_restore(flags);
	if (page)
		memset(page, 0, PAGE_SIZE);
	return page;
}

/* Neighbouring pages, zeroed and for ever; NULL if there are not so many. */
void *page_alloc_run(u32 count)
{
	u32 flags = irq_save();
	void *run = NULL;

	if (count <= (limit - never_used) / PAGE_SIZE) {
		run = virt(never_used);
		never_used += count * PAGE_SIZE;
		left -= count;
	}
	irq_restore(flags);
	if (run)
		memset(run, 0, count * PAGE_SIZE);
	return run;
}

void page_free(void *page)
{
	u32 flags = irq_save();

	*(u32 *)page = free_list;
	free_list = phys(page);
	left++;
	irq_restore(flags);
}

u32 pages_left(void)
{
	return left;
}

/* The physical range that page_alloc() hands out. */
u32 pages_first(void)
{
	return phys(__image_end);
}

u32 pages_end(void)
{
	return limit;
}
