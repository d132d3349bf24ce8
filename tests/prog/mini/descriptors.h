/* SPDX-License-Identifier: GPL-2.0 */
/*
 * High words of segment descriptors: each access byte with each nibble of flags, what
 * the host must say of it, and what LAR shows of those that it takes.
 */
#ifndef MINI_DESCRIPTORS_H
#define MINI_DESCRIPTORS_H

#define ALL_HIGH_WORDS	0x1000000u
#define ACCESS_ACCESSED	0x100u
#define ACCESS_S	0x1000u
#define ACCESS_DPL	0x6000u
#define ACCESS_DPL_1	0x2000u
#define ACCESS_PRESENT	0x8000u
#define FLAG_LONG	0x200000u

#define RIGHTS		0x00f0ff00u	/* what LAR shows */

/* From access byte to access byte, then from flags to flags; the limit is 64 KiB. */
static inline u32 next_high_word(u32 high)
{
	high += 0x100;
	return high & 0x10000 ? (high & 0xf00000) + 0x100000 : high;
}

static inline bool is_refused(u32 high)
{
	return high & ACCESS_PRESENT && (!(high & ACCESS_S) || high & FLAG_LONG);
}

/* Those that are not present cannot be looked at. */
static inline u32 rights_after(u32 high)
{
	if (!(high & ACCESS_PRESENT))
		return 0;
	if (!(high & ACCESS_DPL))
		high |= ACCESS_DPL_1;
	return (high | ACCESS_ACCESSED) & RIGHTS;
}

static inline u32 rights_of(u32 selector)
{
	u32 rights = 0;

	asm volatile("larl %1, %0" : "+r" (rights) : "r" (selector));
	return rights & RIGHTS;
}

#endif
