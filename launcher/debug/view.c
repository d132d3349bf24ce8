// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's memory as its own programs see it: by its page tables, of either format,
 * or as it is before it has any.  Nothing of it is believed: each entry is read once,
 * and names memory of the guest's or nothing.
 */
#include <string.h>

#include "base.h"
#include "debug.h"
#include "guest_memory.h"

#define PG		0x80000000u	/* in CR0 */
#define PAE		0x20u		/* in CR4 */
#define PRESENT		1u
#define LARGE		0x80u
#define FRAME		0xfffff000u
#define OFFSET(addr)	((addr) & (PAGE_BYTES - 1))

/* Where a kernel has all memory once more, before it has page tables. */
#define EARLY_KERNEL	0xc0000000u

static bool entry_at(const struct view *view, __u64 at, size_t size, __u64 *entry)
{
	*entry = 0;
	if (at > ~0u || !memory_has(view->mem, at, size))
		return false;
	memcpy(entry, memory_at(view->mem, at), size);
	return *entry & PRESENT;
}

static bool is_low(__u64 entry)
{
	return !(entry >> 32 & 0xfffff);
}

static bool walk_two_levels(const struct view *view, __u32 vaddr, __u32 *paddr)
{
	__u64 entry;

	if (!entry_at(view, (view->cr3 & FRAME) + (vaddr >> 22) * 4, 4, &entry))
		return false;
	if (entry & LARGE) {
		*paddr = (entry & 0xffc00000u) | (vaddr & 0x3fffffu);
		return true;
	}
	if (!entry_at(view, (entry & FRAME) + (vaddr >> 12 & 1023) * 4, 4, &entry))
		return false;
	*paddr = (entry & FRAME) | OFFSET(vaddr);
	return true;
}

static bool walk_pae(const struct view *view, __u32 vaddr, __u32 *paddr)
{
	__u64 entry;

	if (!entry_at(view, (view->cr3 & ~31u) + (vaddr >> 30) * 8, 8, &entry) || !is_low(entry))
		return false;
	if (!entry_at(view, (entry & FRAME) + (vaddr >> 21 & 511) * 8, 8, &entry) ||
	    !is_low(entry))
		return false;
	if (entry & LARGE) {
		*paddr = (entry & 0xffe00000u) | (vaddr & 0x1fffffu);
		return true;
	}
	if (!entry_at(view, (entry & FRAME) + (vaddr >> 12 & 511) * 8, 8, &entry) ||
	    !is_low(entry))
		return false;
	*paddr = (entry & FRAME) | OFFSET(vaddr);
	return true;
}

/**
 * view_translate() - where is a guest-virtual address?
 * @view: of the guest
 * @vaddr: the address
 * @paddr: guest-physical, of memory that the guest has
 *
 * Return: false if it is nowhere.
 */
bool view_translate(const struct view *view, __u32 vaddr, __u32 *paddr)
{
	bool found = true;

	if (!(view->cr0 & PG))
		*paddr = memory_has(view->mem, vaddr, 1) ? vaddr : vaddr - EARLY_KERNEL;
	else if (view->cr4 & PAE)
		found = walk_pae(view, vaddr, paddr);
	else
		found = walk_two_levels(view, vaddr, paddr);
	return found && memory_has(view->mem, *paddr, 1) && *paddr < view->mem->limit;
}

/* How much of @len, from @vaddr on, is in one page; where it is in @at. */
static size_t piece(const struct view *view, __u32 vaddr, size_t len, char **at)
{
	const size_t left = PAGE_BYTES - OFFSET(vaddr);
	__u32 paddr;

	if (len > left)
		len = left;
	if (!view_translate(view, vaddr, &paddr) || !memory_has(view->mem, paddr, len))
		return 0;
	*at = memory_at(view->mem, paddr);
	return len;
}

/**
 * view_read() - copy from the guest
 * @view: of the guest
 * @vaddr: guest-virtual address
 * @to: where to
 * @len: bytes
 *
 * Return: how many there are.
 */
size_t view_read(const struct view *view, __u32 vaddr, void *to, size_t len)
{
	size_t done, n;
	char *at;

	for (done = 0; done < len; done += n) {
		n = piece(view, vaddr + done, len - done, &at);
		if (!n)
			break;
		memcpy((char *)to + done, at, n);
	}
	return done;
}

/**
 * view_write() - copy to the guest, whatever its page tables allow
 * @view: of the guest
 * @vaddr: guest-virtual address
 * @from: where from
 * @len: bytes
 *
 * Return: how many there is room for.
 */
size_t view_write(const struct view *view, __u32 vaddr, const void *from, size_t len)
{
	size_t done, n;
	char *at;

	for (done = 0; done < len; done += n) {
		n = piece(view, vaddr + done, len - done, &at);
		if (!n)
			break;
		memcpy(at, (const char *)from + done, n);
	}
	return done;
}
