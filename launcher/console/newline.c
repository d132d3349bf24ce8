// SPDX-License-Identifier: GPL-2.0
/*
 * Ends of lines.  Guests end them as terminals want it, with \r\n (Linux), or as
 * files have it, with \n; and a terminal may make \r\n of each \n by itself.  Only
 * one \r must come of that.
 */
#include "newline.h"

static size_t put(char *to, size_t at, char byte)
{
	to[at] = byte;
	return at + 1;
}

/**
 * newlines_convert() - make a guest's text what a terminal is to get
 * @state: of this terminal; zero at first
 * @how: what the terminal wants
 * @from: the text
 * @len: of it; is set to how much was used
 * @to: where to
 * @room: bytes there; three are enough for one
 *
 * Where \r is dropped, one at the end of the text waits for what follows.
 *
 * Return: bytes that are there.
 */
size_t newlines_convert(struct newlines *state, enum newline how, const char *from, size_t *len,
			char *to, size_t room)
{
	size_t i, at = 0;

	for (i = 0; i < *len && at + 3 <= room; i++) {
		const bool end = from[i] == '\n';

		if (state->held && !(how == NEWLINE_DROP_CR && end))
			at = put(to, at, '\r');
		else if (how == NEWLINE_ADD_CR && end && state->last != '\r')
			at = put(to, at, '\r');
		state->last = from[i];
		state->held = how == NEWLINE_DROP_CR && from[i] == '\r';
		if (!state->held)
			at = put(to, at, from[i]);
	}
	*len = i;
	return at;
}
