// SPDX-License-Identifier: GPL-2.0
/*
 * As in hostile_long.c, by the call that loads one entry: no descriptor of 64-bit code
 * comes in.
 */
#include "era.h"
#include "descriptors.h"

#define SLOT	20u
#define SEL	(SLOT * 8 + 1)

static u32 high;

static void guest_loads_all_that_is_legal(void)
{
	era_load_gdt();
	for (high = 0; high < ALL_HIGH_WORDS; high = next_high_word(high)) {
		if (!is_refused(high))
			era_load_gdt_entry(SLOT, FLAT_LOW, high);
		if (!is_refused(high) && rights_of(SEL) != rights_after(high))
			crash("%x became %x", high, rights_of(SEL));
	}
}

static void guest_loads_one(void)
{
	era_load_gdt();
	era_load_gdt_entry(SLOT, FLAT_LOW, high);
	crash("%x became %x", high, rights_of(SEL));
}

static void by_load_gdt_entry(void)
{
	era_prepare(guest_loads_all_that_is_legal);
	expect_reason(era_run_again(), "CRASH: done");
	for (high = 0; high < ALL_HIGH_WORDS; high = next_high_word(high)) {
		if (!is_refused(high))
			continue;
		era_prepare(guest_loads_one);
		expect_formatted(era_run_again(), "bad GDT entry %u: %#x:%#x",
				 SLOT, high, FLAT_LOW);
	}
}

/* (The calls are the same in all eras that have it.) */
int main(void)
{
	RUN_ERAS(by_load_gdt_entry, ERA_GDT_ENTRY, ERA_TRAPS | ERA_EVENTFD);
	return mini_done();
}
