// SPDX-License-Identifier: GPL-2.0
/*
 * Units of code: bytes that are random from the first to the last, or instructions of some
 * kinds with random operands, most of which are those that the host must emulate, forbid
 * or survive.
 */
#include "fuzz.h"

#define INT3	0xcc
#define NOP	0x90

u8 *fuzz_at, *fuzz_end;

static bool cut_off;

void put8(u32 byte)
{
	cut_off = fuzz_at == fuzz_end;
	if (!cut_off)
		*fuzz_at++ = byte;
}

void put16(u32 word)
{
	put8(word);
	put8(word >> 8);
}

void put32(u32 word)
{
	put16(word);
	put16(word >> 16);
}

static void put_0f(u32 opcode)
{
	put8(0x0f);
	put8(opcode);
}

void put_move(u32 reg, u32 value)
{
	put8(0xb8 + reg);
	put32(value);
}

void put_store(u32 vaddr, u32 value)
{
	put8(0xc7);
	put8(0x05);
	put32(vaddr);
	put32(value);
}

static void put_push(u32 value)
{
	put8(0x68);
	put32(value);
}

/* One that an instruction may change, so mostly not the stack's. */
static u32 some_reg(void)
{
	u32 reg = rnd_below(8);

	return reg == ESP && !fuzz_wild() ? EAX : reg;
}

/* A ModRM byte for an absolute address, or for a register. */
static void put_operand(u32 reg)
{
	if (rnd_one_in(3)) {
		put8(0xc0 | reg << 3 | some_reg());
		return;
	}
	put8(reg << 3 | 5);
	put32(fuzz_vaddr());
}

static void put_memory(u32 reg)
{
	put8(reg << 3 | 5);
	put32(fuzz_vaddr());
}

static void put_prefixes(void)
{
	static const u8 prefixes[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
	};
	u32 n;

	if (!rnd_one_in(4))
		return;
	for (n = rnd_one_in(16) ? rnd_below(15) : rnd_below(2); n; n--)
		put8(rnd_of(prefixes));
}

/* (QEMU lets an iret of ring 1 enter virtual 8086 mode, which is a guest's end.) */
#define FL_VM	0x20000u

static void unit_raw(void)
{
	while (fuzz_at < fuzz_end)
		put8(rnd() >> 24);
}

static void unit_segments(void)
{
	static const u8 pops[] = { 0x07, 0x17, 0x1f };

	switch (rnd_below(5)) {
	case 0:
		put_push(fuzz_selector());
		if (rnd_one_in(2))
			put8(rnd_of(pops));
		else
			put_0f(rnd_one_in(2) ? 0xa1 : 0xa9);
		break;
	case 1:					/* les, lds; lss, lfs, lgs */
		if (rnd_one_in(2)) {
			put8(0xc4 + rnd_below(2));
		} else {
			static const u8 loads[] = { 0xb2, 0xb4, 0xb5 };

			put_0f(rnd_of(loads));
		}
		put_memory(some_reg());
		break;
	case 2:					/* lar, lsl; verr, verw */
		put_move(EAX, fuzz_selector());
		put_0f(rnd_below(4));
		put_operand(some_reg());
		break;
	default:
		put_move(EAX, fuzz_selector());
		put8(0x8e);
		put8(0xc0 | rnd_below(8) << 3);
	}
}

/* Where far transfers lead: to selectors and addresses that may be none. */
static void unit_far(void)
{
	static const u8 vectors[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 18, 0x1e, 0x20, 0x3f,
		0x40, 0x80, 0x81, 0xef, 0xff,
	};

	switch (rnd_below(6)) {
	case 0:
		put8(rnd_one_in(2) ? 0x9a : 0xea);
		put32(fuzz_vaddr());
		put16(fuzz_selector());
		break;
	case 1:
		put8(0xff);
		put_memory(rnd_one_in(2) ? 3 : 5);
		break;
	case 2:					/* lret */
		put_push(fuzz_selector());
		put_push(fuzz_vaddr());
		put8(0xca + rnd_below(2));
		put16(rnd_below(32));
		break;
	case 3:
		put_push(fuzz_selector());
		put_push(fuzz_vaddr());
		put_push(fuzz_wild() ? rnd() : rnd() & ~FL_VM);
		put_push(fuzz_selector());
		put_push(fuzz_vaddr());
		put8(0xcf);
		break;
	case 4:
		put8(rnd_one_in(4) ? 0xf1 : 0xcc + 2 * rnd_below(2));
		break;
	default:
		put8(0xcd);
		put8(fuzz_wild() ? rnd() : rnd_of(vectors));
	}
}

