/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a test guest reports: TAP on the console.  A test is a title and a
 * condition; done() prints the plan and powers off.
 */
#ifndef GUEST_TAP_H
#define GUEST_TAP_H

#include "guest.h"

bool ok(bool good, const char *fmt, ...) __printf(2, 3);
bool is(u32 got, u32 expected, const char *fmt, ...) __printf(3, 4);
void diag(const char *fmt, ...) __printf(1, 2);
void skip(const char *reason, const char *fmt, ...) __printf(2, 3);
void skip_all(const char *fmt, ...) __noreturn __printf(1, 2);
void done(void) __noreturn;

/* Faults are data: this one, and no other, must come; @error likewise. */
bool faults(void (*fn)(void *arg), void *arg, u32 vector, u32 error,
	    const char *fmt, ...) __printf(5, 6);
bool runs(void (*fn)(void *arg), void *arg, const char *fmt, ...)
	__printf(3, 4);

#endif /* GUEST_TAP_H */
