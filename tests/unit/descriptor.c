// SPDX-License-Identifier: GPL-2.0
/*
 * descriptor.h against the processor manual's figures, spelled out field by
 * field, for all access bytes and flags, all bases and all selectors.
 */
#include <string.h>
#include "descriptor.h"
#include "unit.h"

/* A descriptor as the manual draws it. */
struct fields {
	unsigned int type, s, dpl, p, avl, l, db, g;
};

static struct fields take_apart(__u32 high)
{
	struct fields f = {
		.type = high / 0x100 % 0x10,
		.s = high / 0x1000 % 2,
		.dpl = high / 0x2000 % 4,
		.p = high / 0x8000 % 2,
		.avl = high / 0x100000 % 2,
		.l = high / 0x200000 % 2,
		.db = high / 0x400000 % 2,
		.g = high / 0x800000 % 2,
	};

	return f;
}

/* What a guest may have in the GDT that its CPU uses. */
static bool harmless(struct fields f)
{
	return f.p && f.s && f.dpl > 0 && f.type % 2 == 1 && !f.l;
}

static bool same_but_for_fix(__u32 before, __u32 after)
{
	struct fields b = take_apart(before), a = take_apart(after);

	if ((before & 0xff0f00ff) != (after & 0xff0f00ff))
		return false;
	if (b.dpl && b.dpl != a.dpl)
		return false;
	return b.type / 2 == a.type / 2 && b.avl == a.avl && b.db == a.db && b.g == a.g;
}

static bool all_access_bytes_and_flags(void)
{
	__u32 middle, edge, high, fixed;
	struct fields f;

	for (middle = 0; middle < 0x10000; middle++) {
		for (edge = 0; edge < 4; edge++) {
			high = middle << 8 | (edge & 1 ? 0xff : 0) | (edge & 2 ? 0xff000000 : 0);
			f = take_apart(high);
			if (descriptor_is_present(high) != f.p ||
			    descriptor_is_legal(high) != (f.p && f.s && !f.l) ||
			    descriptor_is_32bit(high) != f.db) {
				printf("# high word %#x\n", high);
				return false;
			}
			if (!descriptor_is_legal(high))
				continue;
			fixed = descriptor_fix(high);
			if (!harmless(take_apart(fixed)) || !same_but_for_fix(high, fixed) ||
			    take_apart(fixed).dpl != (f.dpl ? f.dpl : 1)) {
				printf("# high word %#x becomes %#x\n", high, fixed);
				return false;
			}
		}
	}
	return true;
}

static bool bases(void)
{
	unsigned int bit;
	__u32 base;

	for (bit = 0; bit < 33; bit++) {
		base = bit < 32 ? 1u << bit : 0xa5c3960f;
		/* the rest of both words is noise */
		if (descriptor_base(base % 0x10000 * 0x10000 + 0x1234,
				    base / 0x1000000 * 0x1000000 + 0x00cf9a00 +
				    base / 0x10000 % 0x100) != base) {
			printf("# base %#x\n", base);
			return false;
		}
	}
	return true;
}

static bool all_selectors(void)
{
	__u32 sel, want;

	for (sel = 0; sel < 0x20000; sel++) {
		want = sel % 0x10000 / 8;
		if (sel % 8 >= 4 || sel % 0x10000 < 4)
			want = NO_INDEX;
		if (selector_index(sel) != want) {
			printf("# selector %#x gave %#x\n", sel, selector_index(sel));
			return false;
		}
	}
	return true;
}

static bool hosts_slots(void)
{
	__u32 i;

	for (i = 0; i < 0x10000; i++) {
		if (descriptor_is_hosts(i) != (i == 10 || i == 11 || i == 16 || i == 31)) {
			printf("# slot %u\n", i);
			return false;
		}
	}
	return !descriptor_is_hosts(NO_INDEX);
}

int main(void)
{
	result("all access bytes and flags", all_access_bytes_and_flags());
	result("bases", bases());
	result("all selectors", all_selectors());
	result("the host's slots", hosts_slots());
	return done();
}
