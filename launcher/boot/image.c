// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels as they are kept: compressed ELF files, and bzImages, which have a
 * compressed kernel in them.  The kernel is unpacked into a file in memory, for
 * boot.c to load or to look at.
 *
 * The tools that made these files unpack them: gzip, xz, zstd and so on are
 * programs of every machine, and a launcher that is linked with none of their
 * libraries can be as small as it is.  The file is not trusted, so what they
 * write is limited.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "bzimage.h"
#include "guest_memory.h"
#include "image.h"
#include "kernel_image.h"

/* The largest kernel with all of its debug information, and a bomb's end. */
#define UNPACKED_MAX	(1u << 30)

/* What follows all payloads of a bzImage but gzip's; there it is in front. */
#define SIZE_BYTES		4

/* To 2.6.25 nobody says where the payload is: a header that gzip makes on Unix. */
#define GZIP_HEADER_BYTES	10
#define GZIP_DEFLATE		8
#define GZIP_UNIX		3

/* Where a kernel without an ELF header goes, and how its addresses are recognised. */
#define RAW_ADDRESS		MIB
#define MOV_EAX_MEMORY		0xa1
#define MOV_BYTES		5
#define SAME_ENOUGH		4

/*
 * And its end: at its start it clears what is not in the file, by physical addresses.
 *	mov $start, %edi; mov $end, %ecx; sub %edi, %ecx; shr $2, %ecx; rep stosl
 */
#define HEAD_BYTES		4096
#define MOV_EDI			0xbf
#define MOV_ECX			0xb9
#define CLEAR			"\x29\xf9\xc1\xe9\x02\xf3\xab"

static const struct format {
	const char *magic;
	size_t len;
	const char *program;
	char *const argv[4];
	bool size_follows;	/* in a bzImage */
} formats[] = {
	{ "\x1f\x8b\x08", 3, "gzip", { "gzip", "-dc" }, false },
	{ "\xfd\x37zXZ", 6, "xz", { "xz", "-dc" }, true },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", { "zstd", "-dcq" }, true },
	{ "\x02\x21\x4c\x18", 4, "lz4", { "lz4", "-dcq" }, true },
	{ "\x04\x22\x4d\x18", 4, "lz4", { "lz4", "-dcq" }, true },
	{ "BZh", 3, "bzip2", { "bzip2", "-dc" }, true },
	{ "\x5d\0\0", 3, "xz", { "xz", "--format=lzma", "-dc" }, true },
	{ "\x89LZO", 4, "lzop", { "lzop", "-dcq" }, true },
};

static char wrong[160];

static const struct format *find_format(int fd, __u64 at)
{
	char head[8] = "";
	size_t i;

	if (pread(fd, head, sizeof(head), at) != sizeof(head))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (!memcmp(head, formats[i].magic, formats[i].len))
			return &formats[i];
	}
	return NULL;
}

/**
 * image_packer() - what a file was compressed with
 * @fd: of the file
 *
 * Return: the name of a program, whose option -d unpacks it, or NULL.
 */
const char *image_packer(int fd)
{
	const struct format *format = find_format(fd, 0);

	return format ? format->program : NULL;
}

/* A file in memory with the packed bytes only; -1 and errno. */
static int extract(int fd, __u64 at, __u64 len)
{
	int packed = memfd_create("packed", MFD_CLOEXEC);
	off_t from = at;

	while (packed >= 0 && len) {
		ssize_t n = sendfile(packed, fd, &from, len);

		if (n <= 0) {
			close(packed);
			if (!n)
				errno = ENODATA;
			return -1;
		}
		len -= n;
	}
	if (packed >= 0)
		lseek(packed, 0, SEEK_SET);
	return packed;
}

