// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels, good, bad and random, and what else a guest finds in its memory.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base.h"
#include "boot.h"
#include "guest_memory.h"
#include "kernel_image.h"
#include "layout.h"
#include "tap.h"

#define RAM		(4 * MIB)
#define FILE_BYTES	0x2000
#define TAG		"GenuineLguest"
#define TEXT		0x100000
#define OFFSET		0xc0000000

static struct memory mem;
static struct kernel_image image;

/* A small kernel: two segments, the tag at 0x40 of the first one's contents. */
static struct file {
	Elf32_Ehdr eh;
	Elf32_Phdr ph[2];
	char rest[FILE_BYTES - sizeof(Elf32_Ehdr) - 2 * sizeof(Elf32_Phdr)];
} file;

static void set_segment(Elf32_Phdr *ph, __u32 offset, __u32 paddr, __u32 filesz, __u32 memsz)
{
	ph->p_type = PT_LOAD;
	ph->p_offset = offset;
	ph->p_vaddr = OFFSET + paddr;
	ph->p_paddr = paddr;
	ph->p_filesz = filesz;
	ph->p_memsz = memsz;
}

static void make_file(void)
{
	memset(&file, 0, sizeof(file));
	memcpy(file.eh.e_ident, ELFMAG, SELFMAG);
	file.eh.e_ident[EI_CLASS] = ELFCLASS32;
	file.eh.e_ident[EI_DATA] = ELFDATA2LSB;
	file.eh.e_type = ET_EXEC;
	file.eh.e_machine = EM_386;
	file.eh.e_phoff = sizeof(Elf32_Ehdr);
	file.eh.e_phentsize = sizeof(Elf32_Phdr);
	file.eh.e_phnum = 2;
	set_segment(&file.ph[0], 0x1000, TEXT, 0x800, 0x1000);
	set_segment(&file.ph[1], 0x1800, TEXT + 0x1000, 0x100, 0x5000);
	memcpy((char *)&file + 0x1040, TAG, sizeof(TAG) - 1);
}

/* As boot.c does, but for the reading. */
static const char *check(void)
{
	const char *wrong = elf_check_header(&file, sizeof(file), FILE_BYTES);
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];

	if (wrong)
		return wrong;
	memcpy(ph, (char *)&file + file.eh.e_phoff, file.eh.e_phnum * sizeof(ph[0]));
	wrong = elf_check_segments(ph, file.eh.e_phnum, FILE_BYTES, &image);
	return wrong ? wrong : elf_check_page_offset(&image);
}

static const char *load(__u32 *entry)
{
	const char *wrong = check();
	unsigned int i;

	if (wrong)
		return wrong;
	if (image.high > mem.ram)
		return "does not fit";
	memset(mem.base, 0, mem.limit);
	for (i = 0; i < image.nr; i++)
		memcpy(mem.base + image.segment[i].paddr,
		       (char *)&file + image.segment[i].offset, image.segment[i].filesz);
	return elf_find_entry(&mem, &image, entry);
}

static void test_good(void)
{
	__u32 entry = 0;

	make_file();
	is_right(load(&entry), "a good kernel");
	is_number(entry, OFFSET + TEXT + 0x40 + 13, "is entered after its tag");
	is_number(image.page_offset, OFFSET, "its page_offset");
	is_number(image.low, TEXT, "its start");
	is_number(image.high, TEXT + 0x6000, "its end, with what is not in the file");
}

#define CHANGED(change, expected) do {		\
	__u32 entry;				\
						\
	make_file();				\
	change;					\
	is_wrong(load(&entry), expected, #change); \
} while (0)

static void test_headers(void)
{
	CHANGED(file.eh.e_ident[0] = 0, "no kernel");
	CHANGED(file.eh.e_ident[EI_CLASS] = ELFCLASS64, "64-bit");
	CHANGED(file.eh.e_machine = EM_ARM, "another CPU");
	CHANGED(file.eh.e_ident[EI_DATA] = ELFDATA2MSB, "another CPU");
	CHANGED(file.eh.e_type = ET_DYN, "not an executable");
	CHANGED(file.eh.e_phentsize = 31, "strange size");
	CHANGED(file.eh.e_phnum = 0, "no program headers");
	CHANGED(file.eh.e_phnum = KERNEL_SEGMENTS_MAX + 1, "too many");
	CHANGED(file.eh.e_phoff = FILE_BYTES - 63, "cut off");
	CHANGED(file.eh.e_phoff = 0xffffffff, "cut off");
	is_wrong(elf_check_header("", 0, 0), "no kernel", "an empty file");
	is_wrong(elf_check_header(ELFMAG, 4, 4), "no kernel", "four bytes of ELF");
}

static void test_entry(void)
{
	make_file();
	file.ph[1].p_paddr += 0x1000;
	elf_check_segments(file.ph, 2, FILE_BYTES, &image);
	ok(image.disagree, "segments may disagree where memory is not mapped by distance");
	image.entry = TEXT;
	is_right(elf_check_entry(&image), "a physical entry");
	image.entry = OFFSET + TEXT;
	is_wrong(elf_check_entry(&image), "physical", "a virtual entry");
}

