// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints: int3 in the guest's memory, which its debugger does not see.  What a
 * breakpoint replaces is remembered by its place in guest-physical memory: the guest
 * may have it at other addresses, too, and may change its tables.
 */
#include <string.h>

#include "debug.h"
#include "guest_memory.h"

#define INT3	0xcc

static struct breakpoint {
	__u32 vaddr;
	__u32 paddr;
	__u8 was;
} all[BREAKPOINTS_MAX];

static unsigned int nr;

static struct breakpoint *find(__u32 vaddr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (all[i].vaddr == vaddr)
			return &all[i];
	}
	return NULL;
}

static struct breakpoint *find_physical(__u32 paddr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (all[i].paddr == paddr)
			return &all[i];
	}
	return NULL;
}

static __u8 *byte_at(const struct memory *mem, __u32 paddr)
{
	return memory_at(mem, paddr);
}

/**
 * breakpoint_set() - stop the guest before it executes what is there
 * @view: of the guest
 * @vaddr: guest-virtual address; there may be a breakpoint already
 *
 * Return: false if there is no memory, or there are too many.
 */
bool breakpoint_set(const struct view *view, __u32 vaddr)
{
	const struct breakpoint *same;
	__u32 paddr;

	if (find(vaddr))
		return true;
	if (nr == BREAKPOINTS_MAX || !view_translate(view, vaddr, &paddr))
		return false;
	same = find_physical(paddr);
	all[nr++] = (struct breakpoint){
		.vaddr = vaddr,
		.paddr = paddr,
		.was = same ? same->was : *byte_at(view->mem, paddr),
	};
	*byte_at(view->mem, paddr) = INT3;
	return true;
}

/* Unless the guest has something else there by now. */
static void take_out(const struct memory *mem, struct breakpoint *breakpoint)
{
	const struct breakpoint gone = *breakpoint;

	*breakpoint = all[--nr];
	if (!find_physical(gone.paddr) && *byte_at(mem, gone.paddr) == INT3)
		*byte_at(mem, gone.paddr) = gone.was;
}

/**
 * breakpoint_clear() - take a breakpoint out
 * @view: of the guest
 * @vaddr: guest-virtual address
 *
 * Return: false if there is none.
 */
bool breakpoint_clear(const struct view *view, __u32 vaddr)
{
	struct breakpoint *breakpoint = find(vaddr);

	if (breakpoint)
		take_out(view->mem, breakpoint);
	return breakpoint;
}

/** breakpoint_is() - is there one of ours at this guest-virtual address? */
bool breakpoint_is(__u32 vaddr)
{
	return find(vaddr);
}

/** breakpoints_clear_all() - the debugger goes */
void breakpoints_clear_all(const struct memory *mem)
{
	while (nr)
		take_out(mem, &all[nr - 1]);
}

/**
 * breakpoints_read() - view_read() as if there were no breakpoints
 * @view: of the guest
 * @vaddr: guest-virtual address
 * @to: where to
 * @len: bytes
 *
 * Return: how many there are.
 */
size_t breakpoints_read(const struct view *view, __u32 vaddr, void *to, size_t len)
{
	const size_t done = view_read(view, vaddr, to, len);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const __u32 offset = all[i].vaddr - vaddr;

		if (offset < done && ((__u8 *)to)[offset] == INT3)
			((__u8 *)to)[offset] = all[i].was;
	}
	return done;
}

/**
 * breakpoints_write() - view_write() that leaves breakpoints where they are
 * @view: of the guest
 * @vaddr: guest-virtual address
 * @from: where from
 * @len: bytes
 *
 * Return: how many there is room for.
 */
size_t breakpoints_write(const struct view *view, __u32 vaddr, const void *from, size_t len)
{
	const size_t done = view_write(view, vaddr, from, len);
	unsigned int i;

	for (i = 0; i < nr; i++) {
		const __u32 offset = all[i].vaddr - vaddr;

		if (offset >= done)
			continue;
		all[i].was = ((const __u8 *)from)[offset];
		*byte_at(view->mem, all[i].paddr) = INT3;
	}
	return done;
}
