// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command as a user without any rights.
 *
 *	usage: nobody COMMAND [ARGUMENT]...
 */
#include <grp.h>
#include <stdio.h>
#include <unistd.h>

#define NOBODY	65534

int main(int argc, char **argv)
{
	if (argc < 2 || setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return 125;
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 126;
}
