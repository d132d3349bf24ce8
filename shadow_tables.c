// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow page tables as things in memory: directories, tables and their
 * entries in the host's format, and for each page of the guest's memory the
 * list of the entries that map it.  page_tables.c decides what goes in;
 * mmu_notifier.c takes out what the launcher's address space no longer has.
 *
 * An entry holds no reference to its page: it goes before the page does.
 *
 * A directory is one array of slots, one for each table.  Without PAE it is
 * the page that CR3 names.  With PAE it is four pages, below a root of four
 * entries that never change.
 */
#include <linux/kernel.h>
#include <linux/mem_encrypt.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/pgtable.h>
#include "lg.h"

#define GFP_SHADOW		(GFP_KERNEL_ACCOUNT | __GFP_ZERO)

/* The links of a table's entries, in so many pages. */
#define LINKS_ORDER		get_order(PTRS_PER_PTE * sizeof(struct hlist_node))

/* Lists of mappings are made for so many pages of the guest's at a time. */
#define LISTS_PER_LEAF		(PAGE_SIZE / sizeof(struct hlist_head))
#define LIST_LEAVES		DIV_ROUND_UP(MAX_GUEST_PAGES, LISTS_PER_LEAF)

/**
 * shadow_dir_alloc() - make an empty directory
 * @dir: zeroed; shadow_dir_free() cleans up either way
 *
 * Return: 0 or -ENOMEM.
 */
int shadow_dir_alloc(struct shadow_dir *dir)
{
	int i;

	for (i = 0; i < SHADOW_DIR_PAGES; i++) {
		dir->pages[i] = (pteval_t *)__get_free_page(GFP_SHADOW);
		if (!dir->pages[i])
			return -ENOMEM;
	}
	return 0;
}

/**
 * shadow_dir_free() - free a directory, but not the tables in it
 * @dir: what shadow_dir_alloc() made, perhaps in part
 */
void shadow_dir_free(struct shadow_dir *dir)
{
	int i;

	for (i = 0; i < SHADOW_DIR_PAGES; i++)
		free_page((unsigned long)dir->pages[i]);
}

/**
 * shadow_slot() - a slot of a directory
 * @dir: the directory
 * @slot: its number
 *
 * Return: where it is.
 */
pteval_t *shadow_slot(struct shadow_dir *dir, u32 slot)
{
	return &dir->pages[slot / SHADOW_SLOTS_PER_PAGE][slot % SHADOW_SLOTS_PER_PAGE];
}

/* Whose entries or links a page has. */
static void set_owner(void *page, struct shadow_table *table)
{
	set_page_private(virt_to_page(page), (unsigned long)table);
}

static struct shadow_table *owner_of(void *in_page)
{
	return (struct shadow_table *)page_private(virt_to_page(in_page));
}

static void set_owners(struct shadow_table *table, struct shadow_table *owner)
{
	void *links = table->links;
	int i;

	set_owner(table->entries, owner);
	for (i = 0; i < 1 << LINKS_ORDER; i++)
		set_owner(links + i * PAGE_SIZE, owner);
}

static void free_parts(struct shadow_table *table)
{
	free_page((unsigned long)table->entries);
	free_pages((unsigned long)table->links, LINKS_ORDER);
	kfree(table);
}

/**
 * shadow_table_alloc() - make an empty page table
 *
 * Return: the table, or NULL if there is no memory.
 */
struct shadow_table *shadow_table_alloc(void)
{
	struct shadow_table *table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);

	if (!table)
		return NULL;
	table->entries = (pteval_t *)__get_free_page(GFP_SHADOW);
	table->links = (void *)__get_free_pages(GFP_SHADOW, LINKS_ORDER);
	if (!table->entries || !table->links) {
		free_parts(table);
		return NULL;
	}
	set_owners(table, table);
	return table;
}

/**
 * shadow_table_free() - empty and free a page table
 * @lg: the guest, which does not run
 * @table: the table, which is in no directory any more
 */
void shadow_table_free(struct lguest *lg, struct shadow_table *table)
{
	shadow_table_clear(lg, table, 0, PTRS_PER_PTE - 1);
	set_owners(table, NULL);
	free_parts(table);
	cond_resched();		/* there may be thousands */
}

/**
 * shadow_table_clear() - take a range of mappings out
 * @lg: the guest, which does not run
 * @table: the table
 * @first: the first entry
 * @last: the last one
 */
