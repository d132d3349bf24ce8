// SPDX-License-Identifier: GPL-2.0
/*
 * A file of gzip's becomes what it was.  Of the three kinds of blocks there need be
 * only the one that is not compressed: with others the guest dies.
 */
#include "unpack.h"

#define GZIP_HEADER	10
#define STORED_HEADER	5

void unpack(const u8 *from, u8 *to)
{
	unsigned int len;
	u8 flags;

	from += GZIP_HEADER;
	do {
		flags = from[0];
		if (flags & ~1)
			__builtin_trap();
		len = from[1] | from[2] << 8;
		for (from += STORED_HEADER; len; len--)
			*to++ = *from++;
	} while (!(flags & 1));
}
