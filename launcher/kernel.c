// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's kernel as a file: an ELF file or a bzImage, and of which release,
 * which decides about its memory, its devices and the host's requests.  image.c
 * unpacks it, elf.c checks what is in an ELF file, boot.c loads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"

#define TAG		"GenuineLguest"
#define WORD		"lguest"
#define BANNER		"Linux version "
#define BANNER_BYTES	64		/* enough for it and for its number */

#define CHUNK_BYTES	65536u

/* A bzImage's header, by offset: Linux' boot protocol. */
#define SETUP_SECTORS	0x1f1		/* u8 */
#define JUMP_LENGTH	0x201		/* u8: the header ends so far after it */
#define SETUP_MAGIC	0x202
#define VERSION_AT	0x20e		/* u16: of a text, minus SETUP_BASE */
#define LOAD_FLAGS	0x211		/* u8 */
#define CODE32_START	0x214
#define SETUP_BASE	0x200
#define SECTORS_DEFAULT	4
#define LOADED_HIGH	0x01

#define FIRST_RELEASE	LGUEST_RELEASE(2, 6, 23)
#define FIRST_VIRTIO	LGUEST_RELEASE(2, 6, 24)
#define LAST_RELEASE	LGUEST_RELEASE(4, 13, 255)

int file_open(const char *name, __u64 *size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		give_up("%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		give_up("%s: is not a file", name);
	*size = st.st_size;
	return fd;
}

/* Reads all of [@offset, @offset + @len) or gives up. */
void file_read(int fd, const char *name, void *to, size_t len, off_t offset)
{
	while (len) {
		ssize_t n = pread(fd, to, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			give_up("%s: %s", name, strerror(errno));
		if (!n)
			give_up("%s: is cut off", name);
		to = (char *)to + n;
		len -= n;
		offset += n;
	}
}

static __u32 find_banner(const char *text, size_t len)
{
	const char *end = text + len;
	char number[BANNER_BYTES] = "";
	__u32 release;

	while ((text = memmem(text, end - text, BANNER, strlen(BANNER)))) {
		size_t left = end - text - strlen(BANNER);

		text += strlen(BANNER);
		if (left > sizeof(number) - 1)
			left = sizeof(number) - 1;
		memcpy(number, text, left);
		number[left] = '\0';
		if (!release_parse(number, &release))
			return release;
	}
	return 0;
}

/**
 * kernel_look - see what a part of a kernel says of it
 * @marks: what was seen so far
 * @text: the part
 * @len: of it
 */
void kernel_look(struct kernel_marks *marks, const char *text, size_t len)
{
	if (!marks->release)
		marks->release = find_banner(text, len);
	marks->classic |= !!memmem(text, len, TAG, strlen(TAG));
	marks->lguest |= !!memmem(text, len, WORD, strlen(WORD));
}

/* Parts overlap, so that nothing is missed between two. */
static void look_at_file(const struct kernel_file *kernel, struct kernel_marks *marks)
{
	static char chunk[CHUNK_BYTES];
	__u64 at = 0;

	memset(marks, 0, sizeof(*marks));
	while (at < kernel->size) {
		size_t len = kernel->size - at;

		if (len > CHUNK_BYTES)
			len = CHUNK_BYTES;
		file_read(kernel->fd, kernel->name, chunk, len, at);
		kernel_look(marks, chunk, len);
		if (marks->release && (marks->lguest || marks->classic))
			return;
		if (len <= BANNER_BYTES)
			return;
		at += len - BANNER_BYTES;
	}
}

static __u16 half(const char *head, unsigned int at)
{
	__u16 value;

	memcpy(&value, head + at, sizeof(value));
	return value;
}

/**
 * bzimage_is - is it a bzImage?
 * @head: start of the file
 * @len: so much of it
 */
bool bzimage_is(const char *head, size_t len)
{
	return len >= CODE32_START + sizeof(__u32) && !memcmp(head + SETUP_MAGIC, "HdrS", 4);
}

/**
 * bzimage_version - where in the file the text with its release is
 * @head: of a bzImage
 */
__u32 bzimage_version(const char *head)
{
	return SETUP_BASE + half(head, VERSION_AT);
}

/**
 * bzimage_check - what is to be loaded of a bzImage
 * @head: its start
 * @len: so much of it
 * @file_size: all of it
 * @image: filled in
 *
 * Returns what is wrong, or NULL.
 */
const char *bzimage_check(const char *head, size_t len, __u64 file_size,
			  struct bzimage *image)
{
	__u8 sectors = head[SETUP_SECTORS];

	if (!sectors)
		sectors = SECTORS_DEFAULT;
	image->payload = (sectors + 1u) * 512;
	image->header_end = JUMP_LENGTH + 1u + (__u8)head[JUMP_LENGTH];
	memcpy(&image->start, head + CODE32_START, sizeof(image->start));
	if (image->header_end > len || image->payload >= file_size)
		return "is cut off: it has nothing after its setup code";
	if (file_size - image->payload > MEMORY_TOP - BZIMAGE_LOAD)
		return "is larger than any guest's memory";
	if (!(head[LOAD_FLAGS] & LOADED_HIGH))
		return "is a zImage; only bzImages are loaded at 1M";
	if (image->start < BZIMAGE_LOAD ||
	    image->start - BZIMAGE_LOAD >= file_size - image->payload)
		return "starts where it is not loaded";
	return NULL;
}

static __u32 release_of_bzimage(const struct kernel_file *kernel, const char *head)
{
	char text[BANNER_BYTES] = "";
	__u32 at = bzimage_version(head), release;

	if (at == SETUP_BASE || at >= kernel->size)
		return 0;
	file_read(kernel->fd, kernel->name, text,
		  kernel->size - at < sizeof(text) - 1 ? kernel->size - at : sizeof(text) - 1, at);
	return release_parse(text, &release) < 0 ? 0 : release;
}

static noreturn void without_lguest(const struct kernel_file *kernel, __u32 release)
{
	char text[16];

	if (release > LAST_RELEASE)
		give_up("%s: is Linux %s without lguest (the last to come with it was 4.13)",
			kernel->name, release_text(release, text));
	if (release)
		give_up("%s: is Linux %s without lguest: build it with CONFIG_LGUEST_GUEST",
			kernel->name, release_text(release, text));
	give_up("%s: is not an lguest guest: it has no " TAG " tag (CONFIG_LGUEST_GUEST)",
		kernel->name);
}

/* What no guest is, whatever is in it. */
static void check_kind(const struct kernel_file *kernel)
{
	char head[PAGE_BYTES];
	size_t len = kernel->size < sizeof(head) ? kernel->size : sizeof(head);
	const char *wrong;

	file_read(kernel->fd, kernel->name, head, len, 0);
	wrong = elf_check_header(head, len, kernel->size);
	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
}

/* The release of a file of which only its contents tell; @wanted if the user does. */
static __u32 release_of_contents(const struct kernel_file *kernel, __u32 wanted)
{
	struct kernel_marks marks;

	look_at_file(kernel, &marks);
	if (!marks.lguest && !marks.classic)
		without_lguest(kernel, marks.release);
	if (wanted)
		return wanted;
	if (marks.release >= FIRST_VIRTIO && marks.lguest)
		return marks.release;
	return FIRST_RELEASE;
}

static void find_era(struct kernel_file *kernel)
{
	char text[16];

	kernel->era = era_of(kernel->release);
	if (kernel->era)
		return;
	release_text(kernel->release, text);
	if (kernel->release < FIRST_RELEASE)
		give_up("%s: Linux %s knew no lguest yet (2.6.23 did)", kernel->name, text);
	give_up("%s: guests of Linux %s are run by their own launcher, tools/lguest in its source",
		kernel->name, text);
}

/* What was in the file takes its place. */
static void unpack(struct kernel_file *kernel)
{
	const char *wrong = image_unpack(kernel->fd, kernel->size, &kernel->unpacked);

	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
	if (kernel->unpacked.fd < 0)
		return;
	close(kernel->fd);
	kernel->fd = kernel->unpacked.fd;
	kernel->size = kernel->unpacked.size;
}

/*
 * Better to hear of it now than of a guest that died; if there is a way to look.
 * The kernel unpacks itself, so a program that cannot do it is no proof.
 */
static void look_inside(const struct kernel_file *kernel)
{
	struct kernel_file inside = *kernel;
	const char *wrong = image_unpack(kernel->fd, kernel->size, &inside.unpacked);
	struct kernel_marks marks;

	if (wrong && !inside.unpacked.doubtful)
		give_up("%s: %s", kernel->name, wrong);
	if (wrong) {
		complain("%s: cannot look into it: it %s", kernel->name, wrong);
		return;
	}
	inside.fd = inside.unpacked.fd;
	inside.size = inside.unpacked.size;
	check_kind(&inside);
	look_at_file(&inside, &marks);
	if (!marks.lguest)
		without_lguest(kernel, kernel->release);
	image_forget(&inside.unpacked);
}

static bool is_elf(const struct kernel_file *kernel)
{
	char magic[SELFMAG];

	return pread(kernel->fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

/* Guests of 2.6.23 start at their own code, later ones at the unpacking one. */
static void open_bzimage(struct kernel_file *kernel, const char *head, __u32 release)
{
	kernel->release = release ? release : release_of_bzimage(kernel, head);
	kernel->kind = KERNEL_BZIMAGE;
	if (kernel->release >= FIRST_VIRTIO) {
		look_inside(kernel);
		return;
	}
	unpack(kernel);
	kernel->kind = is_elf(kernel) ? KERNEL_ELF : KERNEL_RAW;
	kernel->release = release_of_contents(kernel, kernel->release);
}

static void open_elf(struct kernel_file *kernel, __u32 release)
{
	unpack(kernel);
	check_kind(kernel);
	kernel->kind = KERNEL_ELF;
	kernel->release = release_of_contents(kernel, release);
}

/**
 * kernel_open - open the guest's kernel, and find out what it is
 * @config: names it, and its release if the user knows better
 * @kernel: filled in
 */
void kernel_open(const struct config *config, struct kernel_file *kernel)
{
	char head[BZIMAGE_HEAD_BYTES], text[16];
	size_t len;

	kernel->name = config->kernel;
	kernel->fd = file_open(kernel->name, &kernel->size);
	len = kernel->size < sizeof(head) ? kernel->size : sizeof(head);
	file_read(kernel->fd, kernel->name, head, len, 0);
	if (bzimage_is(head, len))
		open_bzimage(kernel, head, config->release);
	else
		open_elf(kernel, config->release);
	if (!kernel->release)
		give_up("%s: does not say of which release it is: use --release", kernel->name);
	find_era(kernel);
	explain("kernel: Linux %s%s", release_text(kernel->release, text),
		config->release ? ", as the user says" : "");
}
