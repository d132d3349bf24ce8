// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the guest's own page tables: what the guest says of an address,
 * whether it may say so, and the accessed and dirty bits that a CPU would have
 * set.  A format of the guest's tables is a struct guest_format below; nothing
 * else knows of them.  page_tables.c makes shadow entries of the answers, and
 * guest_virtual.c copies.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/pgtable_types.h>
#include <asm/processor-flags.h>
#include "lg.h"

/* An entry of any level and format; the 2-level format has no upper half. */
#define ENTRY_PFN_MASK	GENMASK_ULL(51, PAGE_SHIFT)
#define ENTRY_NX	BIT_ULL(63)
#define ENTRY_RIGHTS	((u32)(_PAGE_RW | _PAGE_USER))
#define ENTRY_FLAGS	(~ENTRY_PFN_MASK)

/* All that a guest may set in a directory entry: no large pages. */
#define DIR_ALLOWED	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | \
			 _PAGE_ACCESSED | _PAGE_DIRTY)
/*
 * PAT is the host's business, and bits 52 to 62 are reserved.  Nobody looks at
 * write-through, but it was forbidden at first.
 */
#define PTE_FORBIDDEN	(_PAGE_PAT | GENMASK_ULL(62, 52))
#define PTE_CLASSIC_FORBIDDEN	(PTE_FORBIDDEN | _PAGE_PWT)

/* Above all that there can be. */
#define NO_PFN		(~0U)

static_assert(ENTRY_NX >> 32 == GUEST_PAGE_NX);

#define MAX_DIR_LEVELS	2

/**
 * struct guest_level - one level of directories
 * @shift: the address's bits above it choose the entry
 * @allowed: flags that a present entry may have
 * @rights: flags that do not limit the rights, whatever the entry says
 */
struct guest_level {
	u8 shift;
	u64 allowed;
	u32 rights;
};

/**
 * struct guest_format - a format of page tables
 * @entry_shift: log2 of an entry's bytes
 * @errcode: bits of a page fault's error code that a CPU in this mode sets
 * @root_mask: the part of a directory's address that counts
 * @root_entries: entries of the top level; 4 KB of entries at the others
 * @nr_levels: levels above the page tables
 * @level: these, the top one first
 *
 * Source: the processor's manual, "Hierarchical paging structures"; ABI: the
 * flags that a guest may use.
 */
struct guest_format {
	u8 entry_shift;
	u8 errcode;
	u32 root_mask;
	u16 root_entries;
	u8 nr_levels;
	struct guest_level level[MAX_DIR_LEVELS];
};

static const struct guest_format two_level = {
	.entry_shift = 2,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER,
	.root_mask = (u32)PAGE_MASK,
	.root_entries = 1024,
	.nr_levels = 1,
	.level = {
		{ .shift = 22, .allowed = DIR_ALLOWED },
	},
};

static const struct guest_format pae = {
	.entry_shift = 3,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER | PF_INSTR,
	.root_mask = ~31U,
	.root_entries = 4,
	.nr_levels = 2,
	.level = {
		{ .shift = 30, .allowed = _PAGE_PRESENT, .rights = ENTRY_RIGHTS },
		{ .shift = 21, .allowed = DIR_ALLOWED | ENTRY_NX },
	},
};

/* Before there are tables: every address is the physical one. */
static const struct guest_format no_tables = {
	.entry_shift = 2,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER,
	.root_mask = (u32)PAGE_MASK,
};

/* What first_tables.c makes: see there. */
static const struct guest_format first_tables = {
	.entry_shift = 2,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER,
	.root_mask = (u32)PAGE_MASK,
};

/* An entry that is in no table. */
#define NOWHERE			(~0U)
#define IMPLIED_FLAGS		(_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | \
				 _PAGE_DIRTY)

/* Where Linux has its kernel, if nobody chose another place. */
#define FIRST_KERNEL_ADDRESS	0xC0000000

/* The lowest entries of a 2-level first directory are a PAE root. */
#define FIRST_TWO_LEVEL_ENTRY	8

static u32 index_in(const struct guest_format *format, u32 vaddr, u8 shift)
{
	return (vaddr >> shift) & ((PAGE_SIZE >> format->entry_shift) - 1);
}

static u32 entry_size(const struct guest_format *format)
{
	return 1U << format->entry_shift;
}

