// SPDX-License-Identifier: GPL-2.0
/* Where guest memory is mapped, what may be done there, and what is around it. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "era.h"
#include "guest_memory.h"
#include "said.h"
#include "tap.h"

#define RAM	MEMORY_MIN	/* below this program, which is not linked high */

#define HOLE	(16 * MIB)

static struct memory memory;

/* How the kernel maps what is at @at: "rw-p", or "" if nothing is there. */
static const char *rights_of(unsigned long at)
{
	static char rights[8];
	unsigned long start, end;
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];

	rights[0] = '\0';
	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3 &&
		    at >= start && at < end)
			break;
		rights[0] = '\0';
	}
	if (maps)
		fclose(maps);
	return rights;
}

static bool has_rights(unsigned long at, const char *expected, const char *name)
{
	const char *rights = rights_of(at);

	if (ok(!strcmp(rights, expected), name))
		return true;
	printf("# at %#lx is '%s', expected '%s'\n", at, rights, expected);
	return false;
}

static void map(__u32 release)
{
	need(memory_map(&memory, era_of(release), RAM, false));
}

static void test_bounds(void)
{
	ok(memory_has(&memory, RAM, PAGE_BYTES), "the guest has its memory and a page of devices");
	ok(!memory_has(&memory, RAM, PAGE_BYTES + 1) && !memory_has(&memory, RAM + PAGE_BYTES, 1) &&
	   !memory_has(&memory, 0xffffffff, 2), "and no more");
}

static void test_anywhere(void)
{
	unsigned long base;

	map(LGUEST_RELEASE(3, 11, 0));
	base = (unsigned long)memory.base;
	ok(base + RAM + LGUEST_DEVICE_PAGES * PAGE_BYTES - 1 <= 0xffffffff, "memory is below 4 GB");
	has_rights(base, "rw-p", "memory can be read and written, not executed");
	has_rights(base + RAM, "rw-p", "so can the page of devices");
	has_rights(base - 1, "---p", "nobody may touch what is below");
	has_rights(base + RAM + LGUEST_DEVICE_PAGES * PAGE_BYTES, "---p", "and what is above");
	test_bounds();
}

/* Leaves no room that is large enough where the host can reach it. */
static void map_without_room(void)
{
	__u64 at;

	for (at = HOLE; at + HOLE <= 1ull << 32; at += HOLE)
		mmap((void *)(uintptr_t)at, HOLE, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (!memory_map(&memory, era_of(LGUEST_RELEASE(3, 11, 0)), 4 * HOLE, false))
		exit(report_failure());
}

static void test_no_room(void)
{
	is_number(WEXITSTATUS(end_of(map_without_room)), STATUS_SETUP, "no room below 4 GB");
	is_wrong(said, sizeof(void *) > 4 ? "must be below 4 GB" : "use a smaller --mem",
		 "the user is told why");
}

static void test_classic(void)
{
	map(LGUEST_RELEASE(2, 6, 23));
	ok(!memory.base, "a classic guest's memory is at 0");
	has_rights(0, "rw-p", "and can be read and written, not executed");
	has_rights(RAM + (DEVICE_PAGES - 1) * PAGE_BYTES, "rw-p", "with all pages of devices");
	test_bounds();
}

static __u64 blocks(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_blocks;
}

/* That of a file, as others map it, takes room until the file has holes. */
static void test_discard(void)
{
	int fd = memfd_create("guest", MFD_CLOEXEC);
	struct memory shared = { .ram = 4 * PAGE_BYTES, .limit = 5 * PAGE_BYTES };
	__u64 all;

	if (ftruncate(fd, shared.limit))
		exit(1);
	shared.base = mmap(NULL, shared.limit, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset(shared.base, 'x', shared.limit);
	all = blocks(fd);
	ok(memory_discard(&shared, PAGE_BYTES, 2 * PAGE_BYTES) && blocks(fd) < all,
	   "memory of a file goes");
	ok(!shared.base[PAGE_BYTES] && !shared.base[3 * PAGE_BYTES - 1] &&
	   shared.base[PAGE_BYTES - 1] == 'x' && shared.base[3 * PAGE_BYTES] == 'x',
	   "and nothing beside it");
	ok(memory_discard(&shared, 3 * PAGE_BYTES, 2 * PAGE_BYTES) &&
	   shared.base[4 * PAGE_BYTES] == 'x', "but the page of devices stays");
	ok(memory_discard(&shared, ~0u, ~0u) && memory_discard(&shared, 8 * PAGE_BYTES, ~0u),
	   "and what is none");
	ok(memory_resident() > PAGE_BYTES, "the launcher knows what it has");
	munmap(shared.base, shared.limit);
	close(fd);
}

static void map_as_nobody(void)
{
	if (!setgid(65534) && !setuid(65534) &&
	    !memory_map(&memory, era_of(LGUEST_RELEASE(2, 6, 23)), RAM, false))
		exit(report_failure());
}

/* The host may let everybody have it. */
static bool is_forbidden(void)
{
	unsigned long lowest = 0;
	FILE *limit = fopen("/proc/sys/vm/mmap_min_addr", "re");

	if (limit && fscanf(limit, "%lu", &lowest) != 1)
		lowest = 0;
	if (limit)
		fclose(limit);
	return lowest;
}

int main(void)
{
	test_anywhere();
	test_discard();
	test_no_room();
	if (getuid()) {
		ok(true, "memory at 0 # SKIP takes root");
		return tap_done();
	}
	if (is_forbidden()) {
		is_number(WEXITSTATUS(end_of(map_as_nobody)), STATUS_SETUP,
			  "memory at 0 is not for everybody");
		is_wrong(said, "address 0, where classic guests need it", "who is told why");
	}
	test_classic();
	return tap_done();
}
