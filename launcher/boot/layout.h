/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where a guest's things go in its memory: see layout.c.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include "kernel.h"

/* What a kernel makes of its memory.  Addresses are physical. */
struct layout_needs {
	__u64 end;		/* it takes all below, to unpack itself and then */
	__u64 mapped;		/* and has page tables up to here; 0: does not matter */
	__u32 reached;		/* what the launcher gives it must be below */
	__u32 usable;		/* the most that it can use */
	__u32 initrd;		/* bytes of its initial ramdisk */
	__u32 page_offset;	/* of the first page tables: 0 at physical addresses */
	bool host_tables;	/* or they are the host's, of any format */
};

struct layout {
	__u32 ram;
	__u32 top;		/* the initial ramdisk ends here */
	__u32 initrd;
	__u32 pgdir;		/* below it; page tables are below that */
};

__u32 layout_table_bytes(__u32 ram, __u32 page_offset);
void layout_needs_of(const struct kernel_file *kernel, const char *cmdline, __u32 initrd,
		     struct layout_needs *needs);
bool layout_make(const struct layout_needs *needs, __u32 ram, struct layout *layout);
__u32 layout_least(const struct layout_needs *needs);

#endif /* LAYOUT_H */
