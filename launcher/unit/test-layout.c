// SPDX-License-Identifier: GPL-2.0
/*
 * Where things go in a guest's memory: for every size from 1M to the most there can
 * be, and kernels of each kind, they fit and do not overlap where the guest reaches
 * them, or it is said how much memory is needed, and that is true.
 */
#include <stdlib.h>

#include "base.h"
#include "era.h"
#include "guest_memory.h"
#include "kernel.h"
#include "layout.h"
#include "tap.h"

#define PAGE_OFFSET	0xc0000000u
#define LOW		(880 * MIB)	/* of that */
#define REACHED		(768 * MIB)

static struct kernel_file kernel;
static struct layout_needs needs;
static struct layout layout;

/* A kernel of Linux from 16M up, as of 3.11: 6 MiB and a few pages. */
static void make_kernel(__u32 release)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.kind = KERNEL_ELF;
	kernel.release = release;
	kernel.era = era_of(release);
	kernel.marks.is_linux = true;
	kernel.marks.no_highmem = true;
	kernel.marks.no_pae = true;
	kernel.image.page_offset = PAGE_OFFSET;
	kernel.image.low = 16 * MIB;
	kernel.image.high = 22 * MIB + 0x9c000;
	kernel.image.nr = 1;
}

static void put(unsigned int at, __u32 value, size_t bytes)
{
	memcpy(kernel.head + at, &value, bytes);
}

/* The same in a bzImage of 2.5 MiB, with the boot protocol's @version. */
static void make_bzimage(__u32 release, __u16 version)
{
	make_kernel(release);
	kernel.kind = KERNEL_BZIMAGE;
	kernel.inside = kernel.image;
	kernel.inside_size = 5 * MIB;
	kernel.image.low = MIB;
	kernel.image.high = MIB + 5 * MIB / 2;
	put(0x206, version, 2);
	put(0x22c, 0x7fffffff, 4);
	put(0x230, 2 * MIB, 4);
	put(0x258, 16 * MIB, 4);
	put(0x260, 6 * MIB + 0x9c000, 4);
}

static void find(const char *cmdline, __u32 initrd)
{
	layout_needs_of(&kernel, cmdline, initrd, &needs);
}

/* Is it a place for everything? */
static bool is_good(__u32 ram)
{
	__u32 tables = layout_table_bytes(layout.ram, needs.page_offset) - PAGE_BYTES;
	__u32 low = layout.pgdir - tables - (needs.host_tables ? PAGE_BYTES : 0);

	return layout.ram <= ram && layout.ram <= needs.usable &&
	       layout.ram % PAGE_BYTES == 0 && layout.pgdir % PAGE_BYTES == 0 &&
	       layout.top <= layout.ram && layout.top <= needs.reached &&
	       layout.initrd + needs.initrd == layout.top &&
	       /* where a host that makes tables puts them */
	       layout.pgdir == layout.top - needs.initrd - PAGE_BYTES &&
	       low < layout.pgdir && low >= needs.end && layout.ram >= needs.mapped;
}

static bool is_true(__u32 ram)
{
	__u32 least = layout_least(&needs);
	struct layout other;

	if (!least)
		return true;
	return least * MIB > ram && layout_make(&needs, least * MIB, &other) &&
	       (least == 1 || !layout_make(&needs, (least - 1) * MIB, &other));
}

/* All sizes; around those where something changes, each page. */
static bool sweep(void)
{
	const __u32 edges[] = { 16, 24, 26, 64, 768, 880, 896, 1024 };
	__u32 mib, i, ram = 0, steps = 0, fit = 0;

	for (mib = 1; mib <= MEMORY_MAX / MIB; mib++) {
		__u32 step = MIB;

		for (i = 0; i < ARRAY_SIZE(edges); i++) {
			if (mib == edges[i] || mib + 1 == edges[i])
				step = PAGE_BYTES;
		}
		for (ram = mib * MIB; ram < (mib + 1) * MIB; ram += step, steps++) {
			bool fits = layout_make(&needs, ram, &layout);

			fit += fits;
			if (fits ? !is_good(ram) : step == MIB && !is_true(ram)) {
				printf("# %u kB: ram %#x, top %#x, initrd %#x, directory %#x\n",
				       ram / 1024, layout.ram, layout.top, layout.initrd,
				       layout.pgdir);
				return false;
			}
		}
	}
	return fit > steps / 2;
}

