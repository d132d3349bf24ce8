// SPDX-License-Identifier: GPL-2.0
/*
 * The sets of shadow page tables: one for each page directory that a guest used lately.
 * Their user parts are their own.  The kernel part, from page_offset up, is one for all:
 * every shadow directory points to the same shadow tables, so a kernel page faults once,
 * not once for each process.  The last slots are the host's.
 *
 * Only the owner adds and removes tables.  shadow_tables.c knows what one looks like.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/pgtable.h>
#include "lg.h"

/*
 * Tables and entries kept per guest.  Beyond that all are dropped and fault in
 * again.  So many tables are 24 MB, or 16 MB with PAE, charged to the launcher's
 * memory control group; an ordinary guest needs one for each 4 MB (2 MB) that it
 * uses.  Entries for 1 GB bound how long mmu_lock can be held to take them out.
 */
#define MAX_SHADOW_TABLES	2048
#define MAX_SHADOW_ENTRIES	BIT(18)

#define FIRST_RESERVED_SLOT	(SHADOW_SLOTS - RESERVED_SLOTS)

static u32 slot_of(u32 vaddr)
{
	return vaddr >> PMD_SHIFT;
}

static bool is_kernel_slot(const struct lguest *lg, u32 slot)
{
	return slot >= slot_of(lg->paging.page_offset);
}

/**
 * is_host_address() - is an address one of those that the host has in every guest?
 * @vaddr: guest-virtual address
 *
 * Return: true if no page of the guest's can be there.
 */
bool is_host_address(u32 vaddr)
{
	return slot_of(vaddr) >= FIRST_RESERVED_SLOT;
}

static void write_slot(struct shadow_set *set, u32 slot, pteval_t value)
{
	pteval_t *at = shadow_slot(&set->dir, slot);

	*at = value;
}

/* In @set, or where it is the same for all, in all. */
static void set_slot(struct lguest *lg, struct shadow_set *set, u32 slot, pteval_t value)
{
	struct shadow_set *other;

	if (!is_kernel_slot(lg, slot)) {
		write_slot(set, slot, value);
		return;
	}
	list_for_each_entry(other, &lg->paging.sets, lru)
		write_slot(other, slot, value);
}

static struct list_head *tables_beside(struct lguest *lg, struct shadow_set *set, u32 slot)
{
	return is_kernel_slot(lg, slot) ? &lg->paging.kernel_tables : &set->tables;
}

/**
 * shadow_is_full() - is as much mapped as may be?
 * @lg: the guest
 *
 * Return: true if something must go before more is mapped.
 */
bool shadow_is_full(const struct lguest *lg)
{
	return lg->shadow.nr_entries >= MAX_SHADOW_ENTRIES ||
	       lg->paging.nr_tables >= MAX_SHADOW_TABLES;
}

static struct shadow_table *new_table(struct lguest *lg)
{
	struct shadow_table *table;

	table = list_first_entry_or_null(&lg->paging.spare_tables, struct shadow_table, in_set);
	if (!table)
		return shadow_table_alloc();
	list_del(&table->in_set);
	lg->paging.nr_spare--;
	return table;
}

static void keep_spare(struct lguest *lg, struct shadow_table *table)
{
	if (lg->paging.nr_spare == MAX_SPARE_TABLES) {
		shadow_table_free(table);
		return;
	}
	list_add(&table->in_set, &lg->paging.spare_tables);
	lg->paging.nr_spare++;
}

static struct shadow_table *table_at(struct shadow_set *set, u32 slot)
{
	return shadow_slot_table(*shadow_slot(&set->dir, slot));
}

/**
 * shadow_set_before() - what a guest ran on before
 * @vcpu: the guest's CPU; the caller is its owner
 *
 * Return: the set that was used before the current one; NULL if there is none.
 */
struct shadow_set *shadow_set_before(struct lguest_vcpu *vcpu)
{
	struct shadow_set *set = vcpu->paging.set;

