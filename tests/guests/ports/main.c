// SPDX-License-Identifier: GPL-2.0
/*
 * ports: a guest's kernel may try IN and OUT, with any prefixes, and finds no
 * device: IN gives ones in exactly the bits that the instruction names, OUT is
 * lost, and the next instruction follows.  Ring 3 gets its fault.  A broken
 * host would destroy the rest of eax, skip a wrong number of bytes, execute
 * what the CPU would not (more than 15 bytes, bytes on a page that is not
 * there), or read them from the wrong place if the code segment has a base.
 */
#include "raw.h"
#include "tap.h"

#define BP	3
#define UD	6
#define GP	13
#define PF	14

#define EAX_BEFORE	0x12345678

struct port_case {
	const char *name;
	u8 length, code[8];
	u32 ones;
};

static struct port_case cases[] = {
	{ "in $0x70, %al", 2, { 0xe4, 0x70 }, 0xff },
	{ "in $0x70, %eax", 2, { 0xe5, 0x70 }, 0xffffffff },
	{ "in $0x70, %ax", 3, { 0x66, 0xe5, 0x70 }, 0xffff },
	{ "in $0xe4, %al", 2, { 0xe4, 0xe4 }, 0xff },
	{ "data16 in $0x70, %al", 3, { 0x66, 0xe4, 0x70 }, 0xff },
	{ "in %dx, %al", 1, { 0xec }, 0xff },
	{ "in %dx, %eax", 1, { 0xed }, 0xffffffff },
	{ "in %dx, %ax", 2, { 0x66, 0xed }, 0xffff },
	{ "data16 twice", 3, { 0x66, 0x66, 0xed }, 0xffff },
	{ "out %al, $0x80", 2, { 0xe6, 0x80 }, 0 },
	{ "out %eax, $0x80", 2, { 0xe7, 0x80 }, 0 },
	{ "out %ax, $0x80", 3, { 0x66, 0xe7, 0x80 }, 0 },
	{ "out %al, %dx", 1, { 0xee }, 0 },
	{ "out %eax, %dx", 1, { 0xef }, 0 },
	{ "out %ax, %dx", 2, { 0x66, 0xef }, 0 },
	{ "cs in %dx, %al", 2, { 0x2e, 0xec }, 0xff },
	{ "ds in %dx, %al", 2, { 0x3e, 0xec }, 0xff },
	{ "es in %dx, %al", 2, { 0x26, 0xec }, 0xff },
	{ "ss in %dx, %al", 2, { 0x36, 0xec }, 0xff },
	{ "fs in %dx, %eax", 2, { 0x64, 0xed }, 0xffffffff },
	{ "gs out %al, %dx", 2, { 0x65, 0xee }, 0 },
	{ "addr16 in $0x70, %al", 3, { 0x67, 0xe4, 0x70 }, 0xff },
	{ "rep in %dx, %al", 2, { 0xf3, 0xec }, 0xff },
	{ "repne out %al, %dx", 2, { 0xf2, 0xee }, 0 },
	{ "gs data16 addr16 rep in %dx, %ax", 5,
	  { 0x65, 0x66, 0x67, 0xf3, 0xed }, 0xffff },
};

/* Code for experiments: two pages that are not neighbours, see main(). */
#define CODE_PAGE	(WINDOW_BASE + 0x20000)
#define CODE_END	(CODE_PAGE + PAGE_SIZE)

static void put(u32 at, const u8 *code, u32 length)
{
	memset((void *)at, 0xcc, 24);
	memcpy((void *)at, code, length);
}

static void prepare(struct raw_regs *start, u32 at)
{
	raw_kernel(start, (void *)at);
	start->eax = EAX_BEFORE;
	start->edx = 0xcf8;
	start->eflags = EFLAGS_FIXED | EFLAGS_IF | EFLAGS_CF | EFLAGS_ZF |
			EFLAGS_DF;
}

/* It was emulated, int3 came next, and nothing else changed. */
static bool is_skipped(struct raw_regs *start, u32 length, u32 ones)
{
	start->eax |= ones;
	if (raw_trapped(BP, false, 0, start->eip + length + 1) &&
	    !((raw.word[2] ^ start->eflags) & (EFLAGS_CF | EFLAGS_ZF | EFLAGS_DF)) &&
	    !memcmp(&raw.regs, start, offsetof(struct raw_regs, eip)))
		return true;
	diag("gate %u at +%d error 0x%x eax %x", raw.vector,
	     RAW_EIP(raw.vector != BP) - start->eip, raw.word[0], raw.regs.eax);
	return false;
}

static bool is_emulated(const struct port_case *c, u32 at)
{
	struct raw_regs start;

	put(at, c->code, c->length);
	prepare(&start, at);
	raw_run(&start);
	return is_skipped(&start, c->length, c->ones);
}

static void everywhere(const struct port_case *c)
{
	u32 at;

	ok(is_emulated(c, CODE_PAGE), "%s", c->name);
	for (at = CODE_END - c->length; at < CODE_END; at++) {
		if (!is_emulated(c, at))
			break;
	}
	ok(at == CODE_END, "%s across two pages", c->name);
}

