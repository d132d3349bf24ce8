// SPDX-License-Identifier: GPL-2.0
/*
 * Copies to and from the guest's address space, page by page as guest_tables.c finds them:
 * with the rights that its kernel has.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include "lg.h"

static u32 bytes_left_in_page(u32 addr, u32 len)
{
	return min_t(u32, len, PAGE_SIZE - offset_in_page(addr));
}

/**
 * guest_read_virt() - copy from the guest's address space, as its kernel would
 * @vcpu: the guest's CPU; the caller is its owner
 * @to: where to
 * @from: guest-virtual address
 * @len: bytes
 *
 * Return: 1 if all was copied, 0 if some page was not mapped, negative if the
 * guest was killed.
 */
int guest_read_virt(struct lguest_vcpu *vcpu, void *to, u32 from, u32 len)
{
	struct lguest *lg = vcpu->lg;

	while (len) {
		u32 part = bytes_left_in_page(from, len);
		struct guest_page page;
		int found = guest_walk(vcpu, from, 0, &page);

		if (found <= 0)
			return found;
		if (guest_read(lg, to, page.gpa + offset_in_page(from), part))
			return -ENOENT;
		to += part;
		from += part;
		len -= part;
	}
	return 1;
}

/**
 * guest_write_virt() - copy to the guest's address space, as its kernel would
 * @vcpu: the guest's CPU; the caller is its owner
 * @to: guest-virtual address
 * @from: where from
 * @len: bytes, at most a page
 *
 * Nothing is written unless all of it can be.
 *
 * Return: 1 if all was copied, 0 if some page was not mapped or not writable,
 * negative if the guest was killed.
 */
int guest_write_virt(struct lguest_vcpu *vcpu, u32 to, const void *from, u32 len)
{
	struct lguest *lg = vcpu->lg;
	u32 first = bytes_left_in_page(to, len);
	struct guest_page page, next;
	int found = guest_walk(vcpu, to, PF_WRITE, &page);

	if (found > 0 && first < len)
		found = guest_walk(vcpu, to + first, PF_WRITE, &next);
	if (found <= 0)
		return found;
	if (guest_write(lg, page.gpa + offset_in_page(to), from, first))
		return -ENOENT;
	if (first < len && guest_write(lg, next.gpa, from + first, len - first))
		return -ENOENT;
	return 1;
}
