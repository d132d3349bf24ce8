/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shadow paging: the page tables that the CPU uses while a guest runs, from their pages
 * in memory (shadow_tables.c) to what is in them (page_tables.c, fault_around.c) and what
 * has to go (mmu_notifier.c).
 */
#ifndef LGUEST_SHADOW_H
#define LGUEST_SHADOW_H

#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <asm/pgtable_types.h>
#include "guest_tables.h"
#include "host.h"

/* Bytes at the top of a guest's address space that are the host's. */
#define RESERVE_MEM		SZ_4M

/*
 * Directories kept per guest.  A process that is switched to again within so
 * many others finds its pages mapped.  Each takes a page, four with PAE, and on a 64-bit
 * host six or seven.
 */
#define MAX_SHADOW_SETS		64

/*
 * Empty tables kept per guest: what a process uses that ends and the next one that begins,
 * which spares the kernel clearing them.
 */
#define MAX_SPARE_TABLES	16

/* Slots of a shadow directory, and those of the host's part. */
#define SHADOW_SLOTS		BIT(32 - PMD_SHIFT)
#define SHADOW_SLOTS_PER_PAGE	(PAGE_SIZE / sizeof(pteval_t))
#define SHADOW_DIR_PAGES	(SHADOW_SLOTS / SHADOW_SLOTS_PER_PAGE)
#define RESERVED_SLOTS		(RESERVE_MEM >> PMD_SHIFT)

/**
 * struct shadow_dir - a shadow page directory
 * @pages: its slots
 * @host: how the CPU gets there
 */
struct shadow_dir {
	pteval_t *pages[SHADOW_DIR_PAGES];
	struct host_dir host;
};

/**
 * struct shadow_table - a shadow page table
 * @entries: the page that the CPU reads
 * @in_set: in shadow_set.tables, or guest_paging.kernel_tables or spare_tables
 * @slot: of the directories that lead to it
 * @links: for each entry that is present, its place in the list of the
 *	mappings of its page
 * @present: a bit for each that is
 * @writable: a bit for each of these that may be written to
 */
struct shadow_table {
	pteval_t *entries;
	struct list_head in_set;
	u32 slot;
	struct hlist_node *links;
	DECLARE_BITMAP(present, PTRS_PER_PTE);
	DECLARE_BITMAP(writable, PTRS_PER_PTE);
};

/**
 * struct guest_frame - what is known of a page of the guest's memory
 * @mappings: the shadow entries that map it
 * @page: the launcher's page, like an entry: where it is, _PAGE_PRESENT, and _PAGE_RW if
 *	it may be written to and is dirty; 0: not known
 */
struct guest_frame {
	struct hlist_head mappings;
	pteval_t page;
};

/**
 * struct shadow_set - one cached page directory
 * @lru: in lguest.sets, the current one first
 * @tables: those of its user part
 * @gpgdir: guest-physical address of the directory that it shadows
 * @dir: the shadow directory
 */
struct shadow_set {
	struct list_head lru;
	struct list_head tables;
	gpa_t gpgdir;
	struct shadow_dir dir;
};

/**
 * struct guest_shadow - all shadow entries of a guest, by the page that they map
 * @lock: for entries and frames, which mmu_notifier.c takes out at any time
 * @nr_entries: present, in all sets
 * @frames: what is known of the guest's pages, in leaves
 */
struct guest_shadow {
	spinlock_t lock;	/* of entries and frames */
	u32 nr_entries;
	struct guest_frame **frames;
};

/**
 * struct guest_paging - a guest's page tables, and the sets that shadow them
 * @format: of its tables
 * @format_chosen: by the guest
 * @first_pgdir: what it started on; NO_PGDIR: none
 * @page_offset: from here on all directories agree
 * @sets: the shadows, the one used last first
 * @nr_sets: how many
 * @kernel_tables: shadow page tables of the kernel part
 * @nr_tables: shadow page tables, in all sets
 * @spare_tables: empty ones, for the next process
 * @nr_spare: how many
 */
