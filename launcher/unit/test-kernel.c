// SPDX-License-Identifier: GPL-2.0
/*
 * What a kernel's file says of it: its release, a bzImage's pieces, and whether
 * it is a guest at all, which is said before anything is started.
 */
#include <elf.h>
#include <sys/wait.h>

#include "base.h"
#include "bzimage.h"
#include "config.h"
#include "host.h"
#include "kernel.h"
#include "pack.h"
#include "tap.h"

#define BYTES		0x3000
#define GUEST_BYTES	200000
#define SAID_MAX	4096
#define MARK		"release="

static char head[BYTES];
static struct bzimage image;

static __u32 release_in(const char *text)
{
	struct kernel_marks marks = { 0 };
	size_t len = strlen(text);
	char *copy = malloc(len);	/* exactly so long, for the sanitizer */

	memcpy(copy, text, len);
	kernel_look(&marks, copy, len);
	free(copy);
	return marks.release;
}

static void test_banner(void)
{
	struct kernel_marks marks = { 0 };

	is_number(release_in("x Linux version 2.6.32-5-686 (a@b)"), LGUEST_RELEASE(2, 6, 32),
		  "a banner");
	is_number(release_in("Linux version 3.11"), LGUEST_RELEASE(3, 11, 0), "at the very end");
	is_number(release_in("Linux version %s (%s)\nLinux version 2.6.24 (lguest guest library)"),
		  LGUEST_RELEASE(2, 6, 24), "a format, and then a banner");
	is_number(release_in("Linux version "), 0, "a banner without a number");
	is_number(release_in("Linux versio"), 0, "half of one");
	kernel_look(&marks, "GenuineLguest", 13);
	ok(marks.classic && !marks.lguest && !marks.release, "the classic tag");
	kernel_look(&marks, "Linux version 2.6.23", 20);
	kernel_look(&marks, "lguest", 6);
	ok(marks.classic && marks.lguest && marks.release == LGUEST_RELEASE(2, 6, 23),
	   "all that parts of a kernel say counts");
}

static void put32(unsigned int at, __u32 value)
{
	memcpy(head + at, &value, sizeof(value));
}

static void make(void)
{
	memset(head, 0, sizeof(head));
	head[0x1f1] = 3;
	memcpy(head + 0x201, "\x66HdrS", 5);
	head[0x20e] = 0x10;
	head[0x20f] = 0x04;
	head[0x211] = 1;
	put32(0x214, MIB);
}

static const char *check(void)
{
	return bzimage_check(head, BZIMAGE_HEAD_BYTES, BYTES, &image);
}

static void test_bzimage(void)
{
	make();
	ok(bzimage_is(head, sizeof(head)) && !bzimage_is(head, 0x206), "a bzImage is seen");
	is_number(bzimage_version(head), 0x610, "where its release is");
	is_right(check(), "it is good");
	ok(image.payload == 0x800 && image.start == MIB && image.header_end == 0x268,
	   "its pieces");
	head[0x1f1] = 0;
	is_right(check(), "a setup of no sectors");
	is_number(image.payload, 5 * 512, "has four");
	head[0x1f1] = 0x17;
	is_wrong(check(), "cut off", "a payload that is not there");
	head[0x1f1] = (char)0xff;
	is_wrong(check(), "cut off", "a payload that is far from there");
	make();
	head[0x211] = 0;
	is_wrong(check(), "zImage", "a zImage");
	make();
	put32(0x214, MIB - 1);
	is_wrong(check(), "starts where", "a start below it");
	put32(0x214, MIB + BYTES - 0x800);
	is_wrong(check(), "starts where", "a start after it");
	put32(0x214, MIB + BYTES - 0x801);
	is_right(check(), "a start at its last byte");
	make();
	head[0x201] = (char)0xff;
	is_wrong(bzimage_check(head, 0x2ff, BYTES, &image), "cut off", "a header that is cut off");
	make();
	is_wrong(bzimage_check(head, BZIMAGE_HEAD_BYTES, 0x90000000u, &image), "larger",
		 "a file of more than 2 GiB");
}

