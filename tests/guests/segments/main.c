// SPDX-License-Identifier: GPL-2.0
/*
 * segments: the guest's descriptor table is the one that the CPU uses, so it
 * takes every kind of code and data segment, with two changes: DPL 0 becomes 1,
 * and all are marked accessed.  The host's own entries do not change, and
 * segment registers that lose their entry become null.  A broken host would
 * leave a segment of ring 0 to the guest, refuse a legal one, or die when it
 * loads a segment register whose entry is gone.
 */
#include "raw.h"
#include "tap.h"

#define BP	3
#define SS	12
#define GP	13

#define ENTRY		18
#define SEL(index, rpl)	((index) * 8 + (rpl))
#define TLS		6

#define FLAT_LOW	0x0000ffff
#define FLAT_HIGH	0x00cf0000
#define PRESENT		0x9000		/* and code or data */
#define DPL(n)		((n) << 13)
#define TYPE(n)		((n) << 8)
#define CODE		8
#define CONFORMING	12		/* and code */
#define ACCESSED	1

/* QEMU's own translator does not look at limits. */
#define NO_LIMITS	"this CPU does not check segment limits"

#define RIGHTS		0xff00		/* of what LAR says */

/* False if the CPU will not tell. */
static bool lar(u32 sel, u32 *rights)
{
	bool told;

	asm volatile("lar %2, %0\n\tsete %1" : "=r" (*rights), "=q" (told)
		     : "r" (sel), "0" (0) : "cc");
	return told;
}

static bool lsl(u32 sel, u32 *limit)
{
	bool told;

	asm volatile("lsl %2, %0\n\tsete %1" : "=r" (*limit), "=q" (told)
		     : "r" (sel), "0" (0) : "cc");
	return told;
}

static bool verr(u32 sel)
{
	bool yes;

	asm volatile("verr %w1\n\tsete %0" : "=q" (yes) : "r" (sel) : "cc");
	return yes;
}

static bool verw(u32 sel)
{
	bool yes;

	asm volatile("verw %w1\n\tsete %0" : "=q" (yes) : "r" (sel) : "cc");
	return yes;
}

static void load_es(void *sel)
{
	asm volatile("movl %0, %%es" : : "r" (sel));
}

static void es_back(void)
{
	load_es((void *)KERNEL_DS);
}

static void set_entry(u32 index, u32 base, u32 low, u32 high)
{
	gdt[index][0] = low | base << 16;
	gdt[index][1] = high | (base & 0xff000000) | (base >> 16 & 0xff);
	gdt_load();
}

/* Types 0 to 15: what the table then says, and who can load it as data. */
static void all_types(u32 dpl)
{
	u32 type, rights, limit, bad = 0;

	for (type = 0; type < 16; type++) {
		u32 real_dpl = dpl ? dpl : 1, want;
		bool readable = !(type & CODE) || (type & 2);
		struct fault fault;

		set_entry(ENTRY, 0, FLAT_LOW,
			  FLAT_HIGH | PRESENT | DPL(dpl) | TYPE(type));
		want = PRESENT | DPL(real_dpl) | TYPE(type | ACCESSED);
		if (!lar(SEL(ENTRY, 1), &rights) || (rights & RIGHTS) != want ||
		    !lsl(SEL(ENTRY, 1), &limit) || limit != ~0U) {
			diag("type %u DPL %u: rights %x, expected %x", type,
			     dpl, rights, want);
			bad++;
		}
		catch_fault(load_es, (void *)SEL(ENTRY, 1), &fault);
		es_back();
		if (fault.vector != (readable ? NO_FAULT : GP) ||
		    (!readable && fault.error != ENTRY * 8)) {
			diag("type %u DPL %u: loading: %d %x", type, dpl,
			     (s32)fault.vector, fault.error);
			bad++;
		}
		bad += verr(SEL(ENTRY, 1)) != readable;
		bad += verw(SEL(ENTRY, 1)) != (type < 8 && type & 2);
	}
	is(bad, 0, "all types of segments with DPL %u", dpl);
}

