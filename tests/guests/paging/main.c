// SPDX-License-Identifier: GPL-2.0
/*
 * paging: what the guest's own tables say is what happens.  Every combination
 * of present, writable, user, accessed and, with PAE, no-execute in the entry
 * of a page table and of those and dirty in that of a page is tried with reads,
 * writes and instruction fetches from ring 1 and ring 3 (read-only holds for
 * ring 1 too).  Then the calls that change live mappings, global and other
 * harmless bits, aliases, and tables that map themselves.  "nx" on the command
 * line says that this host can forbid instruction fetches.
 *
 * A broken host would allow what either level forbids, report a wrong error
 * code or cr2, forget an accessed or dirty bit (a kernel would then throw a
 * changed page away), go on using an old mapping, or show its shadow tables.
 */
#include "raw.h"
#include "tap.h"

#define BP	3
#define UD	6
#define PF	14

#define PF_P	1
#define PF_W	2
#define PF_U	4
#define PF_I	16

#define PTE_PCD		0x010
#define PTE_GLOBAL	0x100
#define PTE_AVL		0xe00

/* Addresses below PAGE_OFFSET, each the first of a table, and one above. */
#define TEST_ADDR	0x20000000
#define ALIAS_ADDR	0x30000000
#define TEST_WINDOW	(WINDOW_BASE + 0x30000)

/* Where tables appear, and an address that is theirs, in the same gigabyte. */
#define SELF_MAP	0xa0000000
#define SELF_ADDR	0x90000000
#define KERNEL_SELF_MAP	0xff400000
#define KERNEL_SELF_ADDR 0xf8000000

#define PTE_LIVE	(PTE_P | PTE_RW | PTE_US)
#define PTE_USED	(PTE_LIVE | PTE_A | PTE_D)

enum access { READ, WRITE, EXECUTE, NR_ACCESSES };

static const char * const access_names[] = { "read", "write", "execute" };

/* Each ends with int3; the last one jumps to an int3. */
static u8 access_code[NR_ACCESSES][4] = {
	{ 0x8a, 0x01, 0xcc },		/* movb (%ecx), %al */
	{ 0x88, 0x01, 0xcc },		/* movb %al, (%ecx) */
	{ 0xff, 0xe1 },			/* jmp *%ecx */
};

/* Whether PTE_NX means anything here. */
static bool nx;

/* True if it worked; if not, raw has the fault. */
static bool do_access(enum access how, u32 ring, u32 addr, u32 al)
{
	struct raw_regs start;

	(ring == 3 ? raw_user : raw_kernel)(&start, access_code[how]);
	start.ecx = addr;
	start.eax = al;
	raw_run(&start);
	return raw.vector == BP;
}

/* The error code of the fault, or NO_FAULT. */
static u32 fault_of(enum access how, u32 ring, u32 addr)
{
	if (do_access(how, ring, addr, 0xcc))
		return NO_FAULT;
	if (raw.vector != PF || lguest_data.cr2 != addr) {
		diag("vector %u, cr2 %x, not a page fault at %x", raw.vector,
		     lguest_data.cr2, addr);
		return ~1U;
	}
	return raw.word[0];
}

/* One byte, as ring 1 reads it; -1 and -2 for faults. */
static s32 byte_at(u32 addr)
{
	if (do_access(READ, 1, addr, 0))
		return raw.regs.eax & 0xff;
	return raw.vector == PF ? -1 : -2;
}

/* Of an access that faults whatever the rights are. */
static u32 access_bits(enum access how, u32 ring)
{
	return (how == WRITE ? PF_W : 0) | (how == EXECUTE && nx ? PF_I : 0) |
	       (ring == 3 ? PF_U : 0);
}

