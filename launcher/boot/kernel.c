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

/* Messages of Linux' own, in all releases: the first in every kernel. */
#define LINUX		"ignoring highmem size"
#define NO_HIGHMEM	"on non-highmem kernel"
#define NO_PAE		"non-PAE kernel"

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
static void look_at_range(const struct kernel_file *kernel, __u64 at, __u64 end,
			  struct kernel_marks *marks)
{
	static char chunk[CHUNK_BYTES];

	while (at < end) {
		size_t len = end - at < CHUNK_BYTES ? end - at : CHUNK_BYTES;

		file_read(kernel->fd, kernel->name, chunk, len, at);
		kernel_look(marks, chunk, len);
		if (len <= BANNER_BYTES)
			return;
		at += len - BANNER_BYTES;
	}
}

static __u32 release_of_bzimage(const struct kernel_file *kernel)
{
	char text[BANNER_BYTES] = "";
	__u32 at = bzimage_version(kernel->head), release;

	if (!at || at >= kernel->size)
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

/* The program headers of an ELF file that is for guests, and whole. */
static const char *read_elf(const struct kernel_file *kernel, Elf32_Ehdr *eh,
			    Elf32_Phdr ph[KERNEL_SEGMENTS_MAX])
{
	size_t len = kernel->size < sizeof(*eh) ? kernel->size : sizeof(*eh);
	const char *wrong;

	file_read(kernel->fd, kernel->name, eh, len, 0);
	wrong = elf_check_header(eh, len, kernel->size);
	if (wrong)
		return wrong;
	file_read(kernel->fd, kernel->name, ph, eh->e_phnum * sizeof(*ph), eh->e_phoff);
	return elf_check_whole(ph, eh->e_phnum, kernel->size);
}

/* Of an ELF file only what is loaded says something: the rest may be of any size. */
static void look(const struct kernel_file *kernel, struct kernel_marks *marks)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	const char *wrong;
	Elf32_Ehdr eh;
	unsigned int i;

	memset(marks, 0, sizeof(*marks));
	if (kernel->kind == KERNEL_RAW) {
		look_at_range(kernel, 0, kernel->size, marks);
		return;
	}
	wrong = read_elf(kernel, &eh, ph);
	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
	for (i = 0; i < eh.e_phnum; i++) {
		if (ph[i].p_type == PT_LOAD)
			look_at_range(kernel, ph[i].p_offset,
				      (__u64)ph[i].p_offset + ph[i].p_filesz, marks);
	}
}

/* What the user says of it must be possible: each of the two starts in its own way. */
static void check_wanted(const struct kernel_file *kernel, __u32 wanted)
{
	const struct kernel_marks *marks = &kernel->marks;
	char text[16], what[32] = "what it is";

	if (marks->release)
		snprintf(what, sizeof(what), "Linux %s", release_text(marks->release, text));
	if (wanted == FIRST_RELEASE && !marks->classic)
		give_up("%s: is no guest of Linux 2.6.23, whose guests have a " TAG
			" tag: try without --release, for %s", kernel->name, what);
	if (wanted >= FIRST_VIRTIO && marks->classic && marks->release < FIRST_VIRTIO)
		give_up("%s: is a guest of Linux 2.6.23, as its " TAG
			" tag says: try without --release", kernel->name);
}

