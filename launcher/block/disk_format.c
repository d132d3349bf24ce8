// SPDX-License-Identifier: GPL-2.0
/*
 * Files that have a disk in them, but are not its bytes.  A guest that was given one
 * would see none of its partitions, and what it wrote would ruin the file; so it is
 * opened as what it is (disk_server.c), or refused, unless the user says that these bytes
 * are the disk (format=raw).
 *
 * A guest can write such a beginning to its own raw disk.  What is recognised here and
 * not told by the user must not lead to other files of the host's then, as some
 * formats do by the name of a backing file: those have to be told.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "base.h"
#include "disk.h"
#include "image.h"

#define MAGIC_MAX	24
#define QCOW_DATA_FILE		4	/* incompatible features */
#define QED_BACKING_FILE	1

#define ANYWAY		"add ',format=raw' if the guest is to see it as it is"

#define STARTS(text)	.magic = text, .len = sizeof(text) - 1

/* A field of a header; what is not there is no 0. */
static bool has_field(const struct disk_file *file, __u64 at, void *value, size_t len)
{
	return disk_file_get(file->fd, value, len, at);
}

/* To a backing file, or to one that has the data. */
static bool qcow_refers(const struct disk_file *file)
{
	__u64 backing, incompatible = 0;
	__u32 version;

	if (!has_field(file, 4, &version, sizeof(version)) ||
	    !has_field(file, 8, &backing, sizeof(backing)) || backing)
		return true;
	return be32toh(version) > 2 &&
	       (!has_field(file, 72, &incompatible, sizeof(incompatible)) ||
		be64toh(incompatible) & QCOW_DATA_FILE);
}

static bool qed_refers(const struct disk_file *file)
{
	__u64 features;

	return !has_field(file, 16, &features, sizeof(features)) ||
	       le64toh(features) & QED_BACKING_FILE;
}

/* Its parts are listed in a text that is not looked at here. */
static bool may_refer(const struct disk_file *file)
{
	(void)file;
	return true;
}

static const struct format {
	const char *name;
	const char *magic;
	size_t len;
	__u32 at;
	bool at_end;			/* in the last sector, not in the first */
	const char *driver;		/* QEMU's; NULL: it has none ... */
	const char *command, *to;	/* ... and this makes a disk of it */
	bool (*refers)(const struct disk_file *file);	/* to others; NULL: it cannot */
} formats[] = {
	{ "qcow", STARTS("QFI\xfb\0\0\0\1"), .driver = "qcow", .refers = qcow_refers },
	{ "qcow2", STARTS("QFI\xfb"), .driver = "qcow2", .refers = qcow_refers },
	{ "QED", STARTS("QED\0"), .driver = "qed", .refers = qed_refers },
	{ "VMDK", STARTS("KDMV"), .driver = "vmdk", .refers = may_refer },
	{ "VMDK", STARTS("COWD"), .driver = "vmdk", .refers = may_refer },
	{ "VMDK", STARTS("# Disk DescriptorFile"), .driver = "vmdk", .refers = may_refer },
	{ "VDI", STARTS("\x7f\x10\xda\xbe"), .at = 0x40, .driver = "vdi" },
	{ "VHDX", STARTS("vhdxfile"), .driver = "vhdx" },
	{ "VHD", STARTS("conectix"), .driver = "vpc" },
	{ "VHD", STARTS("conectix"), .at_end = true, .driver = "vpc" },
	{ "Parallels", STARTS("WithoutFreeSpace"), .driver = "parallels" },
	{ "Parallels", STARTS("WithouFreSpacExt"), .driver = "parallels" },
	{ "Bochs", STARTS("Bochs Virtual HD Image"), .driver = "bochs" },
	{ "DMG", STARTS("koly"), .at_end = true, .driver = "dmg" },
	{ "Android sparse", STARTS("\x3a\xff\x26\xed"), .command = "simg2img", .to = " DISK" },
	{ "zip", STARTS("PK\x03\x04"), .command = "unzip", .to = "" },
	{ "7z", STARTS("7z\xbc\xaf\x27\x1c"), .command = "7z x", .to = "" },
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

static bool __must_check is_trusted(const struct disk_file *file, const struct format *format)
{
	if (!format->refers || !format->refers(file))
		return true;
	failure("%s: has a disk in the format %s, which may lead to other files of this host\n"
		"add ',format=%s' if you trust it, or ',format=raw' to give it as it is",
		file->name, format->name, format->driver);
	return false;
}

static bool __must_check can_be_opened(const struct disk_file *file, const struct format *format)
{
	if (format->driver)
		return is_trusted(file, format);
	return failure("%s: has a disk in the format %s: convert it (%s %s%s), or " ANYWAY,
		       file->name, format->name, format->command, file->name, format->to);
}

/**
 * disk_format_find - are the bytes of a file those of a disk?
 * @file: open
 * @driver: set to QEMU's name of the format if not, else to NULL
 *
 * Return: false if they are known to be something that cannot be opened, or not without
 * the user's word for it, see failure().
 */
bool disk_format_find(const struct disk_file *file, const char **driver)
{
	const char *packer = image_packer(file->fd);
	const struct format *format;

	*driver = NULL;
	if (packer)
		return failure("%s: is compressed, and no disk: unpack it (%s -dc %s > DISK), or "
			       ANYWAY, file->name, packer, file->name);
	for (format = formats; format < formats + ARRAY_SIZE(formats); format++) {
		if (!is(file, format))
			continue;
		*driver = format->driver;
		return can_be_opened(file, format);
	}
	return true;
}

/**
 * disk_format_driver - QEMU's name of a format that the user names
 * @name: as the user says it; NULL is returned if there is no such format
 */
const char *disk_format_driver(const char *name)
{
	static const char *const drivers[] = {
		"qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx", "vpc", "parallels", "bochs", "dmg",
	};
	size_t i;

	if (!strcmp(name, "vhd"))
		return "vpc";
	for (i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (!strcmp(name, drivers[i]))
			return drivers[i];
	}
	return NULL;
}