/* Ring 3 must not get at those of ring 1, and that is what DPL 0 becomes. */
static void from_ring3(void)
{
	static u8 code[] = { 0x8e, 0xc1, 0xcc };	/* movl %ecx, %es */
	struct raw_regs start;
	u32 dpl;

	for (dpl = 0; dpl < 4; dpl++) {
		set_entry(ENTRY, 0, FLAT_LOW,
			  FLAT_HIGH | PRESENT | DPL(dpl) | TYPE(2));
		raw_user(&start, code);
		start.ecx = SEL(ENTRY, 3);
		raw_run(&start);
		raw_ok(dpl == 3 ? raw_trapped(BP, false, 0, start.eip + 3) :
				  raw_trapped(GP, true, ENTRY * 8, start.eip),
		       "ring 3 loads a segment of DPL %u", dpl);
	}
}

static void hosts_entries(void)
{
	static const u32 hosts[] = { 10, 11, 16, 31 };
	u32 i, rights;

	for (i = 0; i < ARRAY_SIZE(hosts); i++) {
		u32 n = hosts[i];

		set_entry(n, 0, FLAT_LOW, FLAT_HIGH | PRESENT | DPL(3) | TYPE(2));
		ok(!lar(SEL(n, 1), &rights), "entry %u shows nothing to ring 1", n);
		faults(load_es, (void *)SEL(n, 1), GP, n * 8,
		       "entry %u cannot be made a segment", n);
		gdt[n][0] = 0;
		gdt[n][1] = 0;
	}
	ok(!verr(SEL(11, 0)) && !verw(SEL(11, 0)) && !verr(SEL(10, 0)),
	   "nor are the host's readable");
	gdt_load();
}

/* A short table leaves the rest alone. */
static void counts(void)
{
	u32 rights;

	set_entry(ENTRY, 0, FLAT_LOW, FLAT_HIGH | PRESENT | DPL(1) | TYPE(2));
	gdt[ENTRY][1] = 0;
	gdt[ENTRY][0] = 0;
	hcall(LHCALL_LOAD_GDT, phys(gdt), ENTRY, 0);
	ok(lar(SEL(ENTRY, 1), &rights), "entries beyond the count stay");
	hcall(LHCALL_LOAD_GDT, phys(gdt), 0, 0);
	ok(lar(SEL(ENTRY, 1), &rights), "a count of 0 changes nothing");
	hcall(LHCALL_LOAD_GDT, phys(gdt), ENTRY + 1, 0);
	ok(!lar(SEL(ENTRY, 1), &rights), "the last of the count is loaded");
	faults(load_es, (void *)SEL(ENTRY, 1), GP, ENTRY * 8,
	       "an absent entry cannot be loaded");
	es_back();
}

static u32 tls[3][2];
static u32 tls_data[4] = { 0x11111111, 0x22222222, 0x33333333, 0x44444444 };

static void set_tls(u32 i, u32 base, u32 bytes)
{
	tls[i][0] = (bytes - 1) | base << 16;
	tls[i][1] = 0x00400000 | PRESENT | DPL(3) | TYPE(2) |
		    (base & 0xff000000) | (base >> 16 & 0xff);
}

static void load_tls(void)
{
	hcall(LHCALL_LOAD_TLS, phys(tls), 0, 0);
}

static void tls_in_ring3(void)
{
	/* movl %gs:4, %eax; movl %fs:0, %edx; movl %es:(%ecx), %ebx; int3 */
	static u8 code[] = {
		0x65, 0xa1, 4, 0, 0, 0, 0x64, 0x8b, 0x15, 0, 0, 0, 0,
		0x26, 0x8b, 0x19, 0xcc
	};
	struct raw_regs start;

	set_tls(0, user_addr(&tls_data[0]), 8);
	set_tls(1, user_addr(&tls_data[2]), 8);
	set_tls(2, user_addr(&tls_data[1]), 12);
	load_tls();
	raw_user(&start, code);
	start.gs = SEL(TLS, 3);
	start.fs = SEL(TLS + 1, 3);
	start.es = SEL(TLS + 2, 3);
	start.ecx = 8;
	raw_run(&start);
	raw_ok(raw_trapped(BP, false, 0, start.eip + sizeof(code)) &&
	       raw.regs.eax == tls_data[1] && raw.regs.edx == tls_data[2] &&
	       raw.regs.ebx == tls_data[3],
	       "three segments of one's own in ring 3");
	ok(raw.regs.gs == start.gs && raw.regs.fs == start.fs &&
	   raw.regs.es == start.es, "and the registers stay");
	start.ecx = 9;
	raw_run(&start);
	if (raw.vector == BP)
		skip(NO_LIMITS, "up to their limit");
	else
		raw_ok(raw_trapped(GP, true, 0, start.eip + 13),
		       "up to their limit");
	start.ecx = 0;
	start.gs = SEL(TLS, 3);
	memcpy(code + sizeof(code) - 1, "\xf4", 1);	/* hlt */
	raw_run(&start);
	memcpy(code + sizeof(code) - 1, "\xcc", 1);
	ok(raw.vector == GP && raw.regs.gs == start.gs && raw.regs.fs == start.fs &&
	   raw.regs.es == start.es, "and the registers stay over a reflected trap");
}

