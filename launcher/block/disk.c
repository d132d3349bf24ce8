// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that is a file, or a block device of the host (disk_file.c), or is in a file
 * of another format (disk_server.c), perhaps with an overlay that has what was written
 * (overlay.c).  What a guest has
 * written is on the host's disk before the launcher ends, unless nobody wants it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "device_option.h"
#include "disk.h"
#include "iov.h"
#include "suboptions.h"

/* The value of --disk: a file, and what follows the commas. */
struct words {
	const char *file;
	char *overlay;
	char *serial;
	const char *driver;	/* QEMU's, of the format that the user says; NULL: raw */
	bool told;		/* the user says so, whatever it looks like */
	bool ro, sync, snapshot, no_discard;
	bool rw, discard;	/* which is as usual */
	__u32 sector;		/* bytes; 0: as usual */
};

struct disk {
	struct model model;
	const struct words *words;
	struct disk_file file;
	struct overlay *overlay;	/* NULL: what is written goes to the file */
	bool ro;
	bool lost;		/* something that was written will not be on the disk */
	bool complained;
	__u32 sectors;
};

/* Of guests that may restart: temporary files, in the order of the options. */
static int kept[CONFIG_DEVICES_MAX];
static unsigned int nr_kept, kept_used;

static struct disk *to_disk(struct model *model)
{
	return container_of(model, struct disk, model);
}

bool disk_has(__u32 capacity, __u32 sector, __u32 bytes)
{
	__u64 sectors = ((__u64)bytes + SECTOR_BYTES - 1) / SECTOR_BYTES;

	return sector + sectors <= capacity;
}

__u32 disk_sectors(struct model *model)
{
	return to_disk(model)->sectors;
}

bool disk_is_read_only(struct model *model)
{
	return to_disk(model)->ro;
}

/* NULL: it has none. */
const char *disk_serial(struct model *model)
{
	return to_disk(model)->words->serial;
}

/* What a guest should read and write at once, in bytes. */
__u32 disk_sector_size(struct model *model)
{
	const __u32 sector = to_disk(model)->words->sector;

	return sector ? sector : SECTOR_BYTES;
}

/* May the guest say what it does not need? */
bool disk_discards(struct model *model)
{
	return !to_disk(model)->ro && !to_disk(model)->words->no_discard;
}

/* The user is told once; the guest whenever it asks for something. */
static void trouble(struct disk *disk, const char *what)
{
	if (!first_time(&disk->complained))
		return;
	if (disk->words->snapshot)
		complain("%s, or the temporary file for what is written to it: %s%s",
			 disk->file.name, what, strerror(errno));
	else
		complain("%s: %s%s", disk->words->overlay ? disk->words->overlay : disk->file.name,
			 what, strerror(errno));
}

static void zero(const struct iovec *iov, int nr)
{
	for (; nr-- > 0; iov++)
		memset(iov->iov_base, 0, iov->iov_len);
}

/*
 * Returns how much was read; less than the list has is an error.  The end of the
 * last sector need not be in the file: it reads as zero.
 */
size_t disk_read(struct model *model, __u32 sector, struct iovec *iov, int nr)
{
	const __u64 at = (__u64)sector * SECTOR_BYTES;
	const size_t all = iov_bytes(iov, nr);
	struct disk *disk = to_disk(model);
	size_t done;

	errno = 0;
	if (disk->overlay)
		done = overlay_read(disk->overlay, at, iov, &nr);
	else
		done = disk_file_read(&disk->file, at, iov, &nr, all);
	if (done < all && errno) {
		trouble(disk, "");
		return done;
	}
	if (all - done >= SECTOR_BYTES)
		return done;
	zero(iov, nr);
	return all;
}

/* Returns how much was written; less than the list has is an error. */
size_t disk_write(struct model *model, __u32 sector, struct iovec *iov, int nr)
{
	const __u64 at = (__u64)sector * SECTOR_BYTES;
	const size_t all = iov_bytes(iov, nr);
	struct disk *disk = to_disk(model);
	size_t done;

	if (disk->ro)
		return 0;
	if (disk->overlay)
		done = overlay_write(disk->overlay, at, iov, nr);
	else
		done = disk_file_write(&disk->file, at, iov, nr);
	if (done < all)
		trouble(disk, "");
	else if (disk->words->sync && !disk_flush(model))
		return 0;
	return done;
}