static u32 words_of(const struct guest_format *format)
{
	return entry_size(format) / sizeof(u32);
}

/* Do entries have an upper half? */
static bool is_wide(const struct guest_format *format)
{
	return words_of(format) > 1;
}

/* Where a table has the entry for an address. */
static gpa_t place_in(const struct guest_format *format, gpa_t table, u32 vaddr, u8 shift)
{
	return table + (index_in(format, vaddr, shift) << format->entry_shift);
}

/* (A guest's addresses have 32 bits.) */
static u32 pfn_of(u64 entry)
{
	u32 too_high = (entry & ENTRY_PFN_MASK) >> 32;

	return too_high ? NO_PFN : (u32)entry >> PAGE_SHIFT;
}

static bool frame_ok(const struct lguest *lg, u64 entry)
{
	return pfn_of(entry) < lg->memory.pfn_limit;
}

/* Is an address in the device memory that the launcher emulates? */
static bool is_device(const struct lguest *lg, u64 entry)
{
	u32 pfn = pfn_of(entry);

	return pfn >= lg->memory.device_start && pfn < lg->memory.device_limit;
}

static bool peek_entry(const struct lguest *lg, const struct guest_format *format,
		       gpa_t addr, u64 *entry)
{
	const u32 __user *at = guest_uaddr(lg, addr, entry_size(format));
	u32 low, high = 0;

	if (IS_ERR(at) || get_user(low, at) || (is_wide(format) && get_user(high, at + 1)))
		return false;
	*entry = (u64)high << 32 | low;
	return true;
}

static int read_entry(struct lguest *lg, const struct guest_format *format,
		      gpa_t addr, u64 *entry)
{
	if (peek_entry(lg, format, addr, entry))
		return 0;
	return kill_guest(lg, "bad read address %#x len %u", addr, entry_size(format));
}

static bool dir_entry_is_legal(const struct lguest *lg, const struct guest_level *level,
			       u64 entry)
{
	return !(entry & ENTRY_FLAGS & ~level->allowed) && frame_ok(lg, entry);
}

static u64 forbidden_in_pte(const struct lguest *lg)
{
	return lg->launcher->classic ? PTE_CLASSIC_FORBIDDEN : PTE_FORBIDDEN;
}

static int check_pte(struct lguest *lg, u64 pte)
{
	if (!(pte & forbidden_in_pte(lg)) && (frame_ok(lg, pte) || is_device(lg, pte)))
		return 0;
	return kill_guest(lg, "bad page table entry %#llx", pte);
}

/*
 * Go down to the place of an address's page table entry.  @rights becomes what all
 * directory entries allow, and GUEST_PAGE_NX if one forbids execution.  Return 1; 0 if one
 * is absent; -EFAULT if one cannot be read; -EINVAL if one is illegal.  Then @bad is where
 * that is, or what.  (Inline: each page fault comes here.)
 */
static __always_inline int
look_for_place(const struct lguest *lg, const struct guest_format *format, gpa_t pgdir,
	       u32 vaddr, u32 *rights, gpa_t *place, u64 *bad)
{
	const struct guest_level *level = format->level, *end = level + format->nr_levels;
	gpa_t table = pgdir & format->root_mask;
	u32 allowed = ENTRY_RIGHTS, nx = 0;
	u64 entry;

	for (; level < end; level++) {
		*bad = place_in(format, table, vaddr, level->shift);
		if (!peek_entry(lg, format, *bad, &entry))
			return -EFAULT;
		if (!(entry & _PAGE_PRESENT))
			return 0;
		*bad = entry;
		if (!dir_entry_is_legal(lg, level, entry))
			return -EINVAL;
		allowed &= (u32)entry | level->rights;
		nx |= (entry >> 32) & GUEST_PAGE_NX;
		table = entry & ENTRY_PFN_MASK;
	}
	*rights = allowed | nx;
	*place = place_in(format, table, vaddr, PAGE_SHIFT);
	return 1;
}

/* Likewise, of an address that the guest uses: negative if it was killed. */
static int find_place(struct lguest *lg, const struct guest_format *format, gpa_t pgdir,
		      u32 vaddr, u32 *rights, gpa_t *place)
{
	u64 bad;
	int found = look_for_place(lg, format, pgdir, vaddr, rights, place, &bad);

	if (likely(found >= 0))
		return found;
	if (found == -EINVAL)
		return kill_guest(lg, "bad page directory entry %#llx", bad);
	return kill_guest(lg, "bad read address %#llx len %u", bad, entry_size(format));
}