/* The release of a file of which only its contents tell; @wanted if the user does. */
static __u32 release_of_contents(struct kernel_file *kernel, __u32 wanted)
{
	const struct kernel_marks *marks = &kernel->marks;

	look(kernel, &kernel->marks);
	if (!marks->lguest && !marks->classic)
		without_lguest(kernel, marks->release);
	check_wanted(kernel, wanted);
	if (wanted)
		return wanted;
	if (marks->release >= FIRST_VIRTIO && marks->lguest)
		return marks->release;
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

static void unpack(struct kernel_file *kernel)
{
	struct unpacked unpacked;
	const char *wrong = image_unpack(kernel->fd, kernel->size, &unpacked);

	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
	if (unpacked.fd < 0)
		return;
	close(kernel->fd);
	take(kernel, &unpacked);
}

/* Where an ELF file's parts go. */
static const char *find_segments(const struct kernel_file *kernel, struct kernel_image *image)
{
	Elf32_Phdr ph[KERNEL_SEGMENTS_MAX];
	const char *wrong;
	Elf32_Ehdr eh;

	wrong = read_elf(kernel, &eh, ph);
	if (!wrong)
		wrong = elf_check_segments(ph, eh.e_phnum, kernel->size, image);
	if (!wrong)
		image->entry = eh.e_entry;
	return wrong;
}

/*
 * Better to hear of it now than of a guest that died; if there is a way to look.
 * The kernel unpacks itself, so a program that cannot do it is no proof.
 */
static void look_inside(struct kernel_file *kernel, __u32 wanted)
{
	struct kernel_file inside = *kernel;
	struct unpacked unpacked;
	const char *wrong = image_unpack(kernel->fd, kernel->size, &unpacked);

	if (wrong && !unpacked.doubtful)
		give_up("%s: %s", kernel->name, wrong);
	if (wrong) {
		complain("%s: cannot look into it: it %s", kernel->name, wrong);
		return;
	}
	take(&inside, &unpacked);
	look(&inside, &kernel->marks);
	if (!kernel->marks.lguest)
		without_lguest(kernel, kernel->release);
	check_wanted(kernel, wanted);
	wrong = inside.kind == KERNEL_ELF ? find_segments(&inside, &kernel->inside) :
		image_look_raw(inside.fd, inside.size, &kernel->inside);
	if (wrong)
		give_up("%s: the kernel in it %s", kernel->name, wrong);
	kernel->inside_size = inside.size;
	image_forget(&unpacked);
}

/* Guests of 2.6.23 start at their own code, later ones at the unpacking one. */
static void open_bzimage(struct kernel_file *kernel, __u32 release)
{
	kernel->release = release ? release : release_of_bzimage(kernel);
	kernel->kind = KERNEL_BZIMAGE;
	if (kernel->release >= FIRST_VIRTIO) {
		look_inside(kernel, release);
		return;
	}
	unpack(kernel);
	kernel->release = release_of_contents(kernel, kernel->release);
}

static void open_elf(struct kernel_file *kernel, __u32 release)
{
	unpack(kernel);
	kernel->kind = KERNEL_ELF;
	kernel->release = release_of_contents(kernel, release);
}

static const char *find_elf(struct kernel_file *kernel)
{
	const char *wrong = find_segments(kernel, &kernel->image);

	if (!wrong)
		wrong = kernel->era->any_base ? elf_check_entry(&kernel->image) :
						elf_check_page_offset(&kernel->image);
	return wrong;
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
static void find_image(struct kernel_file *kernel)
{
	const char *wrong = NULL;

	switch (kernel->kind) {
	case KERNEL_ELF:
		wrong = find_elf(kernel);
		break;
	case KERNEL_BZIMAGE:
		wrong = find_bzimage(kernel);
		break;
	case KERNEL_RAW:
		wrong = image_check_raw(kernel->fd, kernel->size, &kernel->image);
		break;
	}
	if (wrong)
		give_up("%s: %s", kernel->name, wrong);
}

/**
 * kernel_open - open the guest's kernel, and find out what it is
 * @config: names it, and its release if the user knows better
 * @kernel: filled in
 */
void kernel_open(const struct config *config, struct kernel_file *kernel)
{
	char text[16];
	size_t len;

	memset(kernel, 0, sizeof(*kernel));
	kernel->name = config->kernel;
	kernel->fd = file_open(kernel->name, &kernel->size);
	if (!kernel->size)
		give_up("%s: is empty", kernel->name);
	len = kernel->size < sizeof(kernel->head) ? kernel->size : sizeof(kernel->head);
	file_read(kernel->fd, kernel->name, kernel->head, len, 0);
	if (bzimage_is(kernel->head, len))
		open_bzimage(kernel, config->release);
	else
		open_elf(kernel, config->release);
	if (!kernel->release)
		give_up("%s: does not say of which release it is: use --release", kernel->name);
	find_era(kernel);
	find_image(kernel);
	explain("kernel: Linux %s%s", release_text(kernel->release, text),
		config->release ? ", as the user says" : "");
}
