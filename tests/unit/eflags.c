// SPDX-License-Identifier: GPL-2.0
/*
 * eflags.h against the processor manual's figure, bit by bit, for all values of
 * the bits that exist.
 */
#include "eflags.h"
#include "unit.h"

#define BITS	22	/* ID is the last one */

/* What becomes of a bit: it stays as it was, or is always one of the others. */
enum fate { STAYS, CLEAR, SET };

static enum fate fate_of(unsigned int bit)
{
	switch (bit) {
	case 1:			/* always 1 */
	case 9:			/* IF: the host must get its interrupts */
		return SET;
	case 12:		/* IOPL: ports, and the interrupt flag */
	case 13:
	case 16:		/* RF: a breakpoint would be passed over */
	case 17:		/* VM: virtual 8086 mode */
	case 19:		/* VIF, VIP: the interrupt flag of that */
	case 20:
		return CLEAR;
	default:
		return STAYS;
	}
}

static bool is_right(__u32 before, __u32 after)
{
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		bool was = before >> bit & 1, is = after >> bit & 1;
		enum fate fate = fate_of(bit);

		if (is != (fate == STAYS ? was : fate == SET)) {
			printf("# %#x became %#x: bit %u\n", before, after, bit);
			return false;
		}
	}
	return true;
}

static bool all_values(void)
{
	__u32 eflags;

	for (eflags = 0; eflags < 1u << BITS; eflags++) {
		if (!is_right(eflags, eflags_for_guest(eflags)))
			return false;
	}
	return true;
}

int main(void)
{
	result("interrupts, no I/O, no virtual 8086 mode, whatever was there",
	       all_values());
	result("and all bits at once", is_right(~0u, eflags_for_guest(~0u)));
	return done();
}