/* Quietly: a bad entry is no crime until it is used. */
static bool entry_is_present(const struct lguest *lg, gpa_t addr)
{
	u32 low;

	return guest_peek(lg, &low, addr, sizeof(low)) && (low & _PAGE_PRESENT);
}

/* Has the guest put a directory entry for an address into its first tables? */
static const struct guest_format *first_tables_format(const struct lguest *lg,
						      gpa_t pgdir, u32 vaddr)
{
	u32 index = index_in(&two_level, vaddr, two_level.level[0].shift);
	gpa_t root = place_in(&pae, pgdir, vaddr, pae.level[0].shift);
	u32 pmd;

	if (index >= FIRST_TWO_LEVEL_ENTRY &&
	    entry_is_present(lg, place_in(&two_level, pgdir, vaddr, two_level.level[0].shift)))
		return &two_level;
	if (!guest_peek(lg, &pmd, root, sizeof(pmd)) || !(pmd & _PAGE_PRESENT))
		return NULL;
	pmd &= PAGE_MASK;
	return entry_is_present(lg, place_in(&pae, pmd, vaddr, pae.level[1].shift)) ? &pae
										    : NULL;
}

/* The entry that an address would have, in tables that do not exist. */
static u64 implied_entry(const struct lguest *lg, u32 vaddr)
{
	u32 kernel = vaddr - FIRST_KERNEL_ADDRESS;

	vaddr &= PAGE_MASK;
	if (lg->paging.format == &no_tables)
		return vaddr | IMPLIED_FLAGS;
	if (vaddr >= FIRST_KERNEL_ADDRESS && frame_ok(lg, kernel))
		return (kernel & PAGE_MASK) | IMPLIED_FLAGS | _PAGE_USER;
	return frame_ok(lg, vaddr) ? vaddr | IMPLIED_FLAGS | _PAGE_USER : 0;
}

/*
 * Find an address's page table entry and the place where it is.  Return 1; 0 if
 * a directory entry is absent; negative if the guest was killed.
 */
static int find_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr, u32 *rights,
		    gpa_t *place, u64 *pte)
{
	const struct guest_format *format = lg->paging.format;
	int found;

	if (format == &first_tables)
		format = first_tables_format(lg, pgdir, vaddr);
	if (!format || format == &no_tables) {
		*rights = ENTRY_RIGHTS;
		*place = NOWHERE;
		*pte = implied_entry(lg, vaddr);
		return 1;
	}
	found = find_place(lg, format, pgdir, vaddr, rights, place);
	if (found <= 0)
		return found;
	return read_entry(lg, format, *place, pte) ?: 1;
}

/* The CPU combines the levels, so what any forbids is forbidden. */
static u32 rights_of(u32 dir_rights, u64 pte)
{
	u32 low = pte, high = pte >> 32;

	return (low & dir_rights & ENTRY_RIGHTS) | (low & _PAGE_DIRTY) |
	       ((dir_rights | high) & GUEST_PAGE_NX);
}

static void describe(struct guest_page *page, u32 dir_rights, u64 pte)
{
	page->present = pte & _PAGE_PRESENT;
	page->gpa = (u32)pte & PAGE_MASK;
	page->rights = rights_of(dir_rights, pte);
	page->device = false;
}

/* The host keeps CR0.WP set, so read-only holds for the guest's kernel too. */
static bool access_allowed(const struct guest_page *page, u32 access)
{
	if ((access & PF_WRITE) && !(page->rights & _PAGE_RW))
		return false;
	if ((access & PF_USER) && !(page->rights & _PAGE_USER))
		return false;
	if ((access & PF_INSTR) && (page->rights & GUEST_PAGE_NX))
		return false;
	return true;
}

/* Accessed and dirty are in the lower half. */
static int set_flags(struct lguest *lg, gpa_t pte_addr, u64 *pte, u32 flags)
{
	if ((*pte & flags) == flags || pte_addr == NOWHERE)
		return 0;
	*pte |= flags;
	return guest_write_word(lg, pte_addr, *pte);
}