static void test_sweep(void)
{
	const __u32 releases[] = {
		LGUEST_RELEASE(2, 6, 23), LGUEST_RELEASE(2, 6, 24), LGUEST_RELEASE(2, 6, 25),
		LGUEST_RELEASE(2, 6, 29), LGUEST_RELEASE(2, 6, 31), LGUEST_RELEASE(2, 6, 37),
		LGUEST_RELEASE(3, 11, 0), LGUEST_RELEASE(6, 1, 0),
	};
	const __u32 initrds[] = { 0, PAGE_BYTES, 100 * MIB };
	char name[64], text[16];
	unsigned int i, j, kind;

	for (i = 0; i < ARRAY_SIZE(releases); i++) {
		bool good = true;

		for (j = 0; j < ARRAY_SIZE(initrds); j++) {
			for (kind = 0; kind < 4; kind++) {
				if (kind < 2)
					make_kernel(releases[i]);
				else
					make_bzimage(releases[i], kind == 2 ? 0x207 : 0x20a);
				kernel.marks.no_highmem = kind != 1;
				find("", initrds[j]);
				good &= sweep();
			}
		}
		snprintf(name, sizeof(name), "%s: all sizes, or the truth",
			 release_text(releases[i], text));
		ok(good, name);
	}
}

static __u32 least(void)
{
	return layout_least(&needs);
}

static __u32 ram_of(__u32 mib)
{
	return layout_make(&needs, mib * MIB, &layout) ? layout.ram : 0;
}

static void test_low_memory(void)
{
	make_kernel(LGUEST_RELEASE(6, 1, 0));
	find("", 0);
	is_number(ram_of(880), LOW, "without highmem: 880M of 880M");
	is_number(ram_of(881), LOW, "880M of 881M");
	is_number(ram_of(2047), LOW, "880M of 2047M");
	is_number(layout.top, REACHED, "of which the first tables are below 768M");
	kernel.image.page_offset = 0x80000000;
	find("", 0);
	is_number(ram_of(2047), 1904 * MIB, "1904M, where the kernel begins at 2G");
	kernel.image.page_offset = 0xb0000000;
	find("", 0);
	is_number(ram_of(2047), 1136 * MIB, "1136M, where it begins at 2.75G");
	kernel.image.page_offset = 0xf8000000;
	find("", 0);
	ok(ram_of(2047) >= 32 * MIB, "something, where it begins at the end");
	make_kernel(LGUEST_RELEASE(6, 1, 0));
	kernel.marks.no_highmem = false;
	find("", 8 * MIB);
	is_number(ram_of(2047), 2047 * MIB, "with highmem: all");
	is_number(layout.top, REACHED, "but the initial ramdisk ends below 768M");
	kernel.marks.is_linux = false;
	kernel.marks.no_highmem = true;
	find("", 0);
	is_number(ram_of(2047), 2047 * MIB, "all for what is not Linux");
	make_bzimage(LGUEST_RELEASE(2, 6, 24), 0x207);
	put(0x22c, 0x1fffffff, 4);
	find("", MIB);
	ok(ram_of(640) && layout.top == 512 * MIB, "a bzImage says how high it may be");
	put(0x206, 0x202, 2);
	find("", MIB);
	ok(ram_of(880) && layout.top == REACHED, "if it knows");
}