/* Of what is loaded nothing differs but the place; then nothing at all. */
static void tls_that_moves(void)
{
	/* movl %gs:0, %eax; int3 */
	static u8 code[] = { 0x65, 0xa1, 0, 0, 0, 0, 0xcc };
	static const u32 places[] = { 0, 1, 1, 3 };
	struct raw_regs start;
	u32 i, bad = 0;

	for (i = 0; i < 4; i++) {
		const u32 *place = &tls_data[places[i]];

		set_tls(0, user_addr(place), 4);
		tls[0][1] |= TYPE(ACCESSED);
		load_tls();
		raw_user(&start, code);
		start.gs = SEL(TLS, 3);
		raw_run(&start);
		bad += raw.vector != BP || raw.regs.eax != *place;
	}
	ok(!bad, "a segment that moves is where it was put last");
}

/* One hypercall with the given values in gs, fs and es. */
static void registers_after(u32 call, u32 arg1, u32 arg2, u32 in[3], u32 out[3])
{
	/* int $0x1f; int3 */
	static u8 code[] = { 0xcd, LGUEST_TRAP_ENTRY, 0xcc };
	struct raw_regs start;

	raw_kernel(&start, code);
	start.eax = call;
	start.edx = arg1;
	start.ebx = arg2;
	start.gs = in[0];
	start.fs = in[1];
	start.es = in[2];
	raw_run(&start);
	out[0] = raw.regs.gs;
	out[1] = raw.regs.fs;
	out[2] = raw.regs.es;
}

static void vanishing(void)
{
	u32 in[3] = { SEL(TLS, 3), SEL(TLS + 1, 3), SEL(TLS + 2, 3) }, out[3];
	u32 i, bad = 0;

	for (i = 0; i < 3; i++)
		set_tls(i, (u32)tls_data, 8);
	load_tls();
	registers_after(LHCALL_LOAD_TLS, phys(tls), 0, in, out);
	is(memcmp(in, out, sizeof(in)), 0, "entries that stay, stay in use");
	memset(tls[1], 0, sizeof(tls[1]));
	registers_after(LHCALL_LOAD_TLS, phys(tls), 0, in, out);
	ok(out[0] == in[0] && !out[1] && out[2] == in[2],
	   "fs is null when its entry vanishes");
	memset(tls, 0, sizeof(tls));
	in[1] = in[0];
	registers_after(LHCALL_LOAD_TLS, phys(tls), 0, in, out);
	ok(!out[0] && !out[1] && !out[2], "and so are all");

	/* All three in the same entry, with any RPL; the table this time. */
	set_entry(ENTRY, 0, FLAT_LOW, FLAT_HIGH | PRESENT | DPL(3) | TYPE(2));
	for (i = 1; i < 4; i++) {
		in[0] = SEL(ENTRY, i);
		in[1] = SEL(ENTRY, i);
		in[2] = SEL(ENTRY, i);
		registers_after(LHCALL_FLUSH_ASYNC, 0, 0, in, out);
		bad += memcmp(in, out, sizeof(in)) != 0;
		gdt[ENTRY][1] &= ~0x8000;
		registers_after(LHCALL_LOAD_GDT, phys(gdt), GDT_ENTRIES, in, out);
		bad += out[0] || out[1] || out[2];
		gdt[ENTRY][1] |= 0x8000;
		gdt_load();
	}
	is(bad, 0, "the same by LOAD_GDT with any RPL");
	in[0] = 1;
	in[1] = 2;
	in[2] = 3;
	registers_after(LHCALL_LOAD_GDT, phys(gdt), GDT_ENTRIES, in, out);
	ok(out[0] < 4 && out[1] < 4 && out[2] < 4, "null selectors stay null");
}

