// SPDX-License-Identifier: GPL-2.0
/*
 * How guests die by their page tables and their traps: every forbidden bit of
 * either level, addresses that are the host's, traps without a gate, and
 * launchers that take the memory away.
 */
#include "mini/mini.h"

#define LIMIT_PFN	MINI_PFN_LIMIT
#define TEST_VADDR	0x1400000u	/* in the user part */

static u32 target, value, how;

static void touch(void)
{
	if (how & 2)
		*(volatile u32 *)target = 1;
	else
		value = *(volatile u32 *)target;
}

static void guest_touches(void)
{
	touch();
}

static void guest_touches_and_tells(void)
{
	int vector = mini_try(touch);

	if (vector < 0)
		crash("no fault");
	crash("trap %d errcode %x cr2 %x", vector, mini.trap_errcode, mini.trap_cr2);
}

/* A guest with one entry of its own at each level. */
static void one_entry(void (*main)(void), pte_t pde, pte_t pte, u32 access)
{
	mini_reset(main);
	*mini_pde(TEST_VADDR) = pde;
	mini.low[0] = pte;
	target = TEST_VADDR;
	how = access;
}

static const char *touched(pte_t pde, pte_t pte, u32 access)
{
	one_entry(guest_touches_and_tells, pde, pte, access);
	return mini_run_again();
}

#define LOW		((u32)mini.low)
#define DATA_PAGE	((u32)mini.scratch[0])

static void good_entries(void)
{
	u32 bits;

	for (bits = 0; bits < 0x80; bits++) {
		u32 flags = P_PRESENT | (bits & 0x66);

		if (flags & P_RW)
			expect_reason(touched(LOW | flags, DATA_PAGE | P_ALL, 2),
				      "CRASH: no fault");
		expect_reason(touched(LOW | P_ALL, DATA_PAGE | flags, 0), "CRASH: no fault");
	}
	for (bits = 0; bits < 16; bits++) {
		u32 flags = P_PRESENT | (bits & 1 ? P_PCD : 0) | (bits & 0xe) << 8;

		expect_reason(touched(LOW | P_ALL, DATA_PAGE | flags, 0), "CRASH: no fault");
		expect_reason(touched(LOW | P_ALL, DATA_PAGE | flags | P_GLOBAL, 0),
			      "CRASH: no fault");
	}
}

/* Frames that are not the guest's: just beyond its memory, and each high bit. */
static pte_t bad_frame(u32 i)
{
	static const u32 pfns[] = { LIMIT_PFN, LIMIT_PFN + 1, 0xfffff, 0xe0000 };
	u64 high;

	if (i < ARRAY_SIZE(pfns))
		return (pte_t)pfns[i] << 12;
	high = 1ull << (32 + i - ARRAY_SIZE(pfns));
	return high & ENTRY_FRAME ? high | DATA_PAGE : 0;
}

static void bad_entry(const char *kind, pte_t pde, pte_t pte, pte_t entry)
{
	u32 access;

	for (access = 0; access <= 2; access += 2)
		expect_formatted(touched(pde, pte, access), "bad page %s entry %#llx",
				 kind, (u64)entry);
}

static void bad_pde(pte_t pde)
{
	bad_entry("directory", pde, DATA_PAGE | P_ALL, pde);
}

static void bad_pte(pte_t pte)
{
	bad_entry("table", LOW | P_ALL, pte, pte);
}

/* Every bit that may not be set, alone; NX is none of them. */
static void each_bad_bit(pte_t bad, pte_t entry, void (*expect_bad)(pte_t entry))
{
	u32 bit;

	for (bit = 0; bit < 8 * sizeof(pte_t); bit++) {
		if (bad >> bit & 1)
			expect_bad(entry | (pte_t)1 << bit);
	}
}

#define PDE_BAD	(P_PWT | P_PCD | P_LARGE | P_GLOBAL | 0xe00 | ENTRY_RESERVED)
#define PTE_BAD	(P_PWT | P_LARGE | ENTRY_RESERVED)

static void bad_directory_entries(void)
{
	u32 i;

	each_bad_bit(PDE_BAD, LOW | P_ALL, bad_pde);
	for (i = 0; bad_frame(i); i++)
		bad_pde(bad_frame(i) | P_ALL);
	bad_pde(~(pte_t)0);
	expect_reason(touched(LOW | P_ALL | P_NX, DATA_PAGE | P_ALL, 2), "CRASH: no fault");
	/* there is no memory where the table should be */
	expect_formatted(touched(0x60000000 | P_ALL, 0, 0), "bad read address 0x60000000 len %u",
			 (u32)sizeof(pte_t));
}

