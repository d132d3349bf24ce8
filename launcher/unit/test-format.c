// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are no disks, but have one in them: they are refused with the way out,
 * however they are given, unless the user says that they are disks.
 */
#include "pack.h"
#include "versions.h"

#define BYTES		20000
#define LAST_SECTOR	(BYTES - 512)

static const struct format {
	const char *name;
	const char *magic;
	size_t len;
	unsigned int at;
	const char *way_out;
} formats[] = {
	{ "qcow2", "QFI\xfb", 4, 0, "qemu-img convert -O raw" },
	{ "QED", "QED\0", 4, 0, "qemu-img convert -O raw" },
	{ "VMDK", "KDMV", 4, 0, "qemu-img convert -O raw" },
	{ "VMDK", "COWD", 4, 0, "qemu-img convert -O raw" },
	{ "VMDK", "# Disk DescriptorFile", 21, 0, "qemu-img convert -O raw" },
	{ "VDI", "\x7f\x10\xda\xbe", 4, 64, "qemu-img convert -O raw" },
	{ "VHDX", "vhdxfile", 8, 0, "qemu-img convert -O raw" },
	{ "VHD", "conectix", 8, 0, "qemu-img convert -O raw" },
	{ "VHD", "conectix", 8, LAST_SECTOR, "qemu-img convert -O raw" },
	{ "Parallels", "WithoutFreeSpace", 16, 0, "qemu-img convert -O raw" },
	{ "Parallels", "WithouFreSpacExt", 16, 0, "qemu-img convert -O raw" },
	{ "Bochs", "Bochs Virtual HD Image", 22, 0, "qemu-img convert -O raw" },
	{ "DMG", "koly", 4, LAST_SECTOR, "qemu-img convert -O raw" },
	{ "Android sparse", "\x3a\xff\x26\xed", 4, 0, "simg2img" },
	{ "zip", "PK\x03\x04", 4, 0, "unzip" },
	{ "7z", "7z\xbc\xaf\x27\x1c", 6, 0, "7z x" },
};

static void make_file(unsigned int at, const char *text, size_t len)
{
	int fd = open(base, O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (ftruncate(fd, BYTES) < 0 || pwrite(fd, text, len, at) != (ssize_t)len)
		exit(1);
	close(fd);
}

static const char *refusal_of(const char *words)
{
	snprintf(spec, sizeof(spec), "%s%s", base, words);
	return refusal(spec);
}

static void test_formats(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		const struct format *format = &formats[i];
		char name[64];

		make_file(format->at, format->magic, format->len);
		snprintf(name, sizeof(name), "has a disk in the format %s:", format->name);
		is_wrong(refusal_of(""), name, format->name);
		is_wrong(refusal_of(""), format->way_out, "the way out");
		is_wrong(refusal_of(",ro"), "format=raw", "the other one");
		is_wrong(refusal_of(",snapshot"), name, "as a snapshot");
		is_right(refusal_of(",format=raw"), "with format=raw");
		make_file(format->at + 1, format->magic, format->len);
		is_right(refusal_of(""), "in another place it is nothing");
		make_file(format->at, format->magic, format->len - 2);
		is_right(refusal_of(""), "nor is a part of it");
	}
}

static void test_overlay(void)
{
	snprintf(cow, sizeof(cow), "%s/cow", dir);
	make_file(0, formats[0].magic, formats[0].len);
	snprintf(spec, sizeof(spec), "%s,overlay=%s", base, cow);
	is_wrong(refusal(spec), "qcow2", "under an overlay");
	ok(access(cow, F_OK) < 0, "which is not made");
	snprintf(spec, sizeof(spec), "%s,overlay=%s,format=raw", base, cow);
	is_right(refusal(spec), "with format=raw it is");
	is_wrong(refusal_of(",format=qcow2"), "disks are raw", "another format cannot be said");
	unlink(cow);
}

static void test_packed(void)
{
	char said[256];
	size_t i;

	if (chdir(dir) < 0 || !shell("seq 10000", "> text"))
		exit(1);
	for (i = 0; i < ARRAY_SIZE(packers); i++) {
		char to[96];

		if (!shell(packers[i].test, "> /dev/null 2>&1")) {
			printf("ok %u - %s # SKIP there is no such program here\n", ++tap_nr,
			       packers[i].name);
			continue;
		}
		snprintf(to, sizeof(to), "> %s", base);
		shell(packers[i].command, to);
		snprintf(said, sizeof(said), "%.*s -dc %s",
			 (int)strcspn(packers[i].command, " "), packers[i].command, base);
		is_wrong(refusal_of(""), said, packers[i].name);
		is_right(refusal_of(",ro,format=raw"), "with format=raw");
	}
	unlink("text");
	make_file(0, "\x1f\x8b\x55", 3);
	is_right(refusal_of(""), "what gzip never wrote");
	make_file(0, "", 0);
	is_right(refusal_of(""), "an empty disk");
	if (truncate(base, 3) < 0)
		exit(1);
	is_right(refusal_of(""), "a disk of three bytes");
}

int main(void)
{
	if (!mkdtemp(dir))
		return 1;
	snprintf(base, sizeof(base), "%s/base", dir);
	test_formats();
	test_overlay();
	test_packed();
	unlink(base);
	rmdir(dir);
	return tap_done();
}
