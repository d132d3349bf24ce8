// SPDX-License-Identifier: GPL-2.0
/*
 * Where a guest's things go in its memory, and how much of that its kernel can use.
 * boot.c puts them there:
 *
 *	0	boot parameters, command line
 *	1M	kernel
 *	...
 *		first page tables, directory, initial ramdisk: the highest that it reaches
 *	...
 *	ram	device page (virtio.c, classic.c)
 *
 * Linux maps its low memory at PAGE_OFFSET, below vmalloc's room, its fixed mappings
 * and the host's.  Without CONFIG_HIGHMEM it cuts off the rest, and then looks for
 * the device page where it did so: that is where its memory has to end.  How much
 * low memory there is depends on its configuration, which a kernel does not tell;
 * so what is given is a little less than any should have.
 */
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "bzimage.h"
#include "guest_memory.h"
#include "kernel.h"
#include "kernel_image.h"
#include "layout.h"

#define ENTRIES_PER_TABLE	1024
#define PAE_TABLE_BYTES		PAGE_BYTES	/* what the host's tables may need more */

#define USUAL_PAGE_OFFSET	0xc0000000u
#define ADDRESS_SPACE		(1ull << 32)
#define VMALLOC_BYTES		(128 * MIB)	/* unless the command line says more */
#define VMALLOC_HOLE		(8 * MIB)
#define FIXED_BYTES		(16 * MIB)	/* of the host and of the kernel */
#define LOW_MIN			(64 * MIB)

/* What is given is so much lower: it costs nothing, and large configurations fit. */
#define CAUTION			(112 * MIB)

static __u64 round_up(__u64 bytes, __u32 to)
{
	return (bytes + to - 1) / to * to;
}

/* As much RAM as there is address space for, from @page_offset up. */
static __u32 pages_mapped(__u32 ram, __u32 page_offset)
{
	__u64 room = ADDRESS_SPACE - page_offset;

	return (ram < room ? ram : room) / PAGE_BYTES;
}

/**
 * layout_table_bytes - how much room the first page tables take
 * @ram: the guest's, in bytes
 * @page_offset: where they map it
 *
 * They are a directory, and the tables under it.
 */
__u32 layout_table_bytes(__u32 ram, __u32 page_offset)
{
	__u32 pages = pages_mapped(ram, page_offset);

	return (1 + (pages + ENTRIES_PER_TABLE - 1) / ENTRIES_PER_TABLE) * PAGE_BYTES;
}

/* A number of bytes as Linux reads it; 0 if it is none. */
static __u64 linux_size(const char *text)
{
	static const char units[] = "kmg";
	char *end;
	__u64 bytes = strtoull(text, &end, 0);
	const char *unit = *end ? strchr(units, *end | 0x20) : NULL;
	unsigned int shift = unit ? 10 * (unit - units + 1) : 0;

	return bytes <= UINT64_MAX >> shift ? bytes << shift : 0;
}

/* The last "vmalloc=" of a command line; 0 if there is none. */
static __u64 vmalloc_told(const char *cmdline)
{
	static const char name[] = "vmalloc=";
	const char *at = cmdline;
	__u64 bytes = 0;

	while ((at = strstr(at, name))) {
		bool starts = at == cmdline || at[-1] == ' ';

		at += strlen(name);
		if (starts)
			bytes = linux_size(at);
	}
	return bytes < ADDRESS_SPACE ? bytes : ADDRESS_SPACE;
}

static __u32 low_memory(__u32 page_offset, const char *cmdline)
{
	__u64 vmalloc = vmalloc_told(cmdline);
	__u64 taken = FIXED_BYTES + (vmalloc > VMALLOC_BYTES ? vmalloc + VMALLOC_HOLE :
							       VMALLOC_BYTES);
	__u64 room = ADDRESS_SPACE - page_offset;

	if (room < taken + LOW_MIN)
		return LOW_MIN;
	return room - taken < MEMORY_MAX ? room - taken : MEMORY_MAX;
}

static __u32 smaller(__u32 a, __u64 b)
{
	return a < b ? a : b;
}

static bool unpacks_itself(const struct kernel_file *kernel)
{
	return kernel->kind == KERNEL_BZIMAGE;
}

