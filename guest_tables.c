// SPDX-License-Identifier: GPL-2.0
/*
 * Reading the guest's own page tables: what the guest says of an address,
 * whether it may say so, and the accessed and dirty bits that a CPU would have
 * set.  A format of the guest's tables is a struct guest_format below; nothing
 * else knows of them.  page_tables.c makes shadow entries of the answers; the
 * copies to and from guest-virtual addresses use them directly.
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
#define ENTRY_RIGHTS	(_PAGE_RW | _PAGE_USER)
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
	u64 rights;
};

/**
 * struct guest_format - a format of page tables
 * @entry_size: bytes
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
	u8 entry_size;
	u8 errcode;
	u32 root_mask;
	u16 root_entries;
	u8 nr_levels;
	struct guest_level level[MAX_DIR_LEVELS];
};

static const struct guest_format two_level = {
	.entry_size = 4,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER,
	.root_mask = (u32)PAGE_MASK,
	.root_entries = 1024,
	.nr_levels = 1,
	.level = {
		{ .shift = 22, .allowed = DIR_ALLOWED },
	},
};

static const struct guest_format pae = {
	.entry_size = 8,
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
	.entry_size = 4,
	.errcode = PF_PRESENT | PF_WRITE | PF_USER,
	.root_mask = (u32)PAGE_MASK,
};

/* What first_tables.c makes: see there. */
static const struct guest_format first_tables = {
	.entry_size = 4,
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
	return (vaddr >> shift) & (PAGE_SIZE / format->entry_size - 1);
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

static int read_entry(struct lguest *lg, const struct guest_format *format,
		      gpa_t addr, u64 *entry)
{
	u32 low, high = 0;
	int err = guest_read_word(lg, &low, addr);

	if (!err && format->entry_size > sizeof(low))
		err = guest_read_word(lg, &high, addr + sizeof(low));
	*entry = (u64)high << 32 | low;
	return err;
}

static int check_dir_entry(struct lguest *lg, const struct guest_level *level,
			   u64 entry)
{
	if ((entry & ENTRY_FLAGS & ~level->allowed) || !frame_ok(lg, entry))
		return kill_guest(lg, "bad page directory entry %#llx", entry);
	return 0;
}

static bool pte_is_legal(const struct lguest *lg, u64 pte)
{
	u64 forbidden = lg->launcher->classic ? PTE_CLASSIC_FORBIDDEN : PTE_FORBIDDEN;

	return !(pte & forbidden) && (frame_ok(lg, pte) || is_device(lg, pte));
}

static int check_pte(struct lguest *lg, u64 pte)
{
	return pte_is_legal(lg, pte) ? 0 :
	       kill_guest(lg, "bad page table entry %#llx", pte);
}

/*
 * Go down to an address's page table.  @flags becomes what all directory
 * entries allow, ENTRY_NX what one forbids.  Return 1; 0 if one is absent;
 * negative if the guest was killed.
 */
static int walk_directories(struct lguest *lg, const struct guest_format *format,
			    gpa_t pgdir, u32 vaddr, u64 *flags, gpa_t *table)
{
	const struct guest_level *level = format->level;
	u64 entry;
	int i, err;

	*table = pgdir & format->root_mask;
	*flags = ENTRY_RIGHTS;
	for (i = 0; i < format->nr_levels; i++, level++) {
		err = read_entry(lg, format,
				 *table + index_in(format, vaddr, level->shift) *
				 format->entry_size, &entry);
		if (err)
			return err;
		if (!(entry & _PAGE_PRESENT))
			return 0;
		err = check_dir_entry(lg, level, entry);
		if (err)
			return err;
		*flags &= entry | level->rights | ENTRY_NX;
		*flags |= entry & ENTRY_NX;
		*table = entry & ENTRY_PFN_MASK;
	}
	return 1;
}

/* Likewise, down to the place of an address's page table entry. */
static int find_place(struct lguest *lg, const struct guest_format *format, gpa_t pgdir,
		      u32 vaddr, u64 *flags, gpa_t *place)
{
	int found = walk_directories(lg, format, pgdir, vaddr, flags, place);

	if (found > 0)
		*place += index_in(format, vaddr, PAGE_SHIFT) * format->entry_size;
	return found;
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
	gpa_t root = pgdir + (vaddr >> pae.level[0].shift) * pae.entry_size;
	u32 pmd;

	if (index >= FIRST_TWO_LEVEL_ENTRY &&
	    entry_is_present(lg, pgdir + index * two_level.entry_size))
		return &two_level;
	if (!guest_peek(lg, &pmd, root, sizeof(pmd)) || !(pmd & _PAGE_PRESENT))
		return NULL;
	pmd &= PAGE_MASK;
	index = index_in(&pae, vaddr, pae.level[1].shift);
	return entry_is_present(lg, pmd + index * pae.entry_size) ? &pae : NULL;
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
static int find_pte(struct lguest *lg, gpa_t pgdir, u32 vaddr, u64 *flags,
		    gpa_t *place, u64 *pte)
{
	const struct guest_format *format = lg->paging.format;
	int found;

	if (format == &first_tables)
		format = first_tables_format(lg, pgdir, vaddr);
	if (!format || format == &no_tables) {
		*flags = ENTRY_RIGHTS;
		*place = NOWHERE;
		*pte = implied_entry(lg, vaddr);
		return 1;
	}
	found = find_place(lg, format, pgdir, vaddr, flags, place);
	if (found <= 0)
		return found;
	return read_entry(lg, format, *place, pte) ?: 1;
}

/* The CPU combines the levels, so what any forbids is forbidden. */
static void describe(struct guest_page *page, u64 dir_flags, u64 pte)
{
	u32 low = pte, high = (dir_flags | pte) >> 32;

	page->present = low & _PAGE_PRESENT;
	page->gpa = low & PAGE_MASK;
	page->rights = (low & dir_flags & ENTRY_RIGHTS) | (low & _PAGE_DIRTY) |
		       (high & GUEST_PAGE_NX);
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
	found = find_pte(lg, vcpu->paging.set->gpgdir, vaddr, &page->dir_flags, &page->place, &pte);
	if (found <= 0 || !(pte & _PAGE_PRESENT))
		return min(found, 0);
	describe(page, page->dir_flags, pte);
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
	describe(page, page->dir_flags, pte);
	return 1;
}

static u64 entry_in(const struct guest_format *format, const struct guest_window *window,
		    u32 i)
{
	const u32 *words = window->entries;

	if (format->entry_size == sizeof(*words))
		return words[i];
	return (u64)words[2 * i + 1] << 32 | words[2 * i];
}

/* A bit for each entry that is present and has been used. */
static u32 used_entries(const struct guest_window *window, u32 words)
{
	u32 i, used = 0;

	for (i = 0; i < AROUND; i++) {
		if (!(~window->entries[i * words] & (_PAGE_PRESENT | _PAGE_ACCESSED)))
			used |= BIT(i);
	}
	return used;
}

/* The entries beside the one at @place, aligned, or so many pages away from these. */
static bool read_window(struct lguest *lg, gpa_t place, int distance,
			struct guest_window *window)
{
	u32 entry_size = lg->paging.format->entry_size, size = AROUND * entry_size;
	const void __user *at = guest_uaddr(lg, (place & ~(size - 1)) + distance * entry_size,
					    size);

	if (IS_ERR(at))
		return false;
	/* (Where the compiler knows the size, the kernel need not look what it is copied to.) */
	if (size == sizeof(window->entries))
		return !copy_from_user(window->entries, at, sizeof(window->entries));
	return !copy_from_user(window->entries, at, sizeof(window->entries) / 2);
}

/**
 * guest_open_window() - read the entries of a page and its neighbours
 * @lg: the guest; the caller is its owner
 * @page: the page, which guest_walk() has found
 * @distance: 0, or to other neighbours in the same table: so many pages, a multiple of
 *	AROUND
 * @window: where they go: those of AROUND pages that it is one of, aligned
 *
 * Return: a bit for each of them that the guest has used before.
 */
u32 guest_open_window(struct lguest *lg, const struct guest_page *page, int distance,
		      struct guest_window *window)
{
	u32 size = lg->paging.format->entry_size;

	/* (In first tables, of which format they are is not known here.) */
	if (page->place == NOWHERE || !lg->paging.format->nr_levels ||
	    !read_window(lg, page->place, distance, window))
		return 0;
	return used_entries(window, size / sizeof(u32));
}

/* Their bits for direct_faults.c. */
static u32 denied_entries(const struct guest_window *window, u32 words, u64 dir_flags)
{
	u32 i, denied = 0;

	for (i = 0; i < AROUND; i++) {
		u32 entry = window->entries[i * words];

		if (!(entry & _PAGE_PRESENT))
			denied |= (u32)DENIED_ABSENT << i;
		else if (!(entry & dir_flags & _PAGE_RW))
			denied |= (u32)DENIED_WRITE << i;
	}
	return denied;
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
	u32 size = lg->paging.format->entry_size;
	struct guest_window window;
	u64 dir_flags;
	gpa_t place;
	int found;

	if (!lg->paging.format->nr_levels)
		return 0;
	found = find_place(lg, lg->paging.format, vcpu->paging.set->gpgdir, vaddr, &dir_flags,
			   &place);
	if (found <= 0)
		return found ? 0 : (u32)DENIED_ABSENT * GENMASK(AROUND - 1, 0);
	if (!read_window(lg, place, 0, &window))
		return 0;
	return denied_entries(&window, size / sizeof(u32), dir_flags);
}

/**
 * guest_window_page() - what one of those entries says
 * @lg: the guest; the caller is its owner
 * @window: the entries
 * @i: which one; it is present
 * @page: what it says; @page->dir_flags is the same as for the others
 *
 * Return: true if it may be mapped.
 */
bool guest_window_page(const struct lguest *lg, const struct guest_window *window, u32 i,
		       struct guest_page *page)
{
	u64 pte = entry_in(lg->paging.format, window, i);

	describe(page, page->dir_flags, pte);
	return pte_is_legal(lg, pte) && !is_device(lg, pte);
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
	found = find_place(lg, lg->paging.format, pgdir, vaddr, &page->dir_flags, &page->place);
	if (found > 0)
		describe(page, page->dir_flags, pte);
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
	return lg->paging.format->entry_size == sizeof(low) ? low : (u64)high << 32 | low;
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

static u32 bytes_left_in_page(u32 addr, u32 len)
{
	return min_t(u32, len, PAGE_SIZE - offset_in_page(addr));
}

/**
 * guest_read_virt() - copy from the guest's address space, as its kernel would
 * @vcpu: the guest's CPU; the caller is its owner
 * @to: where to
 * @from: guest-virtual address
 * @len: bytes
 *
 * Return: 1 if all was copied, 0 if some page was not mapped, negative if the
 * guest was killed.
 */
int guest_read_virt(struct lguest_vcpu *vcpu, void *to, u32 from, u32 len)
{
	struct lguest *lg = vcpu->lg;

	while (len) {
		u32 part = bytes_left_in_page(from, len);
		struct guest_page page;
		int found = guest_walk(vcpu, from, 0, &page);

		if (found <= 0)
			return found;
		if (guest_read(lg, to, page.gpa + offset_in_page(from), part))
			return -ENOENT;
		to += part;
		from += part;
		len -= part;
	}
	return 1;
}

/**
 * guest_write_virt() - copy to the guest's address space, as its kernel would
 * @vcpu: the guest's CPU; the caller is its owner
 * @to: guest-virtual address
 * @from: where from
 * @len: bytes, at most a page
 *
 * Nothing is written unless all of it can be.
 *
 * Return: 1 if all was copied, 0 if some page was not mapped or not writable,
 * negative if the guest was killed.
 */
int guest_write_virt(struct lguest_vcpu *vcpu, u32 to, const void *from, u32 len)
{
	struct lguest *lg = vcpu->lg;
	u32 first = bytes_left_in_page(to, len);
	struct guest_page page, next;
	int found = guest_walk(vcpu, to, PF_WRITE, &page);

	if (found > 0 && first < len)
		found = guest_walk(vcpu, to + first, PF_WRITE, &next);
	if (found <= 0)
		return found;
	if (guest_write(lg, page.gpa + offset_in_page(to), from, first))
		return -ENOENT;
	if (first < len && guest_write(lg, next.gpa, from + first, len - first))
		return -ENOENT;
	return 1;
}