static u32 expected_fault(enum access how, u32 ring, pte_t pde, pte_t pte)
{
	u32 error = access_bits(how, ring);

	if (!(pde & pte & PTE_P))
		return error;
	if ((how == WRITE && !(pde & pte & PTE_RW)) ||
	    (how == EXECUTE && nx && ((pde | pte) & PTE_NX)) ||
	    (ring == 3 && !(pde & pte & PTE_US)))
		return error | PF_P;
	return NO_FAULT;
}

static pte_t *test_pde, *test_pte;
static u8 *pages[4];

static void set_both(pte_t pde_flags, pte_t pte_flags)
{
	*test_pde = (*test_pde & PTE_ADDR) | pde_flags;
	*test_pte = phys(pages[0]) | pte_flags;
	table_changed(kernel_pgdir, TEST_ADDR);
}

/* What an entry says beside the address. */
static pte_t flags_of(pte_t entry)
{
	return entry & ~(pte_t)PTE_ADDR;
}

static void show_entry(const char *name, pte_t entry)
{
	diag("%s %08x:%08x", name, (u32)((u64)entry >> 32), (u32)entry);
}

static bool combination(enum access how, u32 ring, pte_t pde_flags,
			pte_t pte_flags)
{
	u32 want = expected_fault(how, ring, pde_flags, pte_flags), got;
	u32 changed = 0;
	pte_t pte;

	set_both(pde_flags, pte_flags);
	got = fault_of(how, ring, TEST_ADDR + 0x123);
	if (want == NO_FAULT)
		changed = how == WRITE ? PTE_A | PTE_D : PTE_A;
	pte = phys(pages[0]) | pte_flags | changed;
	if (got == want && *test_pte == pte &&
	    flags_of(*test_pde & ~PTE_A) == (pde_flags & ~PTE_A))
		return true;
	show_entry("pde", pde_flags);
	show_entry("pte", pte_flags);
	show_entry("which became", *test_pte);
	diag("gave fault %x, expected %x", got, want);
	return false;
}

static void all_combinations(enum access how, u32 ring)
{
	u32 i, bad = 0;
	pte_t pde, pte;

	for (i = 0; i < (PTE_NX ? 2048 : 512) && bad < 5; i++) {
		pde = (i & 7) | (i & 8 ? PTE_A : 0) | (i & 0x200 ? PTE_NX : 0);
		pte = (i >> 4 & 7) | (i & 0x80 ? PTE_A : 0) |
		      (i & 0x100 ? PTE_D : 0) | (i & 0x400 ? PTE_NX : 0);
		bad += !combination(how, ring, pde, pte);
	}
	is(bad, 0, "%s in ring %u with all combinations of flags",
	   access_names[how], ring);
}

/* Bits come one at a time: a read is no reason to call a page dirty. */
static void accessed_and_dirty(void)
{
	set_both(PTE_LIVE, PTE_LIVE);
	is(*test_pte & (PTE_A | PTE_D), 0, "an unused page has no bits set");
	do_access(READ, 3, TEST_ADDR, 0);
	is(*test_pte & (PTE_A | PTE_D), PTE_A, "a read sets accessed");
	do_access(READ, 1, TEST_ADDR, 0);
	is(*test_pte & (PTE_A | PTE_D), PTE_A, "another one changes nothing");
	do_access(WRITE, 3, TEST_ADDR + 1, 0x5a);
	is(*test_pte & (PTE_A | PTE_D), PTE_A | PTE_D, "a write sets dirty");
	is(pages[0][1], 0x5a, "and is done");

	*test_pte &= ~PTE_D;
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), TEST_ADDR, *test_pte);
	do_access(READ, 1, TEST_ADDR, 0);
	is(*test_pte & PTE_D, 0, "cleaned, and announced as accessed: still clean after a read");
	do_access(WRITE, 1, TEST_ADDR + 2, 0x5b);
	is(*test_pte & PTE_D, PTE_D, "the first write makes it dirty again");
	is(pages[0][2], 0x5b, "and is done");

	*test_pte &= ~(PTE_A | PTE_D);
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), TEST_ADDR, *test_pte);
	do_access(WRITE, 1, TEST_ADDR + 3, 0x5c);
	is(*test_pte & (PTE_A | PTE_D), PTE_A | PTE_D,
	   "aged and announced: the next write sets both");

	*test_pte &= ~PTE_D;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0);
	do_access(WRITE, 3, TEST_ADDR + 4, 0x5d);
	is(*test_pte & (PTE_A | PTE_D), PTE_A | PTE_D,
	   "cleaned and flushed: the next write sets dirty");
	is(pages[0][4], 0x5d, "and is done");
}

