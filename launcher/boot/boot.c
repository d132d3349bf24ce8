// SPDX-License-Identifier: GPL-2.0
/*
 * What a guest finds in its memory when it starts: the kernel (found by
 * kernel.c), an initrd, under it the first page tables, and at the bottom the
 * boot parameters and the command line.  layout.c says where it goes.
 *
 * Classic guests start at their virtual address, on tables that map only that.
 * Later ones start at the physical one; up to 2.6.28 on tables that map just
 * these, from 2.6.29 on the host's, which are in the same place, or none.
 */
#include <asm/bootparam.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "boot.h"
#include "bzimage.h"
#include "config.h"
#include "guest_agent.h"
#include "guest_memory.h"
#include "kernel.h"
#include "kernel_image.h"
#include "layout.h"

#define CMDLINE_ADDR	PAGE_BYTES

#define LOADER_UNKNOWN		0xff
#define PROTOCOL_SUBARCH	0x207	/* the first version that has it */
#define E820_RAM		1

#define ENTRIES_PER_TABLE	1024
#define TABLE_FLAGS		0x7	/* present, writable, user */
#define IDENTITY		0	/* page_offset of tables for physical addresses */

static __u32 page_up(__u32 bytes)
{
	return (bytes + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
}

/* The tables end where the directory starts.  Returns where they start. */
__u32 boot_build_tables(const struct memory *mem, __u32 pgdir, __u32 page_offset)
{
	__u32 bytes = layout_table_bytes(mem->ram, page_offset) - PAGE_BYTES;
	__u32 nr_tables = bytes / PAGE_BYTES, pages = mem->ram / PAGE_BYTES;
	__u32 tables = pgdir - bytes;
	__u32 *pde = memory_at(mem, pgdir);
	__u32 *pte = memory_at(mem, tables);
	__u32 i;

	memset(pde, 0, PAGE_BYTES);
	memset(pte, 0, pgdir - tables);
	for (i = 0; i < pages && i < nr_tables * ENTRIES_PER_TABLE; i++)
		pte[i] = (i * PAGE_BYTES) | TABLE_FLAGS;
	for (i = 0; i < nr_tables; i++)
		pde[(page_offset >> 22) + i] = (tables + i * PAGE_BYTES) | TABLE_FLAGS;
	return tables;
}

static struct boot_params *params_of(const struct memory *mem)
{
	return memory_at(mem, 0);
}

/**
 * boot_tell_memory - how much memory there is, as the boot parameters have it
 * @mem: the guest's
 * @ram: so much
 */
void boot_tell_memory(const struct memory *mem, __u32 ram)
{
	params_of(mem)->e820_table[0].size = ram;
}

void boot_write_params(const struct memory *mem, const char *cmdline,
		       __u32 initrd, __u32 initrd_len)
{
	struct boot_params *params = params_of(mem);

	params->e820_entries = 1;
	boot_tell_memory(mem, mem->ram);
	params->e820_table[0].type = E820_RAM;
	if (initrd_len) {
		params->hdr.type_of_loader = LOADER_UNKNOWN;
		params->hdr.ramdisk_image = initrd;
		params->hdr.ramdisk_size = initrd_len;
	}
	params->hdr.cmd_line_ptr = CMDLINE_ADDR;
	params->hdr.hardware_subarch = X86_SUBARCH_LGUEST;
	memcpy(memory_at(mem, CMDLINE_ADDR), cmdline, strlen(cmdline) + 1);
}

/**
 * boot_write_header - what guests with virtio devices look at besides
 * @mem: boot_write_params() was called for it
 * @alignment: of the kernel, 0 to leave it
 */
void boot_write_header(const struct memory *mem, __u32 alignment)
{
	struct setup_header *header = &params_of(mem)->hdr;

	header->version = PROTOCOL_SUBARCH;
	header->loadflags |= KEEP_SEGMENTS;
	if (alignment)
		header->kernel_alignment = alignment;
}

/* How the guest starts. */
static bool find_start(const struct memory *mem, const struct kernel_file *kernel,
		       struct boot *boot)
{
	const char *wrong;

	boot->start = kernel->image.entry;
	boot->page_offset = IDENTITY;
	if (kernel->era->any_base)
		return true;
	wrong = elf_find_entry(mem, &kernel->image, &boot->start);
	if (wrong)
		return failure("%s: %s", kernel->name, wrong);
	boot->page_offset = kernel->image.page_offset;
	return true;
}

/* RAM is still zero, so what is only in memory needs nothing. */
static bool load_kernel(const struct memory *mem, const struct kernel_file *kernel,
			struct boot *boot)
{
	const struct kernel_image *image = &kernel->image;
	unsigned int i;

	for (i = 0; i < image->nr; i++) {
		const struct kernel_segment *seg = &image->segment[i];

		if (!file_read(kernel->fd, kernel->name, memory_at(mem, seg->paddr), seg->filesz,
			       seg->offset))
			return false;
	}
	return file_read(kernel->fd, kernel->name, memory_at(mem, BZIMAGE_HEADER), image->header,
			 BZIMAGE_HEADER) && find_start(mem, kernel, boot);
}

/* If there is one. */
static bool open_initrd(const char *name, struct boot *boot)
{
	boot->initrd_size = 0;
	boot->initrd_fd = -1;
	if (!name)
		return true;
	boot->initrd_fd = file_open(name, &boot->initrd_size);
	if (boot->initrd_fd < 0)
		return false;
	if (boot->initrd_size && boot->initrd_size <= MEMORY_MAX)
		return true;
	close(boot->initrd_fd);
	return failure("%s: %s", name, boot->initrd_size ? "is too large for any guest" :
		       "is empty");
}

static void close_initrd(struct boot *boot)
{
	if (boot->initrd_fd >= 0)
		close(boot->initrd_fd);
	boot->initrd_fd = -1;
}

static bool does_not_fit(const struct config *config, const struct layout_needs *needs)
{
	const char *with = config->initrd ? " with " : "";
	const char *initrd = config->initrd ? config->initrd : "";
	__u32 least = layout_least(needs);

	if (least > config->memory / MIB)
		return failure("%s%s%s: does not fit in memory: it needs at least %u MiB (--mem)",
			       config->kernel, with, initrd, least);
	if (needs->end + needs->initrd > MEMORY_MAX || needs->mapped > MEMORY_MAX)
		return failure("%s%s%s: needs more memory than any guest can have (2047 MiB)",
			       config->kernel, with, initrd);
	return failure("%s%s%s: does not fit in what this kernel can use of memory for it (%u MiB)",
		       config->kernel, with, initrd,
		       (needs->usable < needs->reached ? needs->usable : needs->reached) / MIB);
}

/* What the user gives and the guest does not get. */
static void tell_unused(const struct config *config, const struct layout *layout)
{
	if (layout->ram < config->memory)
		complain("%s: uses %u of its %u MiB: without CONFIG_HIGHMEM it reaches no more",
			 config->kernel, layout->ram / MIB, config->memory / MIB);
}

/**
 * boot_plan - find a place for all that a guest starts with
 * @kernel: open
 * @config: what else
 * @boot: filled in, as far as it is known
 *
 * Return: false, see failure(), if it does not fit in the guest's memory.
 */
bool boot_plan(const struct kernel_file *kernel, const struct config *config, struct boot *boot)
{
	struct layout_needs needs;
	struct layout layout;

	if (!open_initrd(config->initrd, boot))
		return false;
	boot->agent = config->agent;
	if (boot->agent)
		boot->initrd_size += agent_ramdisk_bytes();
	layout_needs_of(kernel, config->cmdline, page_up(boot->initrd_size), &needs);
	if (!layout_make(&needs, config->memory, &layout)) {
		close_initrd(boot);
		return does_not_fit(config, &needs);
	}
	tell_unused(config, &layout);
	boot->ram = layout.ram;
	boot->top = layout.top;
	boot->initrd = layout.initrd;
	boot->pgdir = layout.pgdir;
	return true;
}

/* The agent's, and the user's own. */
static bool load_initrd(const struct memory *mem, const struct config *config,
			const struct boot *boot)
{
	const size_t own = boot->agent ? agent_ramdisk_bytes() : 0;

	if (boot->agent)
		agent_ramdisk_write(memory_at(mem, boot->initrd));
	return boot->initrd_fd < 0 ||
	       file_read(boot->initrd_fd, config->initrd, memory_at(mem, boot->initrd + own),
			 boot->initrd_size - own, 0);
}

static bool load(const struct memory *mem, const struct kernel_file *kernel,
		 const struct config *config, struct boot *boot)
{
	return load_kernel(mem, kernel, boot) && load_initrd(mem, config, boot);
}

/**
 * boot_load - put all that a guest starts with into its memory
 * @mem: the memory, zero
 * @kernel: open; it is closed
 * @config: what else
 * @boot: of boot_plan(); how it starts is filled in
 *
 * A host that makes the first page tables does so below the initial ramdisk, which
 * it takes to be at the end of memory.  So memory ends there until the host knows
 * its guest: boot_tell_memory() is to be called then.
 *
 * Return: false, see failure(), if a file cannot be read.
 */
bool boot_load(const struct memory *mem, struct kernel_file *kernel,
	       const struct config *config, struct boot *boot)
{
	const bool good = load(mem, kernel, config, boot);

	close(kernel->fd);
	close_initrd(boot);
	if (!good)
		return false;
	if (kernel->era->tables)
		boot_build_tables(mem, boot->pgdir, boot->page_offset);
	boot_write_params(mem, config->cmdline, boot->initrd, page_up(boot->initrd_size));
	boot_tell_memory(mem, boot->top);
	if (kernel->era->any_base)
		boot_write_header(mem, kernel->era->alignment);
	explain("kernel at %#x to %#x, page_offset %#x, entry %#x, page directory %#x",
		kernel->image.low, kernel->image.high, boot->page_offset, boot->start,
		boot->pgdir);
	return true;
}
