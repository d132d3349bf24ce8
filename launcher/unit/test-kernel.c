// SPDX-License-Identifier: GPL-2.0
/* What a kernel's file says of it: its release, and a bzImage's pieces. */
#include <stdlib.h>

#include "kernel.h"
#include "tap.h"

#define BYTES	0x3000

static char head[BYTES];
static struct bzimage image;

static __u32 release_in(const char *text)
{
	struct kernel_marks marks = { 0 };
	size_t len = strlen(text);
	char *copy = malloc(len);	/* exactly so long, for the sanitizer */

	memcpy(copy, text, len);
	kernel_look(&marks, copy, len);
	free(copy);
	return marks.release;
}

static void test_banner(void)
{
	struct kernel_marks marks = { 0 };

	is_number(release_in("x Linux version 2.6.32-5-686 (a@b)"), LGUEST_RELEASE(2, 6, 32),
		  "a banner");
	is_number(release_in("Linux version 3.11"), LGUEST_RELEASE(3, 11, 0), "at the very end");
	is_number(release_in("Linux version %s (%s)\nLinux version 2.6.24 (lguest guest library)"),
		  LGUEST_RELEASE(2, 6, 24), "a format, and then a banner");
	is_number(release_in("Linux version "), 0, "a banner without a number");
	is_number(release_in("Linux versio"), 0, "half of one");
	kernel_look(&marks, "GenuineLguest", 13);
	ok(marks.classic && !marks.lguest && !marks.release, "the classic tag");
	kernel_look(&marks, "Linux version 2.6.23", 20);
	kernel_look(&marks, "lguest", 6);
	ok(marks.classic && marks.lguest && marks.release == LGUEST_RELEASE(2, 6, 23),
	   "all that parts of a kernel say counts");
}

static void put32(unsigned int at, __u32 value)
{
	memcpy(head + at, &value, sizeof(value));
}

static void make(void)
{
	memset(head, 0, sizeof(head));
	head[0x1f1] = 3;
	memcpy(head + 0x201, "\x66HdrS", 5);
	head[0x20e] = 0x10;
	head[0x20f] = 0x04;
	head[0x211] = 1;
	put32(0x214, MIB);
}

static const char *check(void)
{
	return bzimage_check(head, BZIMAGE_HEAD_BYTES, BYTES, &image);
}

static void test_bzimage(void)
{
	make();
	ok(bzimage_is(head, sizeof(head)) && !bzimage_is(head, 0x206), "a bzImage is seen");
	is_number(bzimage_version(head), 0x610, "where its release is");
	is_right(check(), "it is good");
	ok(image.payload == 0x800 && image.start == MIB && image.header_end == 0x268,
	   "its pieces");
	head[0x1f1] = 0;
	is_right(check(), "a setup of no sectors");
	is_number(image.payload, 5 * 512, "has four");
	head[0x1f1] = 0x17;
	is_wrong(check(), "cut off", "a payload that is not there");
	head[0x1f1] = (char)0xff;
	is_wrong(check(), "cut off", "a payload that is far from there");
	make();
	head[0x211] = 0;
	is_wrong(check(), "zImage", "a zImage");
	make();
	put32(0x214, MIB - 1);
	is_wrong(check(), "starts where", "a start below it");
	put32(0x214, MIB + BYTES - 0x800);
	is_wrong(check(), "starts where", "a start after it");
	put32(0x214, MIB + BYTES - 0x801);
	is_right(check(), "a start at its last byte");
	make();
	head[0x201] = (char)0xff;
	is_wrong(bzimage_check(head, 0x2ff, BYTES, &image), "cut off", "a header that is cut off");
	make();
	is_wrong(bzimage_check(head, BZIMAGE_HEAD_BYTES, 0x90000000u, &image), "larger",
		 "a file of more than 2 GiB");
}

int main(void)
{
	test_banner();
	test_bzimage();
	return tap_done();
}
