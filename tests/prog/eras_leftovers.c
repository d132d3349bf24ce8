// SPDX-License-Identifier: GPL-2.0
/*
 * What is taken out of a shadow page table leaves nothing there: the module
 * shadowwatch looks at the tables that a guest has made read-only.
 */
#include "era.h"

#define VADDR		0x04000000u
#define PAGES		64u
#define LAST_PAGES	(ERA_LOW_SIZE - PAGES * PAGE)	/* of RAM */
#define WATCH		"/sys/module/shadowwatch/parameters/"

#define TOUCHED		0x1000u
#define LOOKED		0x2000u

static void guest_unmaps(void)
{
	u32 i;

	for (i = 0; i < PAGES; i++)
		*word_at(VADDR + i * PAGE) = i;
	call1(LHCALL_NOTIFY, TOUCHED);
	for (i = 1; i < PAGES; i += 2)
		era_set_pte(run.root, VADDR + i * PAGE, 0);
	call1(LHCALL_FLUSH_TLB, LGUEST_FLUSH_WRITABLE);
	call1(LHCALL_NOTIFY, LOOKED);
}

static long watched(const char *name)
{
	char path[80];
	long value;
	FILE *f;

	snprintf(path, sizeof(path), WATCH "%s", name);
	f = fopen(path, "r");
	expect(f && fscanf(f, "%ld", &value) == 1, "%s: %m", path);
	fclose(f);
	return value;
}

/* The guest has taken every other page out, the launcher one of four. */
static void nothing_is_left(void)
{
	u8 *pages = seen(LAST_PAGES);
	long tables = watched("tables"), empty = watched("empty");
	u32 i;
	int fd;

	era_prepare(guest_unmaps);
	run.init2 = LGUEST_EXTENSIONS;
	run.init3 = PHYS(scratch[0]);
	for (i = 0; i < PAGES; i++)
		era_map(run.root, VADDR + i * PAGE, (LAST_PAGES + i * PAGE) | P_ALL);
	fd = era_start();
	expect_value(era_notified(fd), TOUCHED);
	for (i = 0; i < PAGES; i += 4)
		expect(!madvise(pages + i * PAGE, PAGE, MADV_DONTNEED), "madvise: %m");
	expect_value(era_notified(fd), LOOKED);
	expect(watched("tables") > tables, "no table was looked at");
	expect(watched("empty") - empty >= (long)PAGES * 3 / 4, "nothing was taken out");
	expect_value(watched("leftovers"), 0);
	expect_reason(era_finish(fd), "CRASH: done");
}

int main(void)
{
	if (access(WATCH, F_OK)) {
		mini_skip("nothing_is_left", "the module shadowwatch is not there");
		return mini_done();
	}
	RUN_ERAS(nothing_is_left, ERA_NOTIFY, 0);
	return mini_done();
}
