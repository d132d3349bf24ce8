// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest is: its era, its format, what it does and what is done to it.  All of it
 * follows from the run's seed and the guest's number.
 */
#include "fuzz.h"

#define CALL(name)	(1u << LHCALL_##name)
#define CALLS_OF_ALL	(CALL(FLUSH_ASYNC) | CALL(NEW_PGTABLE) | CALL(FLUSH_TLB) |	\
			 CALL(LOAD_IDT_ENTRY) | CALL(SET_STACK) | CALL(TS) |		\
			 CALL(SET_CLOCKEVENT) | CALL(HALT) | CALL(SET_PTE) |		\
			 CALL(SET_PGD) | CALL(LOAD_TLS))
#define CALLS_OF_EXTENSIONS	(CALL(GET_CLOCK) | CALL(FLUSH_RANGE) | CALL(SWITCH_PGTABLE))

/* The classic eras, as the table of the later ones would have them. */
static const struct era_layout layout_rc1 = {
	.size = 1120, .status = 12, .ring = 76, .slot = 16, .noirq_start = 1112,
};

static const struct era_layout layout_classic = {
	.size = sizeof(struct lguest_data), .status = offsetof(struct lguest_data, hcall_status),
	.ring = offsetof(struct lguest_data, hcalls), .slot = sizeof(struct lguest_ring_entry),
	.noirq_start = offsetof(struct lguest_data, noirq_start),
};

static const struct era classics[] = {
	{ "2.6.23-rc1", LGUEST_RELEASE(2, 6, 23), &layout_rc1, 4,
	  ERA_BREAK | ERA_OWNER | ERA_GDT | ERA_LAUNCHER_DIR | ERA_RING_PLAIN },
	{ "2.6.23", LGUEST_RELEASE(2, 6, 23), &layout_classic, 4,
	  ERA_BREAK | ERA_OWNER | ERA_GDT | ERA_LAUNCHER_DIR | ERA_RING_PLAIN },
};

struct fuzz_plan plan;

/* (Classic guests can talk to each other, if there are two at a time.) */
static void choose_era(void)
{
	plan.classic = rnd_one_in(3);
	plan.shares = plan.classic && rnd_one_in(2);
	era = plan.classic ? &rnd_of(classics) : &eras[rnd_below(nr_eras)];
	era_pae = rnd_one_in(2);
	plan.release = rnd_one_in(2);
	plan.extensions = !plan.classic && !rnd_one_in(3);
	plan.direct_faults = plan.extensions && rnd_one_in(2);
}

static u32 calls_of_era(void)
{
	u32 calls = CALLS_OF_ALL;

	if (plan.classic)
		calls |= CALL(BIND_DMA) | CALL(SEND_DMA);
	if (era_has(ERA_GDT))
		calls |= CALL(LOAD_GDT);
	if (era_has(ERA_GDT_ENTRY))
		calls |= CALL(LOAD_GDT_ENTRY);
	if (era_has(ERA_NOTIFY))
		calls |= CALL(NOTIFY);
	if (era_has(ERA_SEND))
		calls |= CALL(SEND_INTERRUPTS);
	if (era_has(ERA_PAE) && era_pae)
		calls |= CALL(SET_PMD);
	if (plan.extensions)
		calls |= CALLS_OF_EXTENSIONS;
	return calls;
}

/* (In 2.6.23 what the launcher says of the kernel's addresses decides.) */
static void choose_memory(void)
{
	static const u32 kernels[] = { 0x80000000, 0xc0000000 };

	plan.base = plan.classic ? 0 : ERA_BASE;
	plan.kernel_address = rnd_of(kernels);
	plan.view = plan.classic || rnd_one_in(2) ? plan.kernel_address : 0;
	plan.pfn_limit = (FUZZ_RAM + FUZZ_DEVICES) / PAGE;
	if (era_has(ERA_TRAPS))
		plan.pfn_limit = FUZZ_RAM / PAGE;
	else if (rnd_one_in(8))
		plan.pfn_limit += rnd_below(0x1000);	/* and nothing there */
}

/* Few kinds at a time meet more often than all do; but all must have their turn. */
static u32 choose_kinds(void)
{
	switch (rnd_below(8)) {
	case 0:
		return 1u << KIND_RAW;
	case 1:
		return (1u << NR_KINDS) - 1;
	default:
		return rnd() & rnd_mix(plan.seed, 1) & ((1u << NR_KINDS) - 1);
	}
}

void fuzz_plan(u32 seed, u32 number)
{
	static const u32 wild[] = { 0, 0, 5000, 500, 50, 4 };

	memset(&plan, 0, sizeof(plan));
	plan.number = number;
	plan.seed = rnd_mix(seed, number);
	rnd_seed(plan.seed);
	choose_era();
	choose_memory();
	plan.calls = calls_of_era();
	plan.kinds = choose_kinds() ?: 1u << KIND_CALLS;
	plan.wild = rnd_of(wild);
	plan.units = FUZZ_UNITS >> rnd_below(4);
	plan.meddles = rnd_one_in(2) ? 0 : 1 + rnd_below(20);
	plan.races = rnd_one_in(8);
	plan.killed_after = rnd_one_in(16) ? 1 + rnd_below(100) : 0;
}

const char *fuzz_name(void)
{
	static char name[40];

	snprintf(name, sizeof(name), "%s%s", era->name, era_pae ? " (PAE)" : "");
	return name;
}
