// SPDX-License-Identifier: GPL-2.0
/*
 * The classic DMA.  A guest binds an array of buffers to a key, which is an
 * address in its memory, and sends to keys.  If the key lies in memory that is
 * the launcher's alone, the launcher hears of it; if it is shared with other
 * launchers, the data goes straight to another guest that has bound the same
 * key.  What makes keys equal is what makes futexes equal: the same place in
 * the same file.
 */
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/highmem.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "lg.h"

/* The classic limit for one guest, which also bounds what it can pin. */
#define MAX_DMA_ARRAYS		32

#define DMA_HASH_BITS		6

/**
 * struct dma_key - where a key lies, for whoever maps it
 * @inode: the file, with a reference held; NULL in private memory
 * @mm: the address space, in private memory
 * @offset: in the file or the address space
 */
struct dma_key {
	struct inode *inode;
	struct mm_struct *mm;
	u64 offset;
};

/**
 * struct dma_array - an array of struct lguest_dma bound to a key
 * @guest: in the guest's list
 * @hash: in dma_hash
 * @lg: the guest
 * @key: the key
 * @array: guest-physical address of the first element
 * @count: elements
 * @next: the element to be tried first
 * @irq: the interrupt that tells of a transfer
 */
struct dma_array {
	struct list_head guest;
	struct hlist_node hash;
	struct lguest *lg;
	struct dma_key key;
	gpa_t array;
	u16 count;
	u16 next;
	u8 irq;
};

static DEFINE_MUTEX(dma_lock);
static DEFINE_HASHTABLE(dma_hash, DMA_HASH_BITS);

/* Part of a list whose sections are used up one after the other. */
struct dma_cursor {
	struct lguest_dma dma;
	u32 section;
	u32 offset;
};

static bool keys_equal(const struct dma_key *a, const struct dma_key *b)
{
	return a->inode == b->inode && a->mm == b->mm &&
	       a->offset == b->offset;
}

static bool key_is_shared(const struct dma_key *key)
{
	return key->inode;
}

static void put_key(struct dma_key *key)
{
	iput(key->inode);
}

static bool find_key(struct dma_key *key, unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool found;

	memset(key, 0, sizeof(*key));
	mmap_read_lock(mm);
	vma = find_vma(mm, addr);
	found = vma && vma->vm_start <= addr;
	if (found && (vma->vm_flags & VM_MAYSHARE) && vma->vm_file) {
		key->inode = file_inode(vma->vm_file);
		ihold(key->inode);
		key->offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + addr -
			      vma->vm_start;
	} else if (found) {
		key->mm = mm;
		key->offset = addr;
	}
	mmap_read_unlock(mm);
	return found;
}

/* On success the key must be put. */
static int get_key(struct lguest *lg, gpa_t addr, struct dma_key *key)
{
	if ((addr & 3) || !guest_range_ok(lg, addr, sizeof(u32)) ||
	    !find_key(key, (unsigned long)guest_uaddr(lg, addr)))
		return kill_guest(lg, "bad DMA key %#x", addr);
	return 0;
}

static u32 hash_of(const struct dma_key *key)
{
	return hash_long((unsigned long)key->inode ^ (unsigned long)key->mm ^
			 (unsigned long)key->offset, DMA_HASH_BITS);
}

static void unbind(struct dma_array *array)
{
	hash_del(&array->hash);
	list_del(&array->guest);
	put_key(&array->key);
	kfree(array);
}

static int unbind_dma(struct lguest *lg, const struct dma_key *key, gpa_t addr)
{
	struct dma_array *array;

	list_for_each_entry(array, &lg->dma_arrays, guest) {
		if (keys_equal(&array->key, key) && array->array == addr) {
			unbind(array);
			return 1;
		}
	}
	return 0;
}

static bool may_bind_more(const struct lguest *lg)
{
	const struct list_head *pos;
	int n = 0;

	list_for_each(pos, &lg->dma_arrays)
		n++;
	return n < MAX_DMA_ARRAYS;
}

