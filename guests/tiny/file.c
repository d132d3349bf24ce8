// SPDX-License-Identifier: GPL-2.0
/*
 * What a file descriptor is: a place in a file, or the console.  Each process
 * has its own, and a child starts with copies of its parent's.
 */
#include "tiny.h"
#include "fs.h"

void files_open_console(struct proc *p)
{
	u32 fd;

	for (fd = 0; fd < 3; fd++)
		p->files[fd] = (struct file){
			.type = FILE_CONSOLE, .flags = OPEN_WRITE,
		};
}

static struct file *file_of(u32 fd)
{
	if (fd >= FILES || current->files[fd].type == FILE_NONE)
		return NULL;
	return &current->files[fd];
}

/* The file's inode, as the flags want it. */
static int find(const char *name, u32 flags, struct file *file)
{
	struct file_info info;
	int ino, err;

	ino = flags & OPEN_CREATE ? fs_create(name) : fs_lookup(name);
	if (ino == -ENOENT && (flags & OPEN_APPEND))
		ino = fs_create(name);
	if (ino < 0)
		return ino;
	err = fs_info(ino, &info);
	if (err)
		return err;
	*file = (struct file){
		.type = FILE_DISK, .ino = ino, .flags = flags,
		.offset = flags & OPEN_APPEND ? info.size : 0,
	};
	return 0;
}

/* The lowest free descriptor, or an error. */
int file_open(const char *name, u32 flags)
{
	u32 fd;
	int err;

	for (fd = 0; fd < FILES; fd++) {
		if (current->files[fd].type != FILE_NONE)
			continue;
		fs_lock();
		err = find(name, flags, &current->files[fd]);
		fs_unlock();
		return err ? err : (int)fd;
	}
	return -EMFILE;
}

int file_close(u32 fd)
{
	struct file *file = file_of(fd);

	if (!file)
		return -EBADF;
	file->type = FILE_NONE;
	return 0;
}

int file_read(u32 fd, void *buf, u32 len)
{
	struct file *file = file_of(fd);
	int got;

	if (!file)
		return -EBADF;
	if (file->type == FILE_CONSOLE)
		return tty_read(buf, len);
	fs_lock();
	got = fs_read(file->ino, file->offset, buf, len);
	fs_unlock();
	file->offset += got > 0 ? got : 0;
	return got;
}

int file_write(u32 fd, const void *buf, u32 len)
{
	struct file *file = file_of(fd);
	int put;

	if (!file || !(file->flags & (OPEN_WRITE | OPEN_CREATE | OPEN_APPEND)))
		return -EBADF;
	if (file->type == FILE_CONSOLE) {
		tty_write(buf, len);
		return len;
	}
	fs_lock();
	put = fs_write(file->ino, file->offset, buf, len);
	fs_unlock();
	file->offset += put > 0 ? put : 0;
	return put;
}

static bool is_open(u32 ino)
{
	struct proc *p;
	u32 fd;

	for (p = procs; p < procs + PROCS; p++)
		for (fd = 0; fd < FILES; fd++)
			if (p->state != FREE && p->state != ZOMBIE &&
			    p->files[fd].type == FILE_DISK &&
			    p->files[fd].ino == ino)
				return true;
	return false;
}

int file_unlink(const char *name)
{
	int err;

	fs_lock();
	err = fs_lookup(name);
	if (err >= 0)
		err = is_open(err) ? -EBUSY : fs_unlink(err);
	fs_unlock();
	return err;
}
