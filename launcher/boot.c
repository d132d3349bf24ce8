// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest finds in its memory when it starts: the kernel (checked by
 * elf.c), an initrd at the top, under it the first page tables, and at the
 * bottom the boot parameters and the command line.
 *
 *	0	boot parameters		4096	command line
 *	...	kernel			...	page tables | directory | initrd
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image.h"

#define HEAD_BYTES	PAGE_BYTES	/* enough of a file to know what it is */
#define CMDLINE_ADDR	PAGE_BYTES

/* Boot parameters, by offset: those of Linux' 32-bit boot protocol. */
#define PARAM_E820_NR		0x1e8	/* u8 */
#define PARAM_LOADER_TYPE	0x210	/* u8 */
#define PARAM_RAMDISK_IMAGE	0x218
#define PARAM_RAMDISK_SIZE	0x21c
#define PARAM_CMDLINE		0x228
#define PARAM_SUBARCH		0x23c
#define PARAM_E820_MAP		0x2d0	/* {u64 addr, u64 size, u32 type} */

#define LOADER_UNKNOWN		0xff
#define SUBARCH_LGUEST		1
#define E820_RAM		1

#define ENTRIES_PER_TABLE	1024
#define TABLE_FLAGS		0x7	/* present, writable, user */

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

static int open_file(const char *name, __u64 *size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		give_up("%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		give_up("%s: is not a file", name);
	*size = st.st_size;
	return fd;
}

/* Reads all of [@offset, @offset + @len) or gives up. */
static void read_file(int fd, const char *name, void *to, size_t len, off_t offset)
{
	while (len) {
		ssize_t n = pread(fd, to, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			give_up("%s: %s", name, strerror(errno));
		if (!n)
			give_up("%s: is cut off", name);
		to = (char *)to + n;
		len -= n;
		offset += n;
	}
}

static const char *check_elf(int fd, const char *name, __u64 size,
			     struct kernel_image *image)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	size_t len = size < HEAD_BYTES ? size : HEAD_BYTES;
	char head[HEAD_BYTES];
	const char *wrong;
	Elf32_Ehdr eh;

	read_file(fd, name, head, len, 0);
	wrong = elf_check_header(head, len, size);
	if (!wrong) {
		memcpy(&eh, head, sizeof(eh));
		read_file(fd, name, ph, eh.e_phnum * sizeof(ph[0]), eh.e_phoff);
		wrong = elf_check_segments(ph, eh.e_phnum, size, image);
	}
	return wrong;
}

static bool is_elf(int fd)
{
	char magic[SELFMAG];

	return pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

/* Opens the kernel, unpacked if need be.  Returns the file to load it from. */
static int open_kernel(const char *name, struct kernel_image *image)
{
	struct unpacked unpacked;
	const char *wrong;
	__u64 size;
	int fd = open_file(name, &size);

	wrong = image_unpack(fd, size, &unpacked);
	if (unpacked.fd >= 0) {
		close(fd);
		fd = unpacked.fd;
		size = unpacked.size;
	}
	if (!wrong && unpacked.bzimage && !is_elf(fd))
		wrong = image_check_raw(&unpacked, image);
	else if (!wrong)
		wrong = check_elf(fd, name, size, image);
	if (wrong)
		give_up("%s: %s", name, wrong);
	return fd;
}

/* RAM is still zero, so what is only in memory needs nothing. */
static void load_kernel(const struct memory *mem, int fd, const char *name,
			const struct kernel_image *image, struct boot *boot)
{
	const char *wrong;
	unsigned int i;

	for (i = 0; i < image->nr; i++) {
		const struct kernel_segment *seg = &image->segment[i];

		read_file(fd, name, memory_at(mem, seg->paddr), seg->filesz,
			  seg->offset);
	}
	wrong = elf_find_entry(mem, image, &boot->start);
	if (wrong)
		give_up("%s: %s", name, wrong);
	boot->page_offset = image->page_offset;
}

void boot_load(const struct memory *mem, const struct config *config,
	       struct boot *boot)
{
	__u64 initrd_size = 0;
	struct kernel_image image;
	__u64 need;
	__u32 initrd_len, initrd;
	int kernel_fd, initrd_fd = -1;

	kernel_fd = open_kernel(config->kernel, &image);
	if (config->initrd) {
		initrd_fd = open_file(config->initrd, &initrd_size);
		if (!initrd_size)
			give_up("%s: is empty", config->initrd);
		if (initrd_size > MEMORY_MAX)
			give_up("%s: is too large for any guest", config->initrd);
	}

	initrd_len = page_up(initrd_size);
	need = (__u64)page_up(image.high) + initrd_len +
	       boot_table_bytes(mem->ram, image.page_offset);
	if (need > mem->ram)
		give_up("%s: does not fit in memory: it needs at least %llu MiB (--mem)",
			config->kernel, (need + MIB - 1) / MIB);

	initrd = mem->ram - initrd_len;
	load_kernel(mem, kernel_fd, config->kernel, &image, boot);
	close(kernel_fd);
	if (initrd_fd >= 0) {
		read_file(initrd_fd, config->initrd, memory_at(mem, initrd),
			  initrd_size, 0);
		close(initrd_fd);
	}
	boot->pgdir = initrd - PAGE_BYTES;
	boot_build_tables(mem, boot->pgdir, image.page_offset);
	boot_write_params(mem, config->cmdline, initrd, initrd_len);
	explain("kernel at %#x to %#x, page_offset %#x, entry %#x, page directory %#x",
		image.low, image.high, image.page_offset, boot->start, boot->pgdir);
}
