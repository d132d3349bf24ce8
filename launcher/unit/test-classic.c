// SPDX-License-Identifier: GPL-2.0
/*
 * The classic transport with a host of the test's making: first a guest that
 * keeps the rules, then many that do not.  Guest memory is exactly as long as
 * it should be, so that the sanitizer sees any step out of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base.h"
#include "classic.h"
#include "device.h"
#include "disk.h"
#include "guest_memory.h"
#include "tap.h"
#include "wrap.h"

#define RAM		(16 * PAGE_BYTES)
#define LIMIT		(RAM + 3 * PAGE_BYTES)	/* descriptors, two disks */
#define SECTORS		16
#define BOUND		0x3000		/* where the guest has its buffer */
#define SENT		0x3100
#define DATA		0x4000
#define IRQ		5

static struct memory mem = { .ram = RAM, .limit = RAM + PAGE_BYTES };
static struct lguest_device_desc *desc;
static struct lguest_block_page *disk;
static __u32 disk_key;
static __u32 bound_key, bound_addr;
static bool free_buffer;
static unsigned int irqs, last_irq;

/* As the host does: the buffer's used_len becomes the interrupt's number. */
int __wrap_host_getdma(__u32 key, __u32 *addr)
{
	if (!free_buffer || key != bound_key)
		return -1;
	*addr = bound_addr;
	if (memory_has(&mem, *addr, sizeof(struct lguest_dma)))
		dma_set_used(&mem, *addr, IRQ);
	return 0;
}

void __wrap_host_irq(__u32 irq)
{
	irqs++;
	last_irq = irq;
}

static struct lguest_dma *dma_at(__u32 addr)
{
	return (struct lguest_dma *)(mem.base + addr);
}

static void attach(const char *name, const char *spec)
{
	need(classic_attach(NULL, &mem, make_device(name, spec)));
}

static void set_up(void)
{
	char image[] = "/tmp/lguest-unit-XXXXXX", spec[64];
	int fd = mkstemp(image);

	mem.base = calloc(1, LIMIT);
	if (fd < 0 || ftruncate(fd, SECTORS * SECTOR_BYTES) < 0 || !mem.base)
		exit(1);
	close(fd);
	attach("console", "none");
	snprintf(spec, sizeof(spec), "%s,rw", image);
	attach("disk", spec);
	unlink(image);
	desc = (struct lguest_device_desc *)(mem.base + RAM);
	disk_key = desc[1].pfn * PAGE_BYTES;
	disk = (struct lguest_block_page *)(mem.base + disk_key);
}

static void test_page(void)
{
	is_number(sizeof(*desc), 12, "size of a descriptor");
	ok(desc[0].type == LGUEST_DEVICE_T_CONSOLE && !desc[0].num_pages, "a console");
	ok(desc[1].type == LGUEST_DEVICE_T_BLOCK && desc[1].num_pages == 1 &&
	   disk_key == RAM + PAGE_BYTES, "a disk");
	is_number(disk->num_sectors, SECTORS, "its capacity");
	ok(!desc[2].type, "no more devices");
	is_number(mem.limit, RAM + 2 * PAGE_BYTES, "the limit counts the devices' pages");
}

/* Describes @len bytes at DATA in the list at @addr. */
static void describe(__u32 addr, __u16 len)
{
	struct lguest_dma *dma = dma_at(addr);

	memset(dma, 0, sizeof(*dma));
	dma->addr[0] = DATA;
	dma->len[0] = len;
}

static __s32 request(__s32 type, __u32 sector, __u32 bytes)
{
	struct lguest_dma_notice notice = { SENT, disk_key };

	disk->type = type;
	disk->sector = sector;
	disk->bytes = bytes;
	disk->result = 0;
	irqs = 0;
	classic_serve(&notice);
	return disk->result;
}

