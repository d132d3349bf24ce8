// SPDX-License-Identifier: GPL-2.0
/*
 * ram: a memory test.  All free pages get numbers that depend on the page and
 * on the pass, and each pass goes through them in another order, to find what
 * the last one left and to leave its own.  Only every other pass writes to all
 * pages; in between some stay as they are.  A host that takes memory away and
 * brings it back must bring back what the guest wrote last: a page that was
 * not known to have been written to, or one that the guest still had when the
 * host saved it, shows as a wrong number.
 */
#include "guest.h"
#include "tap.h"

#define WORDS		(PAGE_SIZE / 4)
#define MAX_SHOWN	5
#define GROUP		8	/* as many as a disk is asked for at once */
#define STRIDE		7919	/* a prime: from group to group */

static u32 (*ram)[WORDS];
static u32 pages, wrong;

enum order { FORWARDS, SCATTERED, BACKWARDS };

/* The nth page to look at; each comes once.  There are whole groups of them. */
static u32 in_order(enum order order, u32 n)
{
	u32 group;

	switch (order) {
	case SCATTERED:
		div64((u64)(n / GROUP) * STRIDE, pages / GROUP, &group);
		return group * GROUP + n % GROUP;
	case BACKWARDS:
		return pages - 1 - n;
	default:
		return n;
	}
}

static u32 first_number(u32 page, u32 pass)
{
	return (page * 4 + pass) * 0x9e3779b1;
}

static u32 next_number(u32 number)
{
	return number * 1664525 + 1013904223;
}

static void fill_page(u32 page, u32 pass)
{
	u32 number = first_number(page, pass), i;

	for (i = 0; i < WORDS; i++) {
		ram[page][i] = number;
		number = next_number(number);
	}
}

static void check_page(u32 page, u32 pass)
{
	u32 number = first_number(page, pass), i;

	for (i = 0; i < WORDS; i++) {
		if (ram[page][i] != number) {
			if (wrong++ < MAX_SHOWN)
				diag("page %u word %u: %08x, not %08x", page, i,
				     ram[page][i], number);
			return;
		}
		number = next_number(number);
	}
}

/* In an even pass all pages are written to, in an odd one the odd pages. */
static u32 last_written(u32 page, u32 pass)
{
	return (pass & 1) && !(page & 1) ? pass - 1 : pass;
}

static void do_pass(u32 pass, enum order order)
{
	u32 n, page;

	wrong = 0;
	for (n = 0; n < pages; n++) {
		page = in_order(order, n);
		if (pass)
			check_page(page, last_written(page, pass - 1));
		if (last_written(page, pass) == pass)
			fill_page(page, pass);
	}
	is(wrong, 0, "pass %u", pass);
}

static void check_all(u32 pass)
{
	u32 n;

	wrong = 0;
	for (n = 0; n < pages; n++)
		check_page(n, last_written(n, pass));
	is(wrong, 0, "in the end");
}

int main(void)
{
	paging_init();
	pages = pages_left() / GROUP * GROUP;
	if (pages / GROUP % STRIDE == 0)
		pages -= GROUP;
	ram = page_alloc_run(pages);
	ok(ram, "the memory is there");
	diag("%u of %u kB", pages * (PAGE_SIZE / 1024), boot_info.mem_size / 1024);
	do_pass(0, FORWARDS);
	do_pass(1, BACKWARDS);
	do_pass(2, SCATTERED);
	check_all(2);
	done();
	return 0;
}
