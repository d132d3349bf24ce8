// SPDX-License-Identifier: GPL-2.0
/*
 * The end of what the guest has printed: for those who come later, or read slowly
 * (visitors.c, which sees to it that nobody reads while it changes), and for the user
 * whose guest has died.
 */
#include <string.h>

#include "base.h"
#include "console.h"
#include "printed.h"

#define WORDS_BYTES	1024	/* some lines, of a guest that dies unseen */

static struct {
	char text[PRINTED_KEPT];
	__u64 total;
	bool seen;		/* by the user: it went to standard output */
} printed;

/**
 * printed_put() - the guest has printed something
 * @iov: what
 * @nr: parts of it
 * @seen: the user sees it
 */
void printed_put(const struct iovec *iov, int nr, bool seen)
{
	printed.seen = seen;
	for (; nr-- > 0; iov++) {
		const char *text = iov->iov_base;
		size_t i = iov->iov_len > PRINTED_KEPT ? iov->iov_len - PRINTED_KEPT : 0;

		printed.total += i;
		for (; i < iov->iov_len; i++)
			printed.text[printed.total++ % PRINTED_KEPT] = text[i];
	}
}

/** printed_total() - how many bytes has it printed? */
__u64 printed_total(void)
{
	return printed.total;
}

/**
 * printed_from() - what the guest has printed from some byte on
 * @at: its number; moved on to the first that is still known
 * @text: is set to it
 *
 * Return: how much it is, in one piece; there may be more. 0: nothing.
 */
size_t printed_from(__u64 *at, const char **text)
{
	size_t to_end;

	if (printed.total - *at > PRINTED_KEPT)
		*at = printed.total - PRINTED_KEPT;
	to_end = PRINTED_KEPT - *at % PRINTED_KEPT;
	*text = printed.text + *at % PRINTED_KEPT;
	return printed.total - *at < to_end ? printed.total - *at : to_end;
}

static size_t copy_last(char *to, size_t most)
{
	__u64 at = printed.total > most ? printed.total - most : 0;
	const char *text;
	size_t n, len = 0;

	while ((n = printed_from(&at, &text))) {
		memcpy(to + len, text, n);
		len += n;
		at += n;
	}
	return len;
}

/**
 * console_said() - the end of what the guest has printed
 * @text: is set to it
 *
 * Return: bytes of that.
 */
size_t console_said(char text[CONSOLE_SAID_MAX])
{
	return copy_last(text, CONSOLE_SAID_MAX);
}

/* The guest is dead; a user who has not seen what it printed wants to know. */
void console_last_words(void)
{
	char text[WORDS_BYTES + 1], *line, *rest;

	if (!printed.total)
		complain("it had not printed anything: is it of another release (--release)?");
	if (!printed.total || printed.seen)
		return;
	text[copy_last(text, WORDS_BYTES)] = '\0';
	complain("the end of what it printed:");
	for (line = strtok_r(text, "\r\n", &rest); line; line = strtok_r(NULL, "\r\n", &rest)) {
		printable(line);
		complain("| %s", line);
	}
}
