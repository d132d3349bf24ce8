// SPDX-License-Identifier: GPL-2.0
/*
 * The ways to end.  There is one call for all of them, and the reason tells
 * the launcher which it was.
 */
#include "guest.h"

/* The host reads this many bytes, however short the reason is. */
#define REASON_SIZE	128

static char reason_buf[REASON_SIZE];

static void __noreturn end(const char *reason, u32 why)
{
	size_t len = min(strlen(reason), sizeof(reason_buf) - 1);

	memcpy(reason_buf, reason, len);
	reason_buf[len] = '\0';
	console_flush();
	/* (up to 2.6.24 the call is CRASH, and knows no why) */
	for (;;)
		hcall(LHCALL_SHUTDOWN, phys(reason_buf), why, 0);
}

/* Ends the guest; @reason goes to the launcher. */
void crash(const char *reason)
{
	end(reason, LGUEST_SHUTDOWN_POWEROFF);
}

void power_off(void)
{
	crash("Power down");
}

/* The launcher begins anew; up to 2.6.24 it takes it for a crash. */
void restart(void)
{
	end("Restart", LGUEST_SHUTDOWN_RESTART);
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
