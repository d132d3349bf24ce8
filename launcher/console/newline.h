/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ends of lines: newline.c.
 */
#ifndef NEWLINE_H
#define NEWLINE_H

#include "base.h"

enum newline {
	NEWLINE_AS_IS,
	NEWLINE_ADD_CR,		/* the terminal does not */
	NEWLINE_DROP_CR,	/* the terminal does */
};

struct newlines {
	char last;		/* byte of the text */
	bool held;		/* a \r that may have to be dropped */
};

size_t newlines_convert(struct newlines *state, enum newline how, const char *from, size_t *len,
			char *to, size_t room);

#endif /* NEWLINE_H */
