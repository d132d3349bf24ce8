// SPDX-License-Identifier: GPL-2.0
/*
 * Disk blocks in memory.  What is changed stays here until it is written back
 * in the order of the classes, see fs.h.  There is no count of users: one
 * operation of fs.c runs at a time, holds pointers to far fewer blocks than
 * there are buffers, and the one that was used longest ago goes first.
 */
#include "fs.h"

#define BUFFERS		32
#define NO_BLOCK	(~0U)

struct buffer {
	u32 block;
	enum fs_class class;
	bool dirty;
	u32 used;		/* when, in requests */
	u8 *data;
};

static struct buffer buffers[BUFFERS];
static u32 requests;

bool cache_init(void)
{
	u32 i;

	for (i = 0; i < BUFFERS; i++) {
		if (!buffers[i].data)
			buffers[i].data = cache_page();
		if (!buffers[i].data)
			return false;
		buffers[i].block = NO_BLOCK;
		buffers[i].dirty = false;
		buffers[i].used = 0;
	}
	return true;
}

static int write_class(enum fs_class class)
{
	u32 i;

	for (i = 0; i < BUFFERS; i++) {
		struct buffer *b = &buffers[i];

		if (!b->dirty || b->class != class)
			continue;
		if (!disk_transfer(true, b->block, b->data))
			return -EIO;
		b->dirty = false;
	}
	return 0;
}

int cache_write_back(void)
{
	enum fs_class class;
	int err = 0;

	for (class = 0; class < CLASSES && !err; class++)
		err = write_class(class);
	return err;
}

static struct buffer *find(u32 block)
{
	struct buffer *oldest = &buffers[0];
	u32 i;

	for (i = 0; i < BUFFERS; i++) {
		if (buffers[i].block == block)
			return &buffers[i];
		if (buffers[i].used < oldest->used)
			oldest = &buffers[i];
	}
	/* One dirty block cannot go alone: that would break the order. */
	if (oldest->dirty && cache_write_back())
		return NULL;
	oldest->block = NO_BLOCK;
	return oldest;
}

static void *take(struct buffer *b, u32 block, enum fs_class class)
{
	b->block = block;
	b->class = class;
	b->used = ++requests;
	return b->data;
}

/* The block's contents; NULL if they cannot be read. */
void *cache_get(u32 block, enum fs_class class)
{
	struct buffer *b = find(block);

	if (!b)
		return NULL;
	if (b->block == NO_BLOCK && !disk_transfer(false, block, b->data))
		return NULL;
	return take(b, block, class);
}

/* A block whose old contents do not matter: zeroes, to be written. */
void *cache_new(u32 block, enum fs_class class)
{
	struct buffer *b = find(block);

	if (!b)
		return NULL;
	memset(b->data, 0, FS_BLOCK);
	b->dirty = true;
	return take(b, block, class);
}

/* @data: what cache_get() returned. */
void cache_dirty(const void *data)
{
	u32 i;

	for (i = 0; i < BUFFERS; i++)
		if (buffers[i].data == data)
			buffers[i].dirty = true;
}
