/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests that nothing stays open: what could not be made, or was closed.
 */
#ifndef LAUNCHER_UNIT_FDS_H
#define LAUNCHER_UNIT_FDS_H

#include <dirent.h>

/* Descriptors of this process, and a few that are always counted; 0: nobody knows. */
static inline unsigned int nr_fds(void)
{
	DIR *all = opendir("/proc/self/fd");
	unsigned int nr = 0;

	if (!all)
		return 0;
	while (readdir(all))
		nr++;
	closedir(all);
	return nr;
}

#endif /* LAUNCHER_UNIT_FDS_H */
