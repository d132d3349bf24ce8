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
/* The device is opened, if need be when there is memory again. */
int shortage_open(void);
/* How a guest has ended that might have met it. */
void shortage_ended(int fd, const char *otherwise);

#define may_lack(call)	shortage_allows(call, #call)

/* A call that gives this, if need be when there is memory again. */
#define expect_at_last(call, value)					\
	do {								\
		bool ended_ = false;					\
		long result_;						\
									\
		while ((result_ = may_lack(call)) == -1 && !ended_) {	\
			shortage_ends();				\
			ended_ = true;					\
		}							\
		expect_value(result_, value);				\
	} while (0)

#endif /* SHORTAGE_H */
