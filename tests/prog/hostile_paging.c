// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables of all kinds, compared with an independent idea of what each
 * access should do; tables that map themselves; storms of updates while the
 * launcher's memory comes and goes.
 */
#include "mini/mini.h"

#define TEST_VADDR	0x1400000u
#define TEST_SLOT	(TEST_VADDR / TABLE_SPAN)
#define LOW		((u32)mini.low)
#define DATA_PAGE	((u32)mini.scratch[0])

static u32 target, got;

static void read_it(void)
{
	got = *(volatile u32 *)target;
}

static void write_it(void)
{
	*(volatile u32 *)target = 0x12345678;
}

/*
 * What the processor manual says of ring 1 with CR0.WP set: the vector, or -1.
 * Ring 1 is the supervisor, so the user bits do not count.
 */
static int expected(pte_t pde, pte_t pte, bool write)
{
	if (!(pde & P_PRESENT) || !(pte & P_PRESENT))
		return TRAP_PF;
	if (write && !(pde & pte & P_RW))
		return TRAP_PF;
	return -1;
}

static void check_access(pte_t pde, pte_t pte, bool write)
{
	int vector = mini_try(write ? write_it : read_it);
	int want = expected(pde, pte, write);
	u32 d = pde, t = pte;		/* what can be printed */

	if (vector != want)
		crash("pde %x pte %x write %u: vector %d", d, t, write, vector);
	if (vector == TRAP_PF && mini.trap_cr2 != target)
		crash("pde %x pte %x: cr2 %x", d, t, mini.trap_cr2);
	/* the bits that the CPU would have set */
	if (want == -1 && !(mini.low[0] & (P_ACCESSED | P_DIRTY)))
		crash("pde %x pte %x: not accessed", d, t);
	if (want == -1 && write && !(mini.low[0] & P_DIRTY))
		crash("pde %x pte %x: not dirty", d, t);
	if (!write && !(pte & P_DIRTY) && mini.low[0] & P_DIRTY)
		crash("pde %x pte %x: dirty", d, t);
}

static bool announce_by_set_pte;

static void guest_tries_all_bits(void)
{
	static const pte_t pdes[] = {
		0x67, 0x65, 0x63, 0x61, 0x01, 0x07, 0x66, 0x67 | P_NX
	};
	u32 i, bits;
	pte_t pte;

	target = TEST_VADDR;
	for (i = 0; i < ARRAY_SIZE(pdes); i++) {
		*mini_pde(TEST_VADDR) = LOW | pdes[i];
		hcall_pde_changed(mini.pgdir, TEST_VADDR);
		for (bits = 0; bits < 0x1000; bits++) {
			/* what may not be set is another test's */
			if (bits & P_PRESENT && bits & (P_PWT | P_LARGE))
				continue;
			/* the CPU does not look at these: some samples will do */
			if (bits & 0xe00 && bits % 7)
				continue;
			/* for reads and writes this one means nothing */
			pte = DATA_PAGE | bits | (bits % 3 ? 0 : P_NX);
			mini.low[0] = pte;
			if (announce_by_set_pte)
				hcall_set_pte(mini.pgdir, TEST_VADDR, pte);
			else
				hcall_pde_changed(mini.pgdir, TEST_VADDR);
			check_access(pdes[i], pte, false);
			check_access(pdes[i], pte, true);
			check_access(pdes[i], mini.low[0], false);
		}
	}
}

static void all_bits_by_set_pte(void)
{
	announce_by_set_pte = true;
	expect_reason(mini_run(guest_tries_all_bits), "CRASH: done");
}

static void all_bits_by_demand(void)
{
	expect_reason(mini_run(guest_tries_all_bits), "CRASH: done");
}

/* A stale entry that allows too much must be gone when the guest has said so. */
static void guest_takes_back(void)
{
	u32 how;

	*mini_pde(TEST_VADDR) = LOW | P_ALL;
	target = TEST_VADDR;
	for (how = 0; how < 5; how++) {
		mini.low[0] = DATA_PAGE | P_ALL;
		guest_expect(mini_try(write_it) == -1);
		mini.low[0] = 0;
		switch (how) {
		case 0:
			hcall_set_pte(mini.pgdir, TEST_VADDR, 0);
			break;
		case 1:
			hcall_pde_changed(mini.pgdir, TEST_VADDR);
			break;
		case 2:
			hcall1(LHCALL_FLUSH_TLB, 0);
			break;
		case 3:
			hcall1(LHCALL_FLUSH_TLB, 1);
			break;
		case 4:
			hcall_later(0, LHCALL_SET_PTE, (u32)mini.pgdir, TEST_VADDR, 0);
			hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
			break;
		}
		if (mini_try(read_it) != TRAP_PF)
			crash("way %u does not take it back", how);
	}
}

