// SPDX-License-Identifier: GPL-2.0
/*
 * The shadow page tables as things in memory: directories, tables and their
 * entries in the host's format, and for each page of the guest's memory the
 * page that the launcher has for it, if that is known, and the list of the entries
 * that map it.  page_tables.c decides what goes in; mmu_notifier.c finds the pages, and
 * takes out what the launcher's address space no longer has.
 *
 * Nothing here holds a reference to a page: an entry, and what is known, goes before the
 * page does.
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

/* Frames are made for so many pages of the guest's at a time. */
#define FRAMES_PER_LEAF		(PAGE_SIZE / sizeof(struct guest_frame))
#define FRAME_LEAVES		DIV_ROUND_UP(MAX_GUEST_PAGES, FRAMES_PER_LEAF)

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
	/* (A link says something while its entry is present.) */
	table->links = (void *)__get_free_pages(GFP_KERNEL_ACCOUNT, LINKS_ORDER);
	if (!table->entries || !table->links) {
		free_parts(table);
		return NULL;
	}
	set_owners(table, table);
	return table;
}

/*
 * A word of table->present, without what is not in the range.  (A table may have few entries
 * or all: for_each_set_bit() would be slow.)
 */
static unsigned long present_in(const struct shadow_table *table, u32 word, u32 first,
				u32 last)
{
	unsigned long bits = table->present[word];

	if (word == BIT_WORD(first))
		bits &= BITMAP_FIRST_WORD_MASK(first);
	if (word == BIT_WORD(last))
		bits &= BITMAP_LAST_WORD_MASK(last + 1);
	return bits;
}

/* The entries of one word of the bitmaps. */
static void clear_many(struct lguest *lg, struct shadow_table *table, u32 word,
		       unsigned long bits)
{
	table->present[word] &= ~bits;
	table->writable[word] &= ~bits;
	for (; bits; bits &= bits - 1) {
		u32 index = word * BITS_PER_LONG + __ffs(bits);

		/* zero, so that nothing can be fetched through it speculatively */
		table->entries[index] = 0;
		__hlist_del(&table->links[index]);
		lg->shadow.nr_entries--;
	}
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
	u32 word;

	spin_lock(&lg->shadow.lock);
	for (word = BIT_WORD(first); word <= BIT_WORD(last); word++) {
		unsigned long bits = present_in(table, word, first, last);

		if (bits)
			clear_many(lg, table, word, bits);
	}
	spin_unlock(&lg->shadow.lock);
}

/**
 * shadow_table_protect() - make entries of a page table read-only
 * @lg: the guest, which does not run
 * @table: the table
 * @except: those that stay as they are
 */
void shadow_table_protect(struct lguest *lg, struct shadow_table *table,
			  const unsigned long *except)
{
	unsigned long bits;
	u32 word;

	spin_lock(&lg->shadow.lock);
	for (word = 0; word < BITS_TO_LONGS(PTRS_PER_PTE); word++) {
		bits = table->writable[word] & ~except[word];
		table->writable[word] &= except[word];
		for (; bits; bits &= bits - 1)
			table->entries[word * BITS_PER_LONG + __ffs(bits)] &= ~_PAGE_RW;
	}
	spin_unlock(&lg->shadow.lock);
}

/**
 * shadow_table_free() - free a page table
 * @table: the table, which is empty and in no directory any more
 */
