// SPDX-License-Identifier: GPL-2.0
/*
 * Files that are no disks, but have one in them: they are opened by a program that
 * knows how (here there is none, see test-disks.c), or refused with the way out, however
 * they are given, unless the user says that they are disks.
 */
#include "base.h"
#include "pack.h"
#include "versions.h"

#define BYTES		20000
#define LAST_SECTOR	(BYTES - 512)

#define BY_QEMU		"needs the program 'qemu-nbd' (apt install qemu-utils)"

static const struct format {
	const char *name;
	const char *magic;
	size_t len;
	unsigned int at;
	const char *way_out;
} formats[] = {
	{ "qcow", "QFI\xfb\0\0\0\1", 8, 0, BY_QEMU },
	{ "qcow2", "QFI\xfb\0\0\0\3", 8, 0, BY_QEMU },
	{ "QED", "QED\0", 4, 0, BY_QEMU },
	{ "VMDK", "KDMV", 4, 0, "',format=vmdk' if you trust it" },
	{ "VMDK", "COWD", 4, 0, "',format=vmdk' if you trust it" },
	{ "VMDK", "# Disk DescriptorFile", 21, 0, "',format=vmdk' if you trust it" },
	{ "VDI", "\x7f\x10\xda\xbe", 4, 64, BY_QEMU },
	{ "VHDX", "vhdxfile", 8, 0, BY_QEMU },
	{ "VHD", "conectix", 8, 0, BY_QEMU },
	{ "VHD", "conectix", 8, LAST_SECTOR, BY_QEMU },
	{ "Parallels", "WithoutFreeSpace", 16, 0, BY_QEMU },
	{ "Parallels", "WithouFreSpacExt", 16, 0, BY_QEMU },
	{ "Bochs", "Bochs Virtual HD Image", 22, 0, BY_QEMU },
	{ "DMG", "koly", 4, LAST_SECTOR, BY_QEMU },
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

		printf("# %s\n", format->name);
		make_file(format->at, format->magic, format->len);
		is_wrong(refusal_of(""), format->way_out, format->name);
		is_wrong(refusal_of(",ro"), format->way_out, "to be read");
		is_wrong(refusal_of(",snapshot"), format->way_out, "as a snapshot");
		is_right(refusal_of(",format=raw"), "with format=raw");
		is_wrong(refusal_of(",format=qcow2"), BY_QEMU, "with the user's word for it");
		make_file(format->at + 1, format->magic, format->len);
		is_right(refusal_of(""), "in another place it is nothing");
		make_file(format->at, format->magic,
			  memchr(format->magic + 4, 0, format->len - 4) ? 3 : format->len - 2);
		is_right(refusal_of(""), "nor is a part of it");
	}
}

/* A guest may have written that to its raw disk. */
static void test_trust(void)
{
	static char header[104] = "QFI\xfb\0\0\0\3";
	static char qed[64] = "QED";

	header[15] = 1;		/* where the backing file's name is */
	make_file(0, header, sizeof(header));
	is_wrong(refusal_of(""), "other files of this host", "qcow2 with a backing file");
	is_wrong(refusal_of(",snapshot"), "',format=qcow2' if you trust it", "has to be told");
	is_wrong(refusal_of(",format=qcow2"), BY_QEMU, "is told");
	header[8] = 1;
	header[15] = 0;
	make_file(0, header, sizeof(header));
	is_wrong(refusal_of(""), "other files of this host", "however far away");
	header[8] = 0;
	header[79] = 4;		/* an incompatible feature */
	make_file(0, header, sizeof(header));
	is_wrong(refusal_of(""), "other files of this host", "qcow2 with a file of data");
	header[79] = 1;
	make_file(0, header, sizeof(header));
	is_wrong(refusal_of(""), BY_QEMU, "a qcow2 that was not closed");
	qed[16] = 1;
	make_file(0, qed, sizeof(qed));
	is_wrong(refusal_of(""), "other files of this host", "QED with a backing file");
}

static void test_overlay(void)
{
	char words[128];

	snprintf(cow, sizeof(cow), "%s/cow", dir);
	make_file(0, formats[0].magic, formats[0].len);
	snprintf(words, sizeof(words), ",overlay=%s", cow);
	is_wrong(refusal_of(words), BY_QEMU, "under an overlay");
	ok(access(cow, F_OK) < 0, "which is not made");
	snprintf(spec, sizeof(spec), "%s,overlay=%s,format=raw", base, cow);
	is_right(refusal(spec), "with format=raw it is");
	is_wrong(refusal_of(",format=ext4"), "say raw, qcow2", "what is no format is none");
	unlink(cow);
}

static void test_words(void)
{
	make_file(0, "", 0);
	is_right(refusal_of(",serial=12345678901234567890,sector=4096,discard=off"), "more words");
	is_right(refusal_of(",sector=512,discard=on"), "the usual ones");
	is_wrong(refusal_of(",serial="), "1 to 20", "no serial number");
	is_wrong(refusal_of(",serial=123456789012345678901"), "1 to 20", "a long one");
	is_wrong(refusal_of(",sector=1024"), "512 or 4096", "other sectors");
	is_wrong(refusal_of(",discard=maybe"), "after a comma", "what is no word is a name's");
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
	char *path;

	if (!mkdtemp(dir))
		return 1;
	snprintf(base, sizeof(base), "%s/base", dir);
	path = strdup(getenv("PATH"));
	setenv("PATH", dir, 1);
	test_formats();
	test_trust();
	test_overlay();
	test_words();
	setenv("PATH", path, 1);
	free(path);
	test_packed();
	unlink(base);
	rmdir(dir);
	return tap_done();
}
