// SPDX-License-Identifier: GPL-2.0
/*
 * The test guests' reports, see tap.h.
 */
#include "tap.h"

#define TITLE_SIZE	160

static u32 tests, failures;

static bool report(bool good, const char *fmt, va_list ap)
{
	char title[TITLE_SIZE];

	vsnprintf(title, sizeof(title), fmt, ap);
	printf("%sok %u - %s\n", good ? "" : "not ", ++tests, title);
	failures += !good;
	return good;
}

bool ok(bool good, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(good, fmt, ap);
	va_end(ap);
	return good;
}

bool is(u32 got, u32 expected, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(got == expected, fmt, ap);
	va_end(ap);
	if (got != expected)
		diag("got 0x%x, expected 0x%x", got, expected);
	return got == expected;
}

/* A remark, ignored by whoever counts. */
void diag(const char *fmt, ...)
{
	char text[TITLE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("# %s\n", text);
}

/* One test that this machine cannot do. */
void skip(const char *reason, const char *fmt, ...)
{
	char title[TITLE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	printf("ok %u - %s # SKIP %s\n", ++tests, title, reason);
}

/* Nothing here can be tested on this machine. */
void skip_all(const char *fmt, ...)
{
	char text[TITLE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	printf("1..0 # SKIP %s\n", text);
	power_off();
}

/* The plan comes last, so a guest that dies early has none. */
void done(void)
{
	if (failures)
		diag("%u of %u failed", failures, tests);
	printf("1..%u\n", tests);
	power_off();
}

bool faults(void (*fn)(void *arg), void *arg, u32 vector, u32 error,
	    const char *fmt, ...)
{
	struct fault fault;
	va_list ap;
	bool good;

	catch_fault(fn, arg, &fault);
	good = fault.vector == vector &&
	       (vector == NO_FAULT || fault.error == error);
	va_start(ap, fmt);
	report(good, fmt, ap);
	va_end(ap);
	if (!good)
		diag("vector %d error 0x%x at %08x (address %08x), expected vector %d error 0x%x",
		     (s32)fault.vector, fault.error, fault.eip, fault.address,
		     (s32)vector, error);
	return good;
}

bool runs(void (*fn)(void *arg), void *arg, const char *fmt, ...)
{
	char title[TITLE_SIZE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(title, sizeof(title), fmt, ap);
	va_end(ap);
	return faults(fn, arg, NO_FAULT, 0, "%s", title);
}