/* A file that looks like a kernel with @text in it. */
static void make_elf(__u8 class, __u16 machine, const char *text)
{
	static char file[GUEST_BYTES];
	Elf32_Ehdr *eh = (void *)file;
	Elf32_Phdr *ph = (void *)(eh + 1);
	size_t i;
	int fd;

	for (i = 0; i < sizeof(file); i++)
		file[i] = tap_random() % 7 ? i / 9 : tap_random();
	*eh = (Elf32_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, class, ELFDATA2LSB },
		.e_type = ET_EXEC, .e_machine = machine, .e_phoff = sizeof(*eh),
		.e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1,
	};
	*ph = (Elf32_Phdr){
		.p_type = PT_LOAD, .p_vaddr = 0xc0100000, .p_paddr = 0x100000,
		.p_filesz = sizeof(file), .p_memsz = 2 * sizeof(file),
	};
	eh->e_entry = ph->p_paddr;
	memcpy(file + 0x11234, text, strlen(text) + 1);
	fd = open("text", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(fd, file, sizeof(file)) != sizeof(file))
		exit(1);
	close(fd);
}

/* What is said of a file, and the release that it is taken for; 0: it is refused. */
static __u32 open_kernel(const char *name, __u32 release, char said[SAID_MAX])
{
	struct config config = { .kernel = name, .release = release };
	struct kernel_file kernel;
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0)
		return 0;
	pid = fork();
	if (!pid) {
		dup2(fds[1], STDERR_FILENO);
		if (!kernel_open(&config, &kernel))
			exit(report_failure());
		dprintf(fds[1], MARK "%x", kernel.release);
		_exit(0);
	}
	close(fds[1]);
	waitpid(pid, &status, 0);
	n = read(fds[0], said, SAID_MAX - 1);
	said[n > 0 ? n : 0] = '\0';
	close(fds[0]);
	if (status)
		return 0;
	/* Before it may be what a program that unpacks has said. */
	return strtoul(strstr(said, MARK) + strlen(MARK), NULL, 16);
}

static void is_refused(const char *file, __u32 release, const char *why, const char *name)
{
	char said[SAID_MAX];

	if (!ok(!open_kernel(file, release, said) && strstr(said, why), name))
		printf("# got '%s'\n", said);
}

static void is_taken(const char *file, __u32 release, __u32 expected, const char *name)
{
	char said[SAID_MAX];

	if (!is_number(open_kernel(file, release, said), expected, name))
		printf("# it says '%s'\n", said);
}

static void test_wrong_release(void)
{
	make_elf(ELFCLASS32, EM_386, "Linux version 6.1.176 (lguest)");
	is_refused("text", LGUEST_RELEASE(2, 6, 23), "try without --release, for Linux 6.1.176",
		   "--release 2.6.23 of a kernel of today");
	make_elf(ELFCLASS32, EM_386, "lguest");
	is_refused("text", LGUEST_RELEASE(2, 6, 23), "is no guest of Linux 2.6.23", "of any");
	make_elf(ELFCLASS32, EM_386, "GenuineLguest Linux version 2.6.23 lguest");
	is_refused("text", LGUEST_RELEASE(3, 11, 0), "is a guest of Linux 2.6.23",
		   "--release 3.11 of a classic guest");
	is_taken("text", LGUEST_RELEASE(2, 6, 23), LGUEST_RELEASE(2, 6, 23), "--release 2.6.23");
}

/* Whatever is missing, that is what is said of it. */
static void test_cut_off(void)
{
	make_elf(ELFCLASS32, EM_386, "Linux version 6.1.176 (lguest)");
	truncate("text", GUEST_BYTES - 1);
	is_refused("text", 0, "is cut off", "a kernel without its last byte");
	truncate("text", 0x11000);
	is_refused("text", 0, "is cut off", "without what says that it is for lguest");
	is_refused("text", LGUEST_RELEASE(2, 6, 23), "is cut off", "whatever it is said to be");
	truncate("text", 60);
	is_refused("text", 0, "is cut off", "without its program headers");
	truncate("text", 0);
	is_refused("text", 0, "is empty", "an empty file");
}

