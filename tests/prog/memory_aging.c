// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages go when memory is short: those that nobody uses, and not those
 * that only the guest does.  The launcher's own tables know nothing of the
 * guest's accesses; without them its pages would be the first to go, being the
 * oldest, and come back by a fault each.
 *
 *	usage: memory_aging GROUP
 *
 * GROUP is the memory control group that this runs in; it is made to shrink.
 */
#include "mini/arena.h"

#define HOT		64
#define COLD		2000
/* much more than CPUs keep in stock of what a group may have */
#define STEP		((long)(256 * PAGE))

static const char *group;
static volatile bool enough;
static volatile u32 turns;

static void guest_reads(void)
{
	u32 i;

	for (turns = 0; !enough; turns++) {
		for (i = 0; i < HOT; i++)
			guest_expect(*arena_word(i) == i + 1);
	}
}

/* The guest has used all of its pages since this was called. */
static void next_turn(void)
{
	u32 seen = turns;

	wait_until(turns - seen > 1 || arena_ended());
	expect(!arena_ended(), "the guest died: %s", arena_reason());
}

static u32 cold_pages_left(void)
{
	u64 entries[COLD];
	u32 i, left = 0;

	arena_pagemap(arena_page(HOT), entries, COLD);
	for (i = 0; i < COLD; i++)
		left += !!pagemap_frame(entries[i]);
	return left;
}

static const char *group_file(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", group, name);
	return path;
}

static void shrink(void)
{
	char text[20] = "";
	int fd = open(group_file("memory.current"), O_RDONLY | O_CLOEXEC);

	expect(read(fd, text, sizeof(text) - 1) > 0, "%s: %m", group_file("memory.current"));
	close(fd);
	snprintf(text, sizeof(text), "%ld", atol(text) - STEP);
	mini_write(group_file("memory.high"), text);
	mini_write(group_file("memory.high"), "max");
}

static void pages_in_use_stay(void)
{
	long faults;
	u32 i;

	arena_map(HOT + COLD);
	for (i = 0; i < HOT + COLD; i++)
		*arena_word(i) = i + 1;
	arena_run(guest_reads);
	next_turn();
	arena_advise(0, HOT + COLD, MADV_COLD);
	next_turn();
	faults = mini_counter(arena_fd, "pf_fixed");
	while (cold_pages_left() > COLD / 4) {
		shrink();
		next_turn();
	}
	faults = mini_counter(arena_fd, "pf_fixed") - faults;
	expect(faults < HOT / 4, "%ld pages had to come back", faults);
	enough = true;
	expect_reason(arena_reason(), "CRASH: done");
}

int main(int argc, char *argv[])
{
	mini_case_seconds = 180;
	group = argc > 1 ? argv[1] : ".";
	RUN(pages_in_use_stay);
	return mini_done();
}
