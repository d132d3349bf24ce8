// SPDX-License-Identifier: GPL-2.0
/*
 * The guest, as gdb_commands.c asks for it: its registers are the host's to tell, and by
 * these its memory is found.
 *
 * A watchpoint is the guest made to step, with a look at the place after each
 * instruction: slow, but the processor's own are not to be had (debugger.c of the
 * module).
 */
#include <string.h>

#include "debug.h"
#include "host.h"

#define WATCHES_MAX	16u
#define WATCH_BYTES	16u

static const struct memory *memory;

static struct watch {
	__u32 addr, len;
	char was[WATCH_BYTES];
} watches[WATCHES_MAX];

static unsigned int nr_watches;

static bool look(struct view *view)
{
	struct lguest_debug_regs regs;

	if (!host_get_registers(&regs))
		return false;
	*view = (struct view){ memory, regs.cr0, regs.cr3, regs.cr4 };
	return true;
}

static size_t read_memory(__u32 addr, void *to, size_t len)
{
	struct view view;

	return look(&view) ? breakpoints_read(&view, addr, to, len) : 0;
}

static size_t write_memory(__u32 addr, const void *from, size_t len)
{
	struct view view;

	return look(&view) ? breakpoints_write(&view, addr, from, len) : 0;
}

static bool set_break(__u32 addr)
{
	struct view view;

	return look(&view) && breakpoint_set(&view, addr);
}

static bool clear_break(__u32 addr)
{
	struct view view;

	return look(&view) && breakpoint_clear(&view, addr);
}

static bool set_watch(__u32 addr, __u32 len)
{
	struct watch *watch = &watches[nr_watches];

	if (nr_watches == WATCHES_MAX || !len || len > WATCH_BYTES ||
	    read_memory(addr, watch->was, len) != len)
		return false;
	watch->addr = addr;
	watch->len = len;
	nr_watches++;
	return true;
}

static bool clear_watch(__u32 addr, __u32 len)
{
	unsigned int i;

	for (i = 0; i < nr_watches; i++) {
		if (watches[i].addr != addr || watches[i].len != len)
			continue;
		watches[i] = watches[--nr_watches];
		return true;
	}
	return false;
}

const struct gdb_target gdb_guest = {
	.get_registers = host_get_registers,
	.set_registers = host_set_registers,
	.read = read_memory,
	.write = write_memory,
	.set_break = set_break,
	.clear_break = clear_break,
	.set_watch = set_watch,
	.clear_watch = clear_watch,
};

/** gdb_guest_is() - what its memory is */
void gdb_guest_is(const struct memory *mem)
{
	memory = mem;
}

/** gdb_guest_watched() - is there something that has to be looked at after each step? */
bool gdb_guest_watched(void)
{
	return nr_watches;
}

/**
 * gdb_guest_changed() - is a watched place another than it was?
 * @addr: the first that is, which will be compared with what it is now
 */
bool gdb_guest_changed(__u32 *addr)
{
	struct view view;
	unsigned int i;

	if (!nr_watches || !look(&view))
		return false;
	for (i = 0; i < nr_watches; i++) {
		struct watch *watch = &watches[i];
		char now[WATCH_BYTES];

		if (view_read(&view, watch->addr, now, watch->len) == watch->len &&
		    memcmp(now, watch->was, watch->len)) {
			memcpy(watch->was, now, watch->len);
			*addr = watch->addr;
			return true;
		}
	}
	return false;
}

/** gdb_guest_forget() - gdb goes: nothing of it is left in the guest */
void gdb_guest_forget(void)
{
	nr_watches = 0;
	breakpoints_clear_all(memory);
}
