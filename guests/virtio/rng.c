// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers: that they come, and not the same twice.
 */
#include "virtio.h"

#define SIZE	64

void rng_tests(void)
{
	static struct rng rng;
	static u8 bytes[2][SIZE];
	u32 i, got[2];

	if (!rng_open(&rng)) {
		skip("there is none", "random numbers");
		return;
	}
	for (i = 0; i < 2; i++)
		got[i] = rng_read(&rng, bytes[i], SIZE);
	ok(got[0] && got[0] <= SIZE && got[1] && got[1] <= SIZE, "random numbers come");
	ok(memcmp(bytes[0], bytes[1], min(got[0], got[1])), "and are not the same twice");
}
