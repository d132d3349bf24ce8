// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's kernel as a file: an ELF file or a bzImage, and of which release,
 * which decides about its memory, its devices and the host's requests.  image.c
 * unpacks it, elf.c and bzimage.c check what is in it, layout.c finds room for it,
 * boot.c loads it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "bzimage.h"
#include "config.h"
#include "era.h"
#include "image.h"
#include "kernel.h"
#include "kernel_image.h"

#define TAG		"GenuineLguest"
#define WORD		"lguest"
#define BANNER		"Linux version "
#define BANNER_BYTES	64		/* enough for it and for its number */

#define CHUNK_BYTES	65536u
#define INSIDE		"the kernel in it "

/* Messages of Linux' own, in all releases: the first in every kernel. */
#define LINUX		"ignoring highmem size"
#define NO_HIGHMEM	"on non-highmem kernel"
#define NO_PAE		"non-PAE kernel"

#define FIRST_RELEASE	LGUEST_RELEASE(2, 6, 23)
#define FIRST_VIRTIO	LGUEST_RELEASE(2, 6, 24)
#define LAST_RELEASE	LGUEST_RELEASE(4, 13, 255)

static bool measure(int fd, const char *name, __u64 *size)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return failure("%s: %s", name, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return failure("%s: is not a file", name);
	*size = st.st_size;
	return true;
}

/**
 * file_open - open a file to read it
 * @name: of it
 * @size: set to its bytes
 *
 * Return: a descriptor; or -1, see failure(), if that cannot be, or is no file.
 */
int file_open(const char *name, __u64 *size)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (measure(fd, name, size))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/**
 * file_read - read a part of a file
 * @fd: of it
 * @name: of it
 * @to: where to
 * @len: bytes
 * @offset: where in the file
 *
 * Return: false, see failure(), if there is not all of it.
 */
