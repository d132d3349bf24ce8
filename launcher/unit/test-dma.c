// SPDX-License-Identifier: GPL-2.0
/* Ranges of guest memory, scatter-gather lists, and lists of pieces. */
#include <stdint.h>
#include <stdlib.h>

#include "base.h"
#include "classic.h"
#include "guest_memory.h"
#include "iov.h"
#include "tap.h"

#define LIMIT	(16 * PAGE_BYTES)

static struct memory mem = { .ram = LIMIT - PAGE_BYTES, .limit = LIMIT };

static const struct {
	__u32 addr, len;
	bool good;
} ranges[] = {
	{ 0, 0, true }, { 0, 1, true }, { 0, LIMIT, true }, { 0, LIMIT + 1, false },
	{ LIMIT - 1, 1, true }, { LIMIT - 1, 2, false }, { LIMIT, 0, true },
	{ LIMIT, 1, false }, { LIMIT + 1, 0, false }, { 1, 0xffffffff, false },
	{ 0xffffffff, 1, false }, { 0xffffffff, 0xffffffff, false }, { 0xfffff000, 0x2000, false },
};

static void test_ranges(void)
{
	char name[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		snprintf(name, sizeof(name), "%#x bytes at %#x", ranges[i].len, ranges[i].addr);
		is_number(memory_has(&mem, ranges[i].addr, ranges[i].len), ranges[i].good, name);
	}
}

static void test_fetch(void)
{
	struct lguest_dma dma, out;

	memset(&dma, 0x42, sizeof(dma));
	memcpy(mem.base + LIMIT - sizeof(dma), &dma, sizeof(dma));
	ok(!dma_fetch(&mem, LIMIT - sizeof(dma), &out) && !memcmp(&dma, &out, sizeof(dma)),
	   "a list at the end of memory");
	ok(dma_fetch(&mem, LIMIT - sizeof(dma) + 1, &out) < 0, "a list that sticks out");
	ok(dma_fetch(&mem, 0xfffffff0, &out) < 0, "a list that wraps");
	is_number(sizeof(struct lguest_dma), 100, "its size");
	dma_set_used(&mem, LIMIT - sizeof(dma), 7);
	is_number(*(__u32 *)(mem.base + LIMIT - sizeof(dma)), 7, "used_len is set");
}

static void test_sections(void)
{
	struct iovec iov[LGUEST_MAX_DMA_SECTIONS];
	struct lguest_dma dma = { 0 };
	int i;

	is_number(dma_sections(&mem, &dma, iov), 0, "an empty list");
	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS; i++) {
		dma.addr[i] = i * PAGE_BYTES;
		dma.len[i] = PAGE_BYTES;
	}
	is_number(dma_sections(&mem, &dma, iov), 16, "a full list");
	is_number(iov_bytes(iov, 16), LIMIT, "its length");
	ok(iov[15].iov_base == mem.base + 15 * PAGE_BYTES, "its last section");
	dma.len[3] = 0;
	is_number(dma_sections(&mem, &dma, iov), 3, "a zero ends it");
	dma.addr[4] = 0xffffffff;
	is_number(dma_sections(&mem, &dma, iov), 3, "and hides what follows");
	dma.addr[1] = LIMIT - PAGE_BYTES + 1;
	ok(dma_sections(&mem, &dma, iov) < 0, "a section that sticks out");
	dma.addr[1] = 0xfffff001;
	ok(dma_sections(&mem, &dma, iov) < 0, "a section that wraps");
}

static void make_pieces(struct iovec iov[3], char text[10])
{
	memcpy(text, "0123456789", 10);
	iov[0] = (struct iovec){ text, 3 };
	iov[1] = (struct iovec){ text + 3, 2 };
	iov[2] = (struct iovec){ text + 5, 5 };
}

static void test_pieces(void)
{
	struct iovec iov[3];
	char text[10];
	size_t n;

	for (n = 0; n <= 11; n++) {
		char name[32];
		int nr;

		make_pieces(iov, text);
		nr = iov_skip(iov, 3, n);
		snprintf(name, sizeof(name), "without the first %zu", n);
		ok(iov_bytes(iov, nr) == (n > 10 ? 0 : 10 - n) &&
		   (!nr || iov[0].iov_base == text + n), name);
		make_pieces(iov, text);
		nr = iov_shorten(iov, 3, n);
		snprintf(name, sizeof(name), "only the first %zu", n);
		is_number(iov_bytes(iov, nr), n > 10 ? 10 : n, name);
	}
	make_pieces(iov, text);
	is_number(iov_fill(iov, 3, "abcdefg", 7), 7, "filling");
	ok(!memcmp(text, "abcdefg789", 10), "what was filled");
	is_number(iov_fill(iov, 3, "ABCDEFGHIJKL", 12), 10, "filling up");
}

int main(void)
{
	mem.base = malloc(LIMIT);
	if (!mem.base)
		return 1;
	test_ranges();
	test_fetch();
	test_sections();
	test_pieces();
	free(mem.base);
	return tap_done();
}
