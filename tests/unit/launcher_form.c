// SPDX-License-Identifier: GPL-2.0
/*
 * launcher_form.h: what launchers of each release write is recognised, for all
 * sizes of memory and wherever it is; other lengths are not.
 */
#include "launcher_form.h"
#include "unit.h"

#define PAGE		4096u
#define MIB_PAGES	256u
#define KERNEL		0xc0000000u

/* Addresses that mmap() gives, and that a launcher may ask for. */
static const __u32 bases[] = {
	0x10000, 0x100000, 0x8000000, 0x40000000, 0x90000000, 0xb7000000, 0xbf000000
};

static const __u32 entries[] = { 0x100000, 0x100234, 0x1000000, 0x10000c0 };

static const __u32 sizes[] = { 17, 32, 63, 64, 128, 512, 1024, 1535 }; /* MiB */

#define SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static bool is(enum launcher_form form, __u32 a, __u32 b, __u32 c, __u32 d)
{
	const __u32 words[] = { a, b, c, d };

	return launcher_form(words, sizeof(words)) == form;
}

/* Calls @test for each memory, base and entry that a launcher could have. */
static void for_all(const char *name, bool (*test)(__u32 base, __u32 pages, __u32 entry))
{
	unsigned int i, j, k;

	for (i = 0; i < SIZE(bases); i++)
		for (j = 0; j < SIZE(sizes); j++)
			for (k = 0; k < SIZE(entries); k++) {
				__u32 pages = sizes[j] * MIB_PAGES;

				if (entries[k] / PAGE >= pages ||
				    test(bases[i], pages, entries[k]))
					continue;
				printf("# base %#x, %u MiB, entry %#x\n", bases[i],
				       sizes[j], entries[k]);
				result(name, false);
				return;
			}
	result(name, true);
}

/* The device pages count as memory; the tables are below the initial ramdisk. */
static bool is_2_6_23(__u32 base, __u32 pages, __u32 entry)
{
	(void)base;
	return is(FORM_2_6_23, pages + 1, (pages - 1) * PAGE, entry + KERNEL, KERNEL) &&
	       is(FORM_2_6_23, pages + 17, (pages - 1001) * PAGE, entry + KERNEL, KERNEL) &&
	       is(FORM_2_6_23, pages + 1, (pages - 1) * PAGE, entry + 0x80000000, 0x80000000);
}

static bool is_2_6_24(__u32 base, __u32 pages, __u32 entry)
{
	return is(FORM_2_6_24, base, pages + 256, (pages - 1) * PAGE, entry) &&
	       is(FORM_2_6_24, base, pages + 256, (pages - 1001) * PAGE, entry);
}

static bool is_4_0(__u32 base, __u32 pages, __u32 entry)
{
	return is(FORM_4_0, base, pages, entry, pages + 257) &&
	       is(FORM_4_0, base, pages, entry, pages);
}

static bool only_lengths_that_were(void)
{
	static const __u32 words[8];
	__u32 bytes;

	for (bytes = 0; bytes <= sizeof(words); bytes++) {
		bool known = launcher_form(words, bytes) != FORM_UNKNOWN;

		if (known != (bytes == 12 || bytes == 16))
			return false;
	}
	return launcher_form(words, 12) == FORM_2_6_29 &&
	       launcher_form(words, 0xffffffff) == FORM_UNKNOWN;
}

/* What fits nothing is taken as it always was. */
static bool nonsense_is_classic(void)
{
	return is(FORM_2_6_23, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff) &&
	       is(FORM_2_6_23, 0x4000, 0x4000000, 0, 0xffc00000) &&
	       is(FORM_2_6_23, 0xb7000001, 0x4000, 0x100000, 0x4100) &&
	       is(FORM_2_6_23, 0xb7000000, 0x4000, 0x100000, 0x3fff);
}

int main(void)
{
	for_all("2.6.23's form", is_2_6_23);
	for_all("2.6.24's form", is_2_6_24);
	for_all("4.0's form", is_4_0);
	result("by length", only_lengths_that_were());
	result("nonsense is classic", nonsense_is_classic());
	return done();
}