struct guest_paging {
	const struct guest_format *format;
	bool format_chosen;
	gpa_t first_pgdir;
	u32 page_offset;
	struct list_head sets;
	u32 nr_sets;
	struct list_head kernel_tables;
	u32 nr_tables;
	struct list_head spare_tables;
	u32 nr_spare;
};

/**
 * struct vcpu_paging - what a guest's CPU runs on
 * @set: the current one
 * @stack_top: its kernel's stack, which must be mapped
 * @stack_pages: how much of it
 */
struct vcpu_paging {
	struct shadow_set *set;
	u32 stack_top;
	u32 stack_pages;
};

/**
 * struct guest_mmu - following the launcher's address space as it changes
 * @notifier: tells of pages that go
 * @aging: asks for pages that are used
 * @followed: the address space, if @aging is in use
 * @keep_out: [any] how many are changing tables
 */
struct guest_mmu {
	struct mmu_interval_notifier notifier;
	struct mmu_notifier aging;
	struct mm_struct *followed;
	u32 keep_out;
};

/**
 * struct vcpu_mmu - likewise, of a guest's CPU
 * @pages_lost: [any] pages that must be mapped may not be
 * @running_on: [any] the host's CPU, or -1
 */
struct vcpu_mmu {
	bool pages_lost;
	int running_on;
};

/* The bit that forbids execution, or 0 where host or CPU have none. */
static inline pteval_t shadow_nx(void)
{
	return __supported_pte_mask & _PAGE_NX;
}

/*
 * May a guest's page be written to through the shadow?  Until the guest's own entry is
 * dirty the shadow is read-only, so that the first write faults and that bit can be set.
 */
static inline bool may_be_writable(u32 rights)
{
	return !(~rights & (_PAGE_RW | _PAGE_DIRTY));
}

/* A page's rights in the host's format, for shadow_map(). */
static inline pteval_t entry_flags(u32 rights, bool writable)
{
	return (rights & _PAGE_USER) | (writable ? _PAGE_RW : 0) |
	       (rights & GUEST_PAGE_NX ? shadow_nx() : 0);
}

