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
	bool is_linux;		/* it has Linux' own messages, so the rest is known */
	bool no_highmem;
	bool no_pae;
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
	bool is_inside;		/* of another file, which has the name */
	enum kernel_kind kind;
	__u32 release;
	const struct era *era;
	struct kernel_marks marks;
	struct kernel_image image;	/* what is loaded */

	/* Of a bzImage: its start, and what is in it (no segments: nobody knows). */
	char head[BZIMAGE_HEAD_BYTES];
	struct kernel_image inside;
	__u64 inside_size;
};

struct config;

int __must_check file_open(const char *name, __u64 *size);
bool __must_check file_read(int fd, const char *name, void *to, size_t len, off_t offset);

void kernel_look(struct kernel_marks *marks, const char *text, size_t len);
bool __must_check kernel_open(const struct config *config, struct kernel_file *kernel);

#endif /* KERNEL_H */