static void unit_flags(void)
{
	u32 flags = rnd();

	if (rnd_one_in(2))
		flags = 0x202 | 1u << rnd_below(22);
	put_push(flags);
	if (rnd_one_in(8))
		put8(0x66);
	put8(0x9d);
	if (rnd_one_in(2))
		put8(0x9c);
	if (rnd_one_in(4))
		put8(0xfa + rnd_below(4));	/* cli, sti, cld, std */
}

/* Opcodes behind 0f, with or without an operand, that are no business of a guest's. */
static void unit_system(void)
{
	static const u8 plain[] = {
		0x05, 0x06, 0x07, 0x08, 0x09, 0x0b, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x37,
		0x77, 0xa2, 0xaa,
	};

	put_prefixes();
	switch (rnd_below(6)) {
	case 0:
		put_0f(0x20 + rnd_below(7));	/* mov from and to cr, dr, tr */
		put8(0xc0 | rnd());
		break;
	case 1:
		put_0f(rnd_one_in(2) ? 0x01 : 0x00);
		put_operand(some_reg());
		break;
	case 2:					/* vmcall, monitor, xsetbv, swapgs ... */
		put_0f(0x01);
		put8(0xc0 | rnd());
		break;
	case 3:
		put_0f(rnd_one_in(2) ? 0xae : 0xc7);
		put_operand(some_reg());
		break;
	case 4:
		put8(rnd_one_in(8) ? 0xf4 : 0xfa + rnd_below(2));
		break;
	default:
		put_move(ECX, rnd_one_in(2) ? 0x174 + rnd_below(3) : 0xc0000080 + rnd_below(5));
		put_0f(rnd_of(plain));
	}
}

static void unit_ports(void)
{
	put_move(EDX, rnd_one_in(2) ? rnd_below(0x400) : rnd());
	put_prefixes();
	if (rnd_one_in(2)) {
		put8(0xe4 + rnd_below(4));
		put8(rnd());
	} else {
		put8(rnd_one_in(2) ? 0xec + rnd_below(4) : 0x6c + rnd_below(4));
	}
}

static void unit_strings(void)
{
	static const u8 strings[] = { 0xa4, 0xa5, 0xa6, 0xa7, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf };

	put_move(ESI, fuzz_vaddr());
	put_move(EDI, fuzz_vaddr());
	put_move(ECX, rnd_one_in(16) ? rnd_word() : rnd_below(64));
	if (rnd_one_in(8))
		put8(0xfd);
	put_prefixes();
	put8(0xf2 + rnd_below(2));
	put8(rnd_of(strings));
	put8(0xfc);
}

static void unit_access(void)
{
	static const u8 opcodes[] = { 0x00, 0x03, 0x87, 0x89, 0x8b, 0x8f, 0xff, 0x62, 0x63 };

	put_prefixes();
	switch (rnd_below(4)) {
	case 0:					/* an instruction across the end of a page */
		put8(rnd_one_in(2) ? 0xe8 : 0xe9);
		put32((fuzz_vaddr() | 0xfff) - rnd_below(8) - 0x100000);
		break;
	case 1:					/* bit tests, cmpxchg, xadd, cmpxchg8b */
		put_0f(rnd_one_in(2) ? 0xab : 0xb1);
		put_memory(some_reg());
		break;
	default:
		put8(rnd_of(opcodes));
		put_memory(some_reg());
	}
}

static void unit_fpu(void)
{
	if (rnd_one_in(2)) {
		put8(0xd8 + rnd_below(8));
		put_operand(some_reg());
	} else if (rnd_one_in(2)) {
		put_0f(0xae);
		put_memory(some_reg());
	} else {
		put_prefixes();
		put_0f(0x10 + rnd_below(0x70));
		put_operand(some_reg());
	}
}

static void unit_stack(void)
{
	u32 what = rnd_below(16);

	put_move(rnd_one_in(4) ? EBP : ESP, fuzz_stack());
	switch (rnd_below(6)) {
	case 0:
		put8(0xc8);			/* enter */
		put16(rnd());
		put8(rnd());
		break;
	case 1:
		put8(0x60 + rnd_below(2));	/* pusha, popa */
		break;
	case 2:
		put_move(EBP, fuzz_stack());
		put8(0xc9);			/* leave */
		break;
	case 3:
		put8(0xc3);
		break;
	default:
		if (what == 8 + ESP && !fuzz_wild())
			what = EAX;
		put8(0x50 + what);		/* push, pop */
	}
}

