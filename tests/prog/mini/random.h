/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers that look random and come again with their seed.  Each thread and process has
 * a sequence of its own.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include "mini.h"

extern __thread u32 rnd_state;

/* Numbers that have little in common, for neighbours, too. */
u32 rnd_mix(u32 seed, u32 number);

static inline void rnd_seed(u32 seed)
{
	rnd_state = seed ?: 1;		/* it would stay 0 */
}

/* (xorshift) */
static inline u32 rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 17;
	rnd_state ^= rnd_state << 5;
	return rnd_state;
}

static inline u32 rnd_below(u32 limit)
{
	return (u64)rnd() * limit >> 32;
}

static inline bool rnd_one_in(u32 n)
{
	return !rnd_below(n);
}

/* One of an array. */
#define rnd_of(array)	((array)[rnd_below(sizeof(array) / sizeof((array)[0]))])

/* A word at the edge of something, or any. */
u32 rnd_word(void);

#endif /* RANDOM_H */
