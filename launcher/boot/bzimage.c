// SPDX-License-Identifier: GPL-2.0
/*
 * The header of a bzImage: Linux' boot protocol.  In front of it is the real-mode
 * start, which no guest uses; behind it is code that unpacks the kernel, which is
 * an ELF file or, to 2.6.25, nothing but its bytes.
 */
#include <string.h>

#include "bzimage.h"
#include "disk.h"
#include "guest_memory.h"

/* By offset; and by the first version of the protocol that has it. */
#define SETUP_SECTORS		0x1f1	/* u8 */
#define JUMP_LENGTH		0x201	/* u8: the header ends so far after it */
#define SETUP_MAGIC		0x202
#define VERSION			0x206	/* u16 */
#define RELEASE_AT		0x20e	/* u16: of a text, minus SETUP_BASE */
#define LOAD_FLAGS		0x211	/* u8 */
#define CODE32_START		0x214
#define INITRD_MAX		0x22c	/* 0x203: its last byte */
#define ALIGNMENT		0x230	/* 0x205 */
#define RELOCATABLE		0x234	/* 0x205, u8 */
#define PAYLOAD_OFFSET		0x248	/* 0x208 */
#define PAYLOAD_LENGTH		0x24c	/* 0x208 */
#define PREFERRED_ADDRESS	0x258	/* 0x20a, u64 */
#define INIT_SIZE		0x260	/* 0x20a */

#define HEADER_BYTES		0x264
#define MAGIC			"HdrS"
#define SETUP_BASE		0x200
#define SECTORS_DEFAULT		4
#define LOADED_HIGH		0x01

/* Before 0x203. */
#define INITRD_MAX_DEFAULT	0x37ffffff

/* What unpacking in place takes besides, before 0x20a: for the bytes, and for the code. */
#define SLACK_SHIFT		12
#define SLACK_BYTES		(256u * 1024)

static __u16 half(const char *head, unsigned int at)
{
	__u16 value;

	memcpy(&value, head + at, sizeof(value));
	return value;
}

static __u32 word(const char *head, unsigned int at)
{
	__u32 value;

	memcpy(&value, head + at, sizeof(value));
	return value;
}

/* Offset in the file of what follows the real-mode start. */
static __u32 code_at(const char *head)
{
	__u8 sectors = head[SETUP_SECTORS];

	return ((sectors ? sectors : SECTORS_DEFAULT) + 1u) * SECTOR_BYTES;
}

/**
 * bzimage_is - is it a bzImage?
 * @head: start of the file
 * @len: so much of it
 */
bool bzimage_is(const char *head, size_t len)
{
	return len >= HEADER_BYTES && !memcmp(head + SETUP_MAGIC, MAGIC, strlen(MAGIC));
}

/**
 * bzimage_version - where in the file the text with its release is
 * @head: of a bzImage
 *
 * 0 if there is none.
 */
__u32 bzimage_version(const char *head)
{
	return half(head, RELEASE_AT) ? SETUP_BASE + half(head, RELEASE_AT) : 0;
}

/**
 * bzimage_check - what is to be loaded of a bzImage
 * @head: its start
 * @len: so much of it
 * @file_size: all of it
 * @image: filled in
 *
 * Returns what is wrong, or NULL.
 */
const char *bzimage_check(const char *head, size_t len, __u64 file_size,
			  struct bzimage *image)
{
	image->payload = code_at(head);
	image->header_end = JUMP_LENGTH + 1u + (__u8)head[JUMP_LENGTH];
	image->start = word(head, CODE32_START);
	if (image->header_end > len || image->payload >= file_size)
		return "is cut off: it has nothing after its setup code";
	if (file_size - image->payload > MEMORY_TOP - BZIMAGE_LOAD)
		return "is larger than any guest's memory";
	if (!(head[LOAD_FLAGS] & LOADED_HIGH))
		return "is a zImage; only bzImages are loaded at 1M";
	if (image->start < BZIMAGE_LOAD ||
	    image->start - BZIMAGE_LOAD >= file_size - image->payload)
		return "starts where it is not loaded";
	return NULL;
}

/**
 * bzimage_find_kernel - where the packed kernel is
 * @head: of a bzImage
 * @file_size: all of it
 * @kernel: filled in
 *
 * Returns what is wrong, or NULL.
 */
const char *bzimage_find_kernel(const char *head, __u64 file_size,
				struct bzimage_kernel *kernel)
{
	kernel->at = code_at(head);
	kernel->len = 0;
	if (half(head, VERSION) < 0x208)
		return NULL;
	kernel->at += word(head, PAYLOAD_OFFSET);
	kernel->len = word(head, PAYLOAD_LENGTH);
	if (kernel->at + kernel->len > file_size)
		return "is a bzImage that is cut off";
	if (!kernel->len)
		return "is a bzImage without a compressed kernel in it";
	return NULL;
}

/**
 * bzimage_initrd_end - below which address its kernel wants the initial ramdisk
 * @head: of a bzImage
 */
__u32 bzimage_initrd_end(const char *head)
{
	return (half(head, VERSION) < 0x203 ? INITRD_MAX_DEFAULT : word(head, INITRD_MAX)) + 1;
}

/* 0 is none, and so is what is no power of two. */
static __u32 align(__u32 addr, __u32 alignment)
{
	if (!alignment || alignment & (alignment - 1) || alignment > MEMORY_TOP)
		return addr;
	return (addr + alignment - 1) & ~(alignment - 1);
}

/**
 * bzimage_output - where it puts its kernel
 * @head: of a bzImage
 * @linked: for which address the kernel is made, as far as that is known otherwise
 * @alignment: what the loader says of it; 0: nothing
 */
__u32 bzimage_output(const char *head, __u32 linked, __u32 alignment)
{
	__u32 at;

	if (half(head, VERSION) >= 0x20a)
		linked = word(head, PREFERRED_ADDRESS);
	if (half(head, VERSION) < 0x205 || !head[RELOCATABLE])
		return linked;
	at = align(BZIMAGE_LOAD, alignment ? alignment : word(head, ALIGNMENT));
	return at > linked ? at : linked;
}

/**
 * bzimage_room - how much memory it takes there to unpack its kernel
 * @head: of a bzImage
 * @unpacked: bytes of the kernel, 0 if nobody knows
 */
__u64 bzimage_room(const char *head, __u64 unpacked)
{
	if (half(head, VERSION) >= 0x20a)
		return word(head, INIT_SIZE);
	return unpacked + (unpacked >> SLACK_SHIFT) + SLACK_BYTES;
}