/* The kernel as it is linked; nothing of it is known if nobody could look inside. */
static const struct kernel_image *linked(const struct kernel_file *kernel)
{
	return unpacks_itself(kernel) ? &kernel->inside : &kernel->image;
}

static __u64 runs_at(const struct kernel_file *kernel)
{
	const struct kernel_image *image = linked(kernel);

	if (!unpacks_itself(kernel))
		return image->low;
	return bzimage_output(kernel->head, image->nr ? image->low : BZIMAGE_LOAD,
			      kernel->era->alignment);
}

static __u64 running_end(const struct kernel_file *kernel)
{
	return runs_at(kernel) + (linked(kernel)->high - linked(kernel)->low);
}

/* What it takes of memory in all of its life. */
static __u64 taken_end(const struct kernel_file *kernel)
{
	__u64 end = running_end(kernel), unpacking;

	if (!unpacks_itself(kernel))
		return end;
	unpacking = runs_at(kernel) + bzimage_room(kernel->head, kernel->inside_size);
	if (unpacking > end)
		end = unpacking;
	return end > kernel->image.high ? end : kernel->image.high;
}

/*
 * Kernels of 2.6.37 to 3.19 map themselves, and as much more as tables for all low
 * memory take, in whole page tables.  What of that is beyond their memory they want
 * to unmap, and trip over a pointer that is NULL.
 */
static __u64 mapped_end(const struct kernel_file *kernel, __u32 page_offset)
{
	__u64 pages = (ADDRESS_SPACE - page_offset) / PAGE_BYTES;

	if (!kernel->era->unmaps || !kernel->marks.is_linux)
		return 0;
	if (kernel->marks.no_pae)
		return round_up(running_end(kernel) + pages / 1024 * PAGE_BYTES, 4 * MIB);
	return round_up(running_end(kernel) + (pages / 512 + 4) * PAGE_BYTES, 2 * MIB);
}

/**
 * layout_needs_of - what a kernel makes of its memory
 * @kernel: open
 * @cmdline: its command line
 * @initrd: bytes of its initial ramdisk
 * @needs: filled in
 */
void layout_needs_of(const struct kernel_file *kernel, const char *cmdline, __u32 initrd,
		     struct layout_needs *needs)
{
	__u32 page_offset = linked(kernel)->page_offset ?: USUAL_PAGE_OFFSET;
	__u32 low = low_memory(page_offset, cmdline);

	needs->end = taken_end(kernel);
	needs->mapped = mapped_end(kernel, page_offset);
	needs->usable = kernel->marks.is_linux && kernel->marks.no_highmem ? low : MEMORY_MAX;
	needs->reached = low > CAUTION + LOW_MIN ? low - CAUTION : LOW_MIN;
	if (unpacks_itself(kernel))
		needs->reached = smaller(needs->reached, bzimage_initrd_end(kernel->head));
	needs->initrd = initrd;
	needs->page_offset = kernel->era->any_base ? 0 : kernel->image.page_offset;
	needs->host_tables = kernel->era->any_base;
}

/**
 * layout_make - find a place for everything
 * @needs: of the kernel
 * @ram: what the user gives it; it may use less
 * @layout: filled in
 *
 * Return: does it fit?
 */
bool layout_make(const struct layout_needs *needs, __u32 ram, struct layout *layout)
{
	__u64 need;

	layout->ram = smaller(ram, needs->usable);
	layout->top = smaller(layout->ram, needs->reached);
	layout->initrd = layout->top - needs->initrd;
	layout->pgdir = layout->initrd - PAGE_BYTES;
	need = round_up(needs->end, PAGE_BYTES) + needs->initrd +
	       layout_table_bytes(layout->ram, needs->page_offset) +
	       (needs->host_tables ? PAE_TABLE_BYTES : 0);
	return need <= layout->top && needs->mapped <= layout->ram;
}

/**
 * layout_least - with how much memory it fits
 * @needs: of the kernel
 *
 * Return: MiB, the least; 0 if it never fits.
 */
__u32 layout_least(const struct layout_needs *needs)
{
	struct layout layout;
	__u32 mib;

	for (mib = 1; mib <= MEMORY_MAX / MIB; mib++) {
		if (layout_make(needs, mib * MIB, &layout))
			return mib;
	}
	return 0;
}