static void bad_table_entries(void)
{
	u32 i;

	each_bad_bit(PTE_BAD, DATA_PAGE | P_ALL, bad_pte);
	bad_pte(DATA_PAGE | P_ALL | P_PWT | P_LARGE);
	for (i = 0; bad_frame(i); i++)
		bad_pte(bad_frame(i) | P_ALL);
	expect_reason(touched(LOW | P_ALL, DATA_PAGE | P_ALL | P_NX, 2), "CRASH: no fault");
	expect_reason(touched(LOW | P_ALL, 0x60000000 | P_ALL, 0), "no memory at 0x60000000");
	expect_reason(touched(LOW | P_ALL, 0x60000000 | P_ALL, 2), "no memory at 0x60000000");
}

/* Both levels count, and what the tables forbid is the guest's own fault. */
static void combined_rights(void)
{
	static const u32 rights[] = { P_PRESENT, P_PRESENT | P_RW };
	char want[60];
	u32 d, t;

	for (d = 0; d < 2; d++) {
		for (t = 0; t < 2; t++) {
			snprintf(want, sizeof(want), d && t ? "CRASH: no fault" :
				 "CRASH: trap 14 errcode 3 cr2 %x", TEST_VADDR);
			/* the page is there, as far as the guest is concerned */
			expect_reason(touched(LOW | rights[d], DATA_PAGE | rights[t], 2), want);
			expect_reason(touched(LOW | rights[d], DATA_PAGE | rights[t], 0),
				      "CRASH: no fault");
		}
	}
	snprintf(want, sizeof(want), "CRASH: trap 14 errcode 0 cr2 %x", TEST_VADDR);
	expect_reason(touched(LOW, DATA_PAGE | P_ALL, 0), want);
	expect_reason(touched(LOW | P_ALL, DATA_PAGE, 0), want);
	expect_reason(touched(0, 0, 0), want);
	/* entries that are not present may hold anything */
	expect_reason(touched(0xfffffffe, 0, 0), want);
	expect_reason(touched(LOW | P_ALL, 0xfffffffe, 0), want);
}

static pte_t new_pte, new_pde;
static u32 set_at;

static void guest_sets_pte(void)
{
	touch();
	*mini_pde(TEST_VADDR) = new_pde;
	hcall_set_pte(mini.pgdir, set_at, new_pte);
	crash("set");
}

static const char *set_pte(u32 at, pte_t pte)
{
	one_entry(guest_sets_pte, LOW | P_ALL, DATA_PAGE | P_ALL, 0);
	set_at = at;
	new_pte = pte;
	new_pde = LOW | P_ALL;
	return mini_run_again();
}

/* The table's entry goes bad behind the host's back. */
static void bad_pde_at_set_pte(pte_t pde)
{
	one_entry(guest_sets_pte, LOW | P_ALL, DATA_PAGE | P_ALL, 0);
	set_at = TEST_VADDR;
	new_pte = DATA_PAGE | P_ALL | P_ACCESSED;
	new_pde = pde;
	expect_formatted(mini_run_again(), "bad page directory entry %#llx", (u64)pde);
}

static void bad_set_pte_entry(pte_t pte)
{
	expect_formatted(set_pte(TEST_VADDR, pte), "bad page table entry %#llx", (u64)pte);
	/* an unused entry is looked at when it is used */
	expect_reason(set_pte(TEST_VADDR, pte & ~(pte_t)(P_ACCESSED | P_DIRTY)), "CRASH: set");
	/* without a table there is nothing to be set */
	expect_reason(set_pte(TEST_VADDR + LOW_SPAN, pte), "CRASH: set");
}

