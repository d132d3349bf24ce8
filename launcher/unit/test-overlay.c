// SPDX-License-Identifier: GPL-2.0
/*
 * Disks with an overlay: that they are like any disk, that the base stays as it
 * is, and that files that do not fit are refused.
 */
#include "base.h"
#include "disk.h"
#include "versions.h"

static void test_like_any_disk(void)
{
	struct model *disk = new_disk("");
	unsigned int i, wrong = 0, failed = 0;
	struct stat before, after;

	stat(base, &before);
	is_number(disk_sectors(disk), SECTORS, "the size is the base's");
	is_number(wrong_sectors(disk, known->version, true), 0, "and so is the content");
	for (i = 0; i < 1000; i++) {
		failed += !write_some(disk);
		if (i % 50 == 49)
			wrong += wrong_sectors(disk, known->version, true);
		if (i % 200 == 199)
			disk = reopen(disk);
	}
	is_number(failed, 0, "1000 writes");
	is_number(wrong, 0, "are what is read, also when the overlay is opened again");
	stat(base, &after);
	ok(before.st_mtim.tv_nsec == after.st_mtim.tv_nsec && before.st_size == after.st_size,
	   "the base is not written");
	disk->close(disk);
	forget_all();
	disk = create(base);
	is_number(wrong_sectors(disk, known->version, true), 0, "nor changed");
	disk->close(disk);
}

static void test_holes(void)
{
	const __u64 big = 5ull << 30;
	struct stat st;
	struct model *disk;
	char text[8] = "far out", got[8];
	struct iovec iov = { text, 8 };

	unlink(cow);
	snprintf(spec, sizeof(spec), "%s/big,overlay=%s", dir, cow);
	strcpy(strchr(spec, ','), "");
	close(open(spec, O_RDWR | O_CREAT, 0600));
	if (truncate(spec, big) < 0)
		exit(1);
	snprintf(spec, sizeof(spec), "%s/big,overlay=%s", dir, cow);
	disk = create(spec);
	is_number(disk_write(disk, big / 512 - 1, &iov, 1), 8, "writing beyond 4 GiB");
	is_number(disk_write(disk, 0, &iov, 1), 8, "and at the start");
	disk = reopen(disk);
	iov = (struct iovec){ got, 8 };
	ok(disk_read(disk, big / 512 - 1, &iov, 1) == 8 && !memcmp(got, text, 8), "is read again");
	iov = (struct iovec){ got, 8 };
	ok(disk_read(disk, big / 512 - 2, &iov, 1) == 8 && !got[0], "its neighbour as it was");
	disk->close(disk);
	stat(cow, &st);
	ok(st.st_size > (off_t)big && st.st_blocks < 2048, "and the overlay is mostly holes");
	printf("# %lld blocks\n", (long long)st.st_blocks);
	*strchr(spec, ',') = '\0';
	unlink(spec);
}

/* What the base lacks of the last sector, and of the last cluster, is zero. */
static void test_odd_end(void)
{
	__u8 got[2 * SECTOR_BYTES], one = 'x';
	struct iovec iov = { &one, 1 };
	struct model *disk;

	if (truncate(base, 9 * SECTOR_BYTES + 100) < 0)
		exit(1);
	disk = new_disk("");
	is_number(disk_sectors(disk), 10, "a base that ends in a sector");
	is_number(disk_write(disk, 8, &iov, 1), 1, "a byte near its end is written");
	memset(got, 'n', sizeof(got));
	iov = (struct iovec){ got, sizeof(got) };
	is_number(disk_read(disk, 8, &iov, 1), sizeof(got), "all of it is read");
	ok(got[0] == 'x' && got[1] == 0 && got[4] == IN_BASE &&
	   got[SECTOR_BYTES + 96] == IN_BASE && !got[SECTOR_BYTES + 100] &&
	   !got[2 * SECTOR_BYTES - 1], "with zeroes at the end");
	disk->close(disk);
	make_base();
}

static void test_snapshot(void)
{
	struct model *disk;

	forget_all();
	snprintf(spec, sizeof(spec), "%s,snapshot", base);
	disk = create(spec);
	ok(write_at(disk, 5, 7) && write_at(disk, 300, 1) && disk_flush(disk), "a snapshot");
	is_number(wrong_sectors(disk, known->version, true), 0, "has what was written");
	ok(!refusal(spec), "can be there twice");
	disk = reopen(disk);
	forget_all();
	is_number(wrong_sectors(disk, known->version, true), 0, "and loses it at its end");
	disk->close(disk);
}

static void test_kept(void)
{
	struct model *disk;

	forget_all();
	ok(!keeps("disk", base), "other disks need nothing to be kept");
	ok(keeps("disk", spec), "a snapshot of a guest that may restart is kept");
	fflush(stdout);
	if (!fork()) {
		disk = create(spec);
		write_at(disk, 5, 7);
		disk->close(disk);
		_exit(0);
	}
	wait(NULL);
	disk = create(spec);
	is_number(known->version[5], 2, "the launcher starts anew");
	is_number(wrong_sectors(disk, known->version, true), 0, "and finds what was written");
	disk->close(disk);
}