static void mappings_are_taken_back(void)
{
	expect_reason(mini_run(guest_takes_back), "CRASH: done");
}

/* The page of entries that an address's table is named in. */
static pte_t *directory_of(u32 vaddr)
{
	return (pte_t *)((u32)mini_pde(vaddr) & ~(PAGE - 1));
}

/* A directory as its own table: all tables are seen at TEST_VADDR. */
static void guest_maps_itself(void)
{
	volatile pte_t *view = (void *)TEST_VADDR;
	pte_t *dir = directory_of(TEST_VADDR), *last = directory_of(0xffc00000);
	volatile pte_t *seen = (void *)(TEST_VADDR + TEST_SLOT * PAGE);
	volatile u32 *next = (void *)(TEST_VADDR + TABLE_SPAN);
	u32 slot, i;

	dir[TEST_SLOT] = (u32)dir | P_ALL;
	hcall1(LHCALL_FLUSH_TLB, 1);
	/* reading it sets accessed bits in what is a directory, too */
	guest_expect((seen[TEST_SLOT] & ~0xfff) == (u32)dir);
	/* make a mapping through the view of its own table */
	dir[TEST_SLOT + 1] = LOW | P_ALL;
	hcall_pde_changed(mini.pgdir, TEST_VADDR + TABLE_SPAN);
	for (i = 0; i < TABLE_ENTRIES; i++) {
		view[(TEST_SLOT + 1) * TABLE_ENTRIES + i] = DATA_PAGE | P_ALL;
		next[i * 1024] = i;
		guest_expect(i == *(u32 *)mini.scratch[0]);
	}
	/* all slots that have a table, and all that have none */
	for (slot = 0; slot < TABLE_ENTRIES; slot++) {
		target = TEST_VADDR + slot * PAGE;
		if (mini_try(read_it) != (dir[slot] & P_PRESENT ? -1 : TRAP_PF))
			crash("slot %u: vector %d", slot, mini.trapped);
	}
	/* and the switcher's, if the guest says that it has a table there */
	slot = mini_pde(0xffc00000) - last;
	last[slot] = (u32)last | P_ALL;
	dir[TEST_SLOT] = (u32)last | P_ALL;
	hcall1(LHCALL_FLUSH_TLB, 1);
	target = TEST_VADDR + slot * PAGE;
	guest_expect(mini_try(write_it) == -1);
	guest_expect(*(u32 *)last == 0x12345678);
}

static void directory_maps_itself(void)
{
	expect_reason(mini_run(guest_maps_itself), "CRASH: done");
}

/* Sets: more directories than are cached (shadow.h), each with its own user part. */
static struct mini_root roots[80] page_aligned;

static void guest_switches(void)
{
	volatile pte_t *seen = (void *)TEST_VADDR;
	u32 i, n, next, round;

	mini_map_low(mini.pgdir, TEST_VADDR);
	for (n = 0; n < ARRAY_SIZE(roots); n++) {
		mini_copy_root(&roots[n]);
		roots[n].user[TABLE_ENTRIES - 1] = 2 * n;	/* absent, a mark */
	}
	for (round = 0; round < 6; round++) {
		for (i = 0; i < ARRAY_SIZE(roots); i++) {
			n = round & 1 ? i : (i * 7 + round) % ARRAY_SIZE(roots);
			/* each sees a page of its own there: what it was last told */
			hcall1(LHCALL_NEW_PGTABLE, roots[n].dir);
			next = (n + 1) % ARRAY_SIZE(roots);
			mini.low[0] = (u32)roots[next].user | P_ALL;
			hcall_set_pte(roots[n].dir, TEST_VADDR, mini.low[0]);
			guest_expect(seen[TABLE_ENTRIES - 1] == 2 * next);
		}
	}
	hcall1(LHCALL_NEW_PGTABLE, mini.pgdir);
}

static void many_directories(void)
{
	expect_reason(mini_run(guest_switches), "CRASH: done");
}

/* Roots that are no roots. */
static u32 root;

static void guest_loads_root(void)
{
	hcall1(LHCALL_NEW_PGTABLE, root);
	hcall2(LHCALL_SET_PGD, root, TEST_VADDR >> DIR_SHIFT);
	hcall2(LHCALL_SET_PGD, root, 3);
	hcall2(LHCALL_SET_PGD, root, 4);
	hcall2(LHCALL_SET_PGD, root, 0x3ff);
	hcall2(LHCALL_SET_PGD, root, 0x400);
	hcall2(LHCALL_SET_PGD, root, -1);
	hcall2(LHCALL_SET_PGD, root, 0x80000000);
	hcall(LHCALL_SET_PTE, root, TEST_VADDR, DATA_PAGE | 0x67);
	hcall1(LHCALL_FLUSH_TLB, 0);
	hcall1(LHCALL_FLUSH_TLB, 1);
	*(volatile u32 *)TEST_VADDR = 1;
}

