// SPDX-License-Identifier: GPL-2.0
/* cp FROM TO: copies a file. */
#include "user.h"

int main(int argc, char **argv)
{
	char buf[2048];
	int from, to, got = 0, put = 0;

	if (argc != 3)
		return usage("cp FROM TO");
	from = open(argv[1], OPEN_READ);
	if (from < 0)
		return fail(argv[1], from);
	to = open(argv[2], OPEN_CREATE);
	if (to < 0)
		return fail(argv[2], to);
	while (put == got && (got = read(from, buf, sizeof(buf))) > 0)
		put = write(to, buf, got);
	if (got < 0)
		return fail(argv[1], got);
	if (got)
		return fail(argv[2], put < 0 ? put : -ENOSPC);
	return 0;
}