/* Of an overlay nothing goes: what it has, and what is below it, is as good. */
bool disk_discard(struct model *model, __u32 sector, __u32 sectors)
{
	struct disk *disk = to_disk(model);

	if (!disk_discards(model))
		return false;
	if (disk->overlay || disk_file_discard(&disk->file, (__u64)sector * SECTOR_BYTES,
					       (__u64)sectors * SECTOR_BYTES))
		return true;
	trouble(disk, "");
	return false;
}

static bool write_zeroes(struct model *model, __u32 sector, __u32 sectors)
{
	static char zeroes[64 * 1024];

	while (sectors) {
		const __u32 most = sizeof(zeroes) / SECTOR_BYTES;
		const __u32 part = sectors < most ? sectors : most;
		struct iovec iov = { zeroes, part * SECTOR_BYTES };

		if (disk_write(model, sector, &iov, 1) < part * SECTOR_BYTES)
			return false;
		sector += part;
		sectors -= part;
	}
	return true;
}

/* Those sectors read as zeroes from now on; they may be a hole if that is allowed. */
bool disk_zero(struct model *model, __u32 sector, __u32 sectors, bool unmap)
{
	struct disk *disk = to_disk(model);

	if (disk->ro)
		return false;
	if (!disk->overlay && disk_file_zero(&disk->file, (__u64)sector * SECTOR_BYTES,
					     (__u64)sectors * SECTOR_BYTES,
					     unmap && disk_discards(model)))
		return !disk->words->sync || disk_flush(model);
	if (disk->overlay || errno == EOPNOTSUPP || errno == ENOSYS)
		return write_zeroes(model, sector, sectors);
	trouble(disk, "");
	return false;
}

/*
 * What was written is to be on the host's disk; by whom does not matter, it may
 * have been a launcher that was killed.  The kernel tells of what it has lost
 * only once, and forgets it then: here that is remembered.
 */
bool disk_flush(struct model *model)
{
	struct disk *disk = to_disk(model);

	if (disk->ro)
		return true;
	if (!disk->lost && !(disk->overlay ? overlay_flush(disk->overlay) :
			     disk_file_flush(&disk->file))) {
		trouble(disk, "data may be lost: ");
		disk->lost = true;
	}
	return !disk->lost;
}

static void disk_close(struct model *model)
{
	struct disk *disk = to_disk(model);

	disk_flush(model);
	if (disk->overlay)
		overlay_close(disk->overlay);
	disk_file_close(&disk->file);
	free(disk);
}

static const char *take_format(void *to, char *format)
{
	struct words *words = to;

	words->told = true;
	if (!strcmp(format, "raw"))
		return NULL;
	words->driver = disk_format_driver(format);
	return words->driver ? NULL :
		"format=: say raw, qcow2, vmdk, vdi, vhd, vhdx, qed or parallels";
}

static const char *take_serial(void *to, char *serial)
{
	struct words *words = to;

	words->serial = serial;
	return *serial && strlen(serial) <= DISK_SERIAL_MAX ? NULL :
		"serial=: it has 1 to 20 characters";
}

static const char *take_sector(void *to, char *bytes)
{
	struct words *words = to;

	words->sector = strtoul(bytes, NULL, 10);
	return !strcmp(bytes, "512") || !strcmp(bytes, "4096") ? NULL :
		"sector=: sectors have 512 or 4096 bytes";
}

static const struct suboption suboptions[] = {
	SUBOPTION_FLAG("ro", struct words, ro, true),
	SUBOPTION_FLAG("rw", struct words, rw, true),
	SUBOPTION_FLAG("sync", struct words, sync, true),
	SUBOPTION_FLAG("snapshot", struct words, snapshot, true),
	SUBOPTION_FLAG("discard=off", struct words, no_discard, true),
	SUBOPTION_FLAG("discard=on", struct words, discard, true),
	SUBOPTION_TEXT("overlay=", struct words, overlay),
	SUBOPTION_TAKE("format=", take_format),
	SUBOPTION_TAKE("serial=", take_serial),
	SUBOPTION_TAKE("sector=", take_sector),
	{ 0 },
};

/* What is wrong with words that are good each by itself, or NULL. */
static const char *contradiction(const struct words *words)
{
	if (words->overlay && !*words->overlay)
		return "the overlay needs a name: overlay=FILE";
	if (words->snapshot && words->overlay)
		return "'snapshot' loses what is written: it cannot be with 'overlay='";
	if (words->snapshot && words->ro)
		return "'snapshot' loses what is written: it cannot be with 'ro'";
	return NULL;
}