/**
 * guest_walk() - look an address up in the guest's current page tables
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 * @access: the access to be made: PF_WRITE, PF_USER and PF_INSTR count
 * @page: what was found; of an address that is not mapped, only @page->present
 *
 * An access that the tables allow sets the accessed bit, and for a write the
 * dirty bit, in the guest's page table entry; but not if it is to a device.
 *
 * Return: 1 if the access is allowed, 0 if the guest should get a page fault,
 * negative if the entries were illegal and the guest was killed.
 */
int guest_walk(struct lguest_vcpu *vcpu, u32 vaddr, u32 access,
	       struct guest_page *page)
{
	struct lguest *lg = vcpu->lg;
	u32 wanted = _PAGE_ACCESSED | (access & PF_WRITE ? _PAGE_DIRTY : 0);
	int err, found;
	u64 pte;

	page->present = false;
	found = find_pte(lg, vcpu->paging.set->gpgdir, vaddr, &page->dir_rights, &page->place,
			 &pte);
	if (found <= 0 || !(pte & _PAGE_PRESENT))
		return min(found, 0);
	describe(page, page->dir_rights, pte);
	if (!access_allowed(page, access))
		return 0;
	err = check_pte(lg, pte);
	if (err)
		return err;
	if (is_device(lg, pte)) {
		page->device = true;
		return 1;
	}
	err = set_flags(lg, page->place, &pte, wanted);
	if (err)
		return err;
	describe(page, page->dir_rights, pte);
	return 1;
}

/**
 * guest_lets_write() - do the guest's current tables let an address be written to?
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 *
 * Return: true if they do, and its entry is dirty already.
 */
bool guest_lets_write(struct lguest_vcpu *vcpu, u32 vaddr)
{
	struct guest_page page;
	u64 pte;

	if (find_pte(vcpu->lg, vcpu->paging.set->gpgdir, vaddr, &page.dir_rights, &page.place,
		     &pte) <= 0)
		return false;
	describe(&page, page.dir_rights, pte);
	return page.present && may_be_writable(page.rights);
}

/* Entries of pages beside each other, of one word or two. */
struct window {
	u32 words[AROUND * 2];
};

static u64 entry_in(const struct guest_format *format, const struct window *window, u32 i)
{
	const u32 *words = window->words;

	if (!is_wide(format))
		return words[i];
	return (u64)words[2 * i + 1] << 32 | words[2 * i];
}

/* The entries beside the one at @place, aligned, or so many pages away from these. */
static bool read_window(struct lguest *lg, gpa_t place, int distance,
			struct window *window)
{
	u32 shift = lg->paging.format->entry_shift, size = AROUND << shift;
	const void __user *at = guest_uaddr(lg, (place & ~(size - 1)) + (distance << shift),
					    size);

	if (IS_ERR(at))
		return false;
	/* (Where the compiler knows the size, the kernel need not look what it is copied to.) */
	if (size == sizeof(window->words))
		return !copy_from_user(window->words, at, sizeof(window->words));
	return !copy_from_user(window->words, at, sizeof(window->words) / 2);
}

static bool is_used(u64 pte)
{
	return !(~pte & (_PAGE_PRESENT | _PAGE_ACCESSED));
}

/**
 * guest_used_pages() - find neighbours of a page that the guest has used before
 * @lg: the guest; the caller is its owner
 * @page: the page, which guest_walk() has found
 * @distance: 0, or to other neighbours in the same table: so many pages, a multiple of
 *	AROUND
 * @wanted: a bit for each that is asked for, of AROUND pages that it is one of, aligned
 * @used: what they are
 *
 * Return: a bit for each that may be mapped.
 */
u32 guest_used_pages(struct lguest *lg, const struct guest_page *page, int distance, u32 wanted,
		     struct used_page *used)
{
	const struct guest_format *format = lg->paging.format;
	u64 forbidden = forbidden_in_pte(lg);
	struct window window;
	u32 found = 0;

	/* (In first tables, of which format they are is not known here.) */
	if (page->place == NOWHERE || !format->nr_levels ||
	    !read_window(lg, page->place, distance, &window))
		return 0;
	for (; wanted; wanted &= wanted - 1) {
		u32 i = __ffs(wanted);
		u64 pte = entry_in(format, &window, i);

		if (!is_used(pte) || pte & forbidden || !frame_ok(lg, pte) || is_device(lg, pte))
			continue;
		used[i].gfn = pfn_of(pte);
		used[i].rights = rights_of(page->dir_rights, pte);
		found |= BIT(i);
	}
	return found;
}

