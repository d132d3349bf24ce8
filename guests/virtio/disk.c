// SPDX-License-Identifier: GPL-2.0
/*
 * Disks: what was written is what is read, one request at a time or many, in one
 * piece or in several, with interrupts and without; what cannot be done is
 * refused; and a restart leaves the disk as it was.  For those who end launcher
 * or host meanwhile: rounds of writing, and whether one of them is there.
 */
#include "virtio.h"

#define SECTOR		512
#define FIRST		8	/* before it, the disk's memory of restarts */
#define BIG		(16 * PAGE_SIZE)
#define NR_REQUESTS	40
#define NR_PIECES	8
#define NR_WORDS	(SECTOR / sizeof(u32))
#define SCSI		2
#define UNSUPPORTED	2
#define ROUNDS_AHEAD	8	/* of what was seen when the writer was ended */
#define REMEMBERED	0x6c677374

static struct disk disk;
static struct disk_request requests[NR_REQUESTS];
static u32 *data[NR_REQUESTS];	/* a page each, for NR_PIECES sectors */

static void fill(u32 *words, u32 sector, u32 sectors, u32 round)
{
	u32 i;

	for (i = 0; i < sectors * NR_WORDS; i++)
		words[i] = pattern(sector * NR_WORDS + i, round);
}

static u32 differences(const u32 *words, u32 sector, u32 sectors, u32 round)
{
	u32 i, n = 0;

	for (i = 0; i < sectors * NR_WORDS; i++)
		n += words[i] != pattern(sector * NR_WORDS + i, round);
	return n;
}

static void remember(u32 *page, u32 what)
{
	*page = what;
	if (!disk_rw(&disk, true, 0, page, SECTOR))
		panic("cannot write to the disk");
}

/* In the first life it does not come back from here. */
static void restart_once(u32 *page)
{
	disk_rw(&disk, false, 0, page, SECTOR);
	if (*page != REMEMBERED) {
		diag("restarting");
		remember(page, REMEMBERED);
		restart();
	}
	ok(true, "after a restart the disk remembers");
	remember(page, 0);
}

static void one_by_one(void)
{
	u32 *big = page_alloc_run(BIG / PAGE_SIZE), i, bad = 0;

	fill(big, FIRST, BIG / SECTOR, 1);
	ok(disk_rw(&disk, true, FIRST, big, BIG), "a large write");
	memset(big, 0, BIG);
	ok(disk_rw(&disk, false, FIRST, big, BIG), "a large read");
	is(differences(big, FIRST, BIG / SECTOR, 1), 0, "brings it back");
	for (i = 0; i < 600; i++) {
		u32 sector = FIRST + i * 7 % (BIG / SECTOR);

		bad += !disk_rw(&disk, false, sector, big, SECTOR) ||
		       differences(big, sector, 1, 1);
	}
	is(bad, 0, "600 small reads, more than any ring's length");
}

/* Requests of NR_PIECES sectors, each sector a piece, in an order of ours. */
static u32 start(u32 n, u32 type)
{
	struct piece pieces[NR_PIECES];
	u32 i, waited = 0;

	for (i = 0; i < NR_PIECES; i++)
		pieces[i] = (struct piece){ data[n] + i * NR_WORDS, SECTOR };
	while (!disk_submit(&disk, &requests[n], type, FIRST + n * NR_PIECES,
			    pieces, NR_PIECES)) {
		/* The ring is full: the oldest will make room. */
		vq_kick(&disk.queue);
		disk_wait(&requests[waited++]);
	}
	return waited;
}

static u32 all_of(u32 type)
{
	u32 n, waited = 0, bad = 0;

	for (n = 0; n < NR_REQUESTS; n++)
		waited += start(n, type);
	vq_kick(&disk.queue);
	for (n = 0; n < NR_REQUESTS; n++) {
		disk_wait(&requests[n]);
		bad += requests[n].status;
	}
	diag("%u requests under way, %u times the ring was full", NR_REQUESTS, waited);
	return bad;
}

static void many(u32 round)
{
	u32 n, bad = 0;

	for (n = 0; n < NR_REQUESTS; n++)
		fill(data[n], FIRST + n * NR_PIECES, NR_PIECES, round);
	is(all_of(DISK_WRITE), 0, "many writes at a time, of many pieces");
	for (n = 0; n < NR_REQUESTS; n++)
		memset(data[n], 0, PAGE_SIZE);
	is(all_of(DISK_READ), 0, "many reads at a time");
	for (n = 0; n < NR_REQUESTS; n++)
		bad += differences(data[n], FIRST + n * NR_PIECES, NR_PIECES, round);
	is(bad, 0, "have what was written");
}