/* A stack with a limit, which only ring 3 can have. */
static void small_stack(void)
{
	static u8 code[] = { 0x50, 0x50, 0x50, 0x50, 0x50, 0xcc };	/* push */
	static u32 stack[8];
	struct raw_regs start;

	set_entry(ENTRY, user_addr(stack), sizeof(stack) - 1,
		  0x00400000 | PRESENT | DPL(3) | TYPE(2));
	raw_user(&start, code);
	start.ss = SEL(ENTRY, 3);
	start.esp = 16;
	raw_run(&start);
	if (raw.vector == BP) {
		skip(NO_LIMITS, "a stack of 16 bytes takes four words, then faults");
		return;
	}
	raw_ok(raw_trapped(SS, true, 0, start.eip + 4) && raw.word[4] == 0 &&
	       (u16)raw.word[5] == start.ss && stack[0] == start.eax,
	       "a stack of 16 bytes takes four words, then faults");
}

static void code_segments(void)
{
	/* In 16-bit code: mov $0x1234, %ax (32-bit: part of a longer one); int3 */
	static u8 code16[] = { 0xb8, 0x34, 0x12, 0xcc, 0xcc };
	static u8 int3[] = { 0xcc };
	struct raw_regs start;

	set_entry(ENTRY, 0, FLAT_LOW, 0x008f0000 | PRESENT | DPL(3) | TYPE(10));
	raw_user(&start, code16);
	start.cs = SEL(ENTRY, 3);
	raw_run(&start);
	raw_ok(raw_trapped(BP, false, 0, start.eip + 4) &&
	       (u16)raw.regs.eax == 0x1234 && (u16)raw.word[1] == start.cs,
	       "16-bit code in ring 3");

	set_entry(ENTRY, 0, FLAT_LOW,
		  FLAT_HIGH | PRESENT | DPL(0) | TYPE(CONFORMING));
	raw_user(&start, int3);
	start.cs = SEL(ENTRY, 3);
	raw_run(&start);
	raw_ok(raw_trapped(BP, false, 0, start.eip + 1) &&
	       (u16)raw.word[1] == start.cs,
	       "conforming code runs in the ring of its caller");

	set_entry(ENTRY, 0, FLAT_LOW, FLAT_HIGH | PRESENT | DPL(0) | TYPE(10));
	raw_kernel(&start, int3);
	start.cs = SEL(ENTRY, 1);
	raw_run(&start);
	raw_ok(raw_trapped(BP, false, 0, start.eip + 1) &&
	       (u16)raw.word[1] == start.cs && raw.regs.ss == KERNEL_DS,
	       "another code segment of the kernel's");
}

/* These look at the tables without any right to.  They must do no harm. */
static void curious_instructions(void)
{
	static const struct {
		const char *name;
		u8 code[4];
	} all[] = {
		{ "sgdt", { 0x0f, 0x01, 0x01, 0xcc } },
		{ "sidt", { 0x0f, 0x01, 0x09, 0xcc } },
		{ "sldt", { 0x0f, 0x00, 0x01, 0xcc } },
		{ "str", { 0x0f, 0x00, 0x09, 0xcc } },
		{ "smsw", { 0x0f, 0x01, 0x21, 0xcc } },
	};
	static u8 code[4];
	static u32 answer[4];
	struct raw_regs start;
	u32 i, ring, bad;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		memcpy(code, all[i].code, sizeof(code));
		bad = 0;
		for (ring = 1; ring <= 3; ring += 2) {
			(ring == 3 ? raw_user : raw_kernel)(&start, code);
			start.ecx = ring == 3 ? user_addr(answer) : (u32)answer;
			raw_run(&start);
			bad += !raw_trapped(BP, false, 0, start.eip + 4);
			if (!strcmp(all[i].name, "sldt"))
				bad += (u16)answer[0] != 0;
		}
		raw_ok(!bad, "%s works in both rings", all[i].name);
	}
}

int main(void)
{
	u32 dpl;

	paging_init();
	raw_init();
	for (dpl = 0; dpl < 4; dpl++)
		all_types(dpl);
	hosts_entries();
	counts();
	raw_gates(GATE_INTERRUPT, 3);
	from_ring3();
	tls_in_ring3();
	tls_that_moves();
	vanishing();
	small_stack();
	code_segments();
	curious_instructions();
	raw_gates(GATE_TRAP, 3);
	tls_in_ring3();
	tls_that_moves();
	vanishing();
	small_stack();
	code_segments();
	done();
}