static void set_pte(pte_t *pte, u32 addr, pte_t value)
{
	pte_set_now(kernel_pgdir, addr, pte, value);
}

/* The flags of a change decide whether the host maps at once or later. */
static void changes(u32 addr, u32 used, const char *name)
{
	pte_t *pte = pte_find(kernel_pgdir, addr, true);
	u32 flags = PTE_LIVE | used;

	set_pte(pte, addr, phys(pages[0]) | flags);
	is(byte_at(addr), pages[0][0], "%s: first page", name);
	set_pte(pte, addr, phys(pages[1]) | flags);
	is(byte_at(addr), pages[1][0], "%s: another page", name);
	ok(do_access(WRITE, 1, addr + 9, 0x91) && pages[1][9] == 0x91,
	   "%s: written to", name);
	set_pte(pte, addr, phys(pages[1]) | (flags & ~PTE_RW));
	is(fault_of(WRITE, 1, addr + 9), PF_P | PF_W, "%s: read-only", name);
	is(byte_at(addr + 9), 0x91, "%s: still readable", name);
	set_pte(pte, addr, phys(pages[1]) | (flags & ~PTE_US));
	is(fault_of(READ, 3, addr), PF_P | PF_U, "%s: not for ring 3", name);
	set_pte(pte, addr, phys(pages[1]) | (flags & ~PTE_P));
	is(fault_of(READ, 1, addr), 0, "%s: absent", name);
	is(fault_of(WRITE, 3, addr), PF_W | PF_U, "%s: absent for ring 3", name);
	set_pte(pte, addr, phys(pages[2]) | flags);
	is(byte_at(addr), pages[2][0], "%s: back with another page", name);
}

/* One flag in the upper half, through the call that has room for it. */
static void no_instructions(u32 addr, u32 used, const char *name)
{
	pte_t *pte = pte_find(kernel_pgdir, addr, true);
	pte_t entry = phys(pages[0]) | PTE_LIVE | used;
	u32 want = nx ? PF_P | PF_I : NO_FAULT;

	addr += 0x123;
	set_pte(pte, addr, entry);
	is(fault_of(EXECUTE, 1, addr), NO_FAULT, "%s: runs", name);
	set_pte(pte, addr, entry | PTE_NX);
	is(fault_of(EXECUTE, 1, addr), want, "%s: no-execute, in ring 1", name);
	is(fault_of(EXECUTE, 3, addr), nx ? want | PF_U : want,
	   "%s: no-execute, in ring 3", name);
	is(fault_of(READ, 3, addr), NO_FAULT, "%s: read all the same", name);
	is(fault_of(WRITE, 1, addr), NO_FAULT, "%s: written all the same", name);
	ok(*pte & PTE_NX, "%s: the flag stays when others are set", name);
	set_pte(pte, addr, entry);
	is(fault_of(EXECUTE, 3, addr), NO_FAULT, "%s: runs again", name);
}

