// SPDX-License-Identifier: GPL-2.0
/* write FILE [WORD]...: makes a file of its arguments. */
#include "user.h"

static int put(int fd, const char *text)
{
	int len = strlen(text), done = write(fd, text, len);

	return done < 0 ? done : done == len ? 0 : -ENOSPC;
}

int main(int argc, char **argv)
{
	int fd, i, err = 0;

	if (argc < 2)
		return usage("write FILE [WORD]...");
	fd = open(argv[1], OPEN_CREATE);
	if (fd < 0)
		return fail(argv[1], fd);
	for (i = 2; i < argc && !err; i++) {
		err = put(fd, argv[i]);
		if (!err)
			err = put(fd, i + 1 < argc ? " " : "\n");
	}
	return err ? fail(argv[1], err) : 0;
}
