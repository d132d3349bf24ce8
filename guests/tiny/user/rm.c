// SPDX-License-Identifier: GPL-2.0
/* rm FILE...: removes files. */
#include "user.h"

int main(int argc, char **argv)
{
	int status = 0, err;

	if (argc < 2)
		return usage("rm FILE...");
	while (*++argv) {
		err = unlink(*argv);
		if (err)
			status = fail(*argv, err);
	}
	return status;
}