static void bad_set_pte(void)
{
	static const u32 used[] = { P_ACCESSED, P_DIRTY, P_ACCESSED | P_DIRTY };
	u32 i, u;

	for (u = 0; u < ARRAY_SIZE(used); u++) {
		u32 flags = P_ALL | used[u];

		expect_reason(set_pte(TEST_VADDR, DATA_PAGE | flags), "CRASH: set");
		expect_reason(set_pte(TEST_VADDR, DATA_PAGE | flags | P_NX), "CRASH: set");
		each_bad_bit(PTE_BAD, DATA_PAGE | flags,
			     bad_set_pte_entry);
		for (i = 0; bad_frame(i); i++)
			bad_set_pte_entry(bad_frame(i) | flags);
		expect_reason(set_pte(TEST_VADDR, 0x60000000 | flags),
			      "no memory at 0x60000000");
	}
	each_bad_bit(PDE_BAD, LOW | P_ALL, bad_pde_at_set_pte);
	for (i = 0; bad_frame(i); i++)
		bad_pde_at_set_pte(bad_frame(i) | P_ALL);
}

static void hosts_addresses_by_call(void)
{
	static const u32 at[] = { 0xffc00000, 0xffc01000, 0xffe00000, 0xfffff000, 0xffffffff };
	u32 i, u;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		for (u = 0; u < 2; u++)
			expect_formatted(set_pte(at[i], u ? 0 : DATA_PAGE | P_ALL | P_DIRTY),
					 "attempt to map the host's address %#x", at[i]);
	}
}

/* The guest's own table has something there: it does not help. */
static void hosts_addresses_by_touch(void)
{
	static const u32 at[] = { 0xffe00000, 0xfffff000, 0xfffffffc };
	u32 i, access;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		for (access = 0; access <= 2; access += 2) {
			one_entry(guest_touches, LOW | P_ALL, 0, access);
			*mini_pde(at[i]) = LOW | P_ALL;
			mini.low[at[i] / PAGE % TABLE_ENTRIES] = DATA_PAGE | P_ALL;
			target = at[i];
			expect_formatted(mini_run_again(),
					 "attempt to use the host's addresses at %#x", at[i]);
		}
	}
}

static void user_touches(void)
{
	touch();
	syscall_of_user(0);
}

static void tell_trap(struct frame *f)
{
	crash("trap %d errcode %x cs %x cr2 %x", f->vector, f->errcode, f->cs,
	      f->vector == TRAP_PF ? mini.data.cr2 : 0);
}

static void guest_runs_user(void)
{
	mini.on_trap = tell_trap;
	mini_load_gdt();
	mini_user(user_touches);
}

/* All of the host's addresses, to ring 3: it cannot end its own kernel by them. */
static void hosts_addresses_by_user(void)
{
	u32 at, access;

	for (at = 0xffc00000; at >= 0xffc00000; at += at < 0xffc20000 ? PAGE : 0x7e000) {
		for (access = 0; access <= 2; access += 2) {
			one_entry(guest_runs_user, LOW | P_ALL, 0, access);
			target = at;
			expect_formatted(mini_run_again(),
					 "CRASH: trap 14 errcode %x cs 73 cr2 %x", 4 | access, at);
		}
	}
}

/* What of the switcher ring 1 can see, it cannot change, but for its own stack. */
static void hosts_text_by_kernel(void)
{
	one_entry(guest_touches, 0, 0, 2);
	target = 0xffc00000;
	expect_reason(mini_run_again(), "attempt to use the host's addresses at 0xffc00000");
}

static void guest_ud2(void)
{
	asm volatile("ud2");
}

static void guest_int3(void)
{
	asm volatile("int3");
}

static void guest_divides(void)
{
	asm volatile("xorl %%ecx, %%ecx\n\t"
		     "divl %%ecx" : : : "eax", "ecx", "edx");
}

static void guest_hlt(void)
{
	asm volatile("hlt");
}

static void guest_int_50(void)
{
	asm volatile("int $0x50");
}

static void guest_int_80(void)
{
	asm volatile("int $0x80");
}

static const char *untrapped(void (*main)(void))
{
	mini_reset(main);
	mini.no_traps = true;
	return mini_run_again();
}

static void unhandled_traps(void)
{
	expect_formatted(untrapped(guest_ud2), "unhandled trap 6 at %#x (0x0)", (u32)guest_ud2);
	/* not even the gate for int3 is there, so it is a protection fault */
	expect_formatted(untrapped(guest_int3), "unhandled trap 13 at %#x (%#x)",
			 (u32)guest_int3, host_gate_error(3));
	expect_prefix(untrapped(guest_divides), "unhandled trap 0 at ");
	expect_formatted(untrapped(guest_hlt), "unhandled trap 13 at %#x (0x0)", (u32)guest_hlt);
	expect_formatted(untrapped(guest_int_50), "unhandled trap 13 at %#x (%#x)",
			 (u32)guest_int_50, host_gate_error(0x50));
	expect_formatted(untrapped(guest_int_80), "unhandled trap 13 at %#x (%#x)",
			 (u32)guest_int_80, host_gate_error(0x80));
	one_entry(guest_touches, LOW | P_ALL, 0, 0);
	mini.no_traps = true;
	expect_prefix(mini_run_again(), "unhandled trap 14 at ");
}