void shadow_table_clear(struct lguest *lg, struct shadow_table *table, u32 first, u32 last)
{
	u32 i;

	spin_lock(&lg->shadow.lock);
	for (i = first; i <= last && table->present; i++)
		shadow_clear(lg, table, i);
	spin_unlock(&lg->shadow.lock);
}

/**
 * shadow_table_protect() - make all entries of a page table read-only
 * @lg: the guest, which does not run
 * @table: the table
 */
void shadow_table_protect(struct lguest *lg, struct shadow_table *table)
{
	u32 i, left;

	spin_lock(&lg->shadow.lock);
	left = table->present;
	for (i = 0; left; i++) {
		if (!(table->entries[i] & _PAGE_PRESENT))
			continue;
		table->entries[i] &= ~_PAGE_RW;
		left--;
	}
	spin_unlock(&lg->shadow.lock);
}

/**
 * shadow_slot_table() - the table that a directory's slot leads to
 * @slot: the slot's value
 *
 * Return: the table, or NULL if there is none.
 */
struct shadow_table *shadow_slot_table(pteval_t slot)
{
	if (!(slot & _PAGE_PRESENT))
		return NULL;
	return owner_of(__va(slot & PTE_PFN_MASK));
}

/**
 * shadow_slot_value() - what makes a directory's slot lead to a table
 * @entries: the table's page
 *
 * Return: a present entry that limits nothing: the rights are in the last
 * level alone.
 */
pteval_t shadow_slot_value(const pteval_t *entries)
{
	return __sme_set(__pa(entries)) | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER |
	       _PAGE_ACCESSED | _PAGE_DIRTY;
}

/**
 * shadow_nx() - the bit that forbids execution
 *
 * Return: the bit of an entry, or 0 where host or CPU have none.
 */
pteval_t shadow_nx(void)
{
	return __supported_pte_mask & _PAGE_NX;
}

/**
 * may_be_writable() - may a guest's page be written to through the shadow?
 * @guest: what the guest's tables say of it
 *
 * Until the guest's own entry is dirty the shadow is read-only, so that the
 * first write faults and the dirty bit can be set.
 *
 * Return: true if it may.
 */
bool may_be_writable(const struct guest_page *guest)
{
	return guest->writable && guest->dirty;
}

/**
 * entry_flags() - a page's rights in the host's format
 * @guest: what the guest's tables say of it
 * @writable: whether it may be written to now
 *
 * Return: flags for shadow_entry().
 */
pteval_t entry_flags(const struct guest_page *guest, bool writable)
{
	return (writable ? _PAGE_RW : 0) | (guest->user ? _PAGE_USER : 0) |
	       (guest->nx ? shadow_nx() : 0);
}

/**
 * shadow_entry() - an entry of the host's format
 * @frame: physical address of a page
 * @flags: the low bits, and shadow_nx()
 *
 * Accessed is set: it is about to be used.  (The guest has a bit of its own.)
 *
 * Return: the entry, present.
 */
pteval_t shadow_entry(phys_addr_t frame, pteval_t flags)
{
	return __sme_set(frame) | flags | _PAGE_PRESENT | _PAGE_ACCESSED;
}

/**
 * shadow_clear() - take a mapping out
 * @lg: the guest, which does not run; its mmu_lock is held
 * @table: the table
 * @index: the entry, present or not
 */
void shadow_clear(struct lguest *lg, struct shadow_table *table, u32 index)
{
	if (!(table->entries[index] & _PAGE_PRESENT))
		return;
	/* zero, so that nothing can be fetched through it speculatively */
	table->entries[index] = 0;
	hlist_del(&table->links[index]);
	table->present--;
	lg->shadow.nr_entries--;
}

static struct hlist_head *list_of(const struct lguest *lg, u32 gfn)
{
	struct hlist_head *leaf = lg->shadow.mappings[gfn / LISTS_PER_LEAF];

	return leaf ? &leaf[gfn % LISTS_PER_LEAF] : NULL;
}

/**
 * shadow_set() - put a mapping in
 * @lg: the guest, which does not run; its mmu_lock is held
 * @table: the table
 * @index: the entry, present or not
 * @entry: its new value, present
 * @gfn: number of the guest's page that it maps; shadow_prepare() knows it
 */
