/* SPDX-License-Identifier: GPL-2.0 */
/* For tests of what fails, and leaves nothing behind. */
#ifndef LAUNCHER_UNIT_FDS_H
#define LAUNCHER_UNIT_FDS_H

#include <dirent.h>
#include <errno.h>
#include <sys/wait.h>

/* How many descriptors this process has open. */
static inline unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nr = 0;

	if (!dir)
		return 0;
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr;
}

static inline bool has_children(void)
{
	return waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD;
}

#endif /* LAUNCHER_UNIT_FDS_H */
