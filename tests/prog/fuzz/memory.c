// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's memory as it starts: page tables, the shared structure, what its start does,
 * the handler of all its gates, and the units.
 */
#include "fuzz.h"

/* Boot parameters: number of memory areas, the first one. */
#define BOOT_E820_ENTRIES	0x1e8
#define BOOT_E820		0x2d0

static u32 new_table(void)
{
	return FUZZ_TABLES + plan.nr_tables++ * PAGE;
}

static void set_table(u32 root, u32 vaddr, u32 table)
{
	era_put(plan.base, era_dir_entry(plan.base, root, vaddr), table | P_ALL);
}

static void share_directory(u32 root, u32 vaddr, u32 dir)
{
	if (era_pae)
		era_put(plan.base, root + (vaddr >> 30) * 8, dir | P_PRESENT);
}

/* (What uses address 0 should not be the end of all that have nothing there.) */
static u32 new_linear_table(u32 from)
{
	u32 table = new_table(), size = era_pae ? 8 : 4, at;

	for (at = 0; at < era_span(); at += PAGE) {
		if (!plan.classic || from + at >= FUZZ_FIRST)
			era_put(plan.base, table + at / PAGE * size, (from + at) | P_ALL);
	}
	return table;
}

/* What the launcher names is of two levels, whatever the guest's own will be. */
static void make_first_tables(void)
{
	bool pae = era_pae;
	u32 at, table;

	era_pae = false;
	plan.first_root = new_table();
	for (at = 0; at < FUZZ_RAM; at += era_span()) {
		table = new_linear_table(at);
		set_table(plan.first_root, at, table);
		set_table(plan.first_root, plan.kernel_address + at, table);
	}
	era_pae = pae;
}

/*
 * All of memory at its own addresses and from the kernel's up, and the window.  The tables
 * are the same for all roots; so are, with PAE, the directories that have them.
 */
static void make_tables(void)
{
	u32 low = 0, kernel = 0, window = 0, table, at, i;

	for (i = 0; i < FUZZ_ROOTS; i++)
		plan.roots[i] = new_table();
	if (era_pae) {
		low = new_table();
		kernel = new_table();
		window = new_table();
	}
	for (i = 0; i < FUZZ_ROOTS; i++) {
		share_directory(plan.roots[i], 0, low);
		share_directory(plan.roots[i], FUZZ_WINDOW, window);
		share_directory(plan.roots[i], plan.kernel_address, kernel);
	}
	for (at = 0; at < FUZZ_RAM; at += era_span()) {
		table = new_linear_table(at);
		for (i = 0; i < FUZZ_ROOTS; i++) {
			set_table(plan.roots[i], at, table);
			set_table(plan.roots[i], plan.kernel_address + at, table);
		}
	}
	table = new_table();
	for (i = 0; i < FUZZ_ROOTS; i++)
		set_table(plan.roots[i], FUZZ_WINDOW, table);
	for (at = 0; at < PAGE; at += era_pae ? 8 : 4) {
		if (!rnd_one_in(4))
			era_put(plan.base, table + at, fuzz_entry());
	}
}

static void make_data(void)
{
	const struct era_layout *at = era->data;
	u32 slot;

	memset(fuzz_seen(FUZZ_DATA + at->status), LHCALL_RING_FREE, LHCALL_RING_SIZE);
	if (at->kernel_address) {
		*(u32 *)fuzz_seen(FUZZ_DATA + at->kernel_address) = plan.kernel_address;
		*(u32 *)fuzz_seen(FUZZ_DATA + at->syscall_vec) = SYSCALL_VECTOR;
	}
	for (slot = 0; slot < LHCALL_RING_SIZE; slot++)
		fuzz_fill_slot(slot);
	if (plan.direct_faults)
		*(u32 *)fuzz_seen(FUZZ_VARS + VAR_ANSWER) = LGUEST_WANTS(LGUEST_HAS_DIRECT_FAULTS);
	strcpy(fuzz_seen(FUZZ_VARS + VAR_MESSAGE), "done");
}