/* Takes over the reference of the key if it succeeds. */
static int add_array(struct lguest *lg, const struct dma_key *key, gpa_t addr,
		     u32 count, u32 irq)
{
	struct dma_array *array;

	if (irq >= LGUEST_IRQS || !may_bind_more(lg))
		return 0;
	array = kzalloc(sizeof(*array), GFP_KERNEL_ACCOUNT);
	if (!array)
		return 0;
	array->lg = lg;
	array->key = *key;
	array->array = addr;
	array->count = count;
	array->irq = irq;
	list_add_tail(&array->guest, &lg->dma_arrays);
	hash_add(dma_hash, &array->hash, hash_of(key));
	return 1;
}

/**
 * bind_dma() - LHCALL_BIND_DMA
 * @lg: the guest; the caller is its owner
 * @addr: the key
 * @array: guest-physical address of an array of struct lguest_dma
 * @count: its elements
 * @irq: tells of a transfer; 0 takes the binding of @array back
 *
 * Return: 1 if it was done; 0 if there is no room, no such irq, or nothing to
 * take back; negative if the guest was killed.
 */
int bind_dma(struct lguest *lg, gpa_t addr, gpa_t array, u32 count, u32 irq)
{
	struct dma_key key;
	int err = get_key(lg, addr, &key);
	int done;

	if (err)
		return err;
	mutex_lock(&dma_lock);
	if (irq) {
		done = add_array(lg, &key, array, count, irq);
		if (!done)
			put_key(&key);
	} else {
		done = unbind_dma(lg, &key, array);
		put_key(&key);
	}
	mutex_unlock(&dma_lock);
	return done;
}

/**
 * release_dma() - take all of a guest's bindings back
 * @lg: a guest that ends
 */
void release_dma(struct lguest *lg)
{
	struct dma_array *array, *next;

	mutex_lock(&dma_lock);
	list_for_each_entry_safe(array, next, &lg->dma_arrays, guest)
		unbind(array);
	mutex_unlock(&dma_lock);
}

/**
 * struct peer - another guest's memory
 * @lg: the guest; its mm is held
 * @page: the page used last, pinned, or NULL
 * @gpa: its guest-physical address
 */
struct peer {
	struct lguest *lg;
	struct page *page;
	gpa_t gpa;
};

static void peer_unpin(struct peer *peer)
{
	if (peer->page)
		unpin_user_pages_dirty_lock(&peer->page, 1, true);
	peer->page = NULL;
}

static bool peer_pin(struct peer *peer, gpa_t gpa)
{
	struct mm_struct *mm = peer->lg->mm;
	unsigned long addr = (unsigned long)guest_uaddr(peer->lg, gpa);
	long pinned;

	if (peer->page && peer->gpa == gpa)
		return true;
	peer_unpin(peer);
	mmap_read_lock(mm);
	pinned = pin_user_pages_remote(mm, addr, 1, FOLL_WRITE, &peer->page,
				       NULL, NULL);
	mmap_read_unlock(mm);
	if (pinned != 1)
		peer->page = NULL;
	peer->gpa = gpa;
	return peer->page;
}

/* Copy to or from the other guest, a page at a time. */
static int peer_copy(struct peer *peer, gpa_t gpa, void *buf, u32 len,
		     bool write)
{
	if (!guest_range_ok(peer->lg, gpa, len))
		return kill_guest(peer->lg, "bad DMA address %#x len %u", gpa,
				  len);
	while (len) {
		u32 offset = offset_in_page(gpa);
		u32 part = min_t(u32, len, PAGE_SIZE - offset);

		if (!peer_pin(peer, gpa & PAGE_MASK))
			return kill_guest(peer->lg, "no memory at %#x", gpa);
		if (write)
			memcpy_to_page(peer->page, offset, buf, part);
		else
			memcpy_from_page(buf, peer->page, offset, part);
		gpa += part;
		buf += part;
		len -= part;
	}
	return 0;
}

static gpa_t element(const struct dma_array *array, u32 i)
{
	return array->array + i * sizeof(struct lguest_dma);
}

