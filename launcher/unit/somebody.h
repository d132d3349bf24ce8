/* SPDX-License-Identifier: GPL-2.0 */
/* For tests that root's own directories would stand in the way of. */
#ifndef SOMEBODY_H
#define SOMEBODY_H

#include <stdbool.h>
#include <unistd.h>

#define NOBODY		65534

/*
 * Not root any more, and @directory is his, if there is one.  (Root has its directory of
 * sockets elsewhere, where a real guest may be.)
 */
static inline bool become_somebody(const char *directory)
{
	if (getuid())
		return true;
	return (!directory || !chown(directory, NOBODY, NOBODY)) &&
	       !setresgid(NOBODY, NOBODY, NOBODY) && !setresuid(NOBODY, NOBODY, NOBODY);
}

#endif /* SOMEBODY_H */
