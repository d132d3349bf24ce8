/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory whose first use never ends, and processes that wait for such things and
 * must die all the same.
 */
#ifndef STICKY_H
#define STICKY_H

#include "mini.h"

void *sticky_page(void);		/* the page before it is an ordinary one */
bool sticky_is_waiting(pid_t pid);	/* in the kernel, for something */
void sticky_kill(pid_t pid);		/* SIGKILL must end it, and soon */

#endif /* STICKY_H */
