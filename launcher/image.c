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

#include "image.h"

/* The largest kernel with all of its debug information, and a bomb's end. */
#define UNPACKED_MAX	(1u << 30)

/* A bzImage, by offset: Linux' boot protocol. */
#define HEAD_BYTES		0x264
#define SETUP_SECTORS		0x1f1	/* u8 */
#define MAGIC_AT		0x202
#define MAGIC			"HdrS"
#define VERSION			0x206	/* u16 */
#define PAYLOAD_OFFSET		0x248
#define PAYLOAD_LENGTH		0x24c
#define VERSION_PAYLOAD		0x208	/* the first that has these two */
#define SECTORS_DEFAULT		4
#define SIZE_BYTES		4	/* what follows all payloads but gzip's */

/* In front of 2.6.23's payload: a header that gzip makes on Unix. */
#define GZIP_HEADER_BYTES	10
#define GZIP_DEFLATE		8
#define GZIP_UNIX		3

/* Where 2.6.23 wants to be, and how its addresses are recognised. */
#define RAW_ADDRESS		MIB
#define MOV_EAX_MEMORY		0xa1
#define MOV_BYTES		5
#define SAME_ENOUGH		4

static const struct format {
	const char *magic;
	size_t len;
	const char *program;
	char *const argv[4];
	bool size_follows;	/* in a bzImage */
} formats[] = {
	{ "\x1f\x8b", 2, "gzip", { "gzip", "-dc" }, false },
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
 * 2.6.23 does not say where its payload is.  The word before it is its length,
 * or else gzip finds its end.
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

static const char *unpack_bzimage(int fd, const unsigned char *head, __u64 size,
				  struct unpacked *unpacked)
{
	__u32 sectors = head[SETUP_SECTORS] ? head[SETUP_SECTORS] : SECTORS_DEFAULT;
	__u64 code = (sectors + 1) * 512, at, len;
	const struct format *format;

	if ((word(head + VERSION) & 0xffff) < VERSION_PAYLOAD)
		return unpack_hidden(fd, code, size, unpacked);
	at = code + word(head + PAYLOAD_OFFSET);
	len = word(head + PAYLOAD_LENGTH);
	if (at + len > size)
		return "is a bzImage that is cut off";
	format = find_format(fd, at);
	if (!format)
		return "is a bzImage with a kernel that is compressed in an unknown way";
	if (format->size_follows && len > SIZE_BYTES)
		len -= SIZE_BYTES;
	return unpack(fd, format, at, len, unpacked);
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
	unsigned char head[HEAD_BYTES] = "";
	const struct format *format;

	*unpacked = (struct unpacked){ .fd = -1 };
	if (pread(fd, head, sizeof(head), 0) == sizeof(head) &&
	    !memcmp(head + MAGIC_AT, MAGIC, strlen(MAGIC))) {
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

/**
 * image_check_raw() - what to load of 2.6.23's payload, which is no ELF file
 * @unpacked: what was in a bzImage
 * @image: filled in
 *
 * Return: what is wrong, or NULL.
 */
const char *image_check_raw(const struct unpacked *unpacked, struct kernel_image *image)
{
	size_t len = unpacked->size;
	void *text;

	if (unpacked->size > MEMORY_MAX - RAW_ADDRESS)
		return "is larger than any guest's memory";
	text = mmap(NULL, len, PROT_READ, MAP_PRIVATE, unpacked->fd, 0);
	if (text == MAP_FAILED)
		return "does not fit in the launcher's memory";
	memset(image, 0, sizeof(*image));
	image->page_offset = guess_page_offset(text, len);
	munmap(text, len);
	if (!image->page_offset)
		return "does not show where its kernel wants to be: use vmlinux instead";
	image->low = RAW_ADDRESS;
	image->high = RAW_ADDRESS + len;
	image->nr = 1;
	image->segment[0] = (struct kernel_segment){
		.filesz = len, .paddr = RAW_ADDRESS, .memsz = len,
	};
	return NULL;
}
