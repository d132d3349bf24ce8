// SPDX-License-Identifier: GPL-2.0
/*
 * busy: switches to the host and back as fast as it can, by hypercalls and page
 * faults in turn, until a key is pressed, and sees to it that its registers and
 * memory survive.  The launcher has nothing to do meanwhile, so that whatever
 * a test does to the host happens to the world switch.  With "calls" there
 * are no page faults, for which the host would allocate memory; and with "spin"
 * it computes, and only an interrupt of the host's makes it leave.
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

static void spin(void)
{
	while (!stop)
		;
}

static bool page_survives(u32 round)
{
	volatile u32 *page = (u32 *)TEST_ADDR;
	bool good;

	flush_user();
	good = *page == PATTERN + round;
	*page = PATTERN + round + 1;
	return good;
}

static bool option(const char *name)
{
	return strstr(boot_info.command_line, name);
}

int main(void)
{
	u32 rounds = 0, errors = 0;
	bool faults = !option("calls");

	pages_init();
	paging_init();
	map_page(kernel_pgdir, TEST_ADDR,
		 phys(page_alloc()) | PTE_P | PTE_RW);
	*(volatile u32 *)TEST_ADDR = PATTERN;
	console_input(any_key);
	printf("busy\n");
	irq_enable();
	if (option("spin"))
		spin();
	for (; !stop; rounds++) {
		errors += !registers_survive(rounds);
		errors += faults && !page_survives(rounds);
	}
	printf("%u rounds\n%u errors\n", rounds, errors);
	return 0;
}