bool file_read(int fd, const char *name, void *to, size_t len, off_t offset)
{
	while (len) {
		ssize_t n = pread(fd, to, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return failure("%s: %s", name, strerror(errno));
		if (!n)
			return failure("%s: is cut off", name);
		to = (char *)to + n;
		len -= n;
		offset += n;
	}
	return true;
}

static bool read_kernel(const struct kernel_file *kernel, void *to, size_t len, off_t offset)
{
	return file_read(kernel->fd, kernel->name, to, len, offset);
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

static bool has(const char *text, size_t len, const char *what)
{
	return memmem(text, len, what, strlen(what));
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
	marks->classic |= has(text, len, TAG);
	marks->lguest |= has(text, len, WORD);
	marks->is_linux |= has(text, len, LINUX);
	marks->no_highmem |= has(text, len, NO_HIGHMEM);
	marks->no_pae |= has(text, len, NO_PAE);
}

/* Parts of the file overlap, so that nothing is missed between two. */
static bool look_at_range(const struct kernel_file *kernel, __u64 at, __u64 end,
			  struct kernel_marks *marks)
{
	static char chunk[CHUNK_BYTES];

	while (at < end) {
		size_t len = end - at < CHUNK_BYTES ? end - at : CHUNK_BYTES;

		if (!read_kernel(kernel, chunk, len, at))
			return false;
		kernel_look(marks, chunk, len);
		if (len <= BANNER_BYTES)
			return true;
		at += len - BANNER_BYTES;
	}
	return true;
}

/* 0: it does not say. */
static bool release_of_bzimage(const struct kernel_file *kernel, __u32 *release)
{
	const __u32 at = bzimage_version(kernel->head);
	char text[BANNER_BYTES] = "";
	size_t len = sizeof(text) - 1;

	*release = 0;
	if (!at || at >= kernel->size)
		return true;
	if (len > kernel->size - at)
		len = kernel->size - at;
	if (!read_kernel(kernel, text, len, at))
		return false;
	if (release_parse(text, release) < 0)
		*release = 0;
	return true;
}

static bool without_lguest(const struct kernel_file *kernel, __u32 release)
{
	char text[16];

	if (release > LAST_RELEASE)
		return failure("%s: is Linux %s without lguest (the last to come with it was 4.13)",
			       kernel->name, release_text(release, text));
	if (release)
		return failure("%s: is Linux %s without lguest: build it with CONFIG_LGUEST_GUEST",
			       kernel->name, release_text(release, text));
	return failure("%s: is not an lguest guest: it has no " TAG " tag (CONFIG_LGUEST_GUEST)",
		       kernel->name);
}

/* What is wrong with the kernel, if there is anything. */
static bool is_right(const struct kernel_file *kernel, const char *wrong)
{
	return !wrong || failure("%s: %s%s", kernel->name, kernel->is_inside ? INSIDE : "", wrong);
}

/* The program headers of an ELF file that is for guests, and whole. */
static bool read_elf(const struct kernel_file *kernel, Elf32_Ehdr *eh,
		     Elf32_Phdr ph[KERNEL_SEGMENTS_MAX])
{
	size_t len = kernel->size < sizeof(*eh) ? kernel->size : sizeof(*eh);

	return read_kernel(kernel, eh, len, 0) &&
	       is_right(kernel, elf_check_header(eh, len, kernel->size)) &&
	       read_kernel(kernel, ph, eh->e_phnum * sizeof(*ph), eh->e_phoff) &&
	       is_right(kernel, elf_check_whole(ph, eh->e_phnum, kernel->size));
}

/* Of an ELF file only what is loaded says something: the rest may be of any size. */
static bool look(const struct kernel_file *kernel, struct kernel_marks *marks)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	bool good = true;
	Elf32_Ehdr eh;
	unsigned int i;

	memset(marks, 0, sizeof(*marks));
	if (kernel->kind == KERNEL_RAW)
		return look_at_range(kernel, 0, kernel->size, marks);
	if (!read_elf(kernel, &eh, ph))
		return false;
	for (i = 0; good && i < eh.e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			good = look_at_range(kernel, ph[i].p_offset,
					     (__u64)ph[i].p_offset + ph[i].p_filesz, marks);
	}
	return good;
}

/* What the user says of it must be possible: each of the two starts in its own way. */
static bool check_wanted(const struct kernel_file *kernel, __u32 wanted)
{
	const struct kernel_marks *marks = &kernel->marks;
	char text[16], what[32] = "what it is";

	if (marks->release)
		snprintf(what, sizeof(what), "Linux %s", release_text(marks->release, text));
	if (wanted == FIRST_RELEASE && !marks->classic)
		return failure("%s: is no guest of Linux 2.6.23, whose guests have a " TAG
			       " tag: try without --release, for %s", kernel->name, what);
	if (wanted >= FIRST_VIRTIO && marks->classic && marks->release < FIRST_VIRTIO)
		return failure("%s: is a guest of Linux 2.6.23, as its " TAG
			       " tag says: try without --release", kernel->name);
	return true;
}

/* The release of a file of which only its contents tell; @wanted if the user does. */
static bool find_release(struct kernel_file *kernel, __u32 wanted)
{
	const struct kernel_marks *marks = &kernel->marks;

	if (!look(kernel, &kernel->marks))
		return false;
	if (!marks->lguest && !marks->classic)
		return without_lguest(kernel, marks->release);
	if (!check_wanted(kernel, wanted))
		return false;
	kernel->release = FIRST_RELEASE;
	if (wanted)
		kernel->release = wanted;
	else if (marks->release >= FIRST_VIRTIO && marks->lguest)
		kernel->release = marks->release;
	return true;
}

static bool find_era(struct kernel_file *kernel)
{
	char text[16];

	kernel->era = era_of(kernel->release);
	if (kernel->era)
		return true;
	release_text(kernel->release, text);
	if (kernel->release < FIRST_RELEASE)
		return failure("%s: Linux %s knew no lguest yet (2.6.23 did)", kernel->name, text);
	failure("%s: guests of Linux %s are run by their own launcher, tools/lguest in its source",
		kernel->name, text);
	return false;
}

static bool is_elf(const struct kernel_file *kernel)
{
	char magic[SELFMAG];

	return pread(kernel->fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	       !memcmp(magic, ELFMAG, SELFMAG);
}

/* What was in the file takes its place. */
static void take(struct kernel_file *kernel, const struct unpacked *unpacked)
{
	kernel->fd = unpacked->fd;
	kernel->size = unpacked->size;
	if (unpacked->bzimage)
		kernel->kind = is_elf(kernel) ? KERNEL_ELF : KERNEL_RAW;
}

static bool unpack(struct kernel_file *kernel)
{
	struct unpacked unpacked;

	if (!is_right(kernel, image_unpack(kernel->fd, kernel->size, &unpacked)))
		return false;
	if (unpacked.fd < 0)
		return true;
	close(kernel->fd);
	take(kernel, &unpacked);
	return true;
}

/* Where an ELF file's parts go. */
static bool find_segments(const struct kernel_file *kernel, struct kernel_image *image)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	Elf32_Ehdr eh;

	if (!read_elf(kernel, &eh, ph) ||
	    !is_right(kernel, elf_check_segments(ph, eh.e_phnum, kernel->size, image)))
		return false;
	image->entry = eh.e_entry;
	return true;
}

/* It is guests' as far as it says, and its parts are @kernel->inside. */
static bool check_inside(struct kernel_file *kernel, const struct unpacked *unpacked,
			 __u32 wanted)
{
	struct kernel_file inside = *kernel;

	take(&inside, unpacked);
	if (!look(&inside, &kernel->marks))
		return false;
	if (!kernel->marks.lguest)
		return without_lguest(kernel, kernel->release);
	if (!check_wanted(kernel, wanted))
		return false;
	kernel->inside_size = inside.size;
	inside.is_inside = true;
	return inside.kind == KERNEL_ELF ? find_segments(&inside, &kernel->inside) :
		is_right(&inside, image_look_raw(inside.fd, inside.size, &kernel->inside));
}

/*
 * Better to hear of it now than of a guest that died; if there is a way to look.
 * The kernel unpacks itself, so a program that cannot do it is no proof.
 */
static bool look_inside(struct kernel_file *kernel, __u32 wanted)
{
	struct unpacked unpacked;
	const char *wrong = image_unpack(kernel->fd, kernel->size, &unpacked);
	bool good;

	if (wrong && !unpacked.doubtful)
		return is_right(kernel, wrong);
	if (wrong) {
		complain("%s: cannot look into it: it %s", kernel->name, wrong);
		return true;
	}
	good = check_inside(kernel, &unpacked, wanted);
	image_forget(&unpacked);
	return good;
}

/* Guests of 2.6.23 start at their own code, later ones at the unpacking one. */
static bool open_bzimage(struct kernel_file *kernel, __u32 release)
{
	kernel->kind = KERNEL_BZIMAGE;
	kernel->release = release;
	if (!release && !release_of_bzimage(kernel, &kernel->release))
		return false;
	if (kernel->release >= FIRST_VIRTIO)
		return look_inside(kernel, release);
	return unpack(kernel) && find_release(kernel, kernel->release);
}

static bool open_elf(struct kernel_file *kernel, __u32 release)
{
	if (!unpack(kernel))
		return false;
	kernel->kind = KERNEL_ELF;
	return find_release(kernel, release);
}

static bool find_elf(struct kernel_file *kernel)
{
	return find_segments(kernel, &kernel->image) &&
	       is_right(kernel, kernel->era->any_base ? elf_check_entry(&kernel->image) :
							elf_check_page_offset(&kernel->image));
}

static const char *find_bzimage(struct kernel_file *kernel)
{
	struct kernel_image *image = &kernel->image;
	struct kernel_segment *code = &image->segment[0];
	size_t len = kernel->size < BZIMAGE_HEAD_BYTES ? kernel->size : BZIMAGE_HEAD_BYTES;
	struct bzimage bz;
	const char *wrong = bzimage_check(kernel->head, len, kernel->size, &bz);

	if (wrong)
		return wrong;
	image->header = bz.header_end - BZIMAGE_HEADER;
	image->entry = bz.start;
	image->nr = 1;
	code->offset = bz.payload;
	code->paddr = BZIMAGE_LOAD;
	code->filesz = kernel->size - bz.payload;
	code->memsz = code->filesz;
	image->low = BZIMAGE_LOAD;
	image->high = BZIMAGE_LOAD + code->memsz;
	return NULL;
}

/* What of it is loaded, and where. */
static bool find_image(struct kernel_file *kernel)
{
	switch (kernel->kind) {
	case KERNEL_ELF:
		return find_elf(kernel);
	case KERNEL_BZIMAGE:
		return is_right(kernel, find_bzimage(kernel));
	case KERNEL_RAW:
		return is_right(kernel, image_check_raw(kernel->fd, kernel->size,
							&kernel->image));
	}
	return false;
}

/* Of the open file. */
static bool find_out(struct kernel_file *kernel, __u32 wanted)
{
	size_t len = kernel->size < sizeof(kernel->head) ? kernel->size : sizeof(kernel->head);

	if (!kernel->size)
		return failure("%s: is empty", kernel->name);
	if (!read_kernel(kernel, kernel->head, len, 0) ||
	    !(bzimage_is(kernel->head, len) ? open_bzimage : open_elf)(kernel, wanted))
		return false;
	if (!kernel->release)
		return failure("%s: does not say of which release it is: use --release",
			       kernel->name);
	return find_era(kernel) && find_image(kernel);
}

/**
 * kernel_open - open the guest's kernel, and find out what it is
 * @config: names it, and its release if the user knows better
 * @kernel: filled in
 *
 * Return: false, see failure(), if it is no guest's.
 */
bool kernel_open(const struct config *config, struct kernel_file *kernel)
{
	char text[16];

	memset(kernel, 0, sizeof(*kernel));
	kernel->name = config->kernel;
	kernel->fd = file_open(kernel->name, &kernel->size);
	if (kernel->fd < 0)
		return false;
	if (!find_out(kernel, config->release)) {
		close(kernel->fd);
		return false;
	}
	explain("kernel: Linux %s%s", release_text(kernel->release, text),
		config->release ? ", as the user says" : "");
	return true;
}
