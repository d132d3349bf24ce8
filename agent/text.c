// SPDX-License-Identifier: GPL-2.0
/* What a C library would have, as far as the agent needs it. */
#include "sys.h"

void *memcpy(void *to, const void *from, size_t len)
{
	size_t words = len / sizeof(long), bytes = len % sizeof(long);
	void *at = to;

	asm volatile("rep movsl" : "+D" (at), "+S" (from), "+c" (words) : : "memory");
	asm volatile("rep movsb" : "+D" (at), "+S" (from), "+c" (bytes) : : "memory");
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	char *end = to;
	const char *last = from;

	if (to <= from || end >= last + len)
		return memcpy(to, from, len);
	while (len--)
		end[len] = last[len];
	return to;
}

void *memset(void *to, int byte, size_t len)
{
	void *at = to;

	asm volatile("rep stosb" : "+D" (at), "+c" (len) : "a" (byte) : "memory");
	return to;
}

size_t text_len(const char *text)
{
	size_t len = 0;

	while (text[len])
		len++;
	return len;
}

/* What follows @start, if @text begins with that; else NULL. */
const char *text_after(const char *text, const char *start)
{
	for (; *start; text++, start++) {
		if (*text != *start)
			return NULL;
	}
	return text;
}

bool text_is(const char *text, const char *other)
{
	const char *rest = text_after(text, other);

	return rest && !*rest;
}

/* Returns where the next piece goes; what has no room before @end is left out. */
char *text_add(char *to, char *end, const char *text)
{
	while (*text && to + 1 < end)
		*to++ = *text++;
	*to = '\0';
	return to;
}

char *text_number(char *to, char *end, unsigned long number)
{
	char digits[12], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do {
		*--at = '0' + number % 10;
		number /= 10;
	} while (number);
	return text_add(to, end, at);
}

/* All of a small file as text, or an error. */
long file_read(const char *name, char *to, size_t room)
{
	const long fd = sys_open(name, O_RDONLY);
	long n, len = 0;

	*to = '\0';
	if (fd < 0)
		return fd;
	while (len + 1 < (long)room && (n = sys_read(fd, to + len, room - 1 - len)) > 0)
		len += n;
	sys_close(fd);
	to[len] = '\0';
	return len;
}

void sleep_ms(unsigned int ms)
{
	const long time[2] = { ms / 1000, ms % 1000 * 1000000 };

	sys2(__NR_nanosleep, (long)time, 0);
}
