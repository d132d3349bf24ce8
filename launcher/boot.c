// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest finds in its memory when it starts: the kernel (found by
 * kernel.c, checked by elf.c), an initrd at the top, under it the first page
 * tables, and at the bottom the boot parameters and the command line.
 *
 * Classic guests start at their virtual address, on tables that map only that.
 * Later ones start at the physical one; up to 2.6.28 on tables that map just
 * these, from 2.6.29 on the host's, which are in the same place, or none.
 *
 *	0	boot parameters		4096	command line
 *	...	kernel			...	page tables | directory | initrd
 */
#include <string.h>
#include <unistd.h>

#include "image.h"
#include "kernel.h"

#define HEAD_BYTES	PAGE_BYTES	/* enough of a file to know what it is */
#define CMDLINE_ADDR	PAGE_BYTES

/* Boot parameters, by offset: those of Linux' 32-bit boot protocol. */
#define PARAM_E820_NR		0x1e8	/* u8 */
#define PARAM_VERSION		0x206	/* u16 */
#define PARAM_LOADER_TYPE	0x210	/* u8 */
#define PARAM_LOAD_FLAGS	0x211	/* u8 */
#define PARAM_RAMDISK_IMAGE	0x218
#define PARAM_RAMDISK_SIZE	0x21c
#define PARAM_CMDLINE		0x228
#define PARAM_ALIGNMENT		0x230
#define PARAM_SUBARCH		0x23c
#define PARAM_E820_MAP		0x2d0	/* {u64 addr, u64 size, u32 type} */

#define LOADER_UNKNOWN		0xff
#define PROTOCOL_SUBARCH	0x207	/* the first version that has it */
#define KEEP_SEGMENTS		0x40
#define SUBARCH_LGUEST		1
#define E820_RAM		1

#define ENTRIES_PER_TABLE	1024
#define TABLE_FLAGS		0x7	/* present, writable, user */
#define PAE_TABLE_BYTES		PAGE_BYTES /* what the host's tables may need more */
#define IDENTITY		0	/* page_offset of tables for physical addresses */

static __u32 page_up(__u32 bytes)
{
	return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

/* As much RAM as there is address space for, from @page_offset up. */
static __u32 pages_mapped(__u32 ram, __u32 page_offset)
{
	__u64 room = (1ull << 32) - page_offset;

	return (ram < room ? ram : room) / PAGE_BYTES;
}

static __u32 nr_tables(__u32 pages)
{
	return (pages + ENTRIES_PER_TABLE - 1) / ENTRIES_PER_TABLE;
}

/* The directory, and the tables under it. */
__u32 boot_table_bytes(__u32 ram, __u32 page_offset)
{
	return (1 + nr_tables(pages_mapped(ram, page_offset))) * PAGE_BYTES;
}

/* The tables end where the directory starts.  Returns where they start. */
__u32 boot_build_tables(const struct memory *mem, __u32 pgdir, __u32 page_offset)
{
	__u32 pages = pages_mapped(mem->ram, page_offset);
	__u32 tables = pgdir - nr_tables(pages) * PAGE_BYTES;
	__u32 *pde = memory_at(mem, pgdir);
	__u32 *pte = memory_at(mem, tables);
	__u32 i;

	memset(pde, 0, PAGE_BYTES);
	memset(pte, 0, pgdir - tables);
	for (i = 0; i < pages; i++)
		pte[i] = (i * PAGE_BYTES) | TABLE_FLAGS;
	for (i = 0; i < nr_tables(pages); i++)
		pde[(page_offset >> 22) + i] = (tables + i * PAGE_BYTES) | TABLE_FLAGS;
	return tables;
}

static void put32(char *params, unsigned int at, __u32 value)
{
	memcpy(params + at, &value, sizeof(value));
}

void boot_write_params(const struct memory *mem, const char *cmdline,
		       __u32 initrd, __u32 initrd_len)
{
	char *params = memory_at(mem, 0);

	params[PARAM_E820_NR] = 1;
	put32(params, PARAM_E820_MAP + 8, mem->ram);
	put32(params, PARAM_E820_MAP + 16, E820_RAM);
	if (initrd_len) {
		params[PARAM_LOADER_TYPE] = (char)LOADER_UNKNOWN;
		put32(params, PARAM_RAMDISK_IMAGE, initrd);
		put32(params, PARAM_RAMDISK_SIZE, initrd_len);
	}
	put32(params, PARAM_CMDLINE, CMDLINE_ADDR);
	put32(params, PARAM_SUBARCH, SUBARCH_LGUEST);
	memcpy(memory_at(mem, CMDLINE_ADDR), cmdline, strlen(cmdline) + 1);
}

/**
 * boot_write_header - what guests with virtio devices look at besides
 * @mem: boot_write_params() was called for it
 * @alignment: of the kernel, 0 to leave it
 */
void boot_write_header(const struct memory *mem, __u32 alignment)
{
	const __u16 version = PROTOCOL_SUBARCH;
	char *params = memory_at(mem, 0);

	memcpy(params + PARAM_VERSION, &version, sizeof(version));
	params[PARAM_LOAD_FLAGS] |= KEEP_SEGMENTS;
	if (alignment)
		put32(params, PARAM_ALIGNMENT, alignment);
}

static const char *check_elf(const struct kernel_file *kernel, struct kernel_image *image)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	size_t len = kernel->size < HEAD_BYTES ? kernel->size : HEAD_BYTES;
	char head[HEAD_BYTES];
	const char *wrong;
	Elf32_Ehdr eh;

	file_read(kernel->fd, kernel->name, head, len, 0);
	wrong = elf_check_header(head, len, kernel->size);
	if (!wrong) {
		memcpy(&eh, head, sizeof(eh));
		file_read(kernel->fd, kernel->name, ph, eh.e_phnum * sizeof(ph[0]), eh.e_phoff);
		wrong = elf_check_segments(ph, eh.e_phnum, kernel->size, image);
		image->entry = eh.e_entry;
	}
	if (!wrong)
		wrong = kernel->era->any_base ? elf_check_entry(image) :
						elf_check_page_offset(image);
	return wrong;
}