static void strange_roots(void)
{
	static const u32 strange[] = {
		0, 4, 0xfff, 0x1000, 0x60000000, MINI_PFN_LIMIT * PAGE - 4,
		MINI_PFN_LIMIT * PAGE, 0xffc00000, 0xfffff000, 0xffffffff, 0x80000000
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(strange); i++) {
		mini_reset(guest_loads_root);
		root = strange[i];
		expect_prefix(mini_run_again(), "bad read address");
	}
	/* the low bits of a directory's address do not count */
	mini_reset(guest_loads_root);
	root = (u32)mini.pgdir | 0x18;
	expect_prefix(mini_run_again(), "CRASH: trap 14 ");
}

/* Large numbers of mappings, dropped and made again, with a launcher that interferes. */
static volatile char *area;
#define AREA_PAGES	1000u

static void guest_storms(void)
{
	u32 round, i;

	for (i = 0; i < AREA_PAGES; i++)
		mini.low[i + 10] = ((u32)area + i * PAGE) | P_ALL;
	for (round = 0; ; round++) {
		for (i = 0; i < AREA_PAGES; i += 7)
			*(volatile u32 *)(TEST_VADDR + ((round & 3) << 22) + (i + 10) * PAGE) = i;
		for (i = 0; i < 64; i++)
			hcall_later((round * 64 + i) % 64, i & 1 ? LHCALL_FLUSH_TLB :
				    LHCALL_SET_PTE, i & 2 ? 0 : (u32)mini.pgdir,
				    TEST_VADDR + (10 + i) * PAGE,
				    mini.low[10 + i * 3]);
		hcall1(LHCALL_NEW_PGTABLE, round & 1 ? mini.pgdir : roots[0].dir);
	}
}

static void reset_storm(void)
{
	u32 i;

	area = mmap((void *)0x20000000, AREA_PAGES * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	mini_reset(guest_storms);
	for (i = 0; i < 4; i++)
		mini_map_low(mini.pgdir, TEST_VADDR + i * LOW_SPAN);
	mini_copy_root(&roots[0]);
}

static void nothing(int sig)
{
	(void)sig;
}

static void launcher_interferes(void)
{
	struct sigaction sa = { .sa_handler = nothing };
	pid_t parent = getpid();
	u32 notice[2], i;
	const char *reason = NULL;
	int fd;

	sigaction(SIGUSR1, &sa, NULL);
	fd = mini_open();
	reset_storm();
	expect_value(mini_initialize(fd), 16);
	if (!mini_fork()) {
		for (;;) {
			kill(parent, SIGUSR1);
			usleep(5000);
		}
	}
	for (i = 0; i < 60; i++) {
		expect_value(read(fd, notice, 8), -1);
		if (errno != EINTR)
			break;
		switch (i % 4) {
		case 0:
			madvise((void *)area, AREA_PAGES * PAGE, MADV_DONTNEED);
			break;
		case 1:
			if (!fork())
				_exit(area[0]);
			break;
		case 2:
			mprotect((void *)area, AREA_PAGES * PAGE / 2, PROT_READ | PROT_WRITE);
			break;
		case 3:
			mmap((void *)area, AREA_PAGES * PAGE / 2, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			break;
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	if (i < 60) {
		reason = mini_reason(fd);
		mini_fail("it died: %s", reason);
	}
	munmap((void *)area, AREA_PAGES * PAGE);
	expect_value(read(fd, notice, 8), -1);
}

/* The longest ring: drop thousands of mappings 64 times over; then be killed. */
static void worst_ring(void)
{
	int fd = mini_open();
	pid_t pid = mini_fork();
	long ms;

	if (!pid) {
		reset_storm();
		expect_value(mini_initialize(fd), 16);
		mini_fail("it died: %s", mini_finish(fd));
	}
	wait_until(mini_counter(fd, "async_hypercalls") > 2 * LHCALL_RING_SIZE);
	ms = mini_ms();
	kill(pid, SIGKILL);
	expect_value(mini_wait(pid), SIGKILL);
	ms = mini_ms() - ms;
	expect(ms < 3000, "it took %ld ms to die", ms);
}

int main(void)
{
	RUN(all_bits_by_set_pte);
	RUN(all_bits_by_demand);
	RUN(mappings_are_taken_back);
	RUN(directory_maps_itself);
	RUN(many_directories);
	RUN(strange_roots);
	RUN(launcher_interferes);
	RUN(worst_ring);
	return mini_done();
}
