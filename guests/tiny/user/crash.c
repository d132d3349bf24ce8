// SPDX-License-Identifier: GPL-2.0
/*
 * crash [null|text|kernel|priv|ud|div|io|hcall|stack]: does something forbidden, so
 * that the kernel kills it, and nothing else.
 */
#include "user.h"

static void do_null(void)
{
	*(volatile u32 *)0 = 1;
}

static void do_text(void)
{
	*(volatile u32 *)USER_TEXT = 1;
}

static void do_kernel(void)
{
	*(volatile u32 *)(PAGE_OFFSET + LOAD_PHYS) = 1;
}

static void do_priv(void)
{
	asm volatile("hlt");
}

static void do_ud(void)
{
	asm volatile("ud2");
}

static void do_div(void)
{
	asm volatile("divl %0" : : "r" (0), "a" (1), "d" (0));
}

static void do_io(void)
{
	asm volatile("outb %%al, $0x80" : : "a" (0));
}

/* A hypercall is ring 1's privilege. */
static void do_hcall(void)
{
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0);
}

/* Where stacks may not be run, it does not come to the undefined instruction. */
static void do_stack(void)
{
	volatile u8 ud2[] = { 0x0f, 0x0b };

	((void (*)(void))ud2)();
}

static const struct way {
	const char *name;
	void (*run)(void);
} ways[] = {
	{ "null", do_null }, { "text", do_text }, { "kernel", do_kernel },
	{ "priv", do_priv }, { "ud", do_ud }, { "div", do_div },
	{ "io", do_io }, { "hcall", do_hcall },
	{ "stack", do_stack },
};

int main(int argc, char **argv)
{
	u32 i;

	if (argc < 2)
		do_null();
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (!strcmp(argv[1], ways[i].name))
			ways[i].run();
	say("crash: FAILED to crash\n");
	return 1;
}