/* An announced entry that was used before is mapped without a look at memory. */
static void mapped_at_once(void)
{
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);

	set_pte(pte, TEST_ADDR, phys(pages[0]) | PTE_USED);
	*pte = 0;
	ok(do_access(WRITE, 3, TEST_ADDR + 5, 0xa5) && pages[0][5] == 0xa5,
	   "an entry with accessed and dirty is mapped by the call");
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), TEST_ADDR,
	      phys(pages[0]) | PTE_LIVE | PTE_A);
	ok(byte_at(TEST_ADDR + 5) == 0xa5, "so is one with accessed alone");
	is(fault_of(WRITE, 1, TEST_ADDR + 5), PF_W,
	   "but a write to that needs the table, where it is absent");
	hcall(LHCALL_SET_PTE, phys(kernel_pgdir), TEST_ADDR,
	      phys(pages[0]) | PTE_LIVE);
	is(byte_at(TEST_ADDR), -1, "one without them is not mapped by the call");
	hcall4(LHCALL_SET_PTE, phys(kernel_pgdir), TEST_ADDR,
	       phys(pages[0]) | PTE_USED, PTE_NX ? 0 : ~0U);
	ok(byte_at(TEST_ADDR + 5) == 0xa5, "%s",
	   PTE_NX ? "an upper half of 0 changes nothing" :
		    "an entry has no upper half, whatever is in esi");
}

static void directory_entries(void)
{
	pte_t *other = page_alloc();
	pte_t *pde = entry_find(kernel_pgdir, TEST_ADDR, 1, true), old = *pde;
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);

	set_pte(pte, TEST_ADDR, phys(pages[0]) | PTE_LIVE);
	other[TEST_ADDR >> PAGE_SHIFT & (TABLE_ENTRIES - 1)] = phys(pages[1]) | PTE_LIVE;
	is(byte_at(TEST_ADDR), pages[0][0], "a table");
	*pde = phys(other) | PTE_LIVE;
	table_changed(kernel_pgdir, TEST_ADDR);
	is(byte_at(TEST_ADDR), pages[1][0], "SET_PMD: another table");
	*pde &= ~PTE_RW;
	table_changed(kernel_pgdir, TEST_ADDR);
	is(fault_of(WRITE, 1, TEST_ADDR), PF_P | PF_W, "SET_PMD: read-only table");
	*pde = 0;
	table_changed(kernel_pgdir, TEST_ADDR);
	is(byte_at(TEST_ADDR), -1, "SET_PMD: no table");
	*pde = old;
	is(byte_at(TEST_ADDR), pages[0][0], "one that comes back needs no call");
	*pde = phys(other) | PTE_LIVE;
	flush_user();
	is(byte_at(TEST_ADDR), pages[1][0], "FLUSH_TLB: another table");
	*pde = old;
	table_changed(kernel_pgdir, TEST_ADDR);
	hcall(LHCALL_SET_PGD, phys(kernel_pgdir), 1023, 0);
	hcall(LHCALL_SET_PGD, phys(kernel_pgdir), 0xffffffff, 0);
	hcall(LHCALL_SET_PGD, phys(kernel_pgdir), DIR_ENTRIES, 0);
	hcall(LHCALL_SET_PGD, 0x12345000, TEST_ADDR >> DIR_SHIFT, 0);
	is(byte_at(TEST_ADDR), pages[0][0],
	   "SET_PMD of the host's slot, of none, and of no directory do nothing");
}

static void flushes(void)
{
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);
	pte_t *window = pte_find(kernel_pgdir, TEST_WINDOW, true);

	set_pte(pte, TEST_ADDR, phys(pages[0]) | PTE_LIVE);
	set_pte(window, TEST_WINDOW, phys(pages[0]) | PTE_LIVE);
	byte_at(TEST_ADDR);
	byte_at(TEST_WINDOW);
	*pte = phys(pages[1]) | PTE_LIVE;
	hcall(LHCALL_FLUSH_TLB, 0, 0, 0);
	is(byte_at(TEST_ADDR), pages[1][0], "FLUSH_TLB 0 brings user mappings up to date");
	*pte = phys(pages[2]) | PTE_LIVE;
	*window = phys(pages[2]) | PTE_LIVE;
	hcall(LHCALL_FLUSH_TLB, 1, 0, 0);
	is(byte_at(TEST_ADDR), pages[2][0], "FLUSH_TLB 1 those");
	is(byte_at(TEST_WINDOW), pages[2][0], "and the kernel's");
	*pte = 0;
	*window = 0;
	hcall(LHCALL_FLUSH_TLB, 0x80000000, 0, 0);
	is(byte_at(TEST_ADDR), -1, "any argument but 0 means all: user");
	is(byte_at(TEST_WINDOW), -1, "any argument but 0 means all: kernel");
}