static void guest_without_stack(void)
{
	asm volatile("movl $0x3004, %esp\n\t"
		     "ud2");
}

static void guest_on_edge(void)
{
	asm volatile("movl $0x3000, %esp\n\t"
		     "ud2");
}

/* A frame for the guest, but no place for it. */
static void no_room_for_frame(void)
{
	mini_reset(guest_without_stack);
	mini.low[3] = DATA_PAGE | P_ALL;
	/* eip, cs, eflags: 12 bytes below */
	expect_reason(mini_run_again(), "stack at 0x2ff8 is not writable");
	mini_reset(guest_on_edge);
	expect_reason(mini_run_again(), "stack at 0x2ff4 is not writable");
	mini_reset(guest_on_edge);
	mini.low[2] = DATA_PAGE | P_PRESENT;
	expect_reason(mini_run_again(), "stack at 0x2ff4 is not writable");
	mini_reset(guest_on_edge);
	mini.low[2] = DATA_PAGE | P_ALL | P_PWT;
	expect_formatted(mini_run_again(), "bad page table entry %#x",
			 DATA_PAGE | P_ALL | P_PWT);
}

#define LENT	(IMAGE_BASE + 0x1000000u)
static char *lent;

static void guest_uses_lent(void)
{
	u32 i;

	for (i = 0; i < 4; i++)
		lent[i * PAGE]++;
	hcall2(LHCALL_SEND_DMA, mini.scratch, mini.scratch);
	for (i = 0; i < 4; i++)
		lent[i * PAGE]++;
	hcall1(LHCALL_FLUSH_TLB, 1);
	for (i = 0; i < 4; i++)
		lent[i * PAGE]++;
}

static int take_away(int fd, const struct lguest_dma_notice *notice)
{
	(void)fd;
	(void)notice;
	if (how == 0)
		munmap(lent + 2 * PAGE, PAGE);
	else
		mprotect(lent + 2 * PAGE, PAGE, how == 1 ? PROT_NONE : PROT_READ);
	return 0;
}

/* The guest keeps what it has, but gets nothing more. */
static void memory_goes_away(void)
{
	static const char * const what[] = { "no", "no", "read-only" };
	u32 i, at;

	mini_on_notice = take_away;
	for (i = 0; i < 3; i++) {
		mini_reset(guest_uses_lent);
		lent = mmap((void *)LENT, 4 * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		for (at = 0; at < 4; at++)
			mini.low[100 + at] = ((u32)lent + at * PAGE) | P_ALL;
		*mini_pde(LENT) = LOW | P_ALL;
		for (at = 0; at < 4; at++)
			mini.low[at] = ((u32)lent + at * PAGE) | P_ALL;
		how = i;
		expect_formatted(mini_run_again(), "%s memory at %#x", what[i],
				 LENT + 2 * PAGE);
	}
}

static void read_only_memory(void)
{
	char *p = mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	expect_reason(touched(LOW | P_ALL, (u32)p | P_ALL, 0), "CRASH: no fault");
	expect_formatted(touched(LOW | P_ALL, (u32)p | P_ALL, 2), "read-only memory at %#x",
			 (u32)p);
	/* dirty is only what the guest says */
	expect_reason(set_pte(TEST_VADDR, (u32)p | P_ALL | P_DIRTY), "CRASH: set");
	expect_reason(touched(LOW | P_ALL, (u32)p | P_ALL | P_DIRTY, 0), "CRASH: no fault");
}

int main(void)
{
	RUN(good_entries);
	RUN(bad_directory_entries);
	RUN(bad_table_entries);
	RUN(combined_rights);
	RUN(bad_set_pte);
	RUN(hosts_addresses_by_call);
	RUN(hosts_addresses_by_touch);
	RUN(hosts_addresses_by_user);
	RUN(hosts_text_by_kernel);
	RUN(unhandled_traps);
	RUN(no_room_for_frame);
	RUN(memory_goes_away);
	RUN(read_only_memory);
	return mini_done();
}
