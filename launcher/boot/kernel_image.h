/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which files are kernels, and what of them is loaded: elf.c.
 */
#ifndef KERNEL_IMAGE_H
#define KERNEL_IMAGE_H

#include <elf.h>

#include "guest_memory.h"

#define KERNEL_SEGMENTS_MAX	64	/* kernels have four; a table of more is no kernel's */

struct kernel_segment {
	__u32 offset;		/* in the file */
	__u32 filesz;
	__u32 paddr;		/* in the guest */
	__u32 memsz;
};

struct kernel_image {
	__u32 page_offset;	/* virtual minus physical */
	__u32 low;		/* bounds of what is loaded */
	__u32 high;
	bool disagree;		/* about page_offset */
	__u32 entry;		/* of an ELF file */
	__u32 header;		/* bytes of a bzImage's boot parameters */
	unsigned int nr;
	struct kernel_segment segment[KERNEL_SEGMENTS_MAX];
};

const char *elf_check_header(const void *head, size_t len, __u64 file_size);
const char *elf_check_whole(const Elf32_Phdr *ph, unsigned int nr, __u64 file_size);
const char *elf_check_segments(const Elf32_Phdr *ph, unsigned int nr,
			       __u64 file_size, struct kernel_image *image);
const char *elf_check_page_offset(const struct kernel_image *image);
const char *elf_check_entry(const struct kernel_image *image);
const char *elf_find_entry(const struct memory *mem,
			   const struct kernel_image *image, __u32 *entry);

#endif /* KERNEL_IMAGE_H */
