// SPDX-License-Identifier: GPL-2.0
/*
 * A guest's memory, which is its launcher's: the one bound of it, the one place where
 * an address of the guest's becomes one of the launcher's, and all copies to and from
 * guest-physical addresses.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include "lg.h"

/**
 * guest_range_ok() - does a range lie in the guest's memory?
 * @lg: the guest
 * @addr: guest-physical start
 * @len: bytes
 *
 * This is the one bound of what is mapped, copied, or means something to its
 * launcher.  What is below pfn_limit is in the launcher's part of the address
 * space (set_memory()), and mmu_notifier.c follows it.
 *
 * Return: true if all of it is below the limit, without wrap-around.
 */
bool guest_range_ok(const struct lguest *lg, gpa_t addr, u32 len)
{
	return (u64)addr + len <= (u64)lg->memory.pfn_limit << PAGE_SHIFT;
}

/**
 * guest_uaddr() - where the launcher has guest-physical memory
 * @lg: the guest
 * @addr: guest-physical start
 * @len: bytes that will be touched
 *
 * Nothing else makes an address of the launcher's out of one of the guest's.
 *
 * Return: a pointer in the owner's address space; ERR_PTR(-EFAULT), which no
 * access is allowed to either, if not all of it is the guest's memory.
 */
void __user *guest_uaddr(const struct lguest *lg, gpa_t addr, u32 len)
{
	if (unlikely(!guest_range_ok(lg, addr, len)))
		return (void __user *)ERR_PTR(-EFAULT);
	return (void __user *)(lg->memory.base + addr);
}

/**
 * guest_mem_size() - how much memory a guest can have
 * @lg: the guest
 *
 * Return: bytes, from mem_base in the launcher, of which all is the launcher's.
 */
unsigned long guest_mem_size(const struct lguest *lg)
{
	return (unsigned long)lg->memory.pfn_limit << PAGE_SHIFT;
}

/**
 * guest_peek() - copy from guest-physical memory, if that is possible
 * @lg: the guest; the caller is its owner
 * @to: where to
 * @from: guest-physical address
 * @len: bytes
 *
 * Return: false if it is not all there; that is no reason for killing a guest.
 */
bool guest_peek(const struct lguest *lg, void *to, gpa_t from, u32 len)
{
	const void __user *at = guest_uaddr(lg, from, len);

	return !IS_ERR(at) && !copy_from_user(to, at, len);
}

/**
 * guest_peek_word() - guest_peek() of one word, fast
 * @lg: the guest; the caller is its owner
 * @word: what is there
 * @from: guest-physical address
 *
 * Return: false if it is not there.
 */
bool guest_peek_word(const struct lguest *lg, u32 *word, gpa_t from)
{
	const u32 __user *at = guest_uaddr(lg, from, sizeof(*word));

	return !IS_ERR(at) && !get_user(*word, at);
}

/**
 * guest_poke() - copy to guest-physical memory, if that is possible
 * @lg: the guest; the caller is its owner, or will be
 * @to: guest-physical address
 * @from: where from
 * @len: bytes
 *
 * Return: false if it is not all there; that is no reason for killing a guest.
 */
bool guest_poke(const struct lguest *lg, gpa_t to, const void *from, u32 len)
{
	void __user *at = guest_uaddr(lg, to, len);

	return !IS_ERR(at) && !copy_to_user(at, from, len);
}

/**
 * guest_read() - copy from guest-physical memory
 * @lg: the guest; the caller is its owner
 * @to: where to
 * @from: guest-physical address
 * @len: bytes
 *
 * Return: 0, or a negative value after killing the guest; then @to is zeroed.
 */
int guest_read(struct lguest *lg, void *to, gpa_t from, u32 len)
{
	if (guest_peek(lg, to, from, len))
		return 0;
	memset(to, 0, len);
	return kill_guest(lg, "bad read address %#x len %u", from, len);
}

/**
 * guest_read_word() - read one word of guest-physical memory, fast
 * @lg: the guest; the caller is its owner
 * @word: what is there, or 0
 * @from: guest-physical address
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_read_word(struct lguest *lg, u32 *word, gpa_t from)
{
	if (likely(guest_peek_word(lg, word, from)))
		return 0;
	return guest_read(lg, word, from, sizeof(*word));
}

/**
 * guest_write_word() - write one word of guest-physical memory, fast
 * @lg: the guest; the caller is its owner
 * @to: guest-physical address
 * @word: what to write
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_write_word(struct lguest *lg, gpa_t to, u32 word)
{
	u32 __user *at = guest_uaddr(lg, to, sizeof(word));

	if (!IS_ERR(at) && !put_user(word, at))
		return 0;
	return guest_write(lg, to, &word, sizeof(word));
}

/**
 * guest_write() - copy to guest-physical memory
 * @lg: the guest; the caller is its owner
 * @to: guest-physical address
 * @from: where from
 * @len: bytes
 *
 * Return: 0, or a negative value after killing the guest.
 */
int guest_write(struct lguest *lg, gpa_t to, const void *from, u32 len)
{
	if (guest_poke(lg, to, from, len))
		return 0;
	return kill_guest(lg, "bad write address %#x len %u", to, len);
}