	return list_is_last(&set->lru, &vcpu->lg->paging.sets) ? NULL
							       : list_next_entry(set, lru);
}

/**
 * shadow_set_table() - the table for an address
 * @set: the set
 * @vaddr: guest-virtual address
 *
 * Return: the table, or NULL if there is none.
 */
struct shadow_table *shadow_set_table(struct shadow_set *set, u32 vaddr)
{
	return table_at(set, slot_of(vaddr));
}

/**
 * shadow_set_entry() - the entry for an address
 * @set: the set
 * @vaddr: guest-virtual address
 *
 * Return: the entry, or 0 if nothing is mapped there.
 */
pteval_t shadow_set_entry(struct shadow_set *set, u32 vaddr)
{
	return shadow_table_entry(shadow_set_table(set, vaddr), vaddr);
}

/**
 * shadow_set_make_table() - likewise, but it is made if need be
 * @lg: the guest; the caller is its owner
 * @set: the set
 * @vaddr: guest-virtual address, none of the host's
 *
 * Return: the table, or an ERR_PTR() if the guest was killed for want of memory.
 */
struct shadow_table *shadow_set_make_table(struct lguest *lg, struct shadow_set *set,
					   u32 vaddr)
{
	struct shadow_table *table = shadow_set_table(set, vaddr);
	u32 slot = slot_of(vaddr);

	if (table)
		return table;
	table = new_table(lg);
	if (!table)
		return ERR_PTR(kill_guest(lg, "out of memory for page tables"));
	table->slot = slot;
	lg->paging.nr_tables++;
	list_add(&table->in_set, tables_beside(lg, set, slot));
	set_slot(lg, set, slot, shadow_slot_value(table->entries));
	return table;
}

/* Empty a table, and take it out of its set, or all. */
static void release_table(struct lguest *lg, struct shadow_set *set,
			  struct shadow_table *table)
{
	set_slot(lg, set, table->slot, 0);
	list_del(&table->in_set);
	lg->paging.nr_tables--;
	shadow_table_clear(lg, table, 0, PTRS_PER_PTE - 1);
	keep_spare(lg, table);
	cond_resched();		/* there may be thousands */
}

static void release_tables(struct lguest *lg, struct shadow_set *set,
			   struct list_head *tables)
{
	struct shadow_table *table, *next;

	list_for_each_entry_safe(table, next, tables, in_set)
		release_table(lg, set, table);
}

/**
 * shadow_set_empty() - drop all that is mapped in the user part
 * @lg: the guest; the caller is its owner
 * @set: the set
 */
void shadow_set_empty(struct lguest *lg, struct shadow_set *set)
{
	release_tables(lg, set, &set->tables);
}

/**
 * shadow_set_empty_range() - likewise, all in some tables of the user or kernel part
 * @lg: the guest; the caller is its owner
 * @set: the set
 * @start: an address in the first of them
 * @last: and in the last one
 */
void shadow_set_empty_range(struct lguest *lg, struct shadow_set *set, u32 start, u32 last)
{
	u32 slot;

	for (slot = slot_of(start); slot <= slot_of(last) && slot < FIRST_RESERVED_SLOT; slot++) {
		struct shadow_table *table = table_at(set, slot);

		if (table)
			release_table(lg, set, table);
	}
}

/**
 * shadow_sets_empty() - drop all that is mapped, in all sets
 * @lg: the guest; the caller is its owner
 */
void shadow_sets_empty(struct lguest *lg)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->paging.sets, lru)
		shadow_set_empty(lg, set);
	release_tables(lg, NULL, &lg->paging.kernel_tables);
}

/**
 * shadow_set_find() - the set of a page directory
 * @lg: the guest; the caller is its owner
 * @pgdir: its guest-physical address
 *
 * Return: the set, or NULL if there is none.
 */
struct shadow_set *shadow_set_find(struct lguest *lg, gpa_t pgdir)
{
	struct shadow_set *set;

