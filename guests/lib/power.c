// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to end.  There is one call for all of them, and the reason tells
 * the launcher which it was.
 */
#include "guest.h"

/* The host reads this many bytes, however short the reason is. */
#define REASON_SIZE	128

static char reason_buf[REASON_SIZE];

/* (Up to 2.6.24 the call is CRASH, and knows no why.) */
static void __noreturn end_with(u32 reason, u32 why)
{
	console_flush();
	for (;;)
		hcall(LHCALL_SHUTDOWN, reason, why, 0);
}

/* Ends the guest; @reason goes to the launcher. */
void crash(const char *reason)
{
	size_t len = min(strlen(reason), sizeof(reason_buf) - 1);

	memcpy(reason_buf, reason, len);
	reason_buf[len] = '\0';
	end_with(phys(reason_buf), LGUEST_SHUTDOWN_POWEROFF);
}

void power_off(void)
{
	crash("Power down");
}

/*
 * The launcher begins anew.  As with Linux there is no message, and phys(NULL) is no
 * memory.  (Up to 2.6.24, where this cannot be said, it is a bad address and an end.)
 */
void restart(void)
{
	end_with(phys(NULL), LGUEST_SHUTDOWN_RESTART);
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
