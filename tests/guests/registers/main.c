// SPDX-License-Identifier: GPL-2.0
/*
 * registers: makes hypercalls, and system calls from ring 3.  After each of some it
 * looks at the page where a 32-bit host keeps its registers, and which it can read: there
 * may be nothing in it but what was its own.
 */
#include "raw.h"
#include "../../lib/host.h"

#define CALLS		100
#define PAGE_WORDS	1024

/* From the end of the page: what the CPU pushes at an exit, and the host below that. */
#define SAVED_WORDS	24
#define PAD_FIRST	(PAGE_WORDS - 13)
#define PAD_END		(PAGE_WORDS - 5)	/* the vector and the error code included */

/* It is the page before that of the GDT. */
static const volatile u32 *register_page(void)
{
	struct {
		u16 limit;
		u32 base;
	} __attribute__((packed)) gdt;

	asm volatile("sgdt %0" : "=m" (gdt));
	return (const volatile u32 *)((gdt.base & -4096u) - 4096);
}

static u32 words_in(const volatile u32 *page, u32 first, u32 end)
{
	u32 words = 0;

	for (; first < end; first++) {
		if (!page[first])
			continue;
		if (!words++)
			printf("word %u: %x\n", first, page[first]);
	}
	return words;
}

/* (A 64-bit host's is where no address of a guest's leads.) */
static u32 words_of_hosts(void)
{
	const volatile u32 *page;

	if (guest_is_on_64bit())
		return 0;
	page = register_page();
	return words_in(page, 0, PAGE_WORDS - SAVED_WORDS) +
	       words_in(page, PAD_FIRST, PAD_END);
}

static bool system_call_is_good(void)
{
	static u8 code[] = { 0xcd, SYSCALL_VECTOR };
	struct raw_regs start;

	raw_user(&start, code);
	raw_run(&start);
	return raw_trapped(SYSCALL_VECTOR, false, 0, start.eip + sizeof(code)) &&
	       !memcmp(&raw.regs, &start, offsetof(struct raw_regs, eip));
}

int main(void)
{
	u32 i, words = 0, bad = 0;

	paging_init();
	raw_init();
	raw_gate(SYSCALL_VECTOR, GATE_TRAP, 3);
	printf("Hello\n");
	for (i = 0; i < CALLS; i++) {
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		words += words_of_hosts();
		bad += !system_call_is_good();
	}
	printf("%u words of the host's, %u system calls went wrong\n", words, bad);
	return 0;
}
