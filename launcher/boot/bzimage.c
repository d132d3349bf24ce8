// SPDX-License-Identifier: GPL-2.0
/*
 * The header of a bzImage: Linux' boot protocol.  In front of it is the real-mode
 * start, which no guest uses; behind it is code that unpacks the kernel, which is
 * an ELF file or, to 2.6.25, nothing but its bytes.
 */
#include "bzimage.h"
#include "disk.h"
#include "guest_memory.h"

#define MAGIC			0x53726448	/* "HdrS" */
#define SETUP_BASE		0x200		/* of the place of a text */
#define SECTORS_DEFAULT		4
#define HEADER_BYTES		offsetof(struct boot_params, hdr.handover_offset)

/* Versions of the protocol, by what they have that those before have not. */
#define HAS_INITRD_MAX		0x203
#define HAS_RELOCATABLE		0x205
#define HAS_PAYLOAD		0x208
#define HAS_INIT_SIZE		0x20a

/* Before HAS_INITRD_MAX. */
#define INITRD_MAX_DEFAULT	0x37ffffff

/* What unpacking in place takes besides, before HAS_INIT_SIZE: for the bytes, and for the code. */
#define SLACK_SHIFT		12
#define SLACK_BYTES		(256u * 1024)

/* The file begins as boot parameters do, with the header in them. */
static const struct setup_header *header_of(const char *head)
{
	return &((const struct boot_params *)head)->hdr;
}

/* Its jump goes behind it. */
static __u32 header_end(const char *head)
{
	const __u32 jump = offsetof(struct boot_params, hdr.jump);

	return jump + sizeof(header_of(head)->jump) + (__u8)head[jump + 1];
}

/* Offset in the file of what follows the real-mode start. */
static __u32 code_at(const char *head)
{
	const __u8 sectors = header_of(head)->setup_sects;

	return ((sectors ? sectors : SECTORS_DEFAULT) + 1u) * SECTOR_BYTES;
}

/**
 * bzimage_is - is it a bzImage?
 * @head: start of the file
 * @len: so much of it
 */
bool bzimage_is(const char *head, size_t len)
{
	return len >= HEADER_BYTES && header_of(head)->header == MAGIC;
}

/**
 * bzimage_version - where in the file the text with its release is
 * @head: of a bzImage
 *
 * 0 if there is none.
 */
__u32 bzimage_version(const char *head)
{
	const __u16 at = header_of(head)->kernel_version;

	return at ? SETUP_BASE + at : 0;
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
	image->header_end = header_end(head);
	image->start = header_of(head)->code32_start;
	if (image->header_end > len || image->payload >= file_size)
		return "is cut off: it has nothing after its setup code";
	if (file_size - image->payload > MEMORY_TOP - BZIMAGE_LOAD)
		return "is larger than any guest's memory";
	if (!(header_of(head)->loadflags & LOADED_HIGH))
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
	if (header_of(head)->version < HAS_PAYLOAD)
		return NULL;
	kernel->at += header_of(head)->payload_offset;
	kernel->len = header_of(head)->payload_length;
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
	const struct setup_header *header = header_of(head);

	return (header->version < HAS_INITRD_MAX ? INITRD_MAX_DEFAULT :
						   header->initrd_addr_max) + 1;
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
	const struct setup_header *header = header_of(head);
	__u32 at;

	if (header->version >= HAS_INIT_SIZE)
		linked = header->pref_address;
	if (header->version < HAS_RELOCATABLE || !header->relocatable_kernel)
		return linked;
	at = align(BZIMAGE_LOAD, alignment ? alignment : header->kernel_alignment);
	return at > linked ? at : linked;
}

/**
 * bzimage_room - how much memory it takes there to unpack its kernel
 * @head: of a bzImage
 * @unpacked: bytes of the kernel, 0 if nobody knows
 */
__u64 bzimage_room(const char *head, __u64 unpacked)
{
	if (header_of(head)->version >= HAS_INIT_SIZE)
		return header_of(head)->init_size;
	return unpacked + (unpacked >> SLACK_SHIFT) + SLACK_BYTES;
}