static void harmless_bits(void)
{
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);

	set_pte(pte, TEST_ADDR, phys(pages[1]) | PTE_LIVE | PTE_GLOBAL | PTE_AVL |
		PTE_PCD);
	is(byte_at(TEST_ADDR), pages[1][0], "global, uncached and free bits are allowed");
	is(flags_of(*pte), PTE_LIVE | PTE_GLOBAL | PTE_AVL | PTE_PCD | PTE_A,
	   "and stay as they are");
	set_pte(pte, TEST_ADDR, phys(pages[2]) | PTE_USED | PTE_GLOBAL);
	is(byte_at(TEST_ADDR), pages[2][0], "a global page can be replaced");
	set_pte(pte, TEST_ADDR, ~(pte_t)PTE_P);
	is(byte_at(TEST_ADDR), -1, "an absent entry may say anything");
}

/* Frames that the CPU fills may lie anywhere, so words may cross pages. */
static void across_pages(void)
{
	static u8 code[] = { 0x89, 0x01, 0xcc };	/* movl %eax, (%ecx) */
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);
	struct raw_regs start;

	set_pte(pte, TEST_ADDR, phys(pages[0]) | PTE_LIVE);
	set_pte(pte + 1, TEST_ADDR + PAGE_SIZE, 0);
	memset(pages[0] + PAGE_SIZE - 2, 0x11, 2);
	raw_user(&start, code);
	start.ecx = TEST_ADDR + PAGE_SIZE - 2;
	raw_run(&start);
	raw_ok(raw_trapped(PF, true, PF_W | PF_U, start.eip) &&
	       lguest_data.cr2 == TEST_ADDR + PAGE_SIZE,
	       "a word across two pages faults at the second");
	set_pte(pte + 1, TEST_ADDR + PAGE_SIZE, phys(pages[3]) | PTE_LIVE);
	raw_run(&start);
	ok(raw.vector == BP && pages[0][PAGE_SIZE - 1] == 0xa0 &&
	   pages[3][0] == 0xa0, "and is written when that is there");
}

static void aliases(void)
{
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);
	pte_t *alias = pte_find(kernel_pgdir, ALIAS_ADDR, true);
	volatile u8 *one = (u8 *)TEST_ADDR, *other = (u8 *)ALIAS_ADDR;

	set_pte(pte, TEST_ADDR, phys(pages[3]) | PTE_LIVE);
	set_pte(alias, ALIAS_ADDR, phys(pages[3]) | (PTE_LIVE & ~PTE_RW));
	one[100] = 1;
	is(other[100], 1, "a write is seen at another address");
	pages[3][100] = 2;
	is(one[100] + other[100], 4, "and one through the linear map at both");
	is(fault_of(WRITE, 1, ALIAS_ADDR + 100), PF_P | PF_W,
	   "rights are those of the address");
	is(*alias & (PTE_A | PTE_D), PTE_A, "and so are the bits");
}

/* Everything that can be used, to the last byte. */
static void ends_of_memory(void)
{
	volatile u32 *last = virt(boot_info.mem_size - 4);
	pte_t *pte = pte_find(kernel_pgdir, TEST_ADDR, true);
	u32 value = *last;

	*last = ~value;
	is(*last, ~value, "the last word of RAM can be written");
	*last = value;
	set_pte(pte, TEST_ADDR, (boot_info.mem_size - PAGE_SIZE) | PTE_LIVE);
	is(*(u32 *)(TEST_ADDR + PAGE_SIZE - 4), value,
	   "and mapped somewhere else");
	set_pte(pte, TEST_ADDR, boot_info.mem_size | PTE_LIVE);
	is(*(u16 *)TEST_ADDR, LGUEST_DEVICE_T_CONSOLE,
	   "after it comes the device page");
}

