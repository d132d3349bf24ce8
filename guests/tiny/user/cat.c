// SPDX-License-Identifier: GPL-2.0
/* cat [FILE]...: prints files, or what is typed up to an empty line. */
#include "user.h"

static int copy(const char *name, int fd)
{
	char buf[512];
	int got;

	while ((got = read(fd, buf, sizeof(buf))) > 0) {
		if (!name && got == 1 && buf[0] == '\n')
			break;
		write(1, buf, got);
	}
	return got < 0 ? fail(name ? name : "cat", got) : 0;
}

int main(int argc, char **argv)
{
	int status = 0, fd;

	if (argc < 2)
		return copy(NULL, 0);
	while (*++argv) {
		fd = open(*argv, OPEN_READ);
		if (fd < 0) {
			status = fail(*argv, fd);
			continue;
		}
		status |= copy(*argv, fd);
		close(fd);
	}
	return status;
}
