// SPDX-License-Identifier: GPL-2.0
/*
 * Which ELF files are kernels for a guest, and what boot.c may load of them.
 * The file is not trusted: nothing here touches more than it was given.  Each
 * check returns what is wrong, or NULL.
 */
#include <string.h>

#include "boot.h"
#include "guest_memory.h"
#include "kernel_image.h"

/* The tag that such kernels contain; they are entered right after it. */
#define TAG		"GenuineLguest"
#define TAG_LEN		(sizeof(TAG) - 1)

/* A top slot of 4 MiB belongs to the host. */
#define PAGE_OFFSET_MAX	(1022u << 22)
#define SLOT_BYTES	(1u << 22)

/* @head is the start of the file: at least its ELF header, if it has one. */
const char *elf_check_header(const void *head, size_t len, __u64 file_size)
{
	Elf32_Ehdr eh;

	if (len < sizeof(eh) || memcmp(head, ELFMAG, SELFMAG))
		return "is no kernel: neither an ELF file (vmlinux) nor a bzImage";
	memcpy(&eh, head, sizeof(eh));
	if (eh.e_ident[EI_CLASS] != ELFCLASS32)
		return "is a 64-bit ELF file; guests are 32-bit x86";
	if (eh.e_ident[EI_DATA] != ELFDATA2LSB || eh.e_machine != EM_386)
		return "is an ELF file for another CPU; guests are 32-bit x86";
	if (eh.e_type != ET_EXEC)
		return "is not an executable ELF file";
	if (eh.e_phentsize != sizeof(Elf32_Phdr))
		return "has program headers of a strange size";
	if (!eh.e_phnum || eh.e_phnum > KERNEL_SEGMENTS_MAX)
		return "has no program headers, or too many";
	if ((__u64)eh.e_phoff + eh.e_phnum * sizeof(Elf32_Phdr) > file_size)
		return "is cut off: its program headers are missing";
	return NULL;
}

static bool is_whole(const Elf32_Phdr *ph, __u64 file_size)
{
	return (__u64)ph->p_offset + ph->p_filesz <= file_size;
}

/* Is all of it there that is to be loaded?  That is asked before what it is. */
const char *elf_check_whole(const Elf32_Phdr *ph, unsigned int nr, __u64 file_size)
{
	unsigned int i;

	for (i = 0; i < nr && i < KERNEL_SEGMENTS_MAX; i++) {
		if (ph[i].p_type == PT_LOAD && !is_whole(&ph[i], file_size))
			return "is cut off: part of a segment is missing";
	}
	return NULL;
}

static const char *check_segment(const Elf32_Phdr *ph, __u64 file_size)
{
	if (ph->p_filesz > ph->p_memsz)
		return "has a segment that is larger in the file than in memory";
	if (!is_whole(ph, file_size))
		return "is cut off: part of a segment is missing";
	if ((__u64)ph->p_paddr + ph->p_memsz > MEMORY_TOP)
		return "has a segment that is beyond any guest's memory";
	if (ph->p_paddr < BOOT_PARAMS_END)
		return "has a segment where the boot parameters go (below 0x2000)";
	return NULL;
}

/* Fills in @image.  Whether the guest has so much memory is not known here. */
const char *elf_check_segments(const Elf32_Phdr *ph, unsigned int nr,
			       __u64 file_size, struct kernel_image *image)
{
	struct kernel_segment *seg;
	const char *wrong;
	unsigned int i;

	memset(image, 0, sizeof(*image));
	image->low = MEMORY_TOP;
	for (i = 0; i < nr && i < KERNEL_SEGMENTS_MAX; i++) {
		if (ph[i].p_type != PT_LOAD || !ph[i].p_memsz)
			continue;
		wrong = check_segment(&ph[i], file_size);
		if (wrong)
			return wrong;
		if (!image->nr)
			image->page_offset = ph[i].p_vaddr - ph[i].p_paddr;
		image->disagree |= image->page_offset != ph[i].p_vaddr - ph[i].p_paddr;
		seg = &image->segment[image->nr++];
		seg->offset = ph[i].p_offset;
		seg->filesz = ph[i].p_filesz;
		seg->paddr = ph[i].p_paddr;
		seg->memsz = ph[i].p_memsz;
		if (seg->paddr < image->low)
			image->low = seg->paddr;
		if (seg->paddr + seg->memsz > image->high)
			image->high = seg->paddr + seg->memsz;
	}
	if (!image->nr)
		return "has nothing to load";
	return NULL;
}

/* For classic guests, whose memory is mapped at one distance. */
const char *elf_check_page_offset(const struct kernel_image *image)
{
	if (image->disagree)
		return "has segments that disagree about p_vaddr - p_paddr";
	if (image->page_offset % SLOT_BYTES || image->page_offset > PAGE_OFFSET_MAX)
		return "has an impossible p_vaddr - p_paddr (0xC0000000 is usual)";
	return NULL;
}

/* For guests that start at their ELF entry, which is physical. */
const char *elf_check_entry(const struct kernel_image *image)
{
	if (image->entry < image->low || image->entry >= image->high)
		return "has an entry that is not in it (it must be a physical address)";
	return NULL;
}

/* The loaded image fits in @mem; @entry becomes a virtual address. */
const char *elf_find_entry(const struct memory *mem,
			   const struct kernel_image *image, __u32 *entry)
{
	const char *start = memory_at(mem, image->low);
	const char *tag = memmem(start, image->high - image->low, TAG, TAG_LEN);
	__u32 after;

	if (!tag)
		return "is not an lguest guest: it has no " TAG " tag (CONFIG_LGUEST_GUEST)";
	after = image->low + (tag - start) + TAG_LEN;
	if (after >= image->high)
		return "has nothing after its " TAG " tag";
	*entry = after + image->page_offset;
	return NULL;
}
