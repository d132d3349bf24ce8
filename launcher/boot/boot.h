/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a guest finds in its memory when it starts: boot.c.
 */
#ifndef BOOT_H
#define BOOT_H

#include "guest_memory.h"

#define BOOT_PARAMS_END		(2 * PAGE_BYTES) /* parameters, command line */
#define COMMAND_LINE_MAX	(PAGE_BYTES - 1)

struct boot {
	__u32 ram;		/* that the guest has */
	__u32 top;		/* what it is given with its kernel is below */
	__u32 initrd;
	__u64 initrd_size;
	int initrd_fd;		/* -1: there is none */
	bool agent;		/* before that is the agent's */
	__u32 pgdir;
	__u32 start;
	__u32 page_offset;
};

struct config;
struct kernel_file;
__u32 boot_build_tables(const struct memory *mem, __u32 pgdir, __u32 page_offset);
void boot_tell_memory(const struct memory *mem, __u32 ram);
void boot_write_params(const struct memory *mem, const char *cmdline,
		       __u32 initrd, __u32 initrd_len);
void boot_write_header(const struct memory *mem, __u32 alignment);
bool __must_check boot_plan(const struct kernel_file *kernel, const struct config *config,
			    struct boot *boot);
bool __must_check boot_load(const struct memory *mem, struct kernel_file *kernel,
			    const struct config *config, struct boot *boot);

#endif /* BOOT_H */