static const char *check_bzimage(const struct kernel_file *kernel, struct kernel_image *image)
{
	size_t len = kernel->size < HEAD_BYTES ? kernel->size : HEAD_BYTES;
	char head[HEAD_BYTES];
	struct bzimage bz;
	const char *wrong;

	file_read(kernel->fd, kernel->name, head, len, 0);
	wrong = bzimage_check(head, len, kernel->size, &bz);
	if (wrong)
		return wrong;
	memset(image, 0, sizeof(*image));
	image->header = bz.header_end - BZIMAGE_HEADER;
	image->entry = bz.start;
	image->segment[0].offset = bz.payload;
	image->segment[0].paddr = BZIMAGE_LOAD;
	image->segment[0].filesz = kernel->size - bz.payload;
	image->segment[0].memsz = image->segment[0].filesz;
	image->nr = 1;
	image->low = BZIMAGE_LOAD;
	image->high = BZIMAGE_LOAD + image->segment[0].memsz;
	return NULL;
}

static void check_kernel(const struct kernel_file *kernel, struct kernel_image *image)
{
	const char *wrong = NULL;

	switch (kernel->kind) {
	case KERNEL_ELF:
		wrong = check_elf(kernel, image);
		break;
	case KERNEL_BZIMAGE:
		wrong = check_bzimage(kernel, image);
		break;
	case KERNEL_RAW:
		wrong = image_check_raw(&kernel->unpacked, image);
		break;
	}
	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
}

/* RAM is still zero, so what is only in memory needs nothing. */
static void load_kernel(const struct memory *mem, const struct kernel_file *kernel,
			const struct kernel_image *image, struct boot *boot)
{
	const char *wrong;
	unsigned int i;

	for (i = 0; i < image->nr; i++) {
		const struct kernel_segment *seg = &image->segment[i];

		file_read(kernel->fd, kernel->name, memory_at(mem, seg->paddr), seg->filesz,
			  seg->offset);
	}
	file_read(kernel->fd, kernel->name, memory_at(mem, BZIMAGE_HEADER), image->header,
		  BZIMAGE_HEADER);
	boot->start = image->entry;
	boot->page_offset = IDENTITY;
	if (kernel->era->any_base)
		return;
	wrong = elf_find_entry(mem, image, &boot->start);
	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
	boot->page_offset = image->page_offset;
}

static __u32 need_of(const struct kernel_file *kernel, const struct memory *mem,
		     const struct kernel_image *image)
{
	if (kernel->era->any_base)
		return boot_table_bytes(mem->ram, IDENTITY) + PAE_TABLE_BYTES;
	return boot_table_bytes(mem->ram, image->page_offset);
}

static int open_initrd(const char *name, __u64 *size)
{
	int fd;

	*size = 0;
	if (!name)
		return -1;
	fd = file_open(name, size);
	if (!*size)
		give_up("%s: is empty", name);
	if (*size > MEMORY_MAX)
		give_up("%s: is too large for any guest", name);
	return fd;
}

static noreturn void does_not_fit(const struct kernel_file *kernel,
				  const struct config *config, __u64 need)
{
	const char *with = config->initrd ? " with " : "";
	const char *initrd = config->initrd ? config->initrd : "";

	if (need > MEMORY_MAX)
		give_up("%s%s%s: needs more memory than any guest can have (2047 MiB)",
			kernel->name, with, initrd);
	give_up("%s%s%s: does not fit in memory: it needs at least %llu MiB (--mem)",
		kernel->name, with, initrd, (need + MIB - 1) / MIB);
}

/**
 * boot_load - put all that a guest starts with into its memory
 * @mem: the memory, zero
 * @kernel: open; it is closed
 * @config: what else
 * @boot: how it starts
 */
void boot_load(const struct memory *mem, struct kernel_file *kernel,
	       const struct config *config, struct boot *boot)
{
	struct kernel_image image;
	__u32 initrd_len, initrd;
	__u64 initrd_size, need;
	int initrd_fd;

	check_kernel(kernel, &image);
	initrd_fd = open_initrd(config->initrd, &initrd_size);
	initrd_len = page_up(initrd_size);
	need = (__u64)page_up(image.high) + initrd_len + need_of(kernel, mem, &image);
	if (need > mem->ram)
		does_not_fit(kernel, config, need);

	initrd = mem->ram - initrd_len;
	load_kernel(mem, kernel, &image, boot);
	close(kernel->fd);
	if (initrd_fd >= 0) {
		file_read(initrd_fd, config->initrd, memory_at(mem, initrd), initrd_size, 0);
		close(initrd_fd);
	}
	boot->pgdir = initrd - PAGE_BYTES;
	if (kernel->era->tables)
		boot_build_tables(mem, boot->pgdir, boot->page_offset);
	boot_write_params(mem, config->cmdline, initrd, initrd_len);
	if (kernel->era->any_base)
		boot_write_header(mem, kernel->era->alignment);
	explain("kernel at %#x to %#x, page_offset %#x, entry %#x, page directory %#x",
		image.low, image.high, boot->page_offset, boot->start, boot->pgdir);
}
