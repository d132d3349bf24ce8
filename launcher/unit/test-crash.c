// SPDX-License-Identifier: GPL-2.0
/*
 * What is left of disks with an overlay when the launcher is killed, the host
 * stops, or its disk is full or broken.  For that, writes and syncs of the
 * launcher come here first.
 */
#include <signal.h>

#include "base.h"
#include "disk.h"
#include "iov.h"
#include "versions.h"
#include "wrap.h"

#define PENDING_MAX	20000u

/* What the wrapped calls do. */
static unsigned int calls_left;		/* then something happens */
static enum { NOTHING, KILL, KILL_AFTER, FULL } fate;
static bool sync_fails;
static unsigned int syncs;

/* A disk of the host that may keep what was not synced, or not. */
static bool recording;
static __u8 *stable;
static struct {
	__u64 at;
	__u8 sector[SECTOR_BYTES];
	size_t len;
} *pending;
static unsigned int nr_pending;

static bool is_overlay(int fd)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(cow, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/* Sectors may reach the disk in any order, each by itself. */
static void record(const struct iovec *iov, int nr, __u64 at)
{
	size_t bytes = iov_bytes(iov, nr), done, part;
	__u8 *all = malloc(bytes);

	iov_copy(all, iov, nr, bytes);
	for (done = 0; done < bytes && nr_pending < PENDING_MAX; done += part) {
		part = SECTOR_BYTES - (at + done) % SECTOR_BYTES;
		if (part > bytes - done)
			part = bytes - done;
		pending[nr_pending].at = at + done;
		pending[nr_pending].len = part;
		memcpy(pending[nr_pending++].sector, all + done, part);
	}
	free(all);
}

ssize_t __wrap_pwritev64(int fd, const struct iovec *iov, int nr, off64_t at)
{
	bool now = calls_left && !--calls_left;
	ssize_t n;

	if (now && fate == KILL)
		raise(SIGKILL);
	if (now && fate == FULL) {
		errno = ENOSPC;
		return -1;
	}
	if (recording && is_overlay(fd))
		record(iov, nr, at);
	n = __real_pwritev64(fd, iov, nr, at);
	if (now && fate == KILL_AFTER)
		raise(SIGKILL);
	return n;
}

static void apply(unsigned int i)
{
	memcpy(stable + pending[i].at, pending[i].sector, pending[i].len);
}

int __wrap_fdatasync(int fd)
{
	unsigned int i;

	syncs++;
	if (sync_fails) {
		sync_fails = false;
		errno = EIO;
		return -1;
	}
	for (i = 0; recording && is_overlay(fd) && i < nr_pending; i++)
		apply(i);
	nr_pending = recording && is_overlay(fd) ? 0 : nr_pending;
	return 0;
}

/* It is killed before or after each single write. */
static void kill_at(unsigned int n, unsigned int *wrong, bool *ended)
{
	struct model *disk = new_disk("");
	int status;
	pid_t pid;

	disk->close(disk);
	pid = fork();
	if (!pid) {
		disk = create(spec);
		fate = n % 2 ? KILL : KILL_AFTER;
		calls_left = 1 + n / 2;
		while (known->nr < 40) {
			write_some(disk);
			if (!(known->nr % 8))
				flush(disk);
		}
		_exit(0);
	}
	waitpid(pid, &status, 0);
	*ended = !status;
	disk = create(spec);
	*wrong += wrong_sectors(disk, known->version, false);
	disk->close(disk);
}

static void test_killed(void)
{
	unsigned int n, wrong = 0;
	bool ended = false;

	for (n = 0; !ended; n++)
		kill_at(n, &wrong, &ended);
	is_number(wrong, 0, "killed at any write: what was complete is there, and nothing is lost");
	ok(n > 100, "there were many places for that");
	printf("# %u\n", n);
}

static void copy(void *to, __u64 from)
{
	int fd = open(cow, O_RDONLY);

	if (pread(fd, to, OVERLAY_BYTES - from, from) != (ssize_t)(OVERLAY_BYTES - from))
		exit(1);
	close(fd);
}

/* The host stops; of what was not synced, its disk has some sectors. */
static unsigned int lose_power(const unsigned int *least)
{
	unsigned int i, wrong;
	struct model *disk;

	recording = false;
	for (i = 0; i < nr_pending; i++) {
		if (tap_random() % 2)
			apply(i);
	}
	nr_pending = 0;
	overwrite(stable, OVERLAY_BYTES, 0);
	overwrite("another", 8, BOOT_AT);
	disk = create(spec);
	wrong = wrong_sectors(disk, least, false);
	disk = reopen(disk);
	wrong += wrong_sectors(disk, least, false);
	disk->close(disk);
	return wrong;
}

/* From time to time, what is not synced can be anywhere. */
static void test_power(const char *words, bool always)
{
	unsigned int round, i, writes, wrong = 0;

	for (round = 0; round < 150; round++) {
		struct model *disk = new_disk(words);

		copy(stable, 0);
		recording = true;
		writes = tap_random() % 40;
		for (i = 0; i < writes; i++) {
			write_some(disk);
			if (!always && !(tap_random() % 10))
				flush(disk);
		}
		/* It is not closed: that would write. */
		recording = false;
		i = nr_pending;
		disk->close(disk);
		nr_pending = i;
		wrong += lose_power(always ? known->version : known->flushed);
	}
	is_number(wrong, 0, always ? "the host stops, 'sync': all that was written is there" :
		  "the host stops: all that was flushed is there, and nothing that was never written");
}

/* What one launcher wrote and the next one flushed, when the host stops after that. */
static void test_two_launchers(void)
{
	static __u8 page[CLUSTER];
	struct disk_file file = { 0 };
	struct iovec iov = { page, sizeof(page) };
	struct overlay *overlay;
	struct model *disk;

	disk = new_disk("");
	disk->close(disk);
	if (!disk_file_open(&file, base, true))
		exit(1);
	overlay = overlay_open(&file, cow, false);
	memset(page, 'w', sizeof(page));
	is_number(overlay_write(overlay, CLUSTER, &iov, 1), CLUSTER, "a launcher writes");
	overlay_close(overlay);
	overlay = overlay_open(&file, cow, false);
	ok(overlay_flush(overlay), "after its end, the next one flushes");
	overlay_close(overlay);
	memset(page, 0, sizeof(page));
	overwrite(page, sizeof(page), CLUSTER);
	overwrite("another", 8, BOOT_AT);
	overlay = overlay_open(&file, cow, true);
	iov = (struct iovec){ page, sizeof(page) };
	ok(overlay_read(overlay, CLUSTER, &iov, &(int){ 1 }) == CLUSTER && page[5] == 'w',
	   "then it survives the host");
	overlay_close(overlay);
	disk_file_close(&file);
}

static void test_full(void)
{
	unsigned int i, failed = 0, wrong = 0;
	struct model *disk = new_disk("");

	for (i = 0; i < 300; i++) {
		unsigned int before[SECTORS];

		fate = FULL;
		calls_left = 1 + tap_random() % 4;
		memcpy(before, known->version, sizeof(before));
		failed += !write_some(disk);
		calls_left = 0;
		wrong += wrong_sectors(disk, before, false);
		/* What failed may be there in part, so write it anew. */
		write_at(disk, known->first[known->nr], known->sectors[known->nr]);
	}
	ok(failed > 50, "no space: the guest is told");
	is_number(wrong, 0, "and loses nothing else");
	is_number(wrong_sectors(disk, known->version, true), 0, "later it can write again");
	disk = reopen(disk);
	is_number(wrong_sectors(disk, known->version, true), 0, "and all is there");
	disk->close(disk);
}

static void test_flush(void)
{
	struct model *disk = new_disk("");

	flush(disk);
	syncs = 0;
	flush(disk);
	is_number(syncs, 1, "a flush of what is flushed is one sync");
	write_at(disk, 0, 8);
	flush(disk);
	is_number(syncs, 3, "one of new clusters is two");
	write_at(disk, 0, 8);
	flush(disk);
	is_number(syncs, 4, "one of old clusters is one");
	sync_fails = true;
	ok(!flush(disk), "a sync that fails is told");
	ok(!flush(disk), "for ever, since the kernel tells it only once");
	disk->close(disk);
	disk = create(base);
	sync_fails = true;
	ok(!flush(disk) && !flush(disk), "also without an overlay");
	disk->close(disk);
}

static void test_unsynced_snapshot(void)
{
	struct model *disk;

	snprintf(spec, sizeof(spec), "%s,snapshot", base);
	disk = create(spec);
	syncs = 0;
	ok(write_at(disk, 5, 7) && disk_flush(disk), "a snapshot is flushed");
	disk->close(disk);
	is_number(syncs, 0, "without a sync");
}

/* A new overlay that does not fit leaves nothing behind. */
static void test_no_room_to_make(void)
{
	const char *why;
	struct stat st;

	unlink(cow);
	snprintf(spec, sizeof(spec), "%s,overlay=%s", base, cow);
	fate = FULL;
	calls_left = 1;
	why = refusal(spec);
	calls_left = 0;
	is_wrong(why, "cannot make it: No space", "no space for a new overlay");
	ok(stat(cow, &st) < 0, "it is not there then");
	close(open(cow, O_CREAT | O_RDWR, 0600));
	is_right(refusal(spec), "an empty file may become one");
}

int main(void)
{
	set_up();
	stable = malloc(OVERLAY_BYTES);
	pending = calloc(PENDING_MAX, sizeof(*pending));
	if (!stable || !pending)
		return 1;
	test_killed();
	test_power("", false);
	test_power(",sync", true);
	test_two_launchers();
	test_full();
	test_flush();
	test_unsynced_snapshot();
	test_no_room_to_make();
	free(stable);
	free(pending);
	return tear_down();
}
