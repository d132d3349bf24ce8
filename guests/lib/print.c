// SPDX-License-Identifier: GPL-2.0
/*
 * Formatted text to the console.
 */
#include "guest.h"

#define LINE_SIZE	256

void vprintf(const char *fmt, va_list ap)
{
	char line[LINE_SIZE];
	size_t len = vsnprintf(line, sizeof(line), fmt, ap);

	console_write(line, min(len, sizeof(line) - 1));
}

/* Longer text than a line's worth is cut. */
void printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}
