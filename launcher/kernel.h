/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The guest's kernel as a file: what kernel.c finds out of it, for boot.c.
 */
#ifndef KERNEL_H
#define KERNEL_H

#include "era.h"
#include "image.h"

/* What the contents of a kernel say of it. */
struct kernel_marks {
	bool classic;		/* the tag of 2.6.23 */
	bool lguest;		/* the word, which all later ones have */
	__u32 release;		/* of the banner; 0: there is none */
};

enum kernel_kind {
	KERNEL_ELF,
	KERNEL_BZIMAGE,		/* unpacks itself */
	KERNEL_RAW,		/* out of a bzImage: 2.6.23's, which did not */
};

struct kernel_file {
	int fd;
	const char *name;
	__u64 size;
	enum kernel_kind kind;
	struct unpacked unpacked;
	__u32 release;
	const struct era *era;
};

/* The pieces of a bzImage that are not for its real-mode start. */
struct bzimage {
	__u32 header_end;	/* of the header, which starts at BZIMAGE_HEADER */
	__u32 payload;		/* offset in the file */
	__u32 start;		/* physical */
};

#define BZIMAGE_HEADER		0x1f1
#define BZIMAGE_HEAD_BYTES	0x1000	/* more than the header can be long */
#define BZIMAGE_LOAD		MIB	/* where the payload goes */

int file_open(const char *name, __u64 *size);
void file_read(int fd, const char *name, void *to, size_t len, off_t offset);

void kernel_look(struct kernel_marks *marks, const char *text, size_t len);
bool bzimage_is(const char *head, size_t len);
__u32 bzimage_version(const char *head);
const char *bzimage_check(const char *head, size_t len, __u64 file_size,
			  struct bzimage *image);
void kernel_open(const struct config *config, struct kernel_file *kernel);

#endif /* KERNEL_H */
