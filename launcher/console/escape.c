// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that are for the launcher and not for its guest: Ctrl-A and another
 * one, as in other hypervisors.
 *
 * The first launcher's way out was three ^C within a second.  But these are the
 * keys of somebody who wants a program in the guest to end, and hammers; the
 * guest gets them, and its user is told, once, how the guest is ended.
 */
#include "console.h"

#define CTRL_C			0x03
#define INTERRUPTS_TO_HINT	3
#define INTERRUPTS_WITHIN_MS	1000

enum escape_action escape_byte(struct escape *esc, unsigned char byte)
{
	if (!esc->armed) {
		esc->armed = byte == ESCAPE_KEY;
		return esc->armed ? ESCAPE_NONE : ESCAPE_SEND;
	}
	esc->armed = false;
	switch (byte) {
	case ESCAPE_KEY:
		return ESCAPE_SEND;
	case 'x':
	case 'X':
		return ESCAPE_STOP;
	case 'h':
	case 'H':
	case '?':
		return ESCAPE_HELP;
	default:
		return ESCAPE_NONE;
	}
}

static bool only_ctrl_c(const unsigned char *input, size_t len)
{
	while (len && *input == CTRL_C) {
		input++;
		len--;
	}
	return !len;
}

/*
 * Does the user try to get out by ^C?  @input is what one read() gave, on a busy
 * machine more than one key.
 */
bool escape_interrupts(struct escape *esc, const void *input, size_t len, __u64 now_ms)
{
	if (!only_ctrl_c(input, len)) {
		esc->interrupts = 0;
		return false;
	}
	if (esc->interrupts && now_ms - esc->first_interrupt > INTERRUPTS_WITHIN_MS)
		esc->interrupts = 0;
	if (!esc->interrupts)
		esc->first_interrupt = now_ms;
	esc->interrupts += len;
	return esc->interrupts >= INTERRUPTS_TO_HINT;
}
