// SPDX-License-Identifier: GPL-2.0
/*
 * Files.  Blocks are taken from the bitmap at once, but given back only after
 * the inodes that lost them are on the disk: until then a crash could bring
 * the old file back, and it must not find another's data.  See fs.h for the
 * form on the disk.
 */
#include "fs.h"

#define NO_SPACE	0	/* block 0 is never data */

static struct fs_super super;
static u8 freed[FS_MAX_BLOCKS / 8];	/* to be given back by fs_sync() */
static u32 freed_count;

u32 fs_files_max(void)
{
	return super.inode_blocks * FS_INODES_PER_BLOCK;
}

u32 fs_blocks(void)
{
	return super.blocks;
}

/* A pointer that is good until the next operation; NULL if unreadable. */
struct fs_inode *fs_inode(u32 ino)
{
	struct fs_inode *table;

	table = cache_get(FS_INODES_AT + ino / FS_INODES_PER_BLOCK,
			  CLASS_INODE);
	return table ? &table[ino % FS_INODES_PER_BLOCK] : NULL;
}

static void inode_dirty(u32 ino)
{
	struct fs_inode *inode = fs_inode(ino);

	if (inode)
		cache_dirty(inode - ino % FS_INODES_PER_BLOCK);
}

static bool bit(const u8 *map, u32 n)
{
	return map[n / 8] >> (n % 8) & 1;
}

bool fs_block_used(u32 block)
{
	u8 *map = cache_get(FS_BITMAP_AT, CLASS_BITMAP);

	return !map || bit(map, block);
}

/* Blocks that can be used after the next fs_sync(). */
u32 fs_blocks_free(void)
{
	u32 n, count = freed_count;

	for (n = super.first_data; n < super.blocks; n++)
		count += !fs_block_used(n);
	return count;
}

static u32 block_take(void)
{
	u8 *map = cache_get(FS_BITMAP_AT, CLASS_BITMAP);
	u32 n;

	if (!map)
		return NO_SPACE;
	for (n = super.first_data; n < super.blocks; n++) {
		if (bit(map, n))
			continue;
		map[n / 8] |= 1 << n % 8;
		cache_dirty(map);
		return n;
	}
	return NO_SPACE;
}

static u32 block_alloc(void)
{
	u32 block = block_take();

	if (block == NO_SPACE && freed_count && !fs_sync())
		block = block_take();
	return block;
}

static void block_free(u32 block)
{
	if (!block)
		return;
	freed[block / 8] |= 1 << block % 8;
	freed_count++;
}

static int release_freed(void)
{
	u8 *map = cache_get(FS_BITMAP_AT, CLASS_BITMAP);
	u32 i;

	if (!map)
		return -EIO;
	for (i = 0; i < sizeof(freed); i++)
		map[i] &= ~freed[i];
	memset(freed, 0, sizeof(freed));
	freed_count = 0;
	cache_dirty(map);
	return cache_write_back();
}

int fs_sync(void)
{
	int err = cache_write_back();

	return err || !freed_count ? err : release_freed();
}

int fs_mount(void)
{
	struct fs_super *s;

	if (!cache_init())
		return -ENOMEM;
	s = cache_get(0, CLASS_BITMAP);
	if (!s)
		return -EIO;
	if (s->magic != FS_MAGIC || s->blocks > FS_MAX_BLOCKS ||
	    s->first_data != FS_INODES_AT + s->inode_blocks ||
	    s->first_data >= s->blocks)
		return -EINVAL;
	super = *s;
	memset(freed, 0, sizeof(freed));
	freed_count = 0;
	return 0;
}

/* Makes an empty file system on a disk of that many blocks. */
int fs_format(u32 blocks, u32 inode_blocks)
{
	struct fs_super *s;
	u32 n;
	u8 *map;

	super = (struct fs_super){
		.magic = FS_MAGIC, .blocks = blocks,
		.inode_blocks = inode_blocks,
		.first_data = FS_INODES_AT + inode_blocks,
	};
	if (blocks > FS_MAX_BLOCKS || super.first_data >= blocks)
		return -EINVAL;
	if (!cache_init())
		return -ENOMEM;
	for (n = 0; n < inode_blocks; n++)
		if (!cache_new(FS_INODES_AT + n, CLASS_INODE))
			return -EIO;
	map = cache_new(FS_BITMAP_AT, CLASS_BITMAP);
	if (!map)
		return -EIO;
	for (n = 0; n < super.first_data; n++)
		map[n / 8] |= 1 << n % 8;
	s = cache_new(0, CLASS_INODE);
	if (!s)
		return -EIO;
	*s = super;
	return fs_sync();
}

int fs_lookup(const char *name)
{
	struct fs_inode *inode;
	u32 ino;

	for (ino = 0; ino < fs_files_max(); ino++) {
		inode = fs_inode(ino);
		if (!inode)
			return -EIO;
		if (inode->name[0] && !strcmp(inode->name, name))
			return ino;
	}
	return -ENOENT;
}

/* An empty file of that name, whether there was one before or not. */
int fs_create(const char *name)
{
	struct fs_inode *inode;
	int ino = fs_lookup(name), err;
	u32 len = strlen(name), n;

	if (ino >= 0) {
		err = fs_truncate(ino);
		return err ? err : ino;
	}
	if (!len || len >= NAME_SIZE)
		return -EINVAL;
	for (n = 0; n < fs_files_max(); n++) {
		inode = fs_inode(n);
		if (!inode)
			return -EIO;
		if (inode->name[0])
			continue;
		memset(inode, 0, sizeof(*inode));
		memcpy(inode->name, name, len);
		inode_dirty(n);
		return n;
	}
	return -ENOSPC;
}

