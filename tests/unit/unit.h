/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TAP for the unit tests.  Most of them compare very many cases: the first
 * that differs is told.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>
#include <stdio.h>

static unsigned int tests;

static inline void result(const char *name, bool ok)
{
	printf("%s %u - %s\n", ok ? "ok" : "not ok", ++tests, name);
}

static inline int done(void)
{
	printf("1..%u\n", tests);
	return 0;
}

#endif /* UNIT_H */
