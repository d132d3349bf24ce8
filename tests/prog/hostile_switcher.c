// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that are after the switcher's pages, as those of hostile_window.c: they
 * cannot change its text, nor run what they chose to have in their GDT, and of the
 * host's top 4 MiB there is nothing but those three pages.
 */
#include "mini/mini.h"

#define TOP		0xffc00000u
#define TOP_PAGES	1024u
#define NEAR_PAGES	128u		/* of which each is tried */
#define TLS_ENTRY	6u
#define RET		0xc3u		/* an instruction */
#define OUT_OF_REACH	"the switcher of a 64-bit host is above 4 GB"

static u32 target;

static u32 registers_page(void)
{
	return mini_tables_page() - PAGE;
}

/* A gate that is not the guest's leads there. */
static u32 text_page(void)
{
	const u16 *gate = (const u16 *)(mini_idt() + 14 * 8);

	return gate[3] << 16 | (gate[0] & -PAGE);
}

static void write_to(u32 addr)
{
	target = addr;
	asm volatile("lock orl $0, (%0)" : : "r" (addr) : "memory");
}

static void expect_refused(void (*guest)(void))
{
	const char *reason = mini_run(guest);

	expect(target, "the guest has not told where: %s", reason);
	expect_formatted(reason, "attempt to use the host's addresses at %#x", target);
}

static void guest_writes_to_text(void)
{
	write_to(text_page());
}

static void text_is_read_only(void)
{
	expect_refused(guest_writes_to_text);
}

static void call_at(u32 addr)
{
	target = addr;
	asm volatile("call *%0" : : "r" (addr) : "memory");
}

/* It may choose what is in its entries. */
static void guest_calls_gdt(void)
{
	mini_load_gdt();
	mini.gdt[TLS_ENTRY][0] = RET;
	mini.gdt[TLS_ENTRY][1] = KERNEL_DATA;
	hcall2(LHCALL_LOAD_GDT, mini.gdt, GDT_ENTRIES);
	call_at(mini_gdt() + TLS_ENTRY * 8);
}

static void tables_do_not_run(void)
{
	expect_refused(guest_calls_gdt);
}

/* (On a 64-bit host they are elsewhere.) */
static u32 three_pages[3];

static void guest_tells_its_pages(void)
{
	three_pages[0] = text_page();
	three_pages[1] = registers_page();
	three_pages[2] = mini_tables_page();
}

static void guest_reads_target(void)
{
	(void)*(volatile u32 *)target;
}

static bool is_one_of_three(u32 page)
{
	return page == three_pages[0] || page == three_pages[1] || page == three_pages[2];
}

/* (One of its three pages may be kept from it, too.) */
static void try_page(u32 page)
{
	mini_reset(guest_reads_target);
	mini.no_traps = true;
	target = page;
	if (!is_one_of_three(page))
		expect_formatted(mini_run_again(),
				 "attempt to use the host's addresses at %#x", page);
}

static void nothing_else_is_there(void)
{
	u32 i;

	mini_pin(0);
	if (!host_is_64bit())
		expect_reason(mini_run(guest_tells_its_pages), "CRASH: done");
	for (i = 0; i < TOP_PAGES; i += i < NEAR_PAGES ? 1 : 17)
		try_page(TOP + i * PAGE);
}

/* "nx": this CPU, under this host's page tables, can tell code from data */
int main(int argc, char **argv)
{
	RUN_ON_32BIT(text_is_read_only, OUT_OF_REACH);
	if (argc > 1 && !strcmp(argv[1], "nx"))
		RUN_ON_32BIT(tables_do_not_run, OUT_OF_REACH);
	else
		mini_skip("tables_do_not_run", "this CPU or host has no NX");
	RUN(nothing_else_is_there);
	return mini_done();
}
