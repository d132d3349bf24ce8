// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's program, which is a part of the launcher, as an initial ramdisk: an archive
 * with that one file.  The kernel takes several archives, one behind the other, so it
 * goes before the user's own, which may be compressed.
 */
#include <stdio.h>
#include <string.h>

#include "guest_agent.h"
#include "protocol.h"

#define IMAGE		"../build/agent/lguest-agent"
#define ALIGNMENT	512u	/* of what follows; cpio itself wants 4 */
#define TRAILER		"TRAILER!!!"
#define HEAD_BYTES	110u
#define PROGRAM		0100755

asm(".pushsection .rodata\n"
	".balign 4\n"
	".globl agent_image\n"
	"agent_image:\n"
	"	.incbin \"" IMAGE "\"\n"
	".globl agent_image_end\n"
	"agent_image_end:\n"
	".popsection\n");

static size_t image_bytes(void)
{
	return agent_image_end - agent_image;
}

static size_t up(size_t bytes, size_t to)
{
	return (bytes + to - 1) / to * to;
}

/* The header of a file, its name, and the file. */
static size_t entry_bytes(const char *name, size_t bytes)
{
	return up(HEAD_BYTES + strlen(name) + 1, 4) + up(bytes, 4);
}

static char *put_entry(char *to, const char *name, unsigned int number, unsigned int mode,
		       const char *from, size_t bytes)
{
	const size_t names = strlen(name) + 1;

	/* magic, ino, mode, uid, gid, nlink, mtime, size, four of devices, name's size, sum */
	sprintf(to, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", number, mode,
		0, 0, 1, 0, (unsigned int)bytes, 0, 0, 0, 0, (unsigned int)names, 0);
	memcpy(to + HEAD_BYTES, name, names);
	memcpy(to + up(HEAD_BYTES + names, 4), from, bytes);
	return to + entry_bytes(name, bytes);
}

/** agent_ramdisk_bytes() - how large it is */
size_t agent_ramdisk_bytes(void)
{
	return up(entry_bytes(AGENT_PATH, image_bytes()) + entry_bytes(TRAILER, 0), ALIGNMENT);
}

/**
 * agent_ramdisk_write() - make it
 * @to: where; zero, with that much room
 */
void agent_ramdisk_write(char *to)
{
	to = put_entry(to, AGENT_PATH, 1, PROGRAM, agent_image, image_bytes());
	put_entry(to, TRAILER, 0, 0, "", 0);
}
