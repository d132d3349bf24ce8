// SPDX-License-Identifier: GPL-2.0
/*
 * registers: looks at the page where the host keeps its registers, and which it can
 * read, after each of some hypercalls.  There may be nothing in it but what was its own.
 */
#include "guest.h"

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

int main(void)
{
	const volatile u32 *page = register_page();
	u32 i, words = 0;

	printf("Hello\n");
	for (i = 0; i < CALLS; i++) {
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
		words += words_in(page, 0, PAGE_WORDS - SAVED_WORDS);
		words += words_in(page, PAD_FIRST, PAD_END);
	}
	printf("%u words of the host's\n", words);
	return 0;
}
