// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to end.  There is one call for all of them, and the reason tells
 * the launcher which it was.
 */
#include "guest.h"

/* The host reads this many bytes, however short the reason is. */
#define REASON_SIZE	128

static char reason_buf[REASON_SIZE];

/* Ends the guest; @reason goes to the launcher. */
void crash(const char *reason)
{
	size_t len = min(strlen(reason), sizeof(reason_buf) - 1);

	memcpy(reason_buf, reason, len);
	reason_buf[len] = '\0';
	for (;;)
		hcall(LHCALL_CRASH, phys(reason_buf), 0, 0);
}

void power_off(void)
{
	crash("Power down");
}

void panic(const char *fmt, ...)
{
	char text[REASON_SIZE];
	va_list ap;

	irq_disable();
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("dying: %s\n", text);
	crash(text);
}