static void test_disk(void)
{
	bound_key = disk_key;
	bound_addr = BOUND;
	free_buffer = true;

	describe(BOUND, 512);
	describe(SENT, 1024);
	memset(mem.base + DATA, 'w', 1024);
	is_number(request(1, 3, 1024), 1, "writing two sectors");
	ok(irqs == 1 && last_irq == IRQ, "raises the interrupt of the buffer");
	ok(!dma_at(BOUND)->used_len && dma_at(SENT)->used_len == 1024, "and says how much");

	describe(BOUND, 1024);
	memset(mem.base + DATA, 0, 1024);
	is_number(request(0, 4, 1024), 1, "reading two sectors");
	ok(mem.base[DATA] == 'w' && mem.base[DATA + 511] == 'w' && !mem.base[DATA + 512],
	   "gives what was written");
	is_number(dma_at(BOUND)->used_len, 1024, "and says how much");

	is_number(request(0, 15, 1024), 2, "reading beyond the end");
	ok(irqs == 1 && !dma_at(BOUND)->used_len, "is told");
	is_number(request(0, 0xffffffff, 1024), 2, "reading at the highest sector");
	is_number(request(0, 0, 1025), 2, "reading more than the buffer has");
	is_number(request(0, 0, 0xffffffff), 2, "reading as much as can be said");
	is_number(request(7, 0, 512), 2, "a request that is neither");
	describe(SENT, 511);
	is_number(request(1, 0, 512), 2, "writing less than was said");
	dma_at(SENT)->addr[0] = mem.limit - 510;
	is_number(request(1, 0, 511), 2, "writing what is not in memory");
	bound_addr = mem.limit - 50;
	is_number(request(0, 0, 512), 2, "a buffer whose list is not in memory");
	free_buffer = false;
	is_number(request(0, 0, 512), 2, "no buffer");
}

static __u32 odd_value(void)
{
	static const __u32 values[] = {
		0, 1, 4, 511, 512, 1024, PAGE_BYTES - 1, RAM - 1, RAM, LIMIT - PAGE_BYTES - 1,
		LIMIT - PAGE_BYTES, 0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff,
	};

	if (tap_random() % 4)
		return tap_random() % (LIMIT + 64);
	return values[tap_random() % ARRAY_SIZE(values)];
}

static void scramble_list(__u32 addr)
{
	struct lguest_dma *dma = dma_at(addr);
	unsigned int i;

	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS; i++) {
		dma->addr[i] = tap_random() % 8 ? tap_random() % RAM : odd_value();
		dma->len[i] = tap_random() % 16 ? tap_random() % 600 : odd_value();
	}
}

/* The guest writes anything anywhere, descriptors too, and calls. */
static void test_random(void)
{
	unsigned int i, good = 0, bad = 0;

	for (i = 0; i < 50000; i++) {
		struct lguest_dma_notice notice = { SENT, disk_key };

		memset(mem.base + RAM, tap_random(), PAGE_BYTES);
		scramble_list(BOUND);
		scramble_list(SENT);
		disk->type = tap_random() % 3;
		disk->sector = tap_random() % 4 ? tap_random() % 20 : odd_value();
		disk->bytes = tap_random() % 2 ? 512 * (tap_random() % 8) : odd_value();
		disk->result = 0;
		free_buffer = tap_random() % 16;
		bound_addr = tap_random() % 8 ? BOUND : odd_value();
		if (!(tap_random() % 8))
			notice.dma = odd_value();
		if (!(tap_random() % 8))
			notice.key = tap_random() % 2 ? 0 : odd_value();
		classic_serve(&notice);
		good += disk->result == 1;
		bad += disk->result == 2;
	}
	ok(good > 1000 && bad > 1000, "50000 random requests");
	printf("# %u good, %u bad\n", good, bad);
}

int main(void)
{
	/* What the launcher says of such guests need not be seen. */
	if (!freopen("/dev/null", "w", stderr))
		return 1;
	set_up();
	test_page();
	test_disk();
	test_random();
	classic_close();
	free(mem.base);
	return tap_done();
}
