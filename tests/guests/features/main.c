// SPDX-License-Identifier: GPL-2.0
/*
 * features: what a guest may see of its processor.  CPUID, the time stamp
 * counter and XGETBV answer; SGDT, SIDT, SLDT, STR and SMSW do in both rings,
 * whatever the host does to its own programs (UMIP), and show the world that
 * the host made for guests, no other.  XSAVE keeps every kind of register that
 * the host has turned on; and of what CPUID promises to kernels nothing works.
 * A broken host would let one of these fault, or show something of its own.
 */
#include "raw.h"
#include "tap.h"
#include "xstate.h"
#include "../../lib/host.h"

#define BP	3
#define UD	6
#define NM	7
#define GP	13

#define CPUID_TSC	4		/* leaf 1, edx */
#define CPUID_EXTENDED	0x80000001
#define CPUID_RDTSCP	27		/* its edx */
#define CR0_PE		1
#define CR0_TS		8

static u8 buffer[64] __aligned(64);

/* An instruction, which ends before the int3; ecx points to @buffer. */
static void run_insn(u32 ring, const u8 *insn, u32 len)
{
	static u8 code[16];
	struct raw_regs start;

	memcpy(code, insn, len);
	code[len] = 0xcc;
	memset(buffer, 0xee, sizeof(buffer));
	(ring == 3 ? raw_user : raw_kernel)(&start, code);
	start.ecx = ring == 3 ? user_addr(buffer) : (u32)buffer;
	raw_run(&start);
}

static u16 limit_in_buffer(void)
{
	return buffer[0] | buffer[1] << 8;
}

static u32 base_in_buffer(void)
{
	u32 base;

	memcpy(&base, buffer + 2, sizeof(base));
	return base;
}

/* (Of a 64-bit host's addresses the lower half alone is seen.) */
static bool is_hosts_address(u32 addr)
{
	return guest_is_on_64bit() || addr >= -lguest_data.reserve_mem;
}

static void tables(u32 ring)
{
	static const u8 sgdt[] = { 0x0f, 0x01, 0x01 }, sidt[] = { 0x0f, 0x01, 0x09 };

	run_insn(ring, sgdt, sizeof(sgdt));
	raw_ok(raw.vector == BP && limit_in_buffer() == guest_gdt_limit() &&
	       is_hosts_address(base_in_buffer()),
	       "sgdt in ring %u shows a guest's table, in the host's addresses", ring);
	run_insn(ring, sidt, sizeof(sidt));
	raw_ok(raw.vector == BP && limit_in_buffer() == guest_idt_limit() &&
	       is_hosts_address(base_in_buffer()), "and so does sidt");
}

static void selectors(u32 ring)
{
	static const u8 sldt[] = { 0x0f, 0x00, 0x01 }, str[] = { 0x0f, 0x00, 0x09 };

	run_insn(ring, sldt, sizeof(sldt));
	raw_ok(raw.vector == BP && limit_in_buffer() == 0,
	       "sldt in ring %u: there is no LDT", ring);
	run_insn(ring, str, sizeof(str));
	raw_ok(raw.vector == BP && limit_in_buffer() == guest_task_selector(),
	       "str: the task is the host's entry");
}

static u32 status_word(u32 ring)
{
	static const u8 smsw[] = { 0x0f, 0x01, 0x21 };

	run_insn(ring, smsw, sizeof(smsw));
	return raw.vector == BP ? limit_in_buffer() & (CR0_PE | CR0_TS) : ~0U;
}

static void machine_status(u32 ring)
{
	is(status_word(ring), CR0_PE, "smsw in ring %u: TS is clear", ring);
	hcall(LHCALL_TS, 1, 0, 0);
	is(status_word(ring), CR0_PE | CR0_TS, "and set when the guest asks for it");
	hcall(LHCALL_TS, 0, 0, 0);
}

static bool has_rdtscp(void)
{
	u32 last = cpuid_of(CPUID_EXTENDED - 1, 0).eax;

	/* A CPU without such leaves answers something else. */
	return last >= CPUID_EXTENDED && last < CPUID_EXTENDED + 0x1000 &&
	       (cpuid_of(CPUID_EXTENDED, 0).edx >> CPUID_RDTSCP & 1);
}

