// SPDX-License-Identifier: GPL-2.0
/*
 * The tool for tiny's disk images: makes, lists, reads, fills and
 * checks them.  It is the kernel's own cache.c and fs.c on top of a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* abi.h numbers its errors itself, with the same numbers. */
#undef ENOENT
#undef ESRCH
#undef EIO
#undef ENOEXEC
#undef EBADF
#undef ECHILD
#undef EAGAIN
#undef ENOMEM
#undef EFAULT
#undef EBUSY
#undef EINVAL
#undef EMFILE
#undef ENOSPC
#include "fs.h"

#define DEFAULT_BLOCKS	1024	/* 4 MB */
#define INODE_BLOCKS	4	/* 128 files */

static const char *image;
static int image_fd;

bool disk_transfer(bool write, u32 block, void *data)
{
	off_t at = (off_t)block * FS_BLOCK;

	return (write ? pwrite(image_fd, data, FS_BLOCK, at)
		      : pread(image_fd, data, FS_BLOCK, at)) == FS_BLOCK;
}

u8 *cache_page(void)
{
	return malloc(FS_BLOCK);
}

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "mkfs.tiny: %s: %s\n", what, why);
	return 1;
}

static int fail_errno(const char *what, int err)
{
	return fail(what, strerror(err < 0 ? -err : err));
}

/* @spec is PATH or PATH:NAME. */
static int add_file(char *spec)
{
	char *name = strrchr(spec, ':'), buf[FS_BLOCK];
	u32 offset = 0;
	int fd, ino, got;

	if (name)
		*name++ = '\0';
	else
		name = strrchr(spec, '/') ? strrchr(spec, '/') + 1 : spec;
	fd = open(spec, O_RDONLY);
	if (fd < 0)
		return fail_errno(spec, errno);
	ino = fs_create(name);
	got = ino;
	while (got >= 0 && (got = read(fd, buf, sizeof(buf))) > 0) {
		got = fs_write(ino, offset, buf, got);
		offset += got;
	}
	close(fd);
	return got < 0 ? fail_errno(name, got) : 0;
}

static int add_files(char **specs)
{
	int err = 0;

	for (; *specs && !err; specs++)
		err = add_file(*specs);
	if (!err && fs_sync())
		err = fail(image, "cannot be written; is the disk full?");
	return err;
}

static int create(char **args)
{
	int err;

	image_fd = open(image, O_RDWR | O_CREAT | O_TRUNC, 0666);
	if (image_fd < 0)
		return fail_errno(image, errno);
	if (ftruncate(image_fd, (off_t)DEFAULT_BLOCKS * FS_BLOCK))
		return fail_errno(image, errno);
	err = fs_format(DEFAULT_BLOCKS, INODE_BLOCKS);
	if (err)
		return fail_errno(image, err);
	return add_files(args);
}

static int list(char **args)
{
	struct file_info info;
	u32 ino;

	(void)args;
	for (ino = 0; ino < fs_files_max(); ino++)
		if (!fs_info(ino, &info))
			printf("%8u %s\n", info.size, info.name);
	return 0;
}

static int extract(char **args)
{
	char buf[FS_BLOCK];
	u32 offset = 0;
	int ino, got;

	if (!*args)
		return fail("extract", "which file? give its name");
	ino = fs_lookup(*args);
	if (ino < 0)
		return fail_errno(*args, ino);
	while ((got = fs_read(ino, offset, buf, sizeof(buf))) > 0) {
		fwrite(buf, 1, got, stdout);
		offset += got;
	}
	return got < 0 ? fail_errno(*args, got) : 0;
}

static int complain(const char *name, u32 block, const char *what)
{
	printf("%s: block %u %s\n", name, block, what);
	return 1;
}

/* Enters a block of a file in @seen; returns the number of errors found. */
static int check_block(const char *name, u32 block, u8 *seen, u32 first)
{
	if (block < first || block >= fs_blocks())
		return complain(name, block, "is out of range");
	if (seen[block])
		return complain(name, block, "is in two places");
	seen[block] = 1;
	if (!fs_block_used(block))
		return complain(name, block, "is marked free");
	return 0;
}

static int check_file(u32 ino, u8 *seen, u32 first)
{
	struct fs_inode inode = *fs_inode(ino);
	u32 n, blocks = (inode.size + FS_BLOCK - 1) / FS_BLOCK, block;
	int errors = 0;

	if (!inode.name[0])
		return 0;
	if (!memchr(inode.name, '\0', NAME_SIZE))
		return complain("(inode)", ino, "has a name without an end");
	if (inode.size > FS_MAX_SIZE)
		return complain(inode.name, 0, "and more: size is impossible");
	if (inode.indirect)
		errors += check_block(inode.name, inode.indirect, seen, first);
	for (n = 0; n < FS_DIRECT + FS_INDIRECT && !errors; n++) {
		block = fs_map(&inode, n);
		if (block)
			errors += check_block(inode.name, block, seen, first);
		else if (n < blocks)
			errors += complain(inode.name, n, "of it is missing");
	}
	return errors;
}

/* Leaked blocks are what a crash may leave; they are told, and forgiven. */
static int check(char **args)
{
	u32 first = FS_INODES_AT + fs_files_max() / FS_INODES_PER_BLOCK;
	u8 *seen = calloc(1, FS_MAX_BLOCKS);
	u32 ino, block, leaked = 0;
	int errors = 0;

	(void)args;
	if (!seen)
		return fail("check", "no memory");
	for (ino = 0; ino < fs_files_max(); ino++)
		errors += check_file(ino, seen, first);
	for (block = first; block < fs_blocks(); block++)
		leaked += fs_block_used(block) && !seen[block];
	free(seen);
	printf("%s: %d errors, %u blocks leaked, %u of %u blocks free\n",
	       image, errors, leaked, fs_blocks_free(), fs_blocks());
	return errors != 0;
}

static const struct verb {
	const char *name;
	int (*run)(char **args);
	bool mount;
} verbs[] = {
	{ "create", create, false },
	{ "add", add_files, true },
	{ "list", list, true },
	{ "extract", extract, true },
	{ "check", check, true },
};

static int run_verb(const struct verb *v, char **args)
{
	int err;

	if (v->mount) {
		image_fd = open(image, v->run == add_files ? O_RDWR : O_RDONLY);
		if (image_fd < 0)
			return fail_errno(image, errno);
		err = fs_mount();
		if (err)
			return fail(image, "holds no file system of tiny's");
	}
	return v->run(args);
}

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 2 && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(argv[2], verbs[i].name))
			continue;
		image = argv[1];
		return run_verb(&verbs[i], argv + 3);
	}
	fputs("usage: mkfs.tiny IMAGE create [FILE[:NAME]]...\n"
	      "       mkfs.tiny IMAGE add FILE[:NAME]...\n"
	      "       mkfs.tiny IMAGE list | check | extract NAME\n", stderr);
	return 2;
}