static void test_segments(void)
{
	CHANGED(file.ph[0].p_filesz = 0x1001, "larger in the file");
	CHANGED(file.ph[1].p_offset = FILE_BYTES - 0xff, "cut off");
	CHANGED(file.ph[1].p_offset = 0xffffff80, "cut off");
	CHANGED(file.ph[1].p_memsz = 0xffffffff, "beyond");
	CHANGED(file.ph[1].p_paddr = 0xfffff000, "beyond");
	CHANGED(file.ph[1].p_paddr += 0x1000, "disagree");
	CHANGED(file.ph[0].p_paddr = 0x1fff, "boot parameters");
	CHANGED(file.ph[0].p_type = file.ph[1].p_type = PT_NOTE, "nothing to load");
	CHANGED(file.ph[0].p_memsz = file.ph[0].p_filesz = file.ph[1].p_memsz =
		file.ph[1].p_filesz = 0, "nothing to load");
	CHANGED(file.ph[0].p_vaddr += 0x1000; file.ph[1].p_vaddr += 0x1000, "impossible");
	CHANGED(file.ph[0].p_vaddr = 0xffd00000; file.ph[1].p_vaddr = 0xffd01000, "impossible");
	CHANGED(memcpy((char *)&file + 0x1040, "g", 1), "not an lguest guest");
	CHANGED(file.ph[0].p_memsz = file.ph[0].p_filesz = 0x40 + 13; file.ph[1].p_memsz = 0;
		file.ph[1].p_filesz = 0, "nothing after");
	CHANGED(file.ph[0].p_memsz = file.ph[0].p_filesz = 0x40 + 12, "not an lguest guest");
}

/* Headers with random bytes: refused, or loaded without leaving memory. */
static void test_random(void)
{
	unsigned int i, j, good = 0;
	__u32 entry;

	for (i = 0; i < 100000; i++) {
		make_file();
		for (j = tap_random() % 4; j < 4; j++) {
			size_t at = tap_random() % (sizeof(file.eh) + sizeof(file.ph));

			((unsigned char *)&file)[at] = tap_random();
		}
		if (!load(&entry)) {
			good++;
			if (entry - image.page_offset >= mem.ram)
				break;
		}
	}
	ok(i == 100000 && good > 100 && good < i, "100000 random kernels");
}

static bool tables_are_right(__u32 pgdir, __u32 page_offset)
{
	__u32 *pde = (__u32 *)(mem.base + pgdir);
	__u32 addr, slot, *pte;

	for (slot = 0; slot < 1024; slot++) {
		bool mapped = slot >= page_offset >> 22 &&
			      slot < (page_offset >> 22) + RAM / (4 * MIB);

		if (mapped != !!pde[slot])
			return false;
	}
	for (addr = 0; addr < RAM; addr += PAGE_BYTES) {
		pte = (__u32 *)(mem.base + (pde[(page_offset + addr) >> 22] & ~0xfff));
		if (pte[addr >> 12 & 1023] != (addr | 7))
			return false;
	}
	return true;
}

static void test_tables(void)
{
	__u32 pgdir = RAM - 0x3000;

	memset(mem.base, 0x5a, mem.limit);
	is_number(boot_build_tables(&mem, pgdir, OFFSET), pgdir - PAGE_BYTES,
		  "the tables are just below the directory");
	ok(tables_are_right(pgdir, OFFSET), "they map all memory at 3 GiB");
	is_number((unsigned char)mem.base[pgdir - PAGE_BYTES - 1], 0x5a, "and nothing below");
	is_number((unsigned char)mem.base[pgdir + PAGE_BYTES], 0x5a, "or above is touched");
	boot_build_tables(&mem, pgdir, 0);
	ok(tables_are_right(pgdir, 0), "they map all memory at 0");

	is_number(layout_table_bytes(RAM, OFFSET), 2 * PAGE_BYTES, "tables for 4M");
	is_number(layout_table_bytes(RAM + PAGE_BYTES, OFFSET), 3 * PAGE_BYTES, "and a page");
	is_number(layout_table_bytes(1 << 30, OFFSET), 257 * PAGE_BYTES, "tables for 1G");
	is_number(layout_table_bytes(MEMORY_MAX, OFFSET), 257 * PAGE_BYTES,
		  "no more fits above 3 GiB");
	is_number(layout_table_bytes(64 * MIB, 0xff800000), 3 * PAGE_BYTES,
		  "8M fit at the end of the address space");
}

static __u32 word(unsigned int at)
{
	__u32 value;

	memcpy(&value, mem.base + at, sizeof(value));
	return value;
}

static void test_params(void)
{
	memset(mem.base, 0, mem.limit);
	boot_write_params(&mem, "hello=1", 0, 0);
	is_number((unsigned char)mem.base[0x1e8], 1, "one e820 entry");
	ok(!word(0x2d0) && !word(0x2d4) && word(0x2d8) == RAM && !word(0x2dc) &&
	   word(0x2e0) == 1, "says how much RAM");
	is_number(word(0x228), 4096, "pointer to the command line");
	ok(!strcmp(mem.base + 4096, "hello=1"), "the command line");
	is_number(word(0x23c), 1, "subarch");
	ok(!word(0x218) && !word(0x21c) && !mem.base[0x210], "no initrd");
	boot_write_params(&mem, "", 0x300000, 0x2000);
	ok(word(0x218) == 0x300000 && word(0x21c) == 0x2000 &&
	   (unsigned char)mem.base[0x210] == 0xff, "an initrd");
	mem.base[0x211] = 1;
	boot_write_header(&mem, 0);
	ok((word(0x206) & 0xffff) == 0x207 && mem.base[0x211] == 0x41 && !word(0x230),
	   "the header of guests after 2.6.23");
	boot_write_header(&mem, 0x1000000);
	is_number(word(0x230), 0x1000000, "and from 2.6.38 on");
}

int main(void)
{
	mem.ram = RAM;
	mem.limit = RAM;
	mem.base = malloc(RAM);
	if (!mem.base)
		return 1;
	test_good();
	test_headers();
	test_segments();
	test_entry();
	test_random();
	test_tables();
	test_params();
	free(mem.base);
	return tap_done();
}