static void test_files(void)
{
	make_elf(ELFCLASS32, EM_386, "Linux version 3.11.4 (lguest)");
	is_taken("text", 0, LGUEST_RELEASE(3, 11, 4), "a guest of 3.11");
	is_taken("text", LGUEST_RELEASE(2, 6, 32), LGUEST_RELEASE(2, 6, 32), "--release 2.6.32");
	make_elf(ELFCLASS32, EM_386, "GenuineLguest");
	is_taken("text", 0, LGUEST_RELEASE(2, 6, 23), "a classic guest");
	make_elf(ELFCLASS32, EM_386, "Linux version 4.4.0 (lguest)");
	is_refused("text", 0, "own launcher, tools/lguest", "a guest of 4.4");
	is_refused("text", LGUEST_RELEASE(4, 1, 0), "own launcher", "--release 4.1");
	make_elf(ELFCLASS32, EM_386, "Linux version 3.11.4");
	is_refused("text", 0, "is Linux 3.11.4 without lguest", "a kernel of 3.11 without lguest");
	is_refused("text", LGUEST_RELEASE(2, 6, 32), "without lguest", "whatever the user says");
	make_elf(ELFCLASS32, EM_386, "Linux version 6.1.0");
	is_refused("text", 0, "without lguest (the last", "a kernel of today");
	make_elf(ELFCLASS32, EM_386, "");
	is_refused("text", 0, "is not an lguest guest", "another program");
	is_refused("text", LGUEST_RELEASE(2, 6, 23), "is not an lguest guest",
		   "even if it is said to be of 2.6.23");
	test_wrong_release();
	test_cut_off();
	make_elf(ELFCLASS64, EM_X86_64, "Linux version 3.11.4 (lguest)");
	is_refused("text", 0, "64-bit", "a 64-bit kernel");
	make_elf(ELFCLASS32, EM_ARM, "Linux version 3.11.4 (lguest)");
	is_refused("text", 0, "another CPU", "one for ARM");
	is_refused("nothing", 0, "No such file", "a file that is not there");
	is_refused("/tmp", 0, "is not a file", "a directory");
	is_refused("/etc/passwd", 0, "neither an ELF file", "a text");
}

/* A bzImage of the file "text", of 2.6.32 or later; @cut: so much too short. */
static void make_image(const struct packer *packer, size_t cut, bool damage)
{
	static char packed[2 * GUEST_BYTES], file[3 * GUEST_BYTES];
	static const __u32 text_bytes = GUEST_BYTES;
	static const __u16 version_at = 0x20;
	size_t len;
	int fd;

	shell(packer->command, "> packed");
	len = load("packed", packed, sizeof(packed) - sizeof(text_bytes));
	if (damage)
		memset(packed + 8, 0x55, 64);
	if (packer->size_follows) {
		memcpy(packed + len, &text_bytes, sizeof(text_bytes));
		len += sizeof(text_bytes);
	}
	len = make_bzimage(file, packed, len, 0x20a);
	memcpy(file + 0x20e, &version_at, 2);
	strcpy(file + 0x220, "2.6.32-5-686 (x@y)");
	fd = open("image", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(fd, file, len - cut) != (ssize_t)(len - cut))
		exit(1);
	close(fd);
}

static void test_image(const struct packer *packer)
{
	char said[SAID_MAX];

	printf("# %s\n", packer->name);
	if (!shell(packer->test, "> /dev/null 2>&1")) {
		printf("ok %u - # SKIP there is no such program here\n", ++tap_nr);
		return;
	}
	make_elf(ELFCLASS32, EM_386, "Linux version 2.6.32 (lguest)");
	make_image(packer, 0, false);
	is_taken("image", 0, LGUEST_RELEASE(2, 6, 32), "a bzImage");
	make_image(packer, 1010, false);
	is_refused("image", 0, "cut off", "a bzImage that is cut off");
	make_image(packer, 0, true);
	is_number(open_kernel("image", 0, said), LGUEST_RELEASE(2, 6, 32),
		  "a damaged one is tried");
	ok(!!strstr(said, "cannot look into it: it is damaged"), "but the user is told");
	make_elf(ELFCLASS32, EM_386, "Linux version 2.6.32");
	make_image(packer, 0, false);
	is_refused("image", 0, "without lguest", "a bzImage without lguest");
	make_elf(ELFCLASS64, EM_X86_64, "Linux version 2.6.32");
	make_image(packer, 0, false);
	is_refused("image", 0, "64-bit", "a bzImage of a 64-bit kernel");
}