static void ring3(const struct port_case *c)
{
	static u8 code[16];
	struct raw_regs start;

	memcpy(code, c->code, c->length);
	raw_user(&start, code);
	raw_run(&start);
	ok(raw_trapped(GP, true, 0, start.eip) && raw.regs.eax == start.eax,
	   "%s in ring 3 is refused", c->name);
}

/* Prefixes up to the longest instruction that the CPU takes, and one more. */
static void too_long(const u8 *tail, u32 length, u32 ones, const char *name)
{
	struct raw_regs start;
	u8 code[16];

	memset(code, 0x3e, sizeof(code));
	memcpy(code + 15 - length, tail, length);
	put(CODE_PAGE, code, 15);
	prepare(&start, CODE_PAGE);
	raw_run(&start);
	ok(is_skipped(&start, 15, ones), "%s in 15 bytes", name);

	memset(code, 0x3e, sizeof(code));
	memcpy(code + 16 - length, tail, length);
	put(CODE_PAGE, code, 16);
	prepare(&start, CODE_PAGE);
	raw_run(&start);
	ok(raw_trapped(GP, true, 0, CODE_PAGE) && raw.regs.eax == EAX_BEFORE,
	   "%s in 16 bytes is refused", name);
}

static void next_page_absent(pte_t *pte)
{
	static const u8 in_dx[] = { 0x66, 0xed }, in_imm[] = { 0xe5, 0x70 };
	struct raw_regs start;

	/* int3 can no longer follow on the next page: it is a page fault. */
	memcpy((void *)(CODE_END - 2), in_dx, 2);
	pte_set(kernel_pgdir, CODE_END, pte, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
	prepare(&start, CODE_END - 2);
	raw_run(&start);
	raw_ok(raw_trapped(PF, true, 0, CODE_END) && lguest_data.cr2 == CODE_END &&
	       raw.regs.eax == (EAX_BEFORE | 0xffff),
	       "an instruction that ends where memory ends is emulated");

	memcpy((void *)(CODE_END - 1), in_imm, 1);
	prepare(&start, CODE_END - 1);
	raw_run(&start);
	raw_ok(raw_trapped(PF, true, 0, CODE_END - 1) &&
	       lguest_data.cr2 == CODE_END && raw.regs.eax == EAX_BEFORE,
	       "one that is not all there is a page fault");
}

static void lock_prefix(void)
{
	static const u8 code[] = { 0xf0, 0xec };
	struct raw_regs start;

	put(CODE_PAGE, code, sizeof(code));
	prepare(&start, CODE_PAGE);
	raw_run(&start);
	ok((raw_trapped(UD, false, 0, CODE_PAGE) ||
	    raw_trapped(GP, true, 0, CODE_PAGE)) && raw.regs.eax == EAX_BEFORE,
	   "lock in %%dx, %%al is refused");
}

#define BASE_ENTRY	18
#define BASE_CS		(BASE_ENTRY * 8 + 1)

static void code_segment_with_base(void)
{
	static const u8 code[] = { 0xe5, 0x70 };
	struct raw_regs start;

	/* 1 MB from the window's start, ring 1, code */
	gdt[BASE_ENTRY][0] = (CODE_PAGE & 0xffff) << 16 | 0x00ff;
	gdt[BASE_ENTRY][1] = (CODE_PAGE & 0xff000000) | 0x00c0bb00 |
			     (CODE_PAGE >> 16 & 0xff);
	gdt_load();
	put(CODE_PAGE + 0x30, code, sizeof(code));
	prepare(&start, 0x30);
	start.cs = BASE_CS;
	raw_run(&start);
	ok(is_skipped(&start, 2, 0xffffffff) && (u16)raw.word[1] == BASE_CS,
	   "in a code segment that starts elsewhere");
}

/* With TF, the emulated instruction is one step like any other. */
static void single_step(void)
{
	static const u8 code[] = { 0xec };
	struct raw_regs start;

	put(CODE_PAGE, code, sizeof(code));
	prepare(&start, CODE_PAGE);
	start.eflags |= EFLAGS_TF;
	raw_run(&start);
	raw_ok(raw_trapped(1, false, 0, CODE_PAGE + 1), "a single step stops after it");
}

int main(void)
{
	pte_t *pte;
	u32 i;
	u8 *second, *first;

	paging_init();
	raw_init();
	raw_gates(GATE_INTERRUPT, 3);
	second = page_alloc();
	page_alloc();
	first = page_alloc();
	map_page(kernel_pgdir, CODE_PAGE, phys(first) | PTE_P | PTE_RW);
	map_page(kernel_pgdir, CODE_END, phys(second) | PTE_P | PTE_RW);
	pte = pte_find(kernel_pgdir, CODE_END, false);

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		everywhere(&cases[i]);
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		ring3(&cases[i]);
	too_long((u8[]){ 0xec }, 1, 0xff, "in %dx, %al");
	too_long((u8[]){ 0xe5, 0x70 }, 2, 0xffffffff, "in $0x70, %eax");
	lock_prefix();
	single_step();
	code_segment_with_base();
	next_page_absent(pte);
	done();
}
