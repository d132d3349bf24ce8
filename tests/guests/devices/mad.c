// SPDX-License-Identifier: GPL-2.0
/*
 * The hostile part: lists of data that is outside of memory, requests that
 * make no sense, keys where nobody is, and a device page with nonsense all
 * over.  The launcher must take it calmly and serve what is good.  (For a list
 * that is itself outside of memory, the host kills.)
 */
#include "devices.h"

#define ROUNDS	2000

static struct disk disk;
static u8 *buf;
static u32 state = 1;

static u32 random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Nothing that is ours may be overwritten, so what is good goes to buf. */
static void scramble(struct lguest_dma *dma)
{
	u32 i;

	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS; i++) {
		dma->addr[i] = phys(buf) + random() % PAGE_SIZE;
		dma->len[i] = random() % 512;
	}
	if (random() % 2) {
		i = random() % 4;
		dma->addr[i] = boot_info.mem_size + 3 * PAGE_SIZE + random() % 0x10000000;
		dma->len[i] = 1 + random() % 0xffff;
	}
}

static void mad_request(void)
{
	struct lguest_dma out;

	scramble(&disk.dma);
	scramble(&out);
	disk.dma.used_len = random() % 8 ? 0 : random();
	disk.page->type = random() % 3;
	disk.page->sector = random() % 2 ? random() % 16 : random();
	disk.page->bytes = random() % 2 ? random() % 4096 : random();
	disk.page->result = 0;
	barrier();
	send_dma(disk.key, &out);
}

static void test_disk(void)
{
	u32 i, good = 0, bad = 0;

	for (i = 0; i < ROUNDS; i++) {
		mad_request();
		good += disk.page->result == 1;
		bad += disk.page->result == 2;
	}
	is(good + bad, ROUNDS, "every request is answered");
	ok(good && bad, "some are good, some are not (%u, %u)", good, bad);
	disk.dma.used_len = 0;
	memset(buf, 0, 512);
	ok(disk_rw(&disk, true, 3, buf, 512) && disk_rw(&disk, false, 3, buf, 512),
	   "the disk still works");
}

static void test_console(void)
{
	struct lguest_dma dma;
	u32 i;

	for (i = 0; i < 100; i++) {
		dma_single(&dma, "never seen", 10);
		dma.addr[1] = boot_info.mem_size + 4 * PAGE_SIZE;
		dma.len[1] = 1;
		dma.len[2] = 0;
		send_dma(LGUEST_CONSOLE_DMA_KEY, &dma);
	}
	ok(true, "the console still works");
}

static void test_keys(void)
{
	struct lguest_dma dma;
	u32 i;

	for (i = 0; i < 100; i++) {
		dma_single(&dma, buf, 16);
		send_dma((random() % boot_info.mem_size & ~3) + 4, &dma);
	}
	ok(true, "keys where nobody is do no harm");
}

static void test_device_page(void)
{
	struct lguest_device_desc *desc = io_map(boot_info.mem_size, 1);

	memset(desc, 0xff, PAGE_SIZE);
	disk.dma.used_len = 0;
	ok(disk_rw(&disk, false, 0, buf, 512), "the device page can be overwritten");
}

void play_mad(void)
{
	buf = page_alloc_run(4);
	if (!buf || !disk_open(&disk, 0))
		panic("this part needs a disk");
	test_disk();
	test_console();
	test_keys();
	test_device_page();
	done();
}
