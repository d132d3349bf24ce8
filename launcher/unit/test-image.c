// SPDX-License-Identifier: GPL-2.0
/*
 * Packed kernels: what is unpacked is what was packed, in every format whose
 * program is here, as a file and in a bzImage; and what is said of bad ones.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "image.h"
#include "kernel_image.h"
#include "pack.h"
#include "tap.h"

#define TEXT_BYTES	300000

static char text[TEXT_BYTES];
static char dir[] = "/tmp/lguest-unit-XXXXXX";

static void make_text(void)
{
	int fd = open("text", O_RDWR | O_CREAT | O_TRUNC, 0600);
	size_t i;

	for (i = 0; i < sizeof(text); i++)
		text[i] = tap_random() % 7 ? i / 9 : tap_random();
	if (write(fd, text, sizeof(text)) != sizeof(text))
		exit(1);
	close(fd);
}

static const char *unpack(const void *file, size_t len, struct unpacked *unpacked)
{
	const char *wrong;
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (write(fd, file, len) != (ssize_t)len)
		exit(1);
	wrong = image_unpack(fd, len, unpacked);
	close(fd);
	return wrong;
}

static bool is_text(struct unpacked *unpacked)
{
	static char got[TEXT_BYTES];
	bool same = unpacked->size == sizeof(text) &&
		    pread(unpacked->fd, got, sizeof(got), 0) == sizeof(got) &&
		    !memcmp(got, text, sizeof(text));

	image_forget(unpacked);
	return same;
}

static void test_packer(unsigned int i)
{
	static char packed[2 * TEXT_BYTES], file[3 * TEXT_BYTES];
	static const __u32 text_bytes = TEXT_BYTES;
	struct unpacked unpacked;
	size_t len, size;

	if (!shell(packers[i].test, "> /dev/null 2>&1")) {
		printf("ok %u - %s # SKIP there is no such program here\n", ++tap_nr,
		       packers[i].name);
		return;
	}
	shell(packers[i].command, "> packed");
	len = load("packed", packed, sizeof(packed));
	is_right(unpack(packed, len, &unpacked), packers[i].name);
	ok(!unpacked.bzimage && is_text(&unpacked), "a file");
	is_wrong(unpack(packed, len / 2, &unpacked), "damaged", "half of it");
	if (packers[i].size_follows) {
		memcpy(packed + len, &text_bytes, sizeof(text_bytes));
		len += sizeof(text_bytes);
	}
	size = make_bzimage(file, packed, len, 0x208);
	is_right(unpack(file, size, &unpacked), "in a bzImage");
	ok(unpacked.bzimage && is_text(&unpacked), "it is the same");
	is_wrong(unpack(file, size - 1000 - 1, &unpacked), "cut off", "one byte too short");
	ok(!unpacked.doubtful, "for sure");
	memset(file + SETUP_BYTES + CODE_BYTES + 8, 0x55, 64);
	is_wrong(unpack(file, size, &unpacked), "damaged", "with other bytes in it");
	ok(unpacked.doubtful, "says a program");
}

/* As 2.6.23 has it. */
static void test_hidden(void)
{
	static char packed[2 * TEXT_BYTES], file[3 * TEXT_BYTES];
	struct unpacked unpacked;
	size_t len, size;

	shell("gzip -n -c text", "> packed");
	len = load("packed", packed, sizeof(packed));
	size = make_bzimage(file, packed, len, 0x206);
	is_right(unpack(file, size, &unpacked), "a payload that has to be looked for");
	ok(is_text(&unpacked), "is found");
	memset(file + SETUP_BYTES + CODE_BYTES - 4, 0xff, 4);
	is_right(unpack(file, size, &unpacked), "the same with nothing known of its length");
	ok(is_text(&unpacked), "is found");
	file[SETUP_BYTES + CODE_BYTES + 9] = 7;
	is_wrong(unpack(file, size, &unpacked), "without a compressed", "there is none");
}

static void test_bad(void)
{
	static char file[TEXT_BYTES];
	struct unpacked unpacked;
	size_t size;
	char *path;

	is_right(unpack("\177ELF", 4, &unpacked), "what is not packed");
	ok(unpacked.fd < 0 && !unpacked.bzimage, "is left as it is");
	size = make_bzimage(file, "nonsense", 8, 0x208);
	is_wrong(unpack(file, size, &unpacked), "unknown way", "a bzImage with nonsense in it");
	is_wrong(unpack(file, SETUP_BYTES, &unpacked), "cut off", "one that is cut off");
	memset(file + 0x248, 0xff, 8);
	is_wrong(unpack(file, size, &unpacked), "cut off", "one whose payload is far away");
	is_wrong(unpack("\x1f\x8b\x08nonsense", 11, &unpacked), "damaged", "no gzip file");
	path = strdup(getenv("PATH"));
	setenv("PATH", dir, 1);
	is_wrong(unpack("\x28\xb5\x2f\xfdnonsense", 12, &unpacked), "install zstd",
		 "a program that is missing");
	setenv("PATH", path, 1);
	free(path);
}

static void test_raw(void)
{
	struct unpacked unpacked = { .fd = open("text", O_RDWR), .size = TEXT_BYTES };
	struct kernel_image image;
	int i;

	memset(text, 0, sizeof(text));
	for (i = 0; i < 4; i++)
		memcpy(text + 1000 * i + 7, "\xa1\x00\x10\x00\xc0", 5);
	memcpy(text + 1007, "\xa1\x00\x10\x00\x80", 5);
	pwrite(unpacked.fd, text, sizeof(text), 0);
	is_wrong(image_check_raw(unpacked.fd, TEXT_BYTES, &image), "does not show",
		 "too few loads from memory");
	pwrite(unpacked.fd, text + 7, 5, 1007);
	is_right(image_check_raw(unpacked.fd, TEXT_BYTES, &image), "enough of them");
	ok(image.page_offset == 0xc0000000 && image.low == MIB && image.high == MIB + TEXT_BYTES &&
	   image.nr == 1 && image.segment[0].paddr == MIB, "it goes to 1M, and thinks of 3G");
	memcpy(text + 64, "\xbf\x00\x00\x18\x00\xb9\x10\x00\x1a\x00"
	       "\x29\xf9\xc1\xe9\x02\xf3\xab", 17);
	pwrite(unpacked.fd, text + 64, 17, 64);
	is_right(image_check_raw(unpacked.fd, TEXT_BYTES, &image), "a kernel that clears memory");
	is_number(image.high, 0x1a0010, "ends there");
	is_number(image.segment[0].filesz, TEXT_BYTES, "which is not in the file");
	pwrite(unpacked.fd, "\xff\xff", 2, 64 + 8);
	image_check_raw(unpacked.fd, TEXT_BYTES, &image);
	is_number(image.high, MIB + TEXT_BYTES, "an end that cannot be is none");
	image_forget(&unpacked);
}

int main(void)
{
	size_t i;

	/* What the programs say of bad files need not be seen. */
	if (!mkdtemp(dir) || chdir(dir) < 0 || !freopen("/dev/null", "w", stderr))
		return 1;
	make_text();
	for (i = 0; i < ARRAY_SIZE(packers); i++)
		test_packer(i);
	test_hidden();
	test_bad();
	test_raw();
	unlink("text");
	unlink("packed");
	unlink("file");
	rmdir(dir);
	return tap_done();
}
