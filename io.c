// SPDX-License-Identifier: GPL-2.0
/*
 * The classic DMA.  A guest binds an array of buffers to a key, which is an
 * address in its memory, and sends to keys.  If the key lies in memory that is
 * the launcher's alone, the launcher hears of it; if it is shared with other
 * launchers, the data goes straight to another guest that has bound the same
 * key.  What makes keys equal is what makes futexes equal: the same place in
 * the same file.  peer.c has the copying.
 *
 * Locks: dma_lock is for finding an array, and is never held while anybody's
 * memory is touched, since a hostile launcher can make that last for ever.  An
 * array's own lock is for filling its elements; what the sender sends has been
 * copied before it is taken, and nobody waits for the receiver's memory (peer.c).
 * Whoever waits for the lock all the same can be killed, and a guest that ends does
 * not wait: an array holds what a sender needs of it.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/hashtable.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/refcount.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "lg.h"
#include "peer.h"

/* The classic limit for one guest, which also bounds what it can pin. */
#define MAX_DMA_ARRAYS		32

#define DMA_HASH_BITS		6

/**
 * struct dma_key - where a key lies, for whoever maps it
 * @file: maps it, with a reference held, which keeps its file system mounted;
 *	NULL in private memory
 * @mm: the address space, in private memory
 * @offset: in the file or the address space
 */
struct dma_key {
	struct file *file;
	struct mm_struct *mm;
	u64 offset;
};

/**
 * struct dma_array - an array of struct lguest_dma bound to a key
 * @guest: in the guest's list, which is its owner's
 * @hash: in dma_hash
 * @lg: the guest, with a reference held
 * @key: the key
 * @array: guest-physical address of the first element
 * @count: elements
 * @next: the element to be tried first
 * @irq: the interrupt that tells of a transfer
 * @refs: for the guest, and for each sender
 * @lock: held to fill elements; protects @next
 * @gone: it is no longer bound: nobody begins to fill elements any more
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
	refcount_t refs;
	struct mutex lock;	/* of next */
	bool gone;
};

static DEFINE_MUTEX(dma_lock);
static DEFINE_HASHTABLE(dma_hash, DMA_HASH_BITS);

static struct inode *key_inode(const struct dma_key *key)
{
	return key->file ? file_inode(key->file) : NULL;
}

static bool keys_equal(const struct dma_key *a, const struct dma_key *b)
{
	return key_inode(a) == key_inode(b) && a->mm == b->mm &&
	       a->offset == b->offset;
}

static bool key_is_shared(const struct dma_key *key)
{
	return key->file;
}

static void put_key(struct dma_key *key)
{
	if (key->file)
		fput(key->file);
}