/* Unless the launcher is denied it. */
static void time_stamp(u32 ring)
{
	static const u8 rdtsc[] = { 0x0f, 0x31 }, rdtscp[] = { 0x0f, 0x01, 0xf9 };

	if (!(cpuid_of(1, 0).edx >> CPUID_TSC & 1))
		return;
	run_insn(ring, rdtsc, sizeof(rdtsc));
	raw_ok(raw.vector == BP, "rdtsc works in ring %u", ring);
	if (!has_rdtscp())
		return;
	run_insn(ring, rdtscp, sizeof(rdtscp));
	raw_ok(raw.vector == BP, "and so does rdtscp");
}

/* What CPUID shows, but only a kernel that has ring 0 could use. */
static void not_for_guests(u32 ring)
{
	static const struct {
		const char *name;
		u8 len, code[8];
		bool may_be_gp;
	} refused[] = {
		{ "stac", 3, { 0x0f, 0x01, 0xcb }, false },
		{ "clac", 3, { 0x0f, 0x01, 0xca }, false },
		/* (with ecx and edx 0, as they have to be) */
		{ "rdpkru", 7, { 0x31, 0xc9, 0x31, 0xd2, 0x0f, 0x01, 0xee }, false },
		{ "wrpkru", 7, { 0x31, 0xc9, 0x31, 0xd2, 0x0f, 0x01, 0xef }, false },
		{ "swapgs", 3, { 0x0f, 0x01, 0xf8 }, false },
		{ "rdfsbase", 4, { 0xf3, 0x0f, 0xae, 0xc0 }, false },
		{ "monitor", 3, { 0x0f, 0x01, 0xc8 }, true },
		{ "mwait", 3, { 0x0f, 0x01, 0xc9 }, true },
		{ "rdpmc", 2, { 0x0f, 0x33 }, true },
		{ "xsetbv", 3, { 0x0f, 0x01, 0xd1 }, true },
		{ "invpcid", 5, { 0x66, 0x0f, 0x38, 0x82, 0x01 }, true },
		{ "vmrun", 3, { 0x0f, 0x01, 0xd8 }, true },
		{ "clgi", 3, { 0x0f, 0x01, 0xdd }, true },
		{ "invlpga", 3, { 0x0f, 0x01, 0xdf }, true },
		{ "getsec", 2, { 0x0f, 0x37 }, true },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		run_insn(ring, refused[i].code, refused[i].len);
		raw_ok(raw.vector == UD ||
		       (refused[i].may_be_gp && raw.vector == GP),
		       "%s is refused in ring %u", refused[i].name, ring);
	}
}

static void use_avx(void *arg __unused)
{
	asm volatile("vmovups %ymm0, %ymm0");
}

/* The registers as XSAVE sees them, over a stay with the host. */
static void extended_state(void)
{
	static u8 before[XSTATE_SIZE] __aligned(64), after[XSTATE_SIZE] __aligned(64);
	u32 round, bad = 0;

	if (!xstate_init()) {
		skip("the host does not use XSAVE", "xgetbv and xsave");
		return;
	}
	diag("XCR0 is 0x%x, of which we try 0x%x", xgetbv(), xstate_mask());
	ok((xgetbv() & 3) == 3, "xgetbv tells of x87 and SSE at least");
	for (round = 0; round < 100; round++) {
		xstate_fill(before, round);
		memset(after, 0, sizeof(after));
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		if (round % 10 == 0)
			printf("# the launcher uses its own registers: %u\n", round);
		xstate_save(after);
		bad += memcmp(before, after, sizeof(before)) != 0;
	}
	is(bad, 0, "all kinds of registers survive calls and output");
	hcall(LHCALL_TS, 1, 0, 0);
	if (xstate_mask() & XSTATE_AVX)
		faults(use_avx, NULL, NM, 0, "with TS, AVX instructions trap");
	hcall(LHCALL_TS, 0, 0, 0);
	memset(after, 0, sizeof(after));
	xstate_save(after);
	is(memcmp(before, after, sizeof(before)), 0, "which changes nothing");
}

int main(void)
{
	u32 ring;

	paging_init();
	raw_init();
	extended_state();
	raw_gates(GATE_INTERRUPT, 3);
	for (ring = 1; ring <= 3; ring += 2) {
		tables(ring);
		selectors(ring);
		machine_status(ring);
		time_stamp(ring);
		not_for_guests(ring);
	}
	done();
}