static void test_command_line(void)
{
	make_kernel(LGUEST_RELEASE(3, 11, 0));
	find("quiet vmalloc=256M x=1", 0);
	is_number(ram_of(2047), LOW - 136 * MIB, "vmalloc=256M leaves less");
	find("vmalloc=16M", 0);
	is_number(ram_of(2047), LOW, "vmalloc=16M does not");
	find("vmalloc=4G", 0);
	ok(ram_of(2047) <= 64 * MIB, "vmalloc=4G is survived");
	find("vmalloc=0x10000000 vmalloc=192m", 0);
	is_number(ram_of(2047), LOW - 72 * MIB, "the last counts");
	find("vmalloc=200704k", 0);
	is_number(ram_of(2047), LOW - 76 * MIB, "in any unit");
	find("xvmalloc=256M vmalloc=x", 0);
	is_number(ram_of(2047), LOW, "what only looks so is nothing");
	find("vmalloc=99999999999999999999G", 0);
	is_number(ram_of(2047), LOW, "nor is what is no number");
}

static void test_needs(void)
{
	make_kernel(LGUEST_RELEASE(3, 11, 0));
	find("", 0);
	is_number(least(), 24, "3.11 maps 4M at a time");
	kernel.image.high = 23 * MIB;
	find("", 0);
	is_number(least(), 24, "to the last page");
	kernel.image.high = 23 * MIB + PAGE_BYTES;
	find("", 0);
	is_number(least(), 28, "or 4M more");
	make_kernel(LGUEST_RELEASE(3, 11, 0));
	kernel.marks.no_pae = false;
	find("", 0);
	is_number(least(), 26, "with PAE, 2M, and has more tables");
	find("", 3 * MIB);
	is_number(least(), 26, "an initial ramdisk can be there");
	find("", 4 * MIB);
	is_number(least(), 27, "or needs more");
	make_kernel(LGUEST_RELEASE(6, 1, 0));
	kernel.marks.no_pae = false;
	find("", 0);
	is_number(least(), 23, "6.1 does not mind");
	make_kernel(LGUEST_RELEASE(2, 6, 32));
	find("", 0);
	is_number(least(), 23, "nor does 2.6.32, which has the host's tables");
	make_kernel(LGUEST_RELEASE(3, 11, 0));
	kernel.marks.is_linux = false;
	find("", 0);
	is_number(least(), 23, "nor what is not Linux");
}

static void test_bzimage(void)
{
	make_bzimage(LGUEST_RELEASE(6, 1, 0), 0x20a);
	find("", 0);
	is_number(needs.end, 22 * MIB + 0x9c000, "a bzImage says how much it takes");
	put(0x260, 9 * MIB, 4);
	find("", 0);
	is_number(needs.end, 25 * MIB, "unpacking, perhaps");
	put(0x234, 1, 1);
	put(0x258, MIB, 4);
	find("", 0);
	is_number(needs.end, 25 * MIB, "where the loader wants it");
	put(0x260, 0xffffffff, 4);
	find("", 0);
	is_number(least(), 0, "anything");
	make_bzimage(LGUEST_RELEASE(2, 6, 24), 0x207);
	find("", 0);
	is_number(needs.end, 22 * MIB + 0x9c000, "or not: then the kernel in it counts");
	kernel.inside_size = 16 * MIB;
	find("", 0);
	ok(needs.end > 32 * MIB && needs.end < 33 * MIB, "packed or not");
	memset(&kernel.inside, 0, sizeof(kernel.inside));
	kernel.inside_size = 0;
	find("", 0);
	ok(needs.end >= kernel.image.high && least() < 6, "or itself, if nobody could look");
	put(0x234, 1, 1);
	put(0x230, 3 * MIB, 4);
	find("", 0);
	ok(least() < 6, "an alignment that is none");
}

int main(void)
{
	test_sweep();
	test_low_memory();
	test_command_line();
	test_needs();
	test_bzimage();
	return tap_done();
}
