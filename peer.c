// SPDX-License-Identifier: GPL-2.0
/*
 * Copying to and from the memory of another guest, whose launcher's address
 * space is not the current one.  For io.c, which sends from guest to guest.
 *
 * Nothing here waits for that launcher, who may be ill-disposed: what is not in
 * memory is asked for and not waited for, and what its file system is a program
 * that must be asked is refused.  Where a lock is waited for, SIGKILL ends that.
 */
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/magic.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include "lg.h"
#include "peer.h"

/**
 * peer_open() - get at a guest's memory
 * @peer: to be filled in
 * @lg: the guest, which must not go away before peer_close()
 *
 * Return: false if its launcher is on the way out.
 */
bool peer_open(struct peer *peer, struct lguest *lg)
{
	peer->lg = lg;
	peer->mm = lg->mm;
	peer->page = NULL;
	return mmget_not_zero(peer->mm);
}

static void unpin(struct peer *peer)
{
	if (peer->page)
		unpin_user_page(peer->page);
	peer->page = NULL;
}

/* Such a program can keep whoever looks at a page of its in the kernel for ever. */
static bool is_served_by_program(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr && vma->vm_file &&
	       file_inode(vma->vm_file)->i_sb->s_magic == FUSE_SUPER_MAGIC;
}

/**
 * peer_close() - let go of it
 * @peer: what peer_open() opened
 */
void peer_close(struct peer *peer)
{
	unpin(peer);
	/* Not the last reference's long work under the caller's lock. */
	mmput_async(peer->mm);
}

static int pin(struct peer *peer, gpa_t gpa)
{
	void __user *at = guest_uaddr(peer->lg, gpa, PAGE_SIZE);
	unsigned long addr = (unsigned long)at;
	long pinned;

	if (peer->page && peer->gpa == gpa)
		return 0;
	if (IS_ERR(at))
		return -EFAULT;
	unpin(peer);
	if (mmap_read_lock_killable(peer->mm))
		return -EINTR;
	pinned = -EPERM;
	if (!is_served_by_program(peer->mm, addr))
		pinned = compat_pin_page_remote(peer->mm, addr, &peer->page);
	mmap_read_unlock(peer->mm);
	if (pinned == 1) {
		peer->gpa = gpa;
		return 0;
	}
	peer->page = NULL;
	return pinned < 0 ? pinned : -EAGAIN;
}

/* Pin the page of an address; bytes of @len that lie in it, or negative. */
static int reach(struct peer *peer, gpa_t gpa, u32 len)
{
	int err;

	if (!guest_range_ok(peer->lg, gpa, len))
		return kill_guest(peer->lg, "bad DMA address %#x len %u", gpa,
				  len);
	err = pin(peer, gpa & PAGE_MASK);
	/* Other errors are nobody's fault: it is on its way, or we are being killed. */
	if (err == -EFAULT)
		return kill_guest(peer->lg, "no memory at %#x", gpa);
	if (err == -EPERM)
		return kill_guest(peer->lg, "DMA to a file of FUSE's at %#x", gpa);
	return err ? err : min_t(u32, len, PAGE_SIZE - offset_in_page(gpa));
}

/**
 * peer_read() - copy from the other guest
 * @peer: an open peer
 * @to: where to
 * @from: guest-physical address
 * @len: bytes
 *
 * Return: 0; -EAGAIN if it is not in memory at the moment, or another error: if
 * the address was bad, that guest was killed.
 */
int peer_read(struct peer *peer, void *to, gpa_t from, u32 len)
{
	while (len) {
		int part = reach(peer, from, len);

		if (part < 0)
			return part;
		memcpy_from_page(to, peer->page, offset_in_page(from), part);
		to += part;
		from += part;
		len -= part;
	}
	return 0;
}

/* While a page is locked it is not written back, so what is written is not lost. */
static int write_page(struct page *page, u32 offset, const void *from, u32 len)
{
	if (compat_lock_page_killable(page))
		return -EINTR;
	memcpy_to_page(page, offset, from, len);
	set_page_dirty(page);
	unlock_page(page);
	return 0;
}

/**
 * peer_write() - copy to the other guest
 * @peer: an open peer
 * @to: guest-physical address
 * @from: where from
 * @len: bytes
 *
 * Return: as peer_read().
 */
int peer_write(struct peer *peer, gpa_t to, const void *from, u32 len)
{
	while (len) {
		int err, part = reach(peer, to, len);

		if (part < 0)
			return part;
		err = write_page(peer->page, offset_in_page(to), from, part);
		if (err)
			return err;
		from += part;
		to += part;
		len -= part;
	}
	return 0;
}
