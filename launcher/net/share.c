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

static void reserve_slot(struct share *share, const char *file)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	for (; share->slot < SLOTS; share->slot++) {
		lock.l_start = share->slot;
		if (!fcntl(share->fd, F_SETLK, &lock))
			return;
		if (errno != EACCES && errno != EAGAIN)
			give_up("%s: cannot lock it: %s", file, strerror(errno));
	}
	give_up("%s: all %zu places of this network are taken", file, SLOTS);
}

static void know_file(struct share *share, const char *file)
{
	struct share *other;
	struct stat st;

	if (fstat(share->fd, &st) < 0)
		give_up("%s: %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		give_up("%s: is not a file", file);
	for (other = ours; other; other = other->next) {
		if (other->dev == st.st_dev && other->ino == st.st_ino)
			give_up("%s: one guest cannot be twice on the same network", file);
	}
	share->dev = st.st_dev;
	share->ino = st.st_ino;
	if (st.st_size < PAGE_BYTES && ftruncate(share->fd, PAGE_BYTES) < 0)
		give_up("%s: cannot make it one page long: %s", file, strerror(errno));
}

struct model *share_create(const char *file)
{
	struct share *share = calloc(1, sizeof(*share));

	if (!share)
		give_up("--net share=%s: %s", file, strerror(errno));
	share->model = (struct model){ MODEL_SHARE, "share", share_close };
	share->fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (share->fd < 0)
		give_up("%s: %s", file, strerror(errno));
	know_file(share, file);
	reserve_slot(share, file);
	clear_slot(share);
	share->next = ours;
	ours = share;
	return &share->model;
}

unsigned int share_slot(struct model *model)
{
	return to_share(model)->slot;
}

/* Puts the page into guest memory. */
void share_map(struct model *model, void *where)
{
	if (mmap(where, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 to_share(model)->fd, 0) == MAP_FAILED)
		give_up("cannot map the shared network: %s", strerror(errno));
}
