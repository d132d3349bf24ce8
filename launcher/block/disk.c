// SPDX-License-Identifier: GPL-2.0
/*
 * A disk that is a file, or a block device of the host (disk_file.c), perhaps
 * with an overlay that has what was written (overlay.c).  What a guest has
 * written is on the host's disk before the launcher ends, unless nobody wants it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"

/* What follows the commas of --disk. */
struct words {
	char *file;
	char *overlay;
	bool ro, sync, snapshot;
	bool raw;		/* whatever it looks like */
};

struct disk {
	struct model model;
	struct words words;
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

/* The user is told once; the guest whenever it asks for something. */
static void trouble(struct disk *disk, const char *what)
{
	if (!first_time(&disk->complained))
		return;
	if (disk->words.snapshot)
		complain("%s, or the temporary file for what is written to it: %s%s",
			 disk->file.name, what, strerror(errno));
	else
		complain("%s: %s%s", disk->words.overlay ? disk->words.overlay : disk->file.name,
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
		done = disk_file_move(disk->file.fd, at, iov, &nr, all, preadv64);
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
		done = disk_file_move(disk->file.fd, at, iov, &nr, all, pwritev64);
	if (done < all)
		trouble(disk, "");
	else if (disk->words.sync && !disk_flush(model))
		return 0;
	return done;
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
			     disk_file_sync(disk->file.fd))) {
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
	close(disk->file.fd);
	free(disk->file.name);
	free(disk->words.file);
	free(disk);
}

static void take_format(struct words *words, const char *format)
{
	if (strcmp(format, "raw"))
		give_up("--disk: format=%s: disks are raw; qemu-img convert -O raw makes them so",
			format);
	words->raw = true;
}

/* False if it is none, but the end of a name with a comma. */
static bool take_word(struct words *words, char *word)
{
	static const char overlay[] = "overlay=", format[] = "format=";

	if (!strcmp(word, "ro"))
		words->ro = true;
	else if (!strcmp(word, "sync"))
		words->sync = true;
	else if (!strcmp(word, "snapshot"))
		words->snapshot = true;
	else if (!strncmp(word, overlay, strlen(overlay)) && !words->overlay)
		words->overlay = word + strlen(overlay);
	else if (!strncmp(word, format, strlen(format)))
		take_format(words, word + strlen(format));
	else
		return !strcmp(word, "rw");
	return true;
}

static void parse(struct words *words, const char *spec)
{
	char *comma;

	words->file = strdup(spec);
	if (!words->file)
		give_up("--disk %s: %s", spec, strerror(errno));
	while ((comma = strrchr(words->file, ',')) && comma > words->file &&
	       take_word(words, comma + 1))
		*comma = '\0';
	if (words->overlay && !*words->overlay)
		give_up("--disk %s: the overlay needs a name: overlay=FILE", spec);
	if (words->snapshot && (words->overlay || words->ro))
		give_up("--disk %s: 'snapshot' loses what is written: it cannot be with '%s'",
			spec, words->overlay ? "overlay=" : "ro");
}

/*
 * A guest that restarts is to find its disk as it was, and the launcher starts
 * anew then: so who starts it (supervise.c) has the temporary files.
 */
static bool disk_keep(const char *spec)
{
	struct words words = { 0 };

	parse(&words, spec);
	if (words.snapshot)
		kept[nr_kept++] = disk_file_temporary(words.file);
	free(words.file);
	return words.snapshot;
}

static int temporary(const char *name)
{
	return kept_used < nr_kept ? kept[kept_used++] : disk_file_temporary(name);
}

static void open_overlay(struct disk *disk)
{
	const struct words *words = &disk->words;

	if (words->overlay)
		disk->overlay = overlay_open(&disk->file, words->overlay, words->ro);
	else if (words->snapshot)
		disk->overlay = overlay_temporary(&disk->file, temporary(words->file));
}

static struct model *disk_create(const char *spec)
{
	struct disk *disk = calloc(1, sizeof(*disk));
	const struct words *words;

	if (!disk)
		give_up("--disk %s: %s", spec, strerror(errno));
	words = &disk->words;
	parse(&disk->words, spec);
	disk->model = (struct model){ MODEL_DISK, "disk", disk_close };
	disk->ro = words->ro;
	disk_file_open(&disk->file, words->file, words->ro || words->overlay || words->snapshot);
	if (overlay_recognise(disk->file.fd))
		give_up("%s: is an overlay: say --disk FILE,overlay=%s, with its disk's file",
			words->file, words->file);
	if (!words->raw)
		disk_format_check(&disk->file);
	disk->sectors = disk_capacity(disk->file.bytes);
	if (disk->file.bytes / SECTOR_BYTES > disk->sectors)
		complain("%s: the guest sees only the first 2 TiB", words->file);
	open_overlay(disk);
	return &disk->model;
}

static const struct device_option disk_option = {
	.name = "disk",
	.letter = 'd',
	.argument = "FILE[,ro|,snapshot|,overlay=FILE][,sync][,format=raw]",
	.help = "a disk: a file or block device; may be given several times.\n"
		"                          ro: never written; snapshot: what is written is lost\n"
		"                          at the end; overlay: it goes to that file; sync: it is\n"
		"                          on the host's disk at once; format=raw: even if it\n"
		"                          looks like something else (qcow2 ...)",
	.keep = disk_keep,
	.create = disk_create,
	.classic = { { .name = "block", .prefix = "" } },
};

DEVICE_OPTION(disk_option);