/* Returns an error number, or 0 and how the program ended. */
static int run_program(const struct format *format, int in, int out, int *status)
{
	const struct rlimit limit = { UNPACKED_MAX, UNPACKED_MAX };
	posix_spawn_file_actions_t actions;
	struct rlimit before;
	pid_t pid;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	/* The program inherits the limit; there is no other way to give it one. */
	getrlimit(RLIMIT_FSIZE, &before);
	if (before.rlim_cur > limit.rlim_cur)
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){ limit.rlim_cur, before.rlim_max });
	error = posix_spawnp(&pid, format->program, &actions, NULL, format->argv, environ);
	setrlimit(RLIMIT_FSIZE, &before);
	posix_spawn_file_actions_destroy(&actions);
	while (!error && waitpid(pid, status, 0) < 0) {
		if (errno != EINTR)
			error = errno;
	}
	return error;
}

/* GNU gzip's status 2 is a warning: that something follows. */
static bool ended_well(int status)
{
	return WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == 2);
}

static const char *judge(const struct format *format, int error, int status, __u64 length)
{
	if (error == ENOENT)
		snprintf(wrong, sizeof(wrong),
			 "is compressed, and the program that unpacks it is missing: install %s",
			 format->program);
	else if (error)
		snprintf(wrong, sizeof(wrong), "cannot be unpacked with %s: %s", format->program,
			 strerror(error));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
		return "is too large when it is unpacked";
	else if (!ended_well(status) || !length)
		snprintf(wrong, sizeof(wrong), "is damaged: %s cannot unpack it", format->program);
	else
		return NULL;
	return wrong;
}

/* @len bytes at @at of @fd become a file of @unpacked->size bytes. */
static const char *unpack(int fd, const struct format *format, __u64 at, __u64 len,
			  struct unpacked *unpacked)
{
	int in = extract(fd, at, len), status = 0, error;
	const char *bad;

	if (in < 0)
		return "cannot be read";
	unpacked->fd = memfd_create("kernel", MFD_CLOEXEC);
	error = unpacked->fd < 0 ? errno :
		run_program(format, in, unpacked->fd, &status);
	close(in);
	if (unpacked->fd >= 0)
		unpacked->size = lseek(unpacked->fd, 0, SEEK_END);
	bad = judge(format, error, status, unpacked->size);
	unpacked->doubtful = true;
	if (bad)
		image_forget(unpacked);
	return bad;
}

static __u32 word(const unsigned char *bytes)
{
	__u32 value;

	memcpy(&value, bytes, sizeof(value));
	return value;
}

static bool is_gzip_header(const char *bytes)
{
	return bytes[0] == 0x1f && bytes[1] == (char)0x8b && bytes[2] == GZIP_DEFLATE &&
	       bytes[9] == GZIP_UNIX;
}

/*
 * Kernels to 2.6.25 do not say where their payload is.  The word before it is its
 * length, or else gzip finds its end.
 */
static const char *unpack_hidden(int fd, __u64 at, __u64 size, struct unpacked *unpacked)
{
	void *all = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	__u64 len = 0;

	if (all == MAP_FAILED)
		return "does not fit in the launcher's memory";
	while (at + GZIP_HEADER_BYTES <= size && !is_gzip_header((char *)all + at))
		at++;
	if (at + GZIP_HEADER_BYTES <= size) {
		len = word((unsigned char *)all + at - SIZE_BYTES);
		if (len <= GZIP_HEADER_BYTES || len > size - at)
			len = size - at;
	}
	munmap(all, size);
	return len ? unpack(fd, &formats[0], at, len, unpacked) :
		"is a bzImage without a compressed kernel in it";
}

static const char *unpack_bzimage(int fd, const char *head, __u64 size,
				  struct unpacked *unpacked)
{
	struct bzimage_kernel kernel;
	const struct format *format;
	const char *wrong = bzimage_find_kernel(head, size, &kernel);