void shadow_set(struct lguest *lg, struct shadow_table *table, u32 index,
		pteval_t entry, u32 gfn)
{
	shadow_clear(lg, table, index);
	table->entries[index] = entry;
	hlist_add_head(&table->links[index], list_of(lg, gfn));
	table->present++;
	lg->shadow.nr_entries++;
}

/**
 * shadow_prepare() - make sure that a page's mappings can be listed
 * @lg: the guest; the caller is its owner
 * @gfn: number of the guest's page
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int shadow_prepare(struct lguest *lg, u32 gfn)
{
	struct hlist_head *leaf;

	if (likely(lg->shadow.mappings[gfn / LISTS_PER_LEAF]))
		return 0;
	leaf = (struct hlist_head *)__get_free_page(GFP_SHADOW);
	if (!leaf)
		return -ENOMEM;
	/* mmu_notifier.c looks at any time. */
	smp_store_release(&lg->shadow.mappings[gfn / LISTS_PER_LEAF], leaf);
	return 0;
}

/**
 * shadow_find_mapped() - find the next page that is mapped somewhere
 * @lg: the guest; its mmu_lock is held
 * @gfn: where to start
 * @end: where to stop
 *
 * Return: the number of the page, or @end.
 */
u32 shadow_find_mapped(const struct lguest *lg, u32 gfn, u32 end)
{
	while (gfn < end) {
		struct hlist_head *list = list_of(lg, gfn);

		if (list && !hlist_empty(list))
			return gfn;
		gfn = list ? gfn + 1 : (gfn / LISTS_PER_LEAF + 1) * LISTS_PER_LEAF;
	}
	return end;
}

/**
 * shadow_unmap_one() - take one mapping of a page out
 * @lg: the guest, which does not run; its mmu_lock is held
 * @gfn: number of the page; it is mapped
 */
void shadow_unmap_one(struct lguest *lg, u32 gfn)
{
	struct hlist_node *link = list_of(lg, gfn)->first;
	struct shadow_table *table = owner_of(link);

	shadow_clear(lg, table, link - table->links);
}

/*
 * A page that a guest has in so many places is one that it uses.  (An ordinary one
 * has it in one, or in one for each of its cached directories; and this is asked with
 * locks of the host's held.)
 */
#define MAX_MAPPINGS_ASKED	1024

/**
 * shadow_page_used() - was a page used since this was asked last?
 * @lg: the guest; its mmu_lock is held; it may be running
 * @gfn: number of the page
 * @clear: start to watch anew
 *
 * The TLB is not flushed: a page that is in use is soon looked up again.
 *
 * Return: true if a CPU has set an accessed bit.
 */
bool shadow_page_used(struct lguest *lg, u32 gfn, bool clear)
{
	struct hlist_head *list = list_of(lg, gfn);
	struct hlist_node *link;
	bool used = false;
	u32 asked = 0;

	for (link = list ? list->first : NULL; link && asked < MAX_MAPPINGS_ASKED;
	     link = link->next, asked++) {
		struct shadow_table *table = owner_of(link);
		pteval_t *entry = &table->entries[link - table->links];

		if (!(*entry & _PAGE_ACCESSED))
			continue;
		used = true;
		/* the CPU may be setting a bit of the same entry */
		if (clear)
			clear_bit(_PAGE_BIT_ACCESSED, (unsigned long *)entry);
	}
	return used || link;
}

/**
 * shadow_lists_alloc() - prepare for mappings
 * @lg: the guest
 *
 * Return: 0 or -ENOMEM.
 */
int shadow_lists_alloc(struct lguest *lg)
{
	struct guest_shadow *shadow = &lg->shadow;

	spin_lock_init(&shadow->lock);
	shadow->mappings = kcalloc(LIST_LEAVES, sizeof(*shadow->mappings), GFP_KERNEL_ACCOUNT);
	return shadow->mappings ? 0 : -ENOMEM;
}

/**
 * shadow_lists_free() - undo that
 * @lg: the guest, in which nothing is mapped
 */
void shadow_lists_free(struct lguest *lg)
{
	u32 i;

	for (i = 0; lg->shadow.mappings && i < LIST_LEAVES; i++) {
		free_page((unsigned long)lg->shadow.mappings[i]);
		cond_resched();
	}
	kfree(lg->shadow.mappings);
}