static bool find_key(struct dma_key *key, unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool found;

	memset(key, 0, sizeof(*key));
	if (mmap_read_lock_killable(mm))
		return false;		/* nobody will hear what comes of it */
	vma = find_vma(mm, addr);
	found = vma && vma->vm_start <= addr;
	if (found && (vma->vm_flags & VM_MAYSHARE) && vma->vm_file) {
		key->file = get_file(vma->vm_file);
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
	const void __user *at = guest_uaddr(lg, addr, sizeof(u32));

	if ((addr & 3) || IS_ERR(at) || !find_key(key, (unsigned long)at))
		return kill_guest(lg, "bad DMA key %#x", addr);
	return 0;
}

static u32 hash_of(const struct dma_key *key)
{
	return hash_long((unsigned long)key_inode(key) ^ (unsigned long)key->mm ^
			 (unsigned long)key->offset, DMA_HASH_BITS);
}

static void put_array(struct dma_array *array)
{
	if (!refcount_dec_and_test(&array->refs))
		return;
	put_key(&array->key);
	put_guest(array->lg);
	kfree(array);
}

/*
 * From here on no sender finds it, and for those who have the memory none is still
 * at it: they may use it for something else.  A launcher that exits has it no more,
 * nor has somebody else who closed the file last, and neither waits.
 */
static void unbind(struct dma_array *array)
{
	list_del(&array->guest);
	mutex_lock(&dma_lock);
	hash_del(&array->hash);
	mutex_unlock(&dma_lock);
	WRITE_ONCE(array->gone, true);
	if (current->mm == array->lg->mm && !mutex_lock_killable(&array->lock))
		mutex_unlock(&array->lock);
	put_array(array);
}

static int unbind_dma(struct lguest *lg, const struct dma_key *key, gpa_t addr)
{
	struct dma_array *array;

	list_for_each_entry(array, &lg->devices.dma_arrays, guest) {
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

	list_for_each(pos, &lg->devices.dma_arrays)
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
	array->lg = get_guest(lg);
	array->key = *key;
	array->array = addr;
	array->count = count;
	array->irq = irq;
	refcount_set(&array->refs, 1);
	mutex_init(&array->lock);
	list_add_tail(&array->guest, &lg->devices.dma_arrays);
	mutex_lock(&dma_lock);
	hash_add(dma_hash, &array->hash, hash_of(key));
	mutex_unlock(&dma_lock);
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
	if (!irq)
		done = unbind_dma(lg, &key, array);
	else
		done = add_array(lg, &key, array, count, irq);
	if (!irq || !done)	/* else the array has it now */
		put_key(&key);
	return done;
}

/**
 * release_dma() - take all of a guest's bindings back
 * @lg: a guest that ends
 */
void release_dma(struct lguest *lg)
{
	struct dma_array *array, *next;

	list_for_each_entry_safe(array, next, &lg->devices.dma_arrays, guest)
		unbind(array);
}

static gpa_t element(const struct dma_array *array, u32 i)
{
	return array->array + i * sizeof(struct lguest_dma);
}

/*
 * A section may not cross a page, so none is longer than one.  Bytes in the
 * list, or negative if the guest was killed.
 */
static int list_length(struct lguest *lg, const struct lguest_dma *dma)
{
	u32 i, total = 0;

	for (i = 0; i < LGUEST_MAX_DMA_SECTIONS && dma->len[i]; i++) {
		u32 addr = dma->addr[i], len = dma->len[i];

		if (offset_in_page(addr) + len > PAGE_SIZE ||
		    !guest_range_ok(lg, addr, len))
			return kill_guest(lg, "bad DMA section %#x len %u",
					  addr, len);
		total += len;
	}
	return total;
}

/* What a guest sends, copied out of its memory. */
struct parcel {
	void *data;
	u32 len;
};

static int pack_parcel(struct lguest *lg, gpa_t src, struct parcel *parcel)
{
	struct lguest_dma dma;
	u32 i, done = 0;
	int err = guest_read(lg, &dma, src, sizeof(dma));

	if (err)
		return err;
	err = list_length(lg, &dma);
	if (err < 0)
		return err;
	parcel->len = err;
	parcel->data = kvmalloc(parcel->len, GFP_KERNEL_ACCOUNT);
	if (!parcel->data)
		return kill_guest(lg, "out of memory for DMA");
	for (i = 0, err = 0; !err && done < parcel->len; i++) {
		err = guest_read(lg, parcel->data + done, dma.addr[i],
				 dma.len[i]);
		done += dma.len[i];
	}
	return err;
}

static int unpack_parcel(struct peer *peer, const struct lguest_dma *dma,
			 const struct parcel *parcel, u32 len)
{
	u32 i, part, done = 0;
	int err = 0;

	for (i = 0; !err && done < len; i++) {
		part = min_t(u32, dma->len[i], len - done);
		err = peer_write(peer, dma->addr[i], parcel->data + done, part);
		done += part;
	}
	return err;
}

/* Arrays are as long as their guests like. */
static bool must_stop(void)
{
	cond_resched();
	return fatal_signal_pending(current);
}

/* The next element that is free to be filled: 1; none: 0. */
static int scan_elements(struct dma_array *array, struct peer *peer,
			 u32 *found)
{
	u32 i, used_len;
	int err;

	for (i = 0; i < array->count; i++) {
		*found = (array->next + i) % array->count;
		err = peer_read(peer, &used_len, element(array, *found),
				sizeof(used_len));
		if (err)
			return err;
		if (!used_len)
			return 1;
		if (must_stop())
			return -EINTR;
	}
	return 0;
}

/*
 * The receiver frees elements while we look.  If one further on was free then
 * those before it may be by now, and filling them in order keeps the order of
 * what is sent.
 */
static int find_free_element(struct dma_array *array, struct peer *peer,
			     struct lguest_dma *dma, u32 *found)
{
	int err = scan_elements(array, peer, found);

	if (err > 0 && *found != array->next)
		err = scan_elements(array, peer, found);
	if (err <= 0)
		return err;
	err = peer_read(peer, dma, element(array, *found), sizeof(*dma));
	return err ? err : 1;
}

/* What became of an attempt to deliver. */
enum delivery {
	DELIVERED,
	NOT_NOW,
	NOT_DELIVERED,
};

static enum delivery failed_with(int err)
{
	return err == -EAGAIN ? NOT_NOW : NOT_DELIVERED;
}

/* Fill the array's next free element; @used: what was transferred. */
static enum delivery deliver(struct dma_array *array, struct peer *peer,
			     const struct parcel *parcel, u32 *used)
{
	struct lguest_dma dma;
	u32 index;
	int err, found, room;

	found = find_free_element(array, peer, &dma, &index);
	if (found < 0)
		return failed_with(found);
	if (!found) {
		raise_irq(&array->lg->vcpu, array->irq);
		return NOT_NOW;
	}
	room = list_length(array->lg, &dma);
	if (room < 0 || (!room && parcel->len))
		return NOT_DELIVERED;
	*used = min_t(u32, room, parcel->len);
	err = unpack_parcel(peer, &dma, parcel, *used);
	if (err)
		return failed_with(err);
	smp_wmb();		/* the data before the news of it */
	err = peer_write(peer, element(array, index), used, sizeof(*used));
	if (err)
		return failed_with(err);
	array->next = (index + 1) % array->count;
	raise_irq(&array->lg->vcpu, array->irq);
	return DELIVERED;
}

/* The first array of another guest's with this key; it must be put. */
static struct dma_array *find_peer(struct lguest *lg, const struct dma_key *key)
{
	struct dma_array *array, *found = NULL;

	mutex_lock(&dma_lock);
	hash_for_each_possible(dma_hash, array, hash, hash_of(key)) {
		if (array->lg != lg && keys_equal(&array->key, key) &&
		    !guest_is_dead(array->lg)) {
			found = array;
			refcount_inc(&found->refs);
			break;
		}
	}
	mutex_unlock(&dma_lock);
	return found;
}

static enum delivery send_to_peer(struct lguest *lg, const struct dma_key *key,
				  const struct parcel *parcel, u32 *used)
{
	struct dma_array *array = find_peer(lg, key);
	enum delivery result = NOT_DELIVERED;
	struct peer peer;

	if (!array)
		return NOT_DELIVERED;
	if (mutex_lock_killable(&array->lock))
		goto put;
	/* Its owner may be on the way out. */
	if (!READ_ONCE(array->gone) && peer_open(&peer, array->lg)) {
		result = deliver(array, &peer, parcel, used);
		peer_close(&peer);
	}
	mutex_unlock(&array->lock);
put:
	put_array(array);
	return result;
}

static int send_shared(struct lguest *lg, const struct dma_key *key, gpa_t dma)
{
	struct parcel parcel = {};
	enum delivery result;
	u32 used;
	int err = pack_parcel(lg, dma, &parcel);

	if (err)
		goto free;
	result = send_to_peer(lg, key, &parcel, &used);
	if (result == NOT_NOW) {
		/* Its owner has been woken, and may have made room, or it is there now. */
		cond_resched();
		result = send_to_peer(lg, key, &parcel, &used);
	}
	if (result == DELIVERED)
		err = guest_write_word(lg, dma, used);
free:
	kvfree(parcel.data);
	return err;
}

static int send_to_launcher(struct lguest_vcpu *vcpu, gpa_t key, gpa_t dma)
{
	struct lguest *lg = vcpu->lg;

	if (!guest_range_ok(lg, dma, sizeof(struct lguest_dma)))
		return kill_guest(lg, "bad DMA list at %#x", dma);
	vcpu->reply.dma.dma = dma;
	vcpu->reply.dma.key = key;
	vcpu->reply.waiting = true;
	return 0;
}

/**
 * send_dma() - LHCALL_SEND_DMA
 * @vcpu: the guest's CPU; the caller is its owner
 * @addr: the key
 * @dma: guest-physical address of a struct lguest_dma
 *
 * Between guests, its used_len becomes what was transferred; it stays as it was
 * if nobody listens or nobody has room.
 *
 * Return: 0, or negative if the guest was killed.
 */
int send_dma(struct lguest_vcpu *vcpu, gpa_t addr, gpa_t dma)
{
	struct lguest *lg = vcpu->lg;
	struct dma_key key;
	int err = get_key(lg, addr, &key);

	if (err)
		return err;
	if (key_is_shared(&key))
		err = send_shared(lg, &key, dma);
	else
		err = send_to_launcher(vcpu, addr, dma);
	put_key(&key);
	return err;
}

static struct dma_array *find_own(struct lguest *lg, const struct dma_key *key)
{
	struct dma_array *array;

	list_for_each_entry(array, &lg->devices.dma_arrays, guest) {
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

		if (must_stop() || guest_read(lg, &used, addr, sizeof(used)))
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
	array = find_own(lg, &key);
	if (array && !mutex_lock_killable(&array->lock)) {
		found = claim_element(lg, array);
		mutex_unlock(&array->lock);
	}
	put_key(&key);
	return found;
}
