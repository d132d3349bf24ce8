/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For tests of what becomes of guests when the module finds no memory: the module
 * "shortage" has its allocations fail, one at a time, or from one on.
 */
#ifndef SHORTAGE_H
#define SHORTAGE_H

#include "mini.h"

/* Run f again and again: in each run the next allocation fails, until there is none. */
void shortage_each(void (*f)(void));
/* ... and all that follow it, in that run. */
void shortage_from_each(void (*f)(void));
/* From now on there is memory: for the rest of a run. */
void shortage_ends(void);
/* A call that may fail, but for no other reason than that: its result. */
long shortage_allows(long result, const char *call);
/* How a guest has ended that might have met it. */
void shortage_ended(int fd, const char *otherwise);

#define may_lack(call)	shortage_allows(call, #call)

#endif /* SHORTAGE_H */