static void make_gdt(void)
{
	static const u32 high[] = { KERNEL_CODE, KERNEL_DATA, USER_CODE, USER_DATA };
	u32 (*gdt)[2] = fuzz_seen(FUZZ_GDT), i;

	for (i = 0; i < ARRAY_SIZE(high); i++) {
		gdt[KERNEL_CS / 8 + i][0] = FLAT_LOW;
		gdt[KERNEL_CS / 8 + i][1] = high[i];
	}
}

/* What the host looks for is at the start of memory. */
static void make_boot_params(void)
{
	u32 *area = fuzz_seen(BOOT_E820);

	*(u8 *)fuzz_seen(BOOT_E820_ENTRIES) = 1;
	area[2] = FUZZ_RAM;
	area[4] = 1;
}

static void make_random_words(void)
{
	u32 *dma = fuzz_seen(FUZZ_DMA), at, i;

	/* what runs there comes to an end soon */
	memset(fuzz_seen(FUZZ_SCRATCH), 0xcc, FUZZ_SCRATCH_PAGES * PAGE);
	for (at = FUZZ_SCRATCH; at < FUZZ_SCRATCH + FUZZ_SCRATCH_PAGES * PAGE; at += 64)
		*(u32 *)fuzz_seen(at) = rnd_one_in(2) ? fuzz_vaddr() : rnd_word();
	for (i = 0; i < PAGE / 4; i++)
		dma[i] = fuzz_wild() ? rnd_word() : rnd_one_in(3) ? 0 : fuzz_paddr(4);
}

static void call(u32 nr, u32 arg1, u32 arg2, u32 arg3)
{
	struct fuzz_call to_make = { nr, { arg1, arg2, arg3, 0 } };

	put_call(&to_make, era_has(ERA_VMCALL));
}

static void set_gate(u32 vector)
{
	u32 at = plan.view + FUZZ_HANDLER, type = rnd_one_in(2) ? GATE_TRAP : GATE_INTERRUPT;

	call(LHCALL_LOAD_IDT_ENTRY, vector, KERNEL_CS << 16 | (at & 0xffff),
	     (at & 0xffff0000) | type | rnd_below(4) << 13);
}

static void load_segments(void)
{
	const u32 (*gdt)[2] = fuzz_seen(FUZZ_GDT);
	u32 i;

	if (era_has(ERA_GDT)) {
		call(LHCALL_LOAD_GDT, FUZZ_GDT, GDT_ENTRIES, 0);
		return;
	}
	for (i = KERNEL_CS / 8; i <= USER_DS / 8; i++)
		call(LHCALL_LOAD_GDT_ENTRY, i, gdt[i][0], gdt[i][1]);
}

static void write_start(void)
{
	u32 vector;

	fuzz_at = fuzz_seen(FUZZ_START);
	fuzz_end = fuzz_at + 2 * PAGE;
	put_move(ESP, plan.view + FUZZ_STACK);
	call(LHCALL_LGUEST_INIT, FUZZ_DATA, plan.extensions ? LGUEST_EXTENSIONS : 0,
	     FUZZ_VARS + VAR_ANSWER);
	call(LHCALL_NEW_PGTABLE, plan.roots[0], 0, 0);
	load_segments();
	call(LHCALL_SET_STACK, KERNEL_DS, plan.view + FUZZ_STACK, 1 + rnd_below(2));
	for (vector = 0; vector < 64; vector++) {
		if (!rnd_one_in(64))
			set_gate(vector);
	}
	set_gate(SYSCALL_VECTOR);
	put_move(EAX, plan.view + FUZZ_HANDLER);
	put8(0xff);		/* jmp *%eax */
	put8(0xe0);
}

static void put_bytes(const char *bytes, u32 n)
{
	while (n--)
		put8(*bytes++);
}

#define PUT(bytes)	put_bytes(bytes, sizeof(bytes) - 1)

/* Where a unit's address was made of its number, in eax. */
static void put_unit_address(u32 view)
{
	PUT("\xc1\xe0\x06\x05");	/* shl $6, %eax; add $, %eax */
	put32(view + FUZZ_CODE);
}

