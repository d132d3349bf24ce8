// SPDX-License-Identifier: GPL-2.0
/*
 * The agent's program, which is a part of the launcher, as an initial ramdisk: an archive
 * with that one file.  The kernel takes several archives, one behind the other, so it
 * goes before the user's own, which may be compressed.
 */
#include "cpio.h"
#include "guest_agent.h"
#include "protocol.h"

#define IMAGE		"../build/agent/lguest-agent"

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

/** agent_ramdisk_bytes() - how large it is */
size_t agent_ramdisk_bytes(void)
{
	return cpio_end_bytes(cpio_bytes(AGENT_PATH, image_bytes()));
}

/**
 * agent_ramdisk_write() - make it
 * @to: where; zero, with that much room
 */
void agent_ramdisk_write(char *to)
{
	to = cpio_put(to, AGENT_PATH, CPIO_PROGRAM, agent_image, image_bytes());
	cpio_end(to);
}
