/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The header of a bzImage: see bzimage.c.
 */
#ifndef BZIMAGE_H
#define BZIMAGE_H

#include <asm/bootparam.h>

#include "base.h"

/* where it starts, in the file as in memory */
#define BZIMAGE_HEADER		offsetof(struct boot_params, hdr)
#define BZIMAGE_HEAD_BYTES	0x1000	/* more than the header can be long */
#define BZIMAGE_LOAD		MIB	/* where the code goes */

/* What is loaded of a bzImage, which does not include its real-mode start. */
struct bzimage {
	__u32 header_end;
	__u32 payload;		/* offset in the file of code and kernel */
	__u32 start;		/* physical */
};

/* Where in the file the packed kernel is. */
struct bzimage_kernel {
	__u64 at;
	__u64 len;		/* 0: nobody knows either; it is somewhere after @at */
};

bool bzimage_is(const char *head, size_t len);
__u32 bzimage_version(const char *head);
const char *bzimage_check(const char *head, size_t len, __u64 file_size,
			  struct bzimage *image);
const char *bzimage_find_kernel(const char *head, __u64 file_size,
				struct bzimage_kernel *kernel);
__u32 bzimage_initrd_end(const char *head);
__u32 bzimage_output(const char *head, __u32 linked, __u32 alignment);
__u64 bzimage_room(const char *head, __u64 unpacked);

#endif /* BZIMAGE_H */
