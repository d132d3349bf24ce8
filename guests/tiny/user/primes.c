// SPDX-License-Identifier: GPL-2.0
/*
 * primes [LIMIT] [EXPECTED]: counts the primes below a limit with a sieve on
 * the heap; work for the CPU and for the pager, with a known answer.
 */
#include "user.h"

#define DEFAULT_LIMIT		200000
#define DEFAULT_EXPECTED	17984

int main(int argc, char **argv)
{
	u32 limit = number(argv[1], DEFAULT_LIMIT), n, m, count = 0, sum = 0;
	u32 expected = argc > 2 ? number(argv[2], 0) : DEFAULT_EXPECTED;
	u8 *composite = sbrk(limit);

	if ((s32)composite < 0 && (s32)composite > -100)
		return fail("primes", (s32)composite);
	for (n = 2; n < limit; n++) {
		if (composite[n])
			continue;
		count++;
		sum = sum * 31 + n;
		for (m = 2 * n; m < limit; m += n)
			composite[m] = 1;
	}
	say("primes: %u below %u, checksum %08x\n", count, limit, sum);
	if ((argc > 2 || limit == DEFAULT_LIMIT) && count != expected) {
		say("primes: FAILED: expected %u\n", expected);
		return 1;
	}
	return 0;
}
