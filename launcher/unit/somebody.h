/* SPDX-License-Identifier: GPL-2.0 */
/* For tests that root's own directories would stand in the way of. */
#ifndef SOMEBODY_H
#define SOMEBODY_H

#include <stdbool.h>
#include <unistd.h>

#define NOBODY		65534

/* Root has its directory elsewhere, where a real guest may be. */
static inline bool become_somebody(const char *directory)
{
	if (getuid())
		return true;
	return !chown(directory, NOBODY, NOBODY) && !setresgid(NOBODY, NOBODY, NOBODY) &&
	       !setresuid(NOBODY, NOBODY, NOBODY);
}

#endif /* SOMEBODY_H */