/* Where a table has the entry for an address. */
static inline u32 shadow_index(u32 vaddr)
{
	return (vaddr >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

/* The address that an entry of a table is for. */
static inline u32 shadow_vaddr(const struct shadow_table *table, u32 index)
{
	return table->slot << PMD_SHIFT | index << PAGE_SHIFT;
}

/* The entry for an address, or 0 if there is no such table, or nothing mapped. */
static inline pteval_t shadow_table_entry(const struct shadow_table *table, u32 vaddr)
{
	return table ? READ_ONCE(table->entries[shadow_index(vaddr)]) : 0;
}

/* guest_changes.c: what a guest tells of changes of its page tables */
__must_check int guest_new_pgtable(struct lguest_vcpu *vcpu, gpa_t pgdir);
void adopt_pgtable(struct lguest_vcpu *vcpu, gpa_t pgdir);
__must_check int guest_set_pte(struct lguest_vcpu *vcpu, gpa_t pgdir, u32 vaddr,
			       u64 pte);
__must_check int guest_set_pgd(struct lguest_vcpu *vcpu, gpa_t pgdir, u32 index);
__must_check int guest_set_pmd(struct lguest_vcpu *vcpu);
void guest_flush_user(struct lguest_vcpu *vcpu);
void guest_flush_range(struct lguest_vcpu *vcpu, u32 start, u32 end);
void guest_protect_user(struct lguest_vcpu *vcpu);
__must_check int guest_set_kernel_address(struct lguest *lg, u32 vaddr);

/* page_tables.c: shadow paging */

/* What a page fault in the guest was about. */
enum page_fault {
	FAULT_OF_GUEST,		/* its own tables do not allow the access */
	FAULT_MENDED,		/* it may try again */
	FAULT_OF_DEVICE,	/* the access is to no memory */
};

__must_check int demand_page(struct lguest_vcpu *vcpu, u32 vaddr, u32 *errcode,
			     gpa_t *device);
__must_check int map_guest_page(struct lguest *lg, struct shadow_table *table, u32 index,
				const struct guest_page *page, bool must_write, bool around);
__must_check int pin_guest_stack(struct lguest_vcpu *vcpu);
__must_check int restore_lost_pages(struct lguest_vcpu *vcpu);
__must_check int guest_flush_all(struct lguest_vcpu *vcpu);

/* fault_around.c: mapping more than was asked for */
void map_around(struct lguest *lg, struct shadow_table *table, u32 index,
		const struct guest_page *page);
void map_as_before(struct lguest_vcpu *vcpu);

/* shadow_sets.c: sets of shadow page tables */
__must_check int init_shadow(struct lguest *lg);
void free_shadow(struct lguest *lg);
void set_first_pgdir(struct lguest_vcpu *vcpu, gpa_t pgdir);
bool is_host_address(u32 vaddr);
bool shadow_is_full(const struct lguest *lg);
struct shadow_set *shadow_set_find(struct lguest *lg, gpa_t pgdir);
struct shadow_set *shadow_set_for(struct lguest *lg, gpa_t pgdir);
void shadow_set_use(struct lguest_vcpu *vcpu, struct shadow_set *set);
struct shadow_set *shadow_set_before(struct lguest_vcpu *vcpu);
struct shadow_table *shadow_set_table(struct shadow_set *set, u32 vaddr);
pteval_t shadow_set_entry(struct shadow_set *set, u32 vaddr);
struct shadow_table *shadow_set_make_table(struct lguest *lg, struct shadow_set *set,
					   u32 vaddr);
void shadow_set_empty(struct lguest *lg, struct shadow_set *set);
void shadow_set_empty_range(struct lguest *lg, struct shadow_set *set, u32 start, u32 last);
void shadow_sets_empty(struct lguest *lg);

/* mmu_notifier.c: following the launcher's address space */
__must_check int follow_launcher(struct lguest *lg);
void stop_following(struct lguest *lg);
bool guest_may_enter(struct lguest_vcpu *vcpu, int cpu);
void guest_has_left(struct lguest_vcpu *vcpu);
__must_check int know_launcher_page(struct lguest *lg, gpa_t gpa, bool write, bool may_wait);

/* shadow_tables.c: the shadow page tables in memory */
__must_check int shadow_dir_alloc(struct shadow_dir *dir);
void shadow_dir_free(struct shadow_dir *dir);
pteval_t *shadow_slot(struct shadow_dir *dir, u32 slot);
struct shadow_table *shadow_table_alloc(void);
void shadow_table_free(struct shadow_table *table);
void shadow_table_clear(struct lguest *lg, struct shadow_table *table, u32 first, u32 last);
void shadow_table_protect(struct lguest *lg, struct shadow_table *table,
			  const unsigned long *except);
struct shadow_table *shadow_slot_table(pteval_t slot);
pteval_t shadow_slot_value(const pteval_t *entries);
pteval_t shadow_entry(phys_addr_t frame, pteval_t flags);
bool shadow_clear(struct lguest *lg, struct shadow_table *table, u32 index);
bool shadow_map(struct lguest *lg, struct shadow_table *table, u32 index, u32 gfn,
		pteval_t flags);
u32 shadow_map_used(struct lguest *lg, struct shadow_table *table, u32 first, u32 wanted,
		    const struct used_page *used, bool read_only_will_do);
__must_check int shadow_prepare(struct lguest *lg, u32 gfn);
void shadow_note_page(struct lguest *lg, u32 gfn, phys_addr_t page, bool writable);
u32 shadow_find_frame(const struct lguest *lg, u32 gfn, u32 end);
bool shadow_forget_page(struct lguest *lg, u32 gfn);
void shadow_unmap_one(struct lguest *lg, u32 gfn);
bool shadow_page_used(struct lguest *lg, u32 gfn, bool clear);
__must_check int shadow_frames_alloc(struct lguest *lg);
void shadow_frames_free(struct lguest *lg);

#endif /* LGUEST_SHADOW_H */
