/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which form of LHREQ_INITIALIZE a launcher used, told from what it wrote: a
 * pure function, which also compiles in user space for the unit tests.
 * (ABI: the arguments of each release, and how they can be told apart.)
 */
#ifndef LGUEST_LAUNCHER_FORM_H
#define LGUEST_LAUNCHER_FORM_H

#include <linux/types.h>

#ifndef __KERNEL__
#include <stdbool.h>
#endif

/* The forms, by the first release that had each. */
enum launcher_form {
	FORM_2_6_23,		/* pfn_limit, pgdir, start, page_offset */
	FORM_2_6_24,		/* base, pfn_limit, pgdir, start */
	FORM_2_6_29,		/* base, pfn_limit, start */
	FORM_4_0,		/* base, pfn_limit, start, device_limit */
	FORM_UNKNOWN
};

#define INITIALIZE_WORDS_MAX	4

/* Pages of the whole address space: a number of pages is not more. */
#define FORM_MAX_PAGES		0x100000u
/* Kernels are loaded, and entered, from here on. */
#define FORM_MIN_ENTRY		0x100000u
/* A kernel's share of the address space begins at a multiple of this... */
#define FORM_OFFSET_ALIGN	0x1000000u
/* ... and Linux never let it be larger. */
#define FORM_MIN_OFFSET		0x40000000u

static inline bool form_is_page(__u32 addr)
{
	return !(addr & 0xfff);
}

/* Is an address below so many pages? */
static inline bool form_is_below(__u32 addr, __u32 pages)
{
	return pages < FORM_MAX_PAGES && addr >> 12 < pages;
}

static inline bool form_is_2_6_23(const __u32 *word)
{
	__u32 pages = word[0], pgdir = word[1], start = word[2], offset = word[3];

	return form_is_page(pgdir) && form_is_below(pgdir, pages) &&
	       offset >= FORM_MIN_OFFSET && !(offset % FORM_OFFSET_ALIGN) &&
	       start >= offset && form_is_below(start - offset, pages);
}

static inline bool form_is_4_0(const __u32 *word)
{
	__u32 base = word[0], pages = word[1], limit = word[3];

	return form_is_page(base) && pages <= limit && limit < FORM_MAX_PAGES;
}

static inline bool form_is_2_6_24(const __u32 *word)
{
	__u32 base = word[0], pages = word[1], pgdir = word[2], start = word[3];

	return form_is_page(base) && form_is_page(pgdir) &&
	       form_is_below(pgdir, pages) &&
	       start >= FORM_MIN_ENTRY && form_is_below(start, pages);
}

/*
 * @word: the words after the request's first, @bytes of them.  The oldest form
 * was taken as it came, so it is the one that has nonsense.
 */
static inline enum launcher_form launcher_form(const __u32 *word, __u32 bytes)
{
	if (bytes == 3 * sizeof(*word))
		return FORM_2_6_29;
	if (bytes != 4 * sizeof(*word))
		return FORM_UNKNOWN;
	if (form_is_2_6_23(word))
		return FORM_2_6_23;
	if (form_is_4_0(word))
		return FORM_4_0;
	return form_is_2_6_24(word) ? FORM_2_6_24 : FORM_2_6_23;
}

#endif /* LGUEST_LAUNCHER_FORM_H */
