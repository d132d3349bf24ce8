// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a command as a user without any rights, or with just those of a group.
 *
 *	usage: nobody [-g GID] COMMAND [ARGUMENT]...
 */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NOBODY	65534

int main(int argc, char **argv)
{
	gid_t group;
	int groups = 0;

	if (argc > 2 && !strcmp(argv[1], "-g")) {
		group = atoi(argv[2]);
		groups = 1;
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || setgroups(groups, &group) < 0 || setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		return 125;
	execvp(argv[1], argv + 1);
	perror(argv[1]);
	return 126;
}
