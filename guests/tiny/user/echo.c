// SPDX-License-Identifier: GPL-2.0
/* echo [WORD]...: prints its arguments. */
#include "user.h"

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		say("%s%s", argv[i], i + 1 < argc ? " " : "");
	say("\n");
	return 0;
}
