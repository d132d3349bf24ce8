/* SPDX-License-Identifier: GPL-2.0 */
/*
 * tiny's file system: its form on the disk, and what fs.c and cache.c offer.
 * The same two files are in the kernel and in the tool mkfs.tiny, which
 * bring a disk_transfer() each.
 *
 * Block 0 is the superblock, block 1 the bitmap of used blocks, then comes
 * the inode table, then data.  There is one directory, and the inode table is
 * it: an inode holds its file's name, so to create or remove a file is to
 * write one inode, which a crash cannot cut in half.
 */
#ifndef TINY_FS_H
#define TINY_FS_H

#if __STDC_HOSTED__
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
typedef __u8 u8;
typedef __u32 u32;
#define min(a, b)	({ __auto_type a_ = (a); __auto_type b_ = (b); \
			   a_ < b_ ? a_ : b_; })
#else
#include "guest.h"
#endif

#include "abi.h"

#define FS_MAGIC	0x796e6974	/* "tiny" */
#define FS_BLOCK	4096
#define FS_BITMAP_AT	1
#define FS_INODES_AT	2
#define FS_MAX_BLOCKS	(8 * FS_BLOCK)	/* what one bitmap block covers */
#define FS_DIRECT	23
#define FS_INDIRECT	(FS_BLOCK / 4)
#define FS_MAX_SIZE	((FS_DIRECT + FS_INDIRECT) * FS_BLOCK)

struct fs_super {
	u32 magic;
	u32 blocks;		/* of the whole disk */
	u32 inode_blocks;
	u32 first_data;		/* FS_INODES_AT + inode_blocks */
};

/* A name that starts with NUL is a free inode. */
struct fs_inode {
	char name[NAME_SIZE];
	u32 size;
	u32 direct[FS_DIRECT];
	u32 indirect;
};

#define FS_INODES_PER_BLOCK	(FS_BLOCK / sizeof(struct fs_inode))

/*
 * The order in which changed blocks go to the disk.  After a crash between
 * any two writes, nothing points to what is not there; at worst a block is
 * marked as used and is not.
 */
enum fs_class { CLASS_BITMAP, CLASS_DATA, CLASS_INDIRECT, CLASS_INODE, CLASSES };

/* cache.c */
bool cache_init(void);
void *cache_get(u32 block, enum fs_class class);
void *cache_new(u32 block, enum fs_class class);
void cache_dirty(const void *data);
int cache_write_back(void);
u8 *cache_page(void);
bool disk_transfer(bool write, u32 block, void *data);

/* fs.c: inodes are numbered from 0; negative results are errors */
int fs_mount(void);
int fs_format(u32 blocks, u32 inode_blocks);
int fs_lookup(const char *name);
int fs_create(const char *name);
int fs_truncate(u32 ino);
int fs_unlink(u32 ino);
int fs_read(u32 ino, u32 offset, void *buf, u32 len);
int fs_write(u32 ino, u32 offset, const void *buf, u32 len);
int fs_info(u32 ino, struct file_info *info);
u32 fs_map(const struct fs_inode *inode, u32 index);
struct fs_inode *fs_inode(u32 ino);
u32 fs_files_max(void);
u32 fs_blocks(void);
u32 fs_blocks_free(void);
bool fs_block_used(u32 block);
int fs_sync(void);

#endif /* TINY_FS_H */