	if (wrong)
		return wrong;
	if (!kernel.len)
		return unpack_hidden(fd, kernel.at, size, unpacked);
	format = find_format(fd, kernel.at);
	if (!format)
		return "is a bzImage with a kernel that is compressed in an unknown way";
	if (format->size_follows && kernel.len > SIZE_BYTES)
		kernel.len -= SIZE_BYTES;
	return unpack(fd, format, kernel.at, kernel.len, unpacked);
}

/**
 * image_unpack() - get at the kernel in a file
 * @fd: the file
 * @size: of it
 * @unpacked: fd -1 if it is not packed; else to be given to image_forget()
 *
 * Return: what is wrong, or NULL.
 */
const char *image_unpack(int fd, __u64 size, struct unpacked *unpacked)
{
	char head[BZIMAGE_HEAD_BYTES];
	const struct format *format;
	ssize_t len = pread(fd, head, sizeof(head), 0);

	*unpacked = (struct unpacked){ .fd = -1 };
	if (len > 0 && bzimage_is(head, len)) {
		unpacked->bzimage = true;
		return unpack_bzimage(fd, head, size, unpacked);
	}
	format = find_format(fd, 0);
	return format ? unpack(fd, format, 0, size, unpacked) : NULL;
}

/**
 * image_forget() - close what image_unpack() opened
 * @unpacked: its result
 */
void image_forget(struct unpacked *unpacked)
{
	if (unpacked->fd >= 0)
		close(unpacked->fd);
	unpacked->fd = -1;
}

/* What most loads from memory have for their top byte: the kernel is there. */
static __u32 guess_page_offset(const unsigned char *text, size_t len)
{
	unsigned int seen[256] = { 0 };
	size_t i;

	for (i = 0; i + MOV_BYTES <= len; i++) {
		if (text[i] == MOV_EAX_MEMORY && ++seen[text[i + 4]] == SAME_ENOUGH)
			return (__u32)text[i + 4] << 24;
	}
	return 0;
}

/* What it clears ends there; 0 if that is not to be seen. */
static __u32 find_end(const unsigned char *text, size_t len)
{
	const unsigned char *clear = memmem(text, len < HEAD_BYTES ? len : HEAD_BYTES, CLEAR,
					    strlen(CLEAR));

	if (!clear || clear - text < 2 * MOV_BYTES || clear[-MOV_BYTES] != MOV_ECX ||
	    clear[-2 * MOV_BYTES] != MOV_EDI)
		return 0;
	return word(clear - MOV_BYTES + 1);
}

/**
 * image_look_raw() - what a kernel is that is no ELF file
 * @fd: of the kernel, without what it was packed in
 * @size: of it
 * @image: filled in; page_offset is 0 if the kernel does not show it
 *
 * Return: what is wrong, or NULL.
 */
const char *image_look_raw(int fd, __u64 size, struct kernel_image *image)
{
	__u32 end;
	void *text;

	if (size > MEMORY_MAX - RAW_ADDRESS)
		return "is larger than any guest's memory";
	text = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return "does not fit in the launcher's memory";
	memset(image, 0, sizeof(*image));
	image->page_offset = guess_page_offset(text, size);
	end = find_end(text, size);
	munmap(text, size);
	image->low = RAW_ADDRESS;
	image->high = RAW_ADDRESS + size;
	if (end > image->high && end <= MEMORY_MAX)
		image->high = end;
	image->nr = 1;
	image->segment[0] = (struct kernel_segment){
		.filesz = size, .paddr = RAW_ADDRESS, .memsz = image->high - RAW_ADDRESS,
	};
	return NULL;
}

/**
 * image_check_raw() - the same of a kernel that is to be loaded: 2.6.23's
 * @fd: of the kernel
 * @size: of it
 * @image: filled in
 *
 * Return: what is wrong, or NULL.
 */
const char *image_check_raw(int fd, __u64 size, struct kernel_image *image)
{
	const char *bad = image_look_raw(fd, size, image);

	if (!bad && !image->page_offset)
		bad = "does not show where its kernel wants to be: use vmlinux instead";
	return bad;
}
