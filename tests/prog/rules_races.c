// SPDX-License-Identifier: GPL-2.0
/*
 * A page that changes hands after the host took it for the guest and before it maps
 * it is not mapped.  The owner is stopped in between (the module stall): where it
 * marks the page, which it has by then, as dirty.
 */
#include <dirent.h>
#include "mini/arena.h"

#define STALL		"/proc/stall"
#define HAS_THE_PAGE	"set_page_dirty"
#define AROUND		16u	/* pages that are mapped together: fault_around.c */
#define CLEAN		(P_ALL | P_ACCESSED)
#define WRITABLE	(CLEAN | P_DIRTY)
#define ASKED_FOR	5u

static volatile u32 from, to;
static volatile enum { WAITING, READING, WRITING, LEAVING } job;

static void guest_works(void)
{
	volatile u32 *word;
	u32 page;

	for (;;) {
		while (job == WAITING)
			;
		if (job == LEAVING)
			return;
		for (page = from; page < to; page++) {
			word = (volatile u32 *)(ARENA_USER + page * PAGE);
			if (job == WRITING)
				*word = page + 1;
			else
				(void)*word;
		}
		job = WAITING;
	}
}

static void ask(int what, u32 first, u32 end)
{
	from = first;
	to = end;
	job = what;
}

static void wait_for_guest(void)
{
	wait_until(job == WAITING || arena_ended());
	expect(!arena_ended(), "the guest died: %s", arena_reason());
}

/* The other thread of this process. */
static pid_t owner(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	pid_t tid = 0;

	expect(dir, "/proc/self/task: %m");
	while ((entry = readdir(dir))) {
		if (atoi(entry->d_name) && atoi(entry->d_name) != getpid())
			tid = atoi(entry->d_name);
	}
	closedir(dir);
	expect(tid, "there is no owner");
	return tid;
}

static bool stall_is(const char *state)
{
	char is[16] = "";
	int fd = open(STALL, O_RDONLY | O_CLOEXEC);

	expect(fd >= 0 && read(fd, is, sizeof(is) - 1) > 0, STALL ": %m");
	close(fd);
	return !strncmp(is, state, strlen(state));
}

/* A guest whose memory the launcher has used; it waits, with code and stack mapped. */
static void start(u32 flags)
{
	u32 i;

	arena_map(AROUND);
	arena_prepare(guest_works);
	for (i = 0; i < AROUND; i++) {
		*arena_word(i) = 0;
		*arena_entry(i) |= flags;
	}
	*arena_entry(ASKED_FOR) &= ~P_DIRTY;
	job = WAITING;
	arena_go();
	ask(READING, 0, 0);
	wait_for_guest();
}

static void finish(void)
{
	job = LEAVING;
	expect_reason(arena_reason(), "CRASH: done");
}

/* While the guest does this, and the host has a page for it, all pages are lost. */
static void lose_pages_while(int what)
{
	char request[40];

	snprintf(request, sizeof(request), HAS_THE_PAGE " %d", owner());
	mini_write(STALL, request);
	ask(what, ASKED_FOR, ASKED_FOR + 1);
	wait_until(stall_is("stalled") || job == WAITING);
	expect(stall_is("stalled"), "the host has not been there");
	arena_advise(0, AROUND, MADV_DONTNEED);
	mini_write(STALL, "go");
	wait_for_guest();
}

static void the_page_itself(void)
{
	start(CLEAN);
	lose_pages_while(WRITING);
	expect_value(*arena_word(ASKED_FOR), ASKED_FOR + 1);
	finish();
}

/* Here it is the neighbours that are marked: what is asked for is only read. */
static void its_neighbours(void)
{
	u32 i;

	start(WRITABLE);
	lose_pages_while(READING);
	ask(WRITING, 0, AROUND);
	wait_for_guest();
	for (i = 0; i < AROUND; i++)
		expect_value(*arena_word(i), i + 1);
	finish();
}

int main(void)
{
	RUN(the_page_itself);
	RUN(its_neighbours);
	return mini_done();
}
