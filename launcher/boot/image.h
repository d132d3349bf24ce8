/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packed kernels: see image.c.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "bzimage.h"
#include "kernel_image.h"

struct unpacked {
	int fd;			/* -1: the file was not packed */
	__u64 size;
	bool bzimage;
	bool doubtful;		/* what is wrong may be the unpacking program's doing */
};

const char *image_packer(int fd);
const char *image_unpack(int fd, __u64 size, struct unpacked *unpacked);
const char *image_look_raw(int fd, __u64 size, struct kernel_image *image);
const char *image_check_raw(int fd, __u64 size, struct kernel_image *image);
void image_forget(struct unpacked *unpacked);

#endif /* IMAGE_H */
