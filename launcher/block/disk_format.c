// SPDX-License-Identifier: GPL-2.0
/*
 * Files that have a disk in them, but are not its bytes.  A guest that was given one
 * would see none of its partitions, and what it wrote would ruin the file; so it is
 * refused, unless the user says that these bytes are the disk (format=raw).  Nothing
 * but that depends on it: a guest that writes such a beginning harms itself only.
 */
#include <stdio.h>
#include <string.h>

#include "disk.h"
#include "image.h"

#define MAGIC_MAX	24

#define STARTS(text)	.magic = text, .len = sizeof(text) - 1
#define QEMU		"qemu-img convert -O raw", " DISK"

static const struct format {
	const char *name;
	const char *command, *to;	/* what makes a disk of it */
	const char *magic;
	size_t len;
	__u32 at;
	bool at_end;			/* in the last sector, not in the first */
} formats[] = {
	{ "qcow2", QEMU, STARTS("QFI\xfb") },
	{ "QED", QEMU, STARTS("QED\0") },
	{ "VMDK", QEMU, STARTS("KDMV") },
	{ "VMDK", QEMU, STARTS("COWD") },
	{ "VMDK", QEMU, STARTS("# Disk DescriptorFile") },
	{ "VDI", QEMU, STARTS("\x7f\x10\xda\xbe"), .at = 0x40 },
	{ "VHDX", QEMU, STARTS("vhdxfile") },
	{ "VHD", QEMU, STARTS("conectix") },
	{ "VHD", QEMU, STARTS("conectix"), .at_end = true },
	{ "Parallels", QEMU, STARTS("WithoutFreeSpace") },
	{ "Parallels", QEMU, STARTS("WithouFreSpacExt") },
	{ "Bochs", QEMU, STARTS("Bochs Virtual HD Image") },
	{ "DMG", QEMU, STARTS("koly"), .at_end = true },
	{ "Android sparse", "simg2img", " DISK", STARTS("\x3a\xff\x26\xed") },
	{ "zip", "unzip", "", STARTS("PK\x03\x04") },
	{ "7z", "7z x", "", STARTS("7z\xbc\xaf\x27\x1c") },
};

static bool is(const struct disk_file *file, const struct format *format)
{
	__u64 at = format->at;
	char found[MAGIC_MAX];

	if (file->bytes < SECTOR_BYTES)
		return false;
	if (format->at_end)
		at += file->bytes - SECTOR_BYTES;
	return disk_file_get(file->fd, found, format->len, at) &&
	       !memcmp(found, format->magic, format->len);
}

/**
 * disk_format_check - are the bytes of a file those of a disk?
 * @file: open
 *
 * Gives up if they are known to be something else.
 */
void disk_format_check(const struct disk_file *file)
{
	static const char anyway[] = "add ',format=raw' if the guest is to see it as it is";
	const char *packer = image_packer(file->fd);
	size_t i;

	if (packer)
		give_up("%s: is compressed, and no disk: unpack it (%s -dc %s > DISK), or %s",
			file->name, packer, file->name, anyway);
	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct format *format = &formats[i];

		if (is(file, format))
			give_up("%s: has a disk in the format %s: convert it (%s %s%s), or %s",
				file->name, format->name, format->command, file->name,
				format->to, anyway);
	}
}