/* The index of an address in its page table's entry's table. */
static u32 slot_of(u32 addr)
{
	return addr >> LEVEL_SHIFT(1) & (TABLE_ENTRIES - 1);
}

/*
 * The table that names @addr's page table is made the page table for @base: the
 * page tables appear as pages from there on, and they are the guest's own.
 */
static void self_map(u32 base, u32 addr, const char *name)
{
	pte_t *pte = pte_find(kernel_pgdir, addr, true);
	pte_t *self = entry_find(kernel_pgdir, base, 1, true);
	pte_t *named = self - slot_of(base);
	pte_t *tables = (pte_t *)base;
	pte_t *dir = (pte_t *)(base + slot_of(base) * PAGE_SIZE);
	u32 at = slot_of(addr) * TABLE_ENTRIES, i, bad = 0;

	*self = phys(named) | PTE_P | PTE_RW | PTE_A;
	table_changed(kernel_pgdir, base);
	set_pte(pte, addr, phys(pages[0]) | PTE_LIVE);
	ok(tables[at] == *pte, "%s: an entry is found", name);
	for (i = 0; i < TABLE_ENTRIES; i++) {
		pte_t entry = dir[i];	/* may set a bit, so look again */

		bad += dir[i] != named[i] || entry >> 12 != dir[i] >> 12;
	}
	is(bad, 0, "%s: the table of tables is the guest's", name);
	for (i = 0; i < TABLE_ENTRIES; i++)
		bad += tables[at + i] != pte[i];
	is(bad, 0, "%s: a table is the guest's", name);
	tables[at] = phys(pages[1]) | PTE_LIVE;
	pte_announce(kernel_pgdir, addr, *pte);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	is(byte_at(addr), pages[1][0], "%s: an entry can be written", name);
	is(named[slot_of(addr)] & PTE_D, PTE_D,
	   "%s: which makes the table's own, as a page's, dirty", name);
	dir[slot_of(addr)] = 0;
	table_changed(kernel_pgdir, addr);
	is(byte_at(addr), -1, "%s: so can that of a table", name);
	named[slot_of(addr)] = phys(pte) | PTE_LIVE;
	*self = 0;
	table_changed(kernel_pgdir, base);
	is(byte_at((u32)dir), -1, "%s: and it can go", name);
}

/* A program has no business there, and no way to harm its kernel by trying. */
static void hosts_addresses(void)
{
	static const u32 where[] = { 0xffc00000, 0xffc01ffc, 0xffeff000, 0xfffffffc };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(where); i++) {
		is(fault_of(READ, 3, where[i]), PF_U, "ring 3 reads 0x%x",
		   where[i]);
		is(fault_of(WRITE, 3, where[i]), PF_W | PF_U,
		   "ring 3 writes 0x%x", where[i]);
		is(fault_of(EXECUTE, 3, where[i]), access_bits(EXECUTE, 3),
		   "ring 3 runs 0x%x", where[i]);
	}
}

/* A change under one directory holds for the kernel part of all. */
static void shared_kernel_part(void)
{
	pte_t *second = pgdir_new(), *third = pgdir_new();
	pte_t *pte = pte_find(kernel_pgdir, TEST_WINDOW, true);

	set_pte(pte, TEST_WINDOW, phys(pages[0]) | PTE_LIVE);
	is(byte_at(TEST_WINDOW), pages[0][0], "kernel page in the first directory");
	pgdir_switch(second);
	is(byte_at(TEST_WINDOW), pages[0][0], "in the second");
	*pte = phys(pages[1]) | PTE_USED;
	hcall(LHCALL_SET_PTE, phys(second), TEST_WINDOW, *pte);
	is(byte_at(TEST_WINDOW), pages[1][0], "changed there");
	pgdir_switch(kernel_pgdir);
	is(byte_at(TEST_WINDOW), pages[1][0], "seen in the first");
	pgdir_switch(third);
	is(byte_at(TEST_WINDOW), pages[1][0], "and in a new one");
	set_pte(pte, TEST_WINDOW, 0);
	is(byte_at(TEST_WINDOW), -1, "taken away from them all");
	pgdir_switch(second);
	is(byte_at(TEST_WINDOW), -1, "it is");
	pgdir_switch(kernel_pgdir);
	pgdir_free(second);
	pgdir_free(third);
}