/* A section may not cross a page, so none is longer than one. */
static int check_sections(struct lguest *lg, const struct lguest_dma *dma)
{
	int i;

	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS && dma->len[i]; i++) {
		u32 addr = dma->addr[i], len = dma->len[i];

		if (offset_in_page(addr) + len > PAGE_SIZE ||
		    !guest_range_ok(lg, addr, len))
			return kill_guest(lg, "bad DMA section %#x len %u",
					  addr, len);
	}
	return 0;
}

/* How much of the cursor's section is left; 0 at the end of the list. */
static u32 bytes_left(struct dma_cursor *cursor)
{
	while (cursor->section < LGUEST_MAX_DMA_SECTIONS &&
	       cursor->dma.len[cursor->section]) {
		u32 left = cursor->dma.len[cursor->section] - cursor->offset;

		if (left)
			return left;
		cursor->section++;
		cursor->offset = 0;
	}
	return 0;
}

static gpa_t take(struct dma_cursor *cursor, u32 len)
{
	gpa_t gpa = cursor->dma.addr[cursor->section] + cursor->offset;

	cursor->offset += len;
	return gpa;
}

/* Bytes copied, or negative if either guest was killed. */
static int copy_lists(struct lguest *lg, struct dma_cursor *from,
		      struct peer *peer, struct dma_cursor *to, void *buffer)
{
	u32 len, total = 0;
	int err;

	while ((len = min(bytes_left(from), bytes_left(to)))) {
		err = guest_read(lg, buffer, take(from, len), len);
		if (!err)
			err = peer_copy(peer, take(to, len), buffer, len, true);
		if (err)
			return err;
		total += len;
	}
	return total;
}

/* The next element that is free to be filled: 1; none: 0. */
static int find_free_element(struct dma_array *array, struct peer *peer,
			     struct lguest_dma *dma, u32 *found)
{
	u32 i;
	int err;

	for (i = 0; i < array->count; i++) {
		*found = (array->next + i) % array->count;
		err = peer_copy(peer, element(array, *found), &dma->used_len,
				sizeof(dma->used_len), false);
		if (err)
			return err;
		if (!dma->used_len)
			break;
	}
	if (i == array->count)
		return 0;
	err = peer_copy(peer, element(array, *found), dma, sizeof(*dma), false);
	return err ? err : 1;
}

/*
 * Send a list to an array of another guest's.  1: done, or given up for good;
 * 0: no buffer was free; negative: a guest was killed.
 */
static int transfer(struct lguest *lg, gpa_t src, struct dma_array *array,
		    struct peer *peer, void *buffer)
{
	struct dma_cursor from = {}, to = {};
	u32 index, used;
	int found, copied, err;

	err = guest_read(lg, &from.dma, src, sizeof(from.dma));
	if (!err)
		err = check_sections(lg, &from.dma);
	if (err)
		return err;
	found = find_free_element(array, peer, &to.dma, &index);
	if (found <= 0) {
		if (!found)
			raise_irq(array->lg, array->irq);
		return found;
	}
	err = check_sections(array->lg, &to.dma);
	if (err)
		return err;
	copied = copy_lists(lg, &from, peer, &to, buffer);
	if (copied < 0)
		return copied;
	if (!copied && from.dma.len[0])
		return 1;

	used = copied;
	err = guest_write(lg, src, &used, sizeof(used));
	if (err)
		return err;
	smp_wmb();		/* the data before the news of it */
	err = peer_copy(peer, element(array, index), &used, sizeof(used), true);
	if (err)
		return err;
	array->next = (index + 1) % array->count;
	raise_irq(array->lg, array->irq);
	return 1;
}

static struct dma_array *find_peer(struct lguest *lg, const struct dma_key *key)
{
	struct dma_array *array;

	hash_for_each_possible(dma_hash, array, hash, hash_of(key)) {
		if (array->lg != lg && keys_equal(&array->key, key) &&
		    !guest_is_dead(array->lg))
			return array;
	}
	return NULL;
}

