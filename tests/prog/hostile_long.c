// SPDX-License-Identifier: GPL-2.0
/*
 * No descriptor that a guest can load is one of 64-bit code: that would be the way to
 * all of a 64-bit host's memory.  Every access byte with every nibble of flags goes
 * through each call that takes a table; those of a later era that takes one entry are
 * in eras_long.c.
 */
#include "mini/mini.h"
#include "mini/descriptors.h"

#define SLOT	7u		/* one of those for thread-local storage, too */
#define SEL	(SLOT * 8 + 1)

static u32 call, high;

static void load(u32 high_word)
{
	mini.gdt[SLOT][0] = FLAT_LOW;
	mini.gdt[SLOT][1] = high_word;
	if (call == LHCALL_LOAD_TLS)
		hcall1(LHCALL_LOAD_TLS, mini.gdt[6]);
	else
		hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
}

static void guest_loads_all_that_is_legal(void)
{
	mini_load_gdt();
	for (high = 0; high < ALL_HIGH_WORDS; high = next_high_word(high)) {
		if (!is_refused(high))
			load(high);
		if (!is_refused(high) && rights_of(SEL) != rights_after(high))
			crash("%x became %x", high, rights_of(SEL));
	}
}

static void guest_loads_one(void)
{
	mini_load_gdt();
	load(high);
	crash("%x became %x", high, rights_of(SEL));
}

static void sweep(u32 by)
{
	call = by;
	expect_reason(mini_run(guest_loads_all_that_is_legal), "CRASH: done");
	for (high = 0; high < ALL_HIGH_WORDS; high = next_high_word(high)) {
		if (is_refused(high))
			expect_formatted(mini_run(guest_loads_one), "bad GDT entry %u: %#x:%#x",
					 SLOT, high, FLAT_LOW);
	}
}

static void by_load_gdt(void)
{
	sweep(LHCALL_LOAD_GDT);
}

static void by_load_tls(void)
{
	sweep(LHCALL_LOAD_TLS);
}

int main(void)
{
	RUN(by_load_gdt);
	RUN(by_load_tls);
	return mini_done();
}
