// SPDX-License-Identifier: GPL-2.0
/*
 * filetest [KB]: writes a file large enough for indirect blocks, reads it
 * back, overwrites it, removes it, and finds the disk as full as before.
 */
#include "user.h"

#define DEFAULT_KB	160
#define NAME		"filetest.tmp"

static u32 chunk[256];

static void make(u32 seed)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(chunk); i++)
		chunk[i] = seed * 2654435761U + i;
}

static int write_all(u32 kb, u32 seed)
{
	int fd = open(NAME, OPEN_CREATE), put = fd;
	u32 i;

	for (i = 0; i < kb && put >= 0; i++) {
		make(seed + i);
		put = write(fd, chunk, sizeof(chunk));
		if (put >= 0 && put != sizeof(chunk))
			put = -ENOSPC;
	}
	close(fd);
	return min(put, 0);
}

static int read_all(u32 kb, u32 seed)
{
	static u32 got[ARRAY_SIZE(chunk)];
	int fd = open(NAME, OPEN_READ), n = 0;
	u32 i;

	for (i = 0; i < kb && !n; i++) {
		make(seed + i);
		n = read(fd, got, sizeof(got));
		n = n == sizeof(got) && !memcmp(got, chunk, sizeof(got))
			? 0 : -EIO;
	}
	if (!n)
		n = read(fd, got, 1);
	close(fd);
	return n;
}

int main(int argc __unused, char **argv)
{
	u32 kb = number(argv[1], DEFAULT_KB), round;
	struct sys_info before, after;
	int err = 0;

	sys_info(&before);
	for (round = 0; round < 3 && !err; round++) {
		err = write_all(kb, round * 1000);
		if (!err && round == 1)
			err = sync();
		if (!err)
			err = read_all(kb, round * 1000);
	}
	if (err)
		return fail("filetest: FAILED", err);
	err = unlink(NAME);
	sys_info(&after);
	if (err || before.disk_free != after.disk_free ||
	    before.files != after.files) {
		say("filetest: FAILED: %u blocks free before, %u after\n",
		    before.disk_free, after.disk_free);
		return 1;
	}
	say("filetest: %u KB written, read and removed\n", kb);
	return 0;
}
