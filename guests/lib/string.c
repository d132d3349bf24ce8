// SPDX-License-Identifier: GPL-2.0
/*
 * The functions that the compiler expects to find, and a few more.
 */
#include "guest.h"

void *memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	asm volatile("rep movsb"
		     : "+D" (d), "+S" (from), "+c" (n) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s || d >= s + n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int c, size_t n)
{
	void *d = to;

	asm volatile("rep stosb" : "+D" (d), "+c" (n) : "a" (c) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end)
		end++;
	return end - s;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, ~0U);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b)
			return (u8)*a - (u8)*b;
		if (!*a)
			break;
	}
	return 0;
}

const char *strstr(const char *s, const char *what)
{
	size_t len = strlen(what);

	for (; *s; s++)
		if (!strncmp(s, what, len))
			return s;
	return len ? NULL : s;
}

/* 64 by 32 bits, in two steps of the CPU's own division. */
u64 div64(u64 n, u32 by, u32 *rest)
{
	u32 high = n >> 32, low = n;
	u32 quotient = high / by, left = high % by;

	asm("divl %[by]" : "+a" (low), "+d" (left) : [by] "rm" (by));
	if (rest)
		*rest = left;
	return (u64)quotient << 32 | low;
}