/**
 * guest_uses_next() - has the guest used the page behind another one before?
 * @lg: the guest; the caller is its owner
 * @page: that one, which guest_walk() or guest_check_pte() has found
 *
 * Return: true if it has, and both are in the same table.
 */
bool guest_uses_next(struct lguest *lg, const struct guest_page *page)
{
	const u32 __user *at;
	gpa_t next;
	u32 low;

	if (page->place == NOWHERE || !lg->paging.format->nr_levels)
		return false;
	next = page->place + (1 << lg->paging.format->entry_shift);
	if (!offset_in_page(next))
		return false;
	at = guest_uaddr(lg, next, sizeof(*at));
	return !IS_ERR(at) && !get_user(low, at) && is_used(low);
}

/* Their bits for direct_faults.c. */
static u32 denied_entries(const struct window *window, u32 words, u32 dir_rights)
{
	u32 i, denied = 0;

	for (i = 0; i < AROUND; i++) {
		u32 entry = window->words[i * words];

		if (!(entry & _PAGE_PRESENT))
			denied |= (u32)DENIED_ABSENT << i;
		else if (!(entry & dir_rights & _PAGE_RW))
			denied |= (u32)DENIED_WRITE << i;
	}
	return denied;
}

/**
 * guest_find_place() - find where the guest's current tables have an address's entry
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 * @page: its place and what is above it are set, and nothing else
 *
 * Return: true if there is such a place, for guest_used_pages().
 */
bool guest_find_place(struct lguest_vcpu *vcpu, u32 vaddr, struct guest_page *page)
{
	const struct guest_format *format = vcpu->lg->paging.format;
	u64 bad;

	/* (Quietly: a bad entry is no crime until it is used.) */
	return format->nr_levels &&
	       look_for_place(vcpu->lg, format, vcpu->paging.set->gpgdir, vaddr,
			      &page->dir_rights, &page->place, &bad) > 0;
}

/**
 * guest_denied() - what the guest's current tables deny its user, about an address
 * @vcpu: the guest's CPU; the caller is its owner
 * @vaddr: guest-virtual address
 *
 * Return: DENIED_ABSENT and DENIED_WRITE for AROUND pages that it is in one of, aligned;
 * 0 if that is not known.
 */
u32 guest_denied(struct lguest_vcpu *vcpu, u32 vaddr)
{
	struct lguest *lg = vcpu->lg;
	struct window window;
	u32 dir_rights;
	gpa_t place;
	int found;

	if (!lg->paging.format->nr_levels)
		return 0;
	found = find_place(lg, lg->paging.format, vcpu->paging.set->gpgdir, vaddr, &dir_rights,
			   &place);
	if (found <= 0)
		return found ? 0 : (u32)DENIED_ABSENT * GENMASK(AROUND - 1, 0);
	if (!read_window(lg, place, 0, &window))
		return 0;
	return denied_entries(&window, words_of(lg->paging.format), dir_rights);
}

/**
 * guest_check_pte() - see what an entry that the guest announces would mean
 * @lg: the guest; the caller is its owner
 * @pgdir: guest-physical address of the page directory
 * @vaddr: the address that the entry is for
 * @pte: the entry
 * @page: what it means
 *
 * Return: 1 if the page may be mapped at once, because the guest has used it
 * before; 0 if it may not; negative if the guest was killed.
 */
int guest_check_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr, u64 pte,
		    struct guest_page *page)
{
	int found;

	if (!(pte & _PAGE_PRESENT) || !(pte & (_PAGE_ACCESSED | _PAGE_DIRTY)))
		return 0;
	found = check_pte(lg, pte);
	if (found)
		return found;
	/* Which format the entry has in first tables is known when it is used. */
	if (is_device(lg, pte) || !lg->paging.format->nr_levels)
		return 0;
	found = find_place(lg, lg->paging.format, pgdir, vaddr, &page->dir_rights, &page->place);
	if (found > 0)
		describe(page, page->dir_rights, pte);
	return found;
}

/**
 * guest_pte() - a page table entry from a hypercall's arguments
 * @lg: the guest
 * @low: the lower half
 * @high: the upper half; without meaning where entries have none
 *
 * Return: the entry in the guest's format.
 */