static void *disk_parse(char *spec, const char **wrong)
{
	struct words *words = calloc(1, sizeof(*words));

	if (!words) {
		*wrong = strerror(errno);
		return NULL;
	}
	words->file = spec;
	*wrong = suboptions_at_end(suboptions, spec, words);
	if (!*wrong)
		*wrong = contradiction(words);
	if (!*wrong)
		return words;
	free(words);
	return NULL;
}

/*
 * A guest that restarts is to find its disk as it was, and the launcher starts
 * anew then: so who starts it (supervise.c) has the temporary files.
 */
static bool disk_keep(const void *config, bool *keeps)
{
	const struct words *words = config;

	if (!words->snapshot)
		return true;
	kept[nr_kept] = disk_file_temporary(words->file);
	if (kept[nr_kept] < 0)
		return false;
	nr_kept++;
	*keeps = true;
	return true;
}

static int __must_check temporary(const char *name)
{
	return kept_used < nr_kept ? kept[kept_used++] : disk_file_temporary(name);
}

/* The file becomes the disk that is in it, if it is not one. */
static bool __must_check look_into(struct disk *disk)
{
	const struct words *words = disk->words;
	const char *driver = words->driver;

	if (overlay_recognise(disk->file.fd)) {
		failure("%s: is an overlay: say --disk FILE,overlay=%s, with its disk's file",
			words->file, words->file);
		return false;
	}
	if (!words->told && !disk_format_find(&disk->file, &driver))
		return false;
	return !driver || disk_server_start(&disk->file, driver);
}

static bool __must_check count_sectors(struct disk *disk)
{
	const struct words *words = disk->words;

	disk->sectors = disk_capacity(disk->file.bytes);
	if (words->sector)
		disk->sectors -= disk->sectors % (words->sector / SECTOR_BYTES);
	if (!disk->sectors)
		return failure("%s: is too short for a sector of %u bytes", words->file,
			       words->sector);
	if (disk->file.bytes / SECTOR_BYTES > disk->sectors)
		complain("%s: the guest sees only the first 2 TiB", words->file);
	return true;
}

static bool __must_check open_snapshot(struct disk *disk)
{
	int fd = temporary(disk->words->file);

	if (fd >= 0)
		disk->overlay = overlay_temporary(&disk->file, fd);
	return disk->overlay;
}

static bool __must_check open_overlay(struct disk *disk)
{
	const struct words *words = disk->words;

	if (words->snapshot)
		return open_snapshot(disk);
	if (!words->overlay)
		return true;
	disk->overlay = overlay_open(&disk->file, words->overlay, words->ro);
	return disk->overlay;
}

static bool __must_check disk_open(struct disk *disk)
{
	const struct words *words = disk->words;
	const bool ro = words->ro || words->overlay || words->snapshot;

	if (!disk_file_open(&disk->file, words->file, ro))
		return false;
	if (look_into(disk) && count_sectors(disk) && open_overlay(disk))
		return true;
	disk_file_close(&disk->file);
	return false;
}

static struct model *disk_create(const void *config)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	const struct words *words = config;

	if (!disk) {
		failure("--disk %s: %s", words->file, strerror(errno));
		return NULL;
	}
	disk->model = (struct model){ MODEL_DISK, "disk", disk_close };
	disk->words = words;
	disk->ro = words->ro;
	if (disk_open(disk))
		return &disk->model;
	free(disk);
	return NULL;
}

static const struct device_option disk_option = {
	.name = "disk",
	.letter = 'd',
	.argument = "FILE[,ro|,snapshot|,overlay=FILE][,sync][,format=NAME][,serial=TEXT]",
	.help = "a disk: a file or block device; may be given several times.\n"
		"                          ro: never written; snapshot: what is written is lost\n"
		"                          at the end; overlay: it goes to that file; sync: it is\n"
		"                          on the host's disk at once; format: raw, qcow2, vmdk,\n"
		"                          vdi ..., if it is not to be found out (by qemu-nbd, if\n"
		"                          it is not raw); also sector=4096, discard=off",
	.parse = disk_parse,
	.keep = disk_keep,
	.create = disk_create,
	.classic = { { .name = "block", .prefix = "" } },
};

DEVICE_OPTION(disk_option);