/*
 * As 2.6.24 and 2.6.25 have it: nothing but the kernel's bytes, and the header does
 * not say where they are.  They begin as Linux does: by clearing 3M to 3.5M.
 */
static void make_raw_image(const char *release, const char *text)
{
	static const char start[] = "\xfc\x31\xc0\xbf\x00\x00\x30\x00\xb9\x00\x00\x38\x00"
				    "\x29\xf9\xc1\xe9\x02\xf3\xab";
	static char packed[2 * GUEST_BYTES], file[3 * GUEST_BYTES];
	const __u16 version_at = 0x20;
	size_t len;
	int fd;

	make_elf(ELFCLASS32, EM_386, text);
	fd = open("text", O_RDWR);
	pwrite(fd, start, sizeof(start) - 1, 0);
	close(fd);
	shell("gzip -n -c text", "> packed");
	len = load("packed", packed, sizeof(packed));
	len = make_bzimage(file, packed, len, 0x207);
	memcpy(file + 0x20e, &version_at, 2);
	snprintf(file + 0x220, 32, "%s (x@y)", release);
	fd = open("image", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (write(fd, file, len) != (ssize_t)len)
		exit(1);
	close(fd);
}

static void test_raw(const char *release, __u32 number)
{
	struct config config = { .kernel = "image" };
	static struct kernel_file kernel;
	char text[80];

	printf("# a bzImage of %s\n", release);
	snprintf(text, sizeof(text), "Linux version %s (lguest) on non-highmem kernel", release);
	make_raw_image(release, text);
	is_taken("image", 0, number, "a kernel that is no ELF file");
	need(kernel_open(&config, &kernel));
	ok(kernel.kind == KERNEL_BZIMAGE && kernel.image.entry == MIB, "unpacks itself");
	ok(kernel.inside.high == 0x380000 && kernel.inside_size == GUEST_BYTES,
	   "what it takes is known");
	ok(kernel.marks.no_highmem && !kernel.marks.no_pae, "and what it says");
	close(kernel.fd);
	make_raw_image(release, "Linux version 2.6.24");
	is_refused("image", 0, "without lguest", "one without lguest is refused");
	make_raw_image(release, "GenuineLguest lguest");
	is_refused("image", LGUEST_RELEASE(2, 6, 25), "is a guest of Linux 2.6.23",
		   "so is one of 2.6.23 that is said to be newer");
}

static void test_misc(void)
{
	is_number(host_minor(" 55 vga_arbiter\n123 lguest\n  1 psaux\n"), 123,
		  "the device's number");
	is_number(host_minor("123 lguest"), 123, "without a newline");
	is_number(host_minor("  1 psaux\n 12 lguestx\n"), -1ull, "none");
	is_number(host_minor(""), -1ull, "none at all");
	is_number(host_minor("lguest"), -1ull, "what is no list");
}

static void test_lockdown(void)
{
	ok(!host_locked_down("[none] integrity confidentiality\n"), "no lockdown");
	ok(host_locked_down("none [integrity] confidentiality\n"), "lockdown for integrity");
	ok(host_locked_down("none integrity [confidentiality]\n"), "or confidentiality");
	ok(!host_locked_down(""), "a kernel that knows no lockdown");
}

int main(void)
{
	char dir[] = "/tmp/lguest-unit-XXXXXX";
	size_t i;

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	test_banner();
	test_bzimage();
	test_files();
	for (i = 0; i < ARRAY_SIZE(packers); i++)
		test_image(&packers[i]);
	test_raw("2.6.24", LGUEST_RELEASE(2, 6, 24));
	test_raw("2.6.25.20", LGUEST_RELEASE(2, 6, 25));
	test_misc();
	test_lockdown();
	unlink("text");
	unlink("packed");
	unlink("image");
	rmdir(dir);
	return tap_done();
}
