// SPDX-License-Identifier: GPL-2.0
/* The clock by which the launcher measures how long something takes. */
#include <time.h>

#include "base.h"

/** clock_ms() - milliseconds since some moment; good in a signal handler */
__u64 clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}