/* As transfer(); nobody who listens is no reason to try again. */
static int send_to_peer(struct lguest *lg, const struct dma_key *key, gpa_t dma,
			void *buffer)
{
	struct dma_array *array;
	struct peer peer = {};
	int done = 1;

	mutex_lock(&dma_lock);
	array = find_peer(lg, key);
	/* Its owner may be on the way out. */
	if (array && mmget_not_zero(array->lg->mm)) {
		struct mm_struct *mm = array->lg->mm;

		peer.lg = array->lg;
		done = transfer(lg, dma, array, &peer, buffer);
		peer_unpin(&peer);
		mutex_unlock(&dma_lock);
		mmput(mm);
	} else {
		mutex_unlock(&dma_lock);
	}
	return done;
}

static int send_shared(struct lguest *lg, const struct dma_key *key, gpa_t dma)
{
	void *buffer = kmalloc(PAGE_SIZE, GFP_KERNEL_ACCOUNT);

	if (!buffer)
		return kill_guest(lg, "out of memory for DMA");
	/* Once more: its owner has been woken, and may have made room. */
	if (!send_to_peer(lg, key, dma, buffer)) {
		cond_resched();
		send_to_peer(lg, key, dma, buffer);
	}
	kfree(buffer);
	return guest_is_dead(lg) ? -ENOENT : 0;
}

static int send_to_launcher(struct lguest *lg, gpa_t key, gpa_t dma)
{
	if (!guest_range_ok(lg, dma, sizeof(struct lguest_dma)))
		return kill_guest(lg, "bad DMA list at %#x", dma);
	lg->dma_notice.dma = dma;
	lg->dma_notice.key = key;
	lg->dma_waiting = true;
	return 0;
}

/**
 * send_dma() - LHCALL_SEND_DMA
 * @lg: the guest; the caller is its owner
 * @addr: the key
 * @dma: guest-physical address of a struct lguest_dma
 *
 * Between guests, its used_len becomes what was transferred; it stays as it was
 * if nobody listens or nobody has room.
 *
 * Return: 0, or negative if the guest was killed.
 */
int send_dma(struct lguest *lg, gpa_t addr, gpa_t dma)
{
	struct dma_key key;
	int err = get_key(lg, addr, &key);

	if (err)
		return err;
	if (key_is_shared(&key))
		err = send_shared(lg, &key, dma);
	else
		err = send_to_launcher(lg, addr, dma);
	put_key(&key);
	return err;
}

static struct dma_array *find_own(struct lguest *lg, const struct dma_key *key)
{
	struct dma_array *array;

	list_for_each_entry(array, &lg->dma_arrays, guest) {
		if (keys_equal(&array->key, key))
			return array;
	}
	return NULL;
}

/* Claim the array's next free element for the launcher. */
static long claim_element(struct lguest *lg, struct dma_array *array)
{
	u32 i;

	for (i = 0; i < array->count; i++) {
		u32 index = (array->next + i) % array->count;
		u32 used, irq = array->irq;
		gpa_t addr = element(array, index);

		if (guest_read(lg, &used, addr, sizeof(used)))
			return -ENOENT;
		if (used)
			continue;
		if (!guest_range_ok(lg, addr, sizeof(struct lguest_dma)) ||
		    guest_write(lg, addr, &irq, sizeof(irq)))
			return -ENOENT;
		array->next = (index + 1) % array->count;
		return addr;
	}
	return -ENOENT;
}

/**
 * get_dma() - LHREQ_GETDMA: a buffer that the guest has bound, for its launcher
 * @lg: the guest; the caller is its owner
 * @addr: the key
 *
 * The buffer's used_len becomes the number of the interrupt to raise.
 *
 * Return: its guest-physical address; -ENOENT if nothing is bound, nothing is
 * free, or the key is bad, which also kills the guest.
 */
long get_dma(struct lguest *lg, gpa_t addr)
{
	struct dma_array *array;
	struct dma_key key;
	long found = -ENOENT;

	if (get_key(lg, addr, &key))
		return -ENOENT;
	mutex_lock(&dma_lock);
	array = find_own(lg, &key);
	if (array)
		found = claim_element(lg, array);
	mutex_unlock(&dma_lock);
	put_key(&key);
	return found;
}