int fs_truncate(u32 ino)
{
	struct fs_inode *inode = fs_inode(ino), old;
	u32 *more, i;

	if (!inode)
		return -EIO;
	old = *inode;
	more = old.indirect ? cache_get(old.indirect, CLASS_INDIRECT) : NULL;
	if (old.indirect && !more)
		return -EIO;
	for (i = 0; more && i < FS_INDIRECT; i++)
		block_free(more[i]);
	for (i = 0; i < FS_DIRECT; i++)
		block_free(old.direct[i]);
	block_free(old.indirect);
	inode = fs_inode(ino);
	if (!inode)
		return -EIO;
	inode->size = 0;
	inode->indirect = 0;
	memset(inode->direct, 0, sizeof(inode->direct));
	inode_dirty(ino);
	return 0;
}

int fs_unlink(u32 ino)
{
	int err = fs_truncate(ino);
	struct fs_inode *inode = fs_inode(ino);

	if (err || !inode)
		return -EIO;
	memset(inode, 0, sizeof(*inode));
	inode_dirty(ino);
	return 0;
}

/* The disk block that is number @index of the file; 0 if there is none. */
u32 fs_map(const struct fs_inode *inode, u32 index)
{
	u32 *more;

	if (index < FS_DIRECT)
		return inode->direct[index];
	if (index >= FS_DIRECT + FS_INDIRECT || !inode->indirect)
		return 0;
	more = cache_get(inode->indirect, CLASS_INDIRECT);
	return more ? more[index - FS_DIRECT] : 0;
}

/* Puts a block into the file's indirect block, making that if need be. */
static int attach_indirect(u32 ino, u32 index, u32 block)
{
	struct fs_inode *inode = fs_inode(ino);
	u32 *more, at;

	if (!inode)
		return -EIO;
	at = inode->indirect;
	if (at) {
		more = cache_get(at, CLASS_INDIRECT);
	} else {
		at = block_alloc();
		if (at == NO_SPACE)
			return -ENOSPC;
		more = cache_new(at, CLASS_INDIRECT);
	}
	if (!more)
		return -EIO;
	more[index - FS_DIRECT] = block;
	cache_dirty(more);
	inode = fs_inode(ino);
	if (!inode)
		return -EIO;
	inode->indirect = at;
	inode_dirty(ino);
	return 0;
}

static int attach(u32 ino, u32 index, u32 block)
{
	struct fs_inode *inode;

	if (index >= FS_DIRECT)
		return attach_indirect(ino, index, block);
	inode = fs_inode(ino);
	if (!inode)
		return -EIO;
	inode->direct[index] = block;
	inode_dirty(ino);
	return 0;
}

/* The contents of the file's block, new or not, ready to be written to. */
static void *block_for_write(u32 ino, u32 index, int *err)
{
	struct fs_inode *inode = fs_inode(ino);
	u32 block = inode ? fs_map(inode, index) : 0;
	void *data;

	*err = -EIO;
	if (!inode)
		return NULL;
	if (block)
		return cache_get(block, CLASS_DATA);
	block = block_alloc();
	*err = -ENOSPC;
	if (block == NO_SPACE)
		return NULL;
	data = cache_new(block, CLASS_DATA);
	*err = data ? attach(ino, index, block) : -EIO;
	if (*err) {
		block_free(block);
		return NULL;
	}
	return data;
}

/* Bytes read: fewer than @len at the end of the file. */
int fs_read(u32 ino, u32 offset, void *buf, u32 len)
{
	u32 done, part, block;
	struct fs_inode *inode = fs_inode(ino);
	u8 *data;

	if (!inode)
		return -EIO;
	len = offset < inode->size ? min(len, inode->size - offset) : 0;
	for (done = 0; done < len; done += part, offset += part) {
		part = min(len - done, FS_BLOCK - offset % FS_BLOCK);
		inode = fs_inode(ino);
		block = inode ? fs_map(inode, offset / FS_BLOCK) : 0;
		data = block ? cache_get(block, CLASS_DATA) : NULL;
		if (!data)
			return -EIO;
		memcpy((u8 *)buf + done, data + offset % FS_BLOCK, part);
	}
	return done;
}

/* Bytes written, or an error if that would be none.  No holes are made. */
int fs_write(u32 ino, u32 offset, const void *buf, u32 len)
{
	struct fs_inode *inode = fs_inode(ino);
	u32 done, part;
	int err = 0;
	u8 *data;

	if (!inode)
		return -EIO;
	if (offset > inode->size || offset > FS_MAX_SIZE)
		return -EINVAL;
	for (done = 0; done < len; done += part, offset += part) {
		err = -ENOSPC;
		if (offset == FS_MAX_SIZE)
			break;
		part = min(len - done, FS_BLOCK - offset % FS_BLOCK);
		data = block_for_write(ino, offset / FS_BLOCK, &err);
		if (!data)
			break;
		memcpy(data + offset % FS_BLOCK, (const u8 *)buf + done, part);
		cache_dirty(data);
		inode = fs_inode(ino);
		if (!inode)
			return -EIO;
		if (offset + part > inode->size) {
			inode->size = offset + part;
			inode_dirty(ino);
		}
	}
	return done || !len ? (int)done : err;
}

/* -ENOENT: no file there; -EINVAL: no inode there. */
int fs_info(u32 ino, struct file_info *info)
{
	struct fs_inode *inode;

	if (ino >= fs_files_max())
		return -EINVAL;
	inode = fs_inode(ino);
	if (!inode)
		return -EIO;
	if (!inode->name[0])
		return -ENOENT;
	info->size = inode->size;
	memcpy(info->name, inode->name, NAME_SIZE);
	info->name[NAME_SIZE - 1] = '\0';
	return 0;
}