/* A user page of a directory that is not the current one. */
static void another_directory(void)
{
	pte_t *second = pgdir_new(), *pte, *pde;

	map_page(second, TEST_ADDR, phys(pages[0]) | PTE_LIVE);
	pte = pte_find(second, TEST_ADDR, false);
	pgdir_switch(second);
	is(byte_at(TEST_ADDR), pages[0][0], "user page of a second directory");
	pgdir_switch(kernel_pgdir);
	*pte = phys(pages[1]) | PTE_USED;
	hcall(LHCALL_SET_PTE, phys(second), TEST_ADDR, *pte);
	pgdir_switch(second);
	is(byte_at(TEST_ADDR), pages[1][0], "changed from outside by SET_PTE");
	pgdir_switch(kernel_pgdir);
	pde = entry_find(second, TEST_ADDR, 1, false);
	*pde &= ~PTE_P;
	table_changed(second, TEST_ADDR);
	pgdir_switch(second);
	is(byte_at(TEST_ADDR), -1, "and by SET_PMD");
	pgdir_switch(kernel_pgdir);
	*pde |= PTE_P;
	pgdir_free(second);
	hcall(LHCALL_SET_PTE, 0x12345000, TEST_ADDR, phys(pages[3]) | PTE_USED);
	ok(byte_at(TEST_ADDR) != pages[3][0],
	   "SET_PTE of a directory that nobody uses does nothing here");
}

int main(void)
{
	enum access how;
	u32 i;

	nx = PTE_NX && strstr(boot_info.command_line, "nx");
	paging_init();
	raw_init();
	raw_gates(GATE_INTERRUPT, 3);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = page_alloc();
		memset(pages[i], 0x70 + i, PAGE_SIZE);
		pages[i][0x123] = 0xcc;		/* to be executed */
	}
	test_pte = pte_find(kernel_pgdir, TEST_ADDR, true);
	test_pde = entry_find(kernel_pgdir, TEST_ADDR, 1, true);

	for (how = READ; how <= EXECUTE; how++) {
		all_combinations(how, 1);
		all_combinations(how, 3);
	}
	accessed_and_dirty();
	changes(TEST_ADDR, 0, "user page");
	changes(TEST_ADDR, PTE_A, "user page, accessed");
	changes(TEST_ADDR, PTE_A | PTE_D, "user page, dirty");
	changes(TEST_WINDOW, 0, "kernel page");
	changes(TEST_WINDOW, PTE_A, "kernel page, accessed");
	changes(TEST_WINDOW, PTE_A | PTE_D, "kernel page, dirty");
	if (PTE_NX) {
		no_instructions(TEST_ADDR, 0, "user page");
		no_instructions(TEST_ADDR, PTE_A | PTE_D, "user page, dirty");
		no_instructions(TEST_WINDOW, 0, "kernel page");
		no_instructions(TEST_WINDOW, PTE_A, "kernel page, accessed");
	}
	mapped_at_once();
	directory_entries();
	flushes();
	harmless_bits();
	across_pages();
	aliases();
	ends_of_memory();
	hosts_addresses();
	shared_kernel_part();
	another_directory();
	self_map(SELF_MAP, SELF_ADDR, "self-map");
	self_map(KERNEL_SELF_MAP, KERNEL_SELF_ADDR, "self-map in the kernel part");
	done();
}
