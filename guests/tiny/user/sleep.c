// SPDX-License-Identifier: GPL-2.0
/* sleep MS: does nothing for that many milliseconds. */
#include "user.h"

int main(int argc __unused, char **argv)
{
	sleep_ms(number(argv[1], 1000));
	return 0;
}
