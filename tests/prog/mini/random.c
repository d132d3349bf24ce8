// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers that look random: see random.h.
 */
#include "random.h"

__thread u32 rnd_state = 1;

u32 rnd_mix(u32 seed, u32 number)
{
	u32 x = seed * 0x9e3779b9u + number;

	x = (x ^ x >> 16) * 0x85ebca6bu;
	x = (x ^ x >> 13) * 0xc2b2ae35u;
	return x ^ x >> 16;
}

u32 rnd_word(void)
{
	switch (rnd_below(6)) {
	case 0:
		return rnd_below(4);
	case 1:
		return -rnd_below(4);
	case 2:
		return (1u << rnd_below(32)) - rnd_below(2);
	case 3:
		return rnd() & rnd() & rnd();
	default:
		return rnd() >> rnd_below(32);
	}
}
