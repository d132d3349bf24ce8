/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guests of all eras that do anything, and what runs them.  A guest's memory is a few
 * megabytes apart from the launcher's own, so that nothing of the launcher is the guest's
 * to spoil.  In it are units of code, random but for their beginnings, and one handler for
 * all gates, which goes on with the next unit, in ring 1 or 3, whatever became of the one
 * before.
 *
 * plan.c decides what a guest is, values.c has the values that are interesting, code.c and
 * calls.c write units, memory.c puts all of it in place, and launcher.c runs it.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "era.h"
#include "random.h"

/* The guest's memory, by physical addresses. */
#define FUZZ_RAM	0x800000u
#define FUZZ_DEVICES	0x100000u	/* pages of devices, behind it */
#define FUZZ_FIRST	0x10000u	/* none is below, in 2.6.23 */
#define FUZZ_CODE	0x100000u
#define FUZZ_HANDLER	0x120000u
#define FUZZ_START	0x121000u
#define FUZZ_DATA	0x130000u
#define FUZZ_STACK	0x142000u	/* their tops */
#define FUZZ_USTACK	0x146000u
#define FUZZ_VARS	0x150000u
#define FUZZ_GDT	0x151000u
#define FUZZ_DMA	0x152000u
#define FUZZ_SCRATCH	0x160000u
#define FUZZ_SCRATCH_PAGES	8
#define FUZZ_TABLES	0x200000u	/* behind them is nothing yet */

#define FUZZ_WINDOW	0x40000000u	/* a table full of random entries */
#define FUZZ_ROOTS	4

#define FUZZ_UNIT	64u
#define FUZZ_UNITS	1024u

/* In FUZZ_VARS. */
#define VAR_TURN	0
#define VAR_ANSWER	4	/* of LGUEST_INIT, to what extensions it wants */
#define VAR_MESSAGE	64
#define VAR_RINGS	256	/* a bit for each unit: it is for ring 3 */

/* What a unit can be made of; a guest has some of them. */
enum fuzz_kind {
	KIND_RAW, KIND_SEGMENTS, KIND_FAR, KIND_FLAGS, KIND_SYSTEM, KIND_PORTS, KIND_STRINGS,
	KIND_ACCESS, KIND_FPU, KIND_STACK, KIND_CALLS, KIND_RING, KIND_TABLES, KIND_DATA,
	NR_KINDS
};

/**
 * struct fuzz_plan - what a guest is; all of it from its seed
 * @number: of the guest, in its run
 * @seed: its own
 * @base: where its launcher has its memory
 * @pfn_limit: what it is told of that memory
 * @view: its kernel runs at physical addresses and this
 * @kernel_address: what it tells the host
 * @calls: a bit for each hypercall that exists for it
 * @kinds: what its units are made of, by bits of enum fuzz_kind
 * @wild: one value in so many is anything at all; 0: none is
 * @units: how many it has
 * @roots: its page directories
 * @first_root: what it starts on, which has two levels
 * @nr_tables: pages in FUZZ_TABLES that are in use
 * @classic: it is of 2.6.23
 * @extensions: it asks for them
 * @direct_faults: and for this one
 * @release: the launcher tells its release
 * @meddles: the launcher changes memory and registers, once in so many replies
 * @shares: a page of its memory is other guests', too
 * @races: a thread of the launcher's changes memory all the time
 * @killed_after: the launcher is killed after so many milliseconds; 0: it is not
 */
struct fuzz_plan {
	u32 number, seed;
	u32 base, pfn_limit, view, kernel_address;
	u32 calls, kinds, wild, units;
	u32 roots[FUZZ_ROOTS], first_root, nr_tables;
	bool classic, extensions, direct_faults, release, shares, races;
	u32 meddles, killed_after;
};

extern struct fuzz_plan plan;

/* Shared with the parent. */
struct fuzz_counts {
	u32 guests, entries, calls, ring_calls, pages, direct_faults, direct_switches;
	u32 replies, requests, done, died, timed_out, killed, restarted;
};

void fuzz_plan(u32 seed, u32 number);
const char *fuzz_name(void);		/* the era and the format */

static inline void *fuzz_seen(u32 phys)
{
	return (void *)(plan.base + phys);
}

/* values.c */
bool fuzz_wild(void);			/* is the next value anything? */
u32 fuzz_vaddr(void);
u32 fuzz_stack(void);
u32 fuzz_paddr(u32 len);		/* of so many bytes */
u32 fuzz_selector(void);
u32 fuzz_descriptor(void);		/* its high word */
u32 fuzz_descriptor_low(void);
u32 fuzz_system_descriptor(void);
u32 fuzz_gate(void);			/* likewise */
u32 fuzz_vector(void);
u64 fuzz_entry(void);			/* of a page table */
u32 fuzz_entry_place(void);		/* physical, in a table */
u32 fuzz_root(void);

/* code.c: bytes; what does not fit is cut off */
extern u8 *fuzz_at, *fuzz_end;
void put8(u32 byte);
void put16(u32 word);
void put32(u32 word);
void put_move(u32 reg, u32 value);	/* mov $value, %reg */
void put_store(u32 vaddr, u32 value);	/* movl $value, vaddr */
void fuzz_unit(u32 number);

#define EAX	0
#define ECX	1
#define EDX	2
#define EBX	3
#define ESP	4
#define EBP	5
#define ESI	6
#define EDI	7

/* calls.c */
struct fuzz_call {
	u32 nr, arg[4];
};

void fuzz_choose_call(struct fuzz_call *call);
void put_call(const struct fuzz_call *call, bool vmcall);
void put_random_call(void);
void fuzz_fill_slot(u32 slot);		/* of the ring, from the launcher's side */

/* memory.c */
extern int fuzz_shared;			/* a file of a page, or -1 */
void fuzz_make_guest(void);

/* launcher.c; returns what to exit with */
int fuzz_launch(struct fuzz_counts *counts);
long fuzz_initialize(int fd);
__attribute__((noreturn, format(printf, 1, 2)))
void fuzz_fail(const char *fmt, ...);

#endif /* FUZZ_H */