void shadow_table_free(struct shadow_table *table)
{
	set_owners(table, NULL);
	free_parts(table);
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
 * shadow_entry() - an entry of the host's format
 * @frame: physical address of a page
 * @flags: the low bits, and shadow_nx()
 *
 * Return: the entry, present.
 */
pteval_t shadow_entry(phys_addr_t frame, pteval_t flags)
{
	return __sme_set(frame) | flags | _PAGE_PRESENT;
}

/**
 * shadow_clear() - take a mapping out
 * @lg: the guest, which does not run; its mmu_lock is held
 * @table: the table
 * @index: the entry, present or not
 *
 * Return: true if it was.
 */
bool shadow_clear(struct lguest *lg, struct shadow_table *table, u32 index)
{
	if (!test_bit(index, table->present))
		return false;
	clear_many(lg, table, BIT_WORD(index), BIT_MASK(index));
	return true;
}

static struct guest_frame *frame_of(const struct lguest *lg, u32 gfn)
{
	struct guest_frame *leaf = lg->shadow.frames[gfn / FRAMES_PER_LEAF];

	return leaf ? &leaf[gfn % FRAMES_PER_LEAF] : NULL;
}

/* Is it known what a page is, and writable if that is asked? */
static bool is_known(const struct guest_frame *frame, bool writable)
{
	return frame && frame->page && (!writable || frame->page & _PAGE_RW);
}

/* @index: of an entry that is not present; @frame: is_known() */
static void write_entry(struct lguest *lg, struct shadow_table *table, u32 index,
			struct guest_frame *frame, pteval_t flags)
{
	table->entries[index] = (frame->page & ~_PAGE_RW) | flags;
	hlist_add_head(&table->links[index], &frame->mappings);
	lg->shadow.nr_entries++;
}

/* Entries of one word of the bitmaps have been written. */
static void note_many(struct shadow_table *table, u32 word, unsigned long present,
		      unsigned long writable)
{
	table->present[word] |= present;
	table->writable[word] |= writable;
}

/**
 * shadow_map() - put a mapping in, if it is known what of
 * @lg: the guest, which does not run; its mmu_lock is held
 * @table: the table
 * @index: the entry, present or not
 * @gfn: number of the guest's page that it is to map
 * @flags: from entry_flags(); with _PAGE_ACCESSED for a page that is about to be used.
 *	(The guest has a bit of its own for that.)
 *
 * Return: false, and nothing is done, if the launcher's page is not known, or not known to
 * be writable though @flags say so.
 */
bool shadow_map(struct lguest *lg, struct shadow_table *table, u32 index, u32 gfn,
		pteval_t flags)
{
	struct guest_frame *frame = frame_of(lg, gfn);

	if (!is_known(frame, flags & _PAGE_RW))
		return false;
	shadow_clear(lg, table, index);
	write_entry(lg, table, index, frame, flags);
	note_many(table, BIT_WORD(index), BIT_MASK(index),
		  flags & _PAGE_RW ? BIT_MASK(index) : 0);
	return true;
}

/**
 * shadow_map_used() - likewise, many that were used before, beside each other
 * @lg: the guest, which does not run; its mmu_lock is held
 * @table: the table
 * @first: the first entry, a multiple of AROUND
 * @wanted: a bit for each that is to be put in, of AROUND; it is not present
 * @used: the pages
 * @read_only_will_do: if what may be written to is known for reading alone
 *
 * They are not marked as used: only the CPU knows when they are, for mmu_notifier.c's
 * was_used().
 *
 * Return: a bit for each that is not known.
 */
u32 shadow_map_used(struct lguest *lg, struct shadow_table *table, u32 first, u32 wanted,
		    const struct used_page *used, bool read_only_will_do)
{
	unsigned long present = 0, writable = 0;
	u32 left;

	for (left = wanted; left; left &= left - 1) {
		u32 i = __ffs(left);
		struct guest_frame *frame = frame_of(lg, used[i].gfn);
		bool write = may_be_writable(used[i].rights);

		if (write && read_only_will_do)
			write = is_known(frame, true);
		if (!is_known(frame, write))
			continue;
		write_entry(lg, table, first + i, frame, entry_flags(used[i].rights, write));
		present |= BIT(i);
		if (write)
			writable |= BIT(i);
	}
	note_many(table, BIT_WORD(first), present << first % BITS_PER_LONG,
		  writable << first % BITS_PER_LONG);
	return wanted & ~present;
}

/**
 * shadow_prepare() - make sure that a page of the guest's has a frame
 * @lg: the guest; the caller is its owner
 * @gfn: number of the page
 *
 * May sleep.
 *
 * Return: 0 or -ENOMEM.
 */
int shadow_prepare(struct lguest *lg, u32 gfn)
{
	struct guest_frame *leaf;

	if (likely(lg->shadow.frames[gfn / FRAMES_PER_LEAF]))
		return 0;
	leaf = (struct guest_frame *)__get_free_page(GFP_SHADOW);
	if (!leaf)
		return -ENOMEM;
	/* mmu_notifier.c looks at any time. */
	smp_store_release(&lg->shadow.frames[gfn / FRAMES_PER_LEAF], leaf);
	return 0;
}

/**
 * shadow_note_page() - note which page the launcher has for a page of the guest's
 * @lg: the guest; its mmu_lock is held
 * @gfn: number of the guest's page; shadow_prepare() knows it
 * @page: physical address of the launcher's
 * @writable: it may be written to, and is dirty already.  (If that is known, it stays so.)
 */
void shadow_note_page(struct lguest *lg, u32 gfn, phys_addr_t page, bool writable)
{
	struct guest_frame *frame = frame_of(lg, gfn);

	if (!is_known(frame, true))
		frame->page = shadow_entry(page, writable ? _PAGE_RW : 0);
}

static bool frame_is_empty(const struct guest_frame *frame)
{
	return !frame->page && hlist_empty(&frame->mappings);
}

/**
 * shadow_find_frame() - find the next page of which something is known, or mapped
 * @lg: the guest; its mmu_lock is held
 * @gfn: where to start
 * @end: where to stop
 *
 * Return: the number of the page, or @end.
 */
u32 shadow_find_frame(const struct lguest *lg, u32 gfn, u32 end)
{
	while (gfn < end) {
		struct guest_frame *frame = frame_of(lg, gfn);

		if (frame && !frame_is_empty(frame))
			return gfn;
		gfn = frame ? gfn + 1 : (gfn / FRAMES_PER_LEAF + 1) * FRAMES_PER_LEAF;
	}
	return end;
}

/**
 * shadow_forget_page() - the launcher will not have the same page for a guest's any more
 * @lg: the guest; its mmu_lock is held
 * @gfn: number of the guest's page; shadow_find_frame() has found it
 *
 * Return: true if it is mapped yet, see shadow_unmap_one().
 */
bool shadow_forget_page(struct lguest *lg, u32 gfn)
{
	struct guest_frame *frame = frame_of(lg, gfn);

	frame->page = 0;
	return !hlist_empty(&frame->mappings);
}

/**
 * shadow_unmap_one() - take one mapping of a page out
 * @lg: the guest, which does not run; its mmu_lock is held
 * @gfn: number of the page; it is mapped
 */
void shadow_unmap_one(struct lguest *lg, u32 gfn)
{
	struct hlist_node *link = frame_of(lg, gfn)->mappings.first;
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
	struct guest_frame *frame = frame_of(lg, gfn);
	struct hlist_node *link;
	bool used = false;
	u32 asked = 0;

	for (link = frame ? frame->mappings.first : NULL; link && asked < MAX_MAPPINGS_ASKED;
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
 * shadow_frames_alloc() - prepare for mappings
 * @lg: the guest
 *
 * Return: 0 or -ENOMEM.
 */
int shadow_frames_alloc(struct lguest *lg)
{
	struct guest_shadow *shadow = &lg->shadow;

	spin_lock_init(&shadow->lock);
	shadow->frames = kcalloc(FRAME_LEAVES, sizeof(*shadow->frames), GFP_KERNEL_ACCOUNT);
	return shadow->frames ? 0 : -ENOMEM;
}

/**
 * shadow_frames_free() - undo that
 * @lg: the guest, in which nothing is mapped
 */
void shadow_frames_free(struct lguest *lg)
{
	u32 i;

	for (i = 0; lg->shadow.frames && i < FRAME_LEAVES; i++) {
		free_page((unsigned long)lg->shadow.frames[i]);
		cond_resched();
	}
	kfree(lg->shadow.frames);
}
