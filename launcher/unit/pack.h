/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed files and bzImages, made by the programs that make those of kernels.
 */
#ifndef LAUNCHER_UNIT_PACK_H
#define LAUNCHER_UNIT_PACK_H

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/types.h>

#define SETUP_BYTES	1024	/* one sector, and the first one */
#define CODE_BYTES	555	/* in front of the payload */

/* How to make a file as the kernel's makefiles do. */
static const struct packer {
	const char *name;
	const char *test;	/* is the program there? */
	const char *command;
	bool size_follows;
} packers[] = {
	{ "gzip", "gzip -V", "gzip -n -c text", false },
	{ "xz", "xz -V", "xz --check=crc32 -c text", true },
	{ "lzma", "xz -V", "xz --format=lzma -c text", true },
	{ "zstd", "zstd -V", "zstd -q -c text", true },
	{ "lz4", "lz4 -V", "lz4 -q -l -c text", true },
	{ "lz4's own", "lz4 -V", "lz4 -q -c text", true },
	{ "bzip2", "bzip2 --help", "bzip2 -c text", true },
	{ "lzop", "lzop -V", "lzop -c text", true },
};

static inline bool shell(const char *command, const char *rest)
{
	char line[128];

	snprintf(line, sizeof(line), "%s %s", command, rest);
	return !system(line);
}

static inline size_t load(const char *name, char *to, size_t len)
{
	int fd = open(name, O_RDONLY);
	ssize_t n = read(fd, to, len);

	close(fd);
	return n < 0 ? 0 : n;
}

/* A bzImage with @len bytes that are packed; @version: of the boot protocol. */
static inline size_t make_bzimage(char *file, const char *packed, __u32 len, __u16 version)
{
	__u32 at = CODE_BYTES;

	memset(file, 0x90, SETUP_BYTES + CODE_BYTES);
	file[0x1f1] = 1;
	memcpy(file + 0x202, "HdrS", 4);
	memcpy(file + 0x211, "\x01\x00\x00\x00\x00\x10", 7);
	memcpy(file + 0x206, &version, 2);
	memcpy(file + 0x248, &at, 4);
	memcpy(file + 0x24c, &len, 4);
	memcpy(file + SETUP_BYTES + at - 4, &len, 4);
	memcpy(file + SETUP_BYTES + at, packed, len);
	memset(file + SETUP_BYTES + at + len, 0xcc, 1000);
	return SETUP_BYTES + at + len + 1000;
}

#endif /* LAUNCHER_UNIT_PACK_H */