/* One slot of the ring, with other words or not; or all, for the host goes from slot to slot. */
static void unit_ring(void)
{
	u32 slot = rnd_below(LHCALL_RING_SIZE);
	u32 data = plan.view + FUZZ_DATA;

	if (rnd_one_in(2)) {
		put_move(EAX, LHCALL_RING_READY);
		put_move(ECX, LHCALL_RING_SIZE / 4);
		put_move(EDI, data + era->data->status);
		put8(0xf3);			/* rep stosl */
		put8(0xab);
		return;
	}
	if (rnd_one_in(2))
		put_store(data + era->data->ring + slot * era->data->slot + 4 + 4 * rnd_below(3),
			  rnd_one_in(2) ? fuzz_paddr(4) : rnd_word());
	put8(0xc6);
	put8(0x05);
	put32(data + era->data->status + slot);
	put8(fuzz_wild() ? rnd() : LHCALL_RING_READY);
}

/* A change in memory, of which the host is told, or not. */
static void unit_tables(void)
{
	u32 at = fuzz_entry_place() + plan.view;
	u64 entry = fuzz_entry();
	struct fuzz_call call = { .nr = LHCALL_SET_PTE };

	put_store(at, entry);
	if (era_pae)
		put_store(at + 4, entry >> 32);
	if (rnd_one_in(3))
		return;
	if (rnd_one_in(4)) {
		put_random_call();
		return;
	}
	call.arg[0] = fuzz_root();
	call.arg[1] = FUZZ_WINDOW + at % PAGE / (era_pae ? 8 : 4) * PAGE;
	call.arg[2] = entry;
	call.arg[3] = entry >> 32;
	put_call(&call, false);
}

/* What guest and host share, and the table that LOAD_GDT and LOAD_TLS take entries from. */
static void unit_data(void)
{
	u32 entry = FUZZ_GDT + rnd_below(GDT_ENTRIES) * 8;

	switch (rnd_below(4)) {
	case 0:
		put_store(plan.view + FUZZ_DATA, rnd_one_in(2) ? FL_IF : rnd());
		break;
	case 1:
		put_store(plan.view + FUZZ_DATA + rnd_below(5) * 4, rnd_word());
		break;
	case 2:
		put_store(plan.view + FUZZ_DATA + rnd_below(era->data->size / 4) * 4,
			  fuzz_wild() ? rnd() : -1u);
		break;
	default:
		if (entry >= FUZZ_GDT + KERNEL_CS / 8 * 8 && !fuzz_wild())
			entry = FUZZ_GDT + 6 * 8;
		put_store(plan.view + entry, fuzz_descriptor_low());
		put_store(plan.view + entry + 4, fuzz_descriptor());
	}
}

/* What is the system's is refused, so this is the end; if not, it is used at once. */
static void unit_gate(void)
{
	const struct fuzz_call call = { LHCALL_LOAD_TLS, { FUZZ_GDT + 6 * 8 } };
	u32 entry = plan.view + FUZZ_GDT + 6 * 8;

	put_store(entry, fuzz_descriptor_low());
	put_store(entry + 4, fuzz_system_descriptor());
	put_call(&call, false);
	put8(rnd_one_in(2) ? 0x9a : 0xea);
	put32(plan.view + FUZZ_CODE);
	put16(6 * 8 + rnd_below(4));
}

static void (* const units[NR_KINDS])(void) = {
	[KIND_RAW] = unit_raw,
	[KIND_SEGMENTS] = unit_segments,
	[KIND_FAR] = unit_far,
	[KIND_FLAGS] = unit_flags,
	[KIND_SYSTEM] = unit_system,
	[KIND_PORTS] = unit_ports,
	[KIND_STRINGS] = unit_strings,
	[KIND_ACCESS] = unit_access,
	[KIND_FPU] = unit_fpu,
	[KIND_STACK] = unit_stack,
	[KIND_CALLS] = put_random_call,
	[KIND_RING] = unit_ring,
	[KIND_TABLES] = unit_tables,
	[KIND_DATA] = unit_data,
};

static u32 any_kind(void)
{
	u32 kind;

	do
		kind = rnd_below(NR_KINDS);
	while (!(plan.kinds & 1u << kind));
	return kind;
}

/**
 * fuzz_unit() - write one
 * @number: of the unit
 *
 * One kind of thing after another, until it is full.  Behind the last one that fits there
 * is an int3, or the way to the next unit.
 */
void fuzz_unit(u32 number)
{
	u8 *before;

	fuzz_at = fuzz_seen(FUZZ_CODE + number * FUZZ_UNIT);
	fuzz_end = fuzz_at + FUZZ_UNIT;
	cut_off = false;
	if (plan.wild && plan.kinds & 1u << KIND_FAR && rnd_one_in(256))
		unit_gate();
	do {
		before = fuzz_at;
		units[any_kind()]();
	} while (!cut_off && fuzz_at < fuzz_end);
	if (cut_off)
		memset(before, rnd_one_in(2) ? INT3 : NOP, fuzz_end - before);
}
