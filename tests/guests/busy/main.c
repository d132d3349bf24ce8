// SPDX-License-Identifier: GPL-2.0
/*
 * busy: switches to the host and back as fast as it can, by hypercalls and page
 * faults in turn, until a key is pressed, and sees to it that its registers and
 * memory survive.  The launcher has nothing to do meanwhile, so that whatever
 * a test does to the host happens to the world switch.
 */
#include "guest.h"

/* Only to have page faults: mapped here, and forgotten by the host. */
#define TEST_ADDR	0x40000000U
#define PATTERN		0x5a5a1234U

static volatile bool stop;

static size_t any_key(const char *text __unused, size_t len)
{
	stop = true;
	return len;
}

/* All registers that the compiler can spare carry something across a call. */
static bool registers_survive(u32 seed)
{
	u32 a = seed, b = ~seed, c = seed << 3, d = seed * 7, edi = seed ^ 99;
	u32 call = LHCALL_FLUSH_ASYNC;

	asm volatile("int %[trap]"
		     : "+a" (call), "+b" (b), "+c" (c), "+d" (d), "+S" (a),
		       "+D" (edi)
		     : [trap] "i" (LGUEST_TRAP_ENTRY) : "memory");
	return a == seed && b == ~seed && c == seed << 3 && d == seed * 7 &&
	       edi == (seed ^ 99);
}

int main(void)
{
	volatile u32 *page = (u32 *)TEST_ADDR;
	u32 rounds = 0, errors = 0;

	pages_init();
	paging_init();
	map_page(kernel_pgdir, TEST_ADDR,
		 phys(page_alloc()) | PTE_P | PTE_RW);
	*page = PATTERN;
	console_input(any_key);
	printf("busy\n");
	irq_enable();
	while (!stop) {
		errors += !registers_survive(rounds);
		flush_user();
		errors += *page != PATTERN + rounds;
		*page = PATTERN + ++rounds;
	}
	printf("%u rounds\n%u errors\n", rounds, errors);
	return 0;
}
