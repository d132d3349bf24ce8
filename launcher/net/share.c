// SPDX-License-Identifier: GPL-2.0
/*
 * A network between guests: a file that all of their launchers map.  The host
 * copies the packets; the file has only a page with the address of each guest.
 * A lock on byte n of the file says that slot n is taken, and goes away with
 * the launcher, however that ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base.h"
#include "net.h"

#define SLOTS	(PAGE_BYTES / sizeof(struct lguest_net))

struct share {
	struct model model;
	struct share *next;
	int fd;
	unsigned int slot;
	dev_t dev;
	ino_t ino;
};

/* Locks do not keep a launcher from its own slots. */
static struct share *ours;

static struct share *to_share(struct model *model)
{
	return container_of(model, struct share, model);
}

static void clear_slot(const struct share *share)
{
	static const struct lguest_net nobody;

	if (pwrite(share->fd, &nobody, sizeof(nobody), share->slot * sizeof(nobody)) < 0)
		complain("shared network: %s", strerror(errno));
}

static void share_close(struct model *model)
{
	struct share *share = to_share(model);
	struct share **link = &ours;

	while (*link != share)
		link = &(*link)->next;
	*link = share->next;
	clear_slot(share);
	close(share->fd);
	free(share);
}

static bool __must_check reserve_slot(struct share *share, const char *file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	for (; share->slot < SLOTS; share->slot++) {
		lock.l_start = share->slot;
		if (!fcntl(share->fd, F_SETLK, &lock))
			return true;
		if (errno != EACCES && errno != EAGAIN)
			return failure("%s: cannot lock it: %s", file, strerror(errno));
	}
	return failure("%s: all %zu places of this network are taken", file, SLOTS);
}

/* It is not opened then: to close it would give back the other one's slot. */
static bool is_ours(const char *file)
{
	struct share *other;
	struct stat st;

	if (stat(file, &st) < 0)
		return false;
	for (other = ours; other; other = other->next) {
		if (other->dev == st.st_dev && other->ino == st.st_ino)
			return true;
	}
	return false;
}

static bool __must_check know_file(struct share *share, const char *file)
{
	struct stat st;

	if (fstat(share->fd, &st) < 0)
		return failure("%s: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return failure("%s: is not a file", file);
	share->dev = st.st_dev;
	share->ino = st.st_ino;
	if (st.st_size < PAGE_BYTES && ftruncate(share->fd, PAGE_BYTES) < 0)
		return failure("%s: cannot make it one page long: %s", file, strerror(errno));
	return true;
}

static bool __must_check join(struct share *share, const char *file)
{
	if (is_ours(file))
		return failure("%s: one guest cannot be twice on the same network", file);
	share->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (share->fd < 0)
		return failure("%s: %s", file, strerror(errno));
	if (know_file(share, file) && reserve_slot(share, file))
		return true;
	close(share->fd);
	return false;
}

/**
 * share_create - be on a network between guests
 * @file: what their launchers map; is made if it is not there, and stays
 *
 * Return: NULL if that cannot be, see failure().
 */
struct model *share_create(const char *file)
{
	struct share *share = calloc(1, sizeof(*share));

	if (!share) {
		failure("--net share=%s: %s", file, strerror(errno));
		return NULL;
	}
	share->model = (struct model){ MODEL_SHARE, "share", share_close };
	if (!join(share, file)) {
		free(share);
		return NULL;
	}
	clear_slot(share);
	share->next = ours;
	ours = share;
	return &share->model;
}

unsigned int share_slot(struct model *model)
{
	return to_share(model)->slot;
}

/**
 * share_map - put the page into guest memory
 * @model: the network
 * @where: a page
 *
 * Return: false if that cannot be, see failure().
 */
bool share_map(struct model *model, void *where)
{
	if (mmap(where, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 to_share(model)->fd, 0) == MAP_FAILED)
		return failure("cannot map the shared network: %s", strerror(errno));
	return true;
}
