// SPDX-License-Identifier: GPL-2.0
/*
 * The console: more text than fits in its buffers, and what is typed.
 */
#include "virtio.h"

#define BURST	150	/* lines */
#define LINE	64

static char typed[LINE];
static volatile u32 nr_typed;

static bool line_is_whole(void)
{
	return nr_typed && typed[nr_typed - 1] == '\n';
}

static size_t take(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len && !line_is_whole() && nr_typed < sizeof(typed) - 1; i++)
		typed[nr_typed++] = text[i];
	return i;
}

/* At once, and not line by line: several buffers each. */
static void burst(void)
{
	u32 i, len = 0;
	char *text = page_alloc_run((BURST * LINE + PAGE_SIZE - 1) / PAGE_SIZE);

	for (i = 0; i < BURST; i++)
		len += snprintf(text + len, LINE, "# burst %03u %032x\n", i, i);
	console_write(text, len);
	is(console_looks(), 0, "what is printed is taken before the guest goes on");
}

static void echo(void)
{
	irq_disable();
	console_input(take);
	while (!line_is_whole()) {
		halt();
		irq_disable();
	}
	typed[nr_typed - 1] = '\0';
	diag("typed: %s", typed);
	ok(true, "a line was typed");
	is(console_lost(), 0, "none was lost before there was a console");
}

void console_tests(void)
{
	if (!asked_for("silent"))
		burst();
	if (asked_for("echo"))
		echo();
}
