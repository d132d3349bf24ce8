// SPDX-License-Identifier: GPL-2.0
/*
 * Archives of cpio, in its "newc" format.  The kernel takes several, one behind the
 * other, of which the later ones may be compressed.
 */
#include <stdio.h>
#include <string.h>

#include "cpio.h"

#define ALIGNMENT	512u	/* of what follows an archive; cpio itself wants 4 */
#define TRAILER		"TRAILER!!!"
#define HEAD_BYTES	110u

static size_t up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

/**
 * cpio_bytes - what a file takes in an archive
 * @name: of it, without a slash before it
 * @bytes: of the file
 */
size_t cpio_bytes(const char *name, size_t bytes)
{
	return up(HEAD_BYTES + strlen(name) + 1, 4) + up(bytes, 4);
}

/**
 * cpio_put - put a file there
 * @to: where, zero, with cpio_bytes() of room
 * @name: of it
 * @mode: CPIO_..., or others with a type
 * @from: what is in it
 * @bytes: of that
 *
 * Returns where the next one goes.  (A file with links would need a number.)
 */
char *cpio_put(char *to, const char *name, unsigned int mode, const char *from, size_t bytes)
{
	const size_t names = strlen(name) + 1;

	/* magic, ino, mode, uid, gid, nlink, mtime, size, four of devices, name's size, sum */
	sprintf(to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 0, mode,
		0, 0, 1, 0, (unsigned int)bytes, 0, 0, 0, 0, (unsigned int)names, 0);
	memcpy(to + HEAD_BYTES, name, names);
	memcpy(to + up(HEAD_BYTES + names, 4), from, bytes);
	return to + cpio_bytes(name, bytes);
}

/**
 * cpio_end_bytes - how large an archive is with its end
 * @before: of its files
 */
size_t cpio_end_bytes(size_t before)
{
	return up(before + cpio_bytes(TRAILER, 0), ALIGNMENT);
}

/** cpio_end - put that there */
void cpio_end(char *to)
{
	cpio_put(to, TRAILER, 0, "", 0);
}