	list_for_each_entry(set, &lg->paging.sets, lru) {
		if (set->gpgdir == pgdir)
			return set;
	}
	return NULL;
}

static void free_set(struct shadow_set *set)
{
	host_root_free(&set->dir);
	shadow_dir_free(&set->dir);
	kfree(set);
}

/* A new set begins with the kernel part that all share, and the host's. */
static struct shadow_set *new_set(struct lguest *lg)
{
	struct shadow_set *set = kzalloc(sizeof(*set), GFP_KERNEL_ACCOUNT);
	struct shadow_table *table;

	if (!set)
		return NULL;
	if (shadow_dir_alloc(&set->dir) || host_root_alloc(lg, &set->dir)) {
		free_set(set);
		return NULL;
	}
	INIT_LIST_HEAD(&set->tables);
	list_for_each_entry(table, &lg->paging.kernel_tables, in_set)
		write_slot(set, table->slot, shadow_slot_value(table->entries));
	list_add(&set->lru, &lg->paging.sets);
	lg->paging.nr_sets++;
	return set;
}

/* Also what is done when there is no memory for one more. */
static struct shadow_set *reuse_oldest_set(struct lguest *lg)
{
	struct shadow_set *set = list_last_entry(&lg->paging.sets, struct shadow_set,
						 lru);

	shadow_set_empty(lg, set);
	forbid_direct_switch(&lg->vcpu, set);
	return set;
}

/**
 * shadow_set_for() - an empty set for a page directory that has none
 * @lg: the guest; the caller is its owner
 * @pgdir: its guest-physical address
 *
 * Return: the set, which may have been that of the directory not used for longest.
 */
struct shadow_set *shadow_set_for(struct lguest *lg, gpa_t pgdir)
{
	struct shadow_set *set = NULL;

	if (lg->paging.nr_sets < MAX_SHADOW_SETS)
		set = new_set(lg);
	if (!set)
		set = reuse_oldest_set(lg);
	set->gpgdir = pgdir;
	return set;
}

/**
 * shadow_set_use() - let the guest run on a set
 * @vcpu: the guest's CPU; the caller is its owner
 * @set: the set
 */
void shadow_set_use(struct lguest_vcpu *vcpu, struct shadow_set *set)
{
	list_move(&set->lru, &vcpu->lg->paging.sets);
	vcpu->paging.set = set;
}

/**
 * set_first_pgdir() - name a new guest's first page directory
 * @vcpu: the guest's CPU
 * @pgdir: its guest-physical address, or NO_PGDIR
 */
void set_first_pgdir(struct lguest_vcpu *vcpu, gpa_t pgdir)
{
	struct lguest *lg = vcpu->lg;

	lg->paging.first_pgdir = pgdir;
	vcpu->paging.set->gpgdir = pgdir;
}

/**
 * init_shadow() - start with one set
 * @lg: the guest, with nothing of this but empty lists of sets and tables; its memory's
 *	place is known
 *
 * Return: 0 or a negative error; free_shadow() cleans up either way.
 */
int init_shadow(struct lguest *lg)
{
	if (shadow_frames_alloc(lg))
		return -ENOMEM;
	lg->vcpu.paging.set = new_set(lg);
	if (!lg->vcpu.paging.set)
		return -ENOMEM;
	return follow_launcher(lg);
}

/**
 * free_shadow() - give all that back
 * @lg: a guest that never runs again
 */
void free_shadow(struct lguest *lg)
{
	struct shadow_table *table, *next_table;
	struct shadow_set *set, *next;

	shadow_sets_empty(lg);
	stop_following(lg);
	list_for_each_entry_safe(table, next_table, &lg->paging.spare_tables, in_set)
		shadow_table_free(table);
	list_for_each_entry_safe(set, next, &lg->paging.sets, lru)
		free_set(set);
	shadow_frames_free(lg);
}