static void test_words(void)
{
	struct model *disk = new_disk(""), *other;
	char text[256];

	is_wrong(refusal(spec), "in use", "an overlay has one guest");
	is_wrong(refusal(base), "in use", "a disk with an overlay is not written");
	snprintf(text, sizeof(text), "%s,ro", base);
	is_right(refusal(text), "but read");
	write_at(disk, 0, 1);
	disk->close(disk);
	strcat(spec, ",ro");
	disk = create(spec);
	other = create(spec);
	ok(disk_is_read_only(disk) && !write_at(disk, 0, 1), "one that is only read");
	known->nr--;
	is_number(wrong_sectors(other, known->version, true), 0, "may have several readers");
	disk->close(disk);
	other->close(other);
	is_wrong(refusal(cow), "is an overlay", "one without its base");
	snprintf(text, sizeof(text), "%s,overlay=%s", base, base);
	is_wrong(refusal(text), "given twice", "a disk that is its own overlay");
	snprintf(text, sizeof(text), "%s,overlay=", base);
	is_wrong(refusal(text), "needs a name", "one without a name");
	snprintf(text, sizeof(text), "%s,overlay=%s/no/x", base, dir);
	is_wrong(refusal(text), "No such file", "one in no directory");
	snprintf(text, sizeof(text), "%s,overlay=%s", base, dir);
	is_wrong(refusal(text), "Is a directory", "one that is a directory");
	snprintf(text, sizeof(text), "%s,overlay=/dev/null", base);
	is_wrong(refusal(text), "not a file", "one that is a device");
	snprintf(text, sizeof(text), "%s,overlay=%s/new,ro", base, dir);
	is_wrong(refusal(text), "No such file", "one that is not there cannot be only read");
	snprintf(text, sizeof(text), "%s,snapshot,ro", base);
	is_wrong(refusal(text), "cannot be with 'ro'", "a snapshot that is not written");
	snprintf(text, sizeof(text), "%s,readonly", base);
	is_wrong(refusal(text), "after a comma", "a word that is none");
}

/* Each with a good overlay before, and a few bytes of it changed. */
static void damaged(__u64 at, const void *to, size_t bytes, const char *why, const char *name)
{
	struct model *disk = new_disk("");

	disk->close(disk);
	overwrite(to, bytes, at);
	is_wrong(refusal(spec), why, name);
}

static void shortened(__u64 bytes, const char *why, const char *name)
{
	struct model *disk = new_disk("");

	disk->close(disk);
	if (truncate(cow, bytes) < 0)
		exit(1);
	is_wrong(refusal(spec), why, name);
}

static void test_bad_files(void)
{
	const __u32 number = 77;
	const __u64 huge = ~0ull;
	unsigned int i;

	damaged(0, "LGUEST", 6, "is no overlay", "another magic");
	damaged(0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, "broken off", "one that was not finished");
	damaged(16, &number, 4, "another form", "a later format");
	damaged(20, &number, 4, "another form", "clusters of another size");
	damaged(24, &number, 4, "for a disk of 77 bytes", "another disk's size");
	damaged(24, &huge, 8, "for a disk of", "a size beyond all");
	damaged(32, &number, 4, "has been changed", "another disk's date");
	damaged(40, &number, 4, "touch -d @", "nearly the same date");
	shortened(20, "is no overlay", "half a header");
	shortened(CLUSTER, "cut off", "no bitmap");
	shortened(2 * CLUSTER + 5, "cut off", "half a bitmap");
	shortened(HEADS + SECTORS * SECTOR_BYTES - 1, "cut off", "not all of its data");
	for (i = 0; i < 2; i++) {
		__u8 all[CLUSTER];
		struct model *disk = new_disk("");

		disk->close(disk);
		memset(all, 0xff, sizeof(all));
		overwrite(all, sizeof(all), (1 + i) * CLUSTER);
		if (i)
			overwrite("another", 8, BOOT_AT);
		disk = create(spec);
		is_number(wrong_sectors(disk, known->version, true), SECTORS,
			  "all bits set, also beyond the end: holes are read");
		flush(disk);
		disk->close(disk);
	}
}

static void test_base_changed(void)
{
	struct model *disk = new_disk("");
	struct timespec times[2] = { { 1, 0 }, { 1000000000, 5 } };

	disk->close(disk);
	utimensat(AT_FDCWD, base, times, 0);
	is_wrong(refusal(spec), "has been changed since", "a base that was written");
	make_base();
	if (truncate(base, 512) < 0)
		exit(1);
	is_wrong(refusal(spec), "but", "a base that is shorter");
	make_base();
	disk = new_disk("");
	ok(write_at(disk, 3, 1), "a base that is cut off later");
	if (truncate(base, 512) < 0)
		exit(1);
	ok(!write_at(disk, 100, 1), "is told to who writes");
	known->nr--;
	is_number(wrong_sectors(disk, known->version, true), ~0u, "and who reads");
	disk->close(disk);
	make_base();
}

int main(void)
{
	set_up();
	test_like_any_disk();
	test_holes();
	test_odd_end();
	test_snapshot();
	test_kept();
	test_words();
	test_bad_files();
	test_base_changed();
	return tear_down();
}
