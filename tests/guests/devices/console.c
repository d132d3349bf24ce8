// SPDX-License-Identifier: GPL-2.0
/*
 * The console's parts: the initrd is printed; all input comes back as output,
 * until END_OF_INPUT; a slow guest leaves the launcher without a buffer most of the time.
 */
#include "devices.h"

#define SLOW_PIECE	100	/* bytes of a buffer of 256 */
#define SLOW_MS		2

static bool ended;
static u32 allowance;		/* bytes that may be taken now */

static size_t take(const char *text, size_t len)
{
	size_t n = min(len, allowance), i;

	for (i = 0; i < n && text[i] != END_OF_INPUT; i++)
		;
	console_write(text, i);
	allowance -= n;
	ended |= i < n;
	return n;
}

/* The initrd ends at the end of memory, or here, where any Linux reaches it. */
#define INITRD_TOP	(768U << 20)

/* Prints its initrd, which fills pages. */
void play_initrd(void)
{
	if (boot_info.initrd_start + boot_info.initrd_size !=
						min(boot_info.mem_size, INITRD_TOP) ||
	    boot_info.initrd_start % PAGE_SIZE)
		panic("the initrd is in a strange place: 0x%x", boot_info.initrd_start);
	console_write(virt(boot_info.initrd_start), boot_info.initrd_size);
}

void play_echo(void)
{
	allowance = ~0U;
	console_input(take);
	printf("ready\n");
	while (!ended) {
		halt();
		allowance = ~0U;
	}
}

static void nothing(u32 irq __unused, struct trap_frame *frame __unused)
{
}

/* Other interrupts may end it early. */
void wait_a_while(u32 ms)
{
	u32 flags = irq_save();

	/* It must not come before the guest waits for it. */
	clock_alarm(ms * 1000000, nothing);
	halt();
	irq_restore(flags);
}

void play_slow(void)
{
	console_input(take);
	while (!ended) {
		wait_a_while(SLOW_MS);
		allowance = SLOW_PIECE;
		console_input_more();
	}
}

static size_t take_end(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == END_OF_INPUT)
			power_off();
	}
	return len;
}

/* For parts that never end by themselves. */
void end_when_told(void)
{
	console_input(take_end);
}
