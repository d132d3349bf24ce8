/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Test Anything Protocol for the launcher's unit tests: each file in this
 * directory is a program with its checks, and return tap_done() at its end.
 */
#ifndef LAUNCHER_UNIT_TAP_H
#define LAUNCHER_UNIT_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static unsigned int tap_nr, tap_failed;

static inline bool ok(bool good, const char *name)
{
	tap_nr++;
	if (!good)
		tap_failed++;
	printf("%sok %u - %s\n", good ? "" : "not ", tap_nr, name);
	fflush(stdout);
	return good;
}

/* @wrong is what a check of the launcher returned: NULL if all is well. */
static inline bool is_right(const char *wrong, const char *name)
{
	if (!ok(!wrong, name))
		printf("# %s\n", wrong);
	return !wrong;
}

static inline bool is_wrong(const char *wrong, const char *expected, const char *name)
{
	if (ok(wrong && strstr(wrong, expected), name))
		return true;
	printf("# got '%s', expected '%s'\n", wrong ? wrong : "nothing", expected);
	return false;
}

static inline bool is_number(unsigned long long got, unsigned long long expected,
			     const char *name)
{
	if (ok(got == expected, name))
		return true;
	printf("# got %#llx, expected %#llx\n", got, expected);
	return false;
}

static inline int tap_done(void)
{
	printf("1..%u\n", tap_nr);
	return tap_failed != 0;
}

/* A small generator of pseudo-random numbers, the same in every run. */
static inline unsigned int tap_random(void)
{
	static unsigned int state = 1;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* What a test cannot go on without. */
static inline void need(bool good)
{
	if (good)
		return;
	printf("Bail out! %s\n", failure_reason());
	exit(1);
}

#endif /* LAUNCHER_UNIT_TAP_H */