u64 guest_pte(const struct lguest *lg, u32 low, u32 high)
{
	return is_wide(lg->paging.format) ? (u64)high << 32 | low : low;
}

/**
 * guest_has_tables() - is a guest on page tables of its own?
 * @lg: the guest
 *
 * Return: false if it has yet to make them, or they are first_tables.c's.
 */
bool guest_has_tables(const struct lguest *lg)
{
	return lg->paging.format->nr_levels;
}

/**
 * guest_has_pae() - are a guest's page tables PAE's?
 * @lg: the guest
 *
 * Return: true if they are.
 */
bool guest_has_pae(const struct lguest *lg)
{
	return lg->paging.format == &pae;
}

/**
 * guest_dir_range() - what a top-level directory entry covers
 * @lg: the guest
 * @index: of the entry, whatever the guest said
 * @start: the first address
 * @shift: log2 of the number of bytes
 *
 * Return: true if there is such an entry.
 */
bool guest_dir_range(const struct lguest *lg, u32 index, u32 *start, u8 *shift)
{
	if (!lg->paging.format->nr_levels) {
		*start = 0;	/* of which format the index is, nobody knows */
		*shift = 32;
		return true;
	}
	if (index >= lg->paging.format->root_entries)
		return false;
	*shift = lg->paging.format->level[0].shift;
	*start = index << *shift;
	return true;
}

/**
 * guest_may_have_pmd() - can there be a middle level in the guest's page tables?
 * @lg: the guest
 *
 * Return: false if they have two levels.
 */
bool guest_may_have_pmd(const struct lguest *lg)
{
	return lg->paging.format != &two_level;
}

/**
 * guest_errcode() - a page fault's error code as the guest's tables have it
 * @lg: the guest
 * @errcode: what the CPU said, of the shadow tables
 * @present: whether the guest's tables have the page
 *
 * Return: the error code for the guest.
 */
u32 guest_errcode(const struct lguest *lg, u32 errcode, bool present)
{
	return (errcode & lg->paging.format->errcode & ~PF_PRESENT) |
	       (present ? PF_PRESENT : 0);
}

static bool is_pae_root_entry(const struct lguest *lg, u64 entry)
{
	return !entry || ((entry & ENTRY_FLAGS) == _PAGE_PRESENT &&
			  frame_ok(lg, entry));
}

/*
 * Four legal top-level entries, of which the kernel's is present, where the
 * other format would have no kernel.
 */
static bool looks_like_pae(const struct lguest *lg, gpa_t pgdir)
{
	u32 kernel = lg->paging.page_offset;
	u64 root[4];
	u32 pde;
	int i;

	if ((pgdir & ~pae.root_mask) || !guest_peek(lg, root, pgdir, sizeof(root)))
		return false;
	for (i = 0; i < ARRAY_SIZE(root); i++) {
		if (!is_pae_root_entry(lg, root[i]))
			return false;
	}
	return (root[kernel >> pae.level[0].shift] & _PAGE_PRESENT) &&
	       guest_peek(lg, &pde, (pgdir & PAGE_MASK) +
		    (kernel >> two_level.level[0].shift) * sizeof(pde), sizeof(pde)) &&
	       !(pde & _PAGE_PRESENT);
}

/**
 * guest_first_format() - the format that a guest starts with
 * @lg: the guest
 * @whose: who makes its first tables
 */
void guest_first_format(struct lguest *lg, enum first_tables whose)
{
	if (whose == TABLES_OF_LAUNCHER)
		lg->paging.format = &two_level;
	else
		lg->paging.format = whose == TABLES_NONE ? &no_tables : &first_tables;
}

/**
 * guest_choose_format() - see from its first directory which format a guest has
 * @lg: the guest; the caller is its owner
 * @pgdir: guest-physical address of a directory that it loads
 *
 * No call announces it.  It holds for good.  The directory that the host made
 * is in no format, and says nothing.
 *
 * Return: true if the format has changed.
 */
bool guest_choose_format(struct lguest *lg, gpa_t pgdir)
{
	const struct guest_format *before = lg->paging.format;

	if (lg->paging.format_chosen ||
	    (before == &first_tables && pgdir == lg->paging.first_pgdir))
		return false;
	lg->paging.format_chosen = true;
	lg->paging.format = looks_like_pae(lg, pgdir) ? &pae : &two_level;
	return lg->paging.format != before;
}