/* Some place for each register: what is near 0 would often be the host's. */
static void put_registers(void)
{
	static const u8 regs[] = { ECX, EDX, EBX, ESI, EDI };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		put_move(regs[i], fuzz_vaddr());
	put_move(EBP, fuzz_stack());
}

/* The segments and the stack are as they should be, wherever it comes from. */
static void write_handler(void)
{
	u8 *to_end, *to_user;

	fuzz_at = fuzz_seen(FUZZ_HANDLER);
	fuzz_end = fuzz_at + PAGE;
	put_move(EAX, KERNEL_DS);
	PUT("\x8e\xd8\x8e\xc0\x8e\xd0");	/* mov %eax, %ds, %es, %ss */
	put_move(ESP, plan.view + FUZZ_STACK);
	put_registers();
	if (rnd_one_in(2))
		PUT("\x31\xc0\x8e\xe0\x8e\xe8");	/* xor %eax, %eax; mov %eax, %fs, %gs */
	PUT("\xa1");			/* mov VAR_TURN, %eax */
	put32(plan.view + FUZZ_VARS + VAR_TURN);
	PUT("\xff\x05");		/* incl VAR_TURN */
	put32(plan.view + FUZZ_VARS + VAR_TURN);
	PUT("\x3d");			/* cmp $units, %eax; jae */
	put32(plan.units);
	PUT("\x73\x00");
	to_end = fuzz_at;
	put_store(plan.view + FUZZ_DATA + DATA_IRQ_ENABLED, FL_IF);
	PUT("\x0f\xa3\x05");		/* bt %eax, VAR_RINGS; jc */
	put32(plan.view + FUZZ_VARS + VAR_RINGS);
	PUT("\x72\x00");
	to_user = fuzz_at;
	put_unit_address(plan.view);
	PUT("\xff\xe0");		/* jmp *%eax */
	to_user[-1] = fuzz_at - to_user;
	put_unit_address(0);
	put_move(EDX, USER_DS);
	PUT("\x8e\xda\x8e\xc2\x52\x68");	/* mov %edx, %ds, %es; push %edx; push */
	put32(FUZZ_USTACK);
	PUT("\x68\x02\x02\x00\x00\x68");	/* push eflags; push cs; push %eax; iret */
	put32(USER_CS);
	PUT("\x50\xcf");
	to_end[-1] = fuzz_at - to_end;
	call(LHCALL_SHUTDOWN, FUZZ_VARS + VAR_MESSAGE, LGUEST_SHUTDOWN_POWEROFF, 0);
	PUT("\xeb\xfe");		/* jmp . */
}

int fuzz_shared = -1;

static void map_memory(void)
{
	u32 from = plan.base + (plan.classic ? FUZZ_FIRST : 0);
	u32 size = plan.base + FUZZ_RAM + FUZZ_DEVICES - from;

	if (mmap((void *)from, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
		 MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1, 0) != (void *)from)
		fuzz_fail("no memory at %#x: %m", from);
	if (plan.shares && fuzz_shared >= 0 &&
	    mmap(fuzz_seen(FUZZ_SCRATCH), PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 fuzz_shared, 0) == MAP_FAILED)
		fuzz_fail("no shared memory: %m");
}

/**
 * fuzz_make_guest() - fill the memory of the guest of the plan
 */
void fuzz_make_guest(void)
{
	u32 *rings = (u32 *)(plan.base + FUZZ_VARS + VAR_RINGS), i;
	bool users = plan.kinds == 1u << KIND_RAW || rnd_one_in(4);

	map_memory();
	make_first_tables();
	make_tables();
	make_data();
	make_gdt();
	if (!plan.classic)
		make_boot_params();
	make_random_words();
	write_start();
	write_handler();
	for (i = 0; i < FUZZ_UNITS / 32; i++)
		rings[i] = users ? rnd() | rnd() : rnd() & rnd();
	for (i = 0; i < plan.units; i++)
		fuzz_unit(i);
}