/* Looking ourselves, as a driver under load does. */
static void without_interrupts(void)
{
	u32 n, before = disk.queue.nr_irqs;

	vq_want_irqs(&disk.queue, false);
	for (n = 0; n < 20; n++) {
		start(n, DISK_READ);
		vq_kick(&disk.queue);
		while (requests[n].busy)
			disk_collect(&disk);
	}
	ok(true, "20 reads are done without waiting for an interrupt");
	diag("%u interrupts came", disk.queue.nr_irqs - before);
	vq_want_irqs(&disk.queue, true);
	disk_collect(&disk);
	before = disk.queue.nr_irqs;
	start(0, DISK_READ);
	vq_kick(&disk.queue);
	disk_wait(&requests[0]);
	/* One of before may have been on its way. */
	ok(disk.queue.nr_irqs > before, "they come again when they are wanted");
}

static u8 status_of(u32 type, u32 sector, u32 count)
{
	struct piece piece = { data[0], SECTOR };

	disk_submit(&disk, &requests[0], type, sector, &piece, count);
	vq_kick(&disk.queue);
	disk_wait(&requests[0]);
	return requests[0].status;
}

static void other_requests(void)
{
	is(status_of(DISK_READ, disk_sectors(&disk) - 1, 1), 0, "the last sector can be read");
	ok(status_of(DISK_READ, disk_sectors(&disk), 1), "what is behind it cannot");
	is(status_of(SCSI, 0, 1), UNSUPPORTED, "nor is there SCSI");
	if (disk_can_flush(&disk))
		is(status_of(DISK_FLUSH, 0, 0), 0, "a flush");
	else
		is(status_of(DISK_READ | DISK_BARRIER, FIRST, 1), 0, "a read behind a barrier");
}

/* What was written is to be on the host's disk. */
static u8 settle(void)
{
	return disk_can_flush(&disk) ? status_of(DISK_FLUSH, 0, 0) :
	       status_of(DISK_READ | DISK_BARRIER, FIRST, 1);
}

/* For ever: whoever ends it has read which round was complete. */
static void write_rounds(void)
{
	u32 n, round;

	for (round = 1;; round++) {
		for (n = 0; n < NR_REQUESTS; n++)
			fill(data[n], FIRST + n * NR_PIECES, NR_PIECES, round);
		if (all_of(DISK_WRITE) || settle())
			panic("round %u failed", round);
		diag("round %u is complete", round);
	}
}

static bool is_of_round(u32 sector, u32 from)
{
	u32 round;

	for (round = from; round < from + ROUNDS_AHEAD; round++) {
		if (!differences(data[0], sector, 1, round))
			return true;
	}
	return false;
}

static void look_for_round(u32 round)
{
	u32 i, bad = 0;

	for (i = FIRST; i < FIRST + NR_REQUESTS * NR_PIECES; i++)
		bad += !disk_rw(&disk, false, i, data[0], SECTOR) || !is_of_round(i, round);
	is(bad, 0, "all of round %u is there, or later", round);
}

static void second_disk(u32 *page)
{
	static struct disk second;

	if (!disk_open(&second, 1)) {
		ok(!asked_for("readonly"), "there is no second disk");
		return;
	}
	ok(disk_rw(&second, false, 0, page, SECTOR), "the second disk can be read");
	if (asked_for("readonly"))
		ok(!disk_rw(&second, true, 0, page, SECTOR), "and not be written");
}

void disk_tests(void)
{
	u32 i;

	if (!disk_open(&disk, 0)) {
		skip("there is no disk", "disks");
		return;
	}
	for (i = 0; i < NR_REQUESTS; i++)
		data[i] = page_alloc();
	if (asked_for("restart"))
		restart_once(data[0]);
	ok(disk_sectors(&disk) >= FIRST + NR_REQUESTS * NR_PIECES,
	   "the disk has %u sectors", disk_sectors(&disk));
	diag("features %08x, ring of %u, %u segments, indirect: %u", disk.dev.features,
	     disk.queue.num, disk.segments, disk.queue.indirect);
	if (asked_for("rounds"))
		write_rounds();
	if (asked_number("round", 0)) {
		look_for_round(asked_number("round", 0));
		return;
	}
	one_by_one();
	many(2);
	without_interrupts();
	many(3);
	other_requests();
	second_disk(data[0]);
	diag("%u kicks, %u interrupts", disk.queue.nr_kicks, disk.queue.nr_irqs);
}
