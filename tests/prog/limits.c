// SPDX-License-Identifier: GPL-2.0
/*
 * What a user may have of the host's memory: so many guests, so many tables for each,
 * and what there is of them is charged to the launcher's control group.
 *
 *	usage: limits [GROUP]
 *
 * GROUP is the memory control group that this runs in, if there is one.
 */
#include <sys/eventfd.h>
#include "mini/mini.h"

#define PARAMETER	"/sys/module/lguest/parameters/max_user_guests"
#define DEFAULT		256	/* users.c */
#define FEW		3
#define EVENTFDS	512	/* notify.c */
#define NOBODY		65534

static int fds[DEFAULT];
static const char *group;

static void guest_done(void)
{
}

static void open_many(int nr)
{
	int i;

	mini_reset(guest_done);
	for (i = 0; i < nr; i++) {
		fds[i] = mini_open();
		expect_value(mini_initialize(fds[i]), 16);
	}
}

static void one_too_many(void)
{
	int fd = mini_open();

	expect_error(mini_initialize(fd), ENOSPC);
	close(fd);
}

static void one_more(void)
{
	int fd = mini_open();

	mini_reset(guest_done);
	expect_value(mini_initialize(fd), 16);
	expect_reason(mini_finish(fd), "CRASH: done");
	close(fd);
}

static void so_many_guests(void)
{
	int i;

	open_many(DEFAULT);
	one_too_many();
	/* what ends makes room when its file does, and for just one */
	expect_reason(mini_finish(fds[7]), "CRASH: done");
	one_too_many();
	close(fds[7]);
	fds[7] = mini_open();
	expect_value(mini_initialize(fds[7]), 16);
	one_too_many();
	for (i = 0; i < DEFAULT; i++)
		close(fds[i]);
	one_more();
}

static void few_guests(void)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", FEW);
	mini_write(PARAMETER, text);
	open_many(FEW);
	one_too_many();
}

static void become(uid_t id)
{
	expect(!setresuid(id, id, id), "setresuid: %m");
}

/* A file counts for whoever opened it, whoever makes it a guest. */
static void each_user_has_a_limit(void)
{
	int fd;
	pid_t pid;

	few_guests();
	fd = mini_open();
	pid = mini_fork();
	if (!pid) {
		become(NOBODY);
		expect_error(mini_initialize(fd), ENOSPC);
		open_many(FEW);
		one_too_many();
		_exit(0);
	}
	expect_value(mini_wait(pid), 0);
	one_too_many();
	close(fds[0]);
	one_more();
}

/* In a user namespace there are many users, who all count as its maker. */
static void namespaces_do_not_help(void)
{
	int pair[2], back[2];
	char path[40], byte;
	pid_t pid;

	few_guests();
	expect(!pipe(pair) && !pipe(back), "pipe: %m");
	pid = mini_fork();
	if (!pid) {
		expect(!unshare(CLONE_NEWUSER), "unshare: %m");
		write(pair[1], "", 1);
		expect_value(read(back[0], &byte, 1), 1);
		become(1);
		one_too_many();
		_exit(0);
	}
	expect_value(read(pair[0], &byte, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	mini_write(path, "0 100000 10");
	write(back[1], "", 1);
	expect_value(mini_wait(pid), 0);
}

/* -- Tables -- */

#define ROOTS		5
#define SLOTS		(MINI_PAGE_OFFSET >> 22)

static pte_t table[1024] page_aligned;
static pte_t roots[ROOTS][1024] page_aligned;
static u32 step;	/* pages between those that are touched */
static u32 nr_roots;

static void guest_touches(void)
{
	u32 root, slot, page;

	hcall2(LHCALL_SEND_DMA, mini.scratch[0], mini.scratch[1]);
	for (root = 0; root < nr_roots; root++) {
		hcall1(LHCALL_NEW_PGTABLE, roots[root]);
		for (slot = 1; slot < SLOTS; slot++) {
			for (page = 0; page < 1024; page += step)
				(void)*(volatile u32 *)((slot << 22) + page * PAGE);
		}
	}
	hcall2(LHCALL_SEND_DMA, mini.scratch[0], mini.scratch[1]);
}

/* Each page of the guest's user part is the same one. */
static int start_touching(u32 nr, u32 pages_between, u32 flags)
{
	struct lguest_dma_notice notice;
	u32 i, slot;
	int fd;

	nr_roots = nr;
	step = pages_between;
	mini_reset(guest_touches);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		table[i] = (u32)mini.scratch[2] | P_ALL | flags;
	for (i = 0; i < nr; i++) {
		memcpy(roots[i], mini.pgdir, sizeof(roots[i]));
		for (slot = 1; slot < SLOTS; slot++)
			roots[i][slot] = (u32)table | P_ALL;
	}
	fd = mini_open();
	expect_value(mini_initialize(fd), 16);
	expect_value(read(fd, &notice, sizeof(notice)), 8);
	return fd;
}

static void end_touching(int fd)
{
	struct lguest_dma_notice notice;

	expect_value(read(fd, &notice, sizeof(notice)), 8);
}

/* How often does the host make room while the guest does that? */
static long flushes(u32 nr, u32 pages_between, u32 flags)
{
	int fd = start_touching(nr, pages_between, flags);
	long before = mini_counter(fd, "tlb_flush");

	end_touching(fd);
	return mini_counter(fd, "tlb_flush") - before;
}

/* Of 2048 tables there are always some less. */
static void so_many_tables(void)
{
	expect_value(flushes(1, 1024, 0), 0);
	expect_value(flushes(ROOTS, 1024, 0), 1);
}

/* Of entries, 2^18, which neighbours that come along make quick. */
static void so_many_entries(void)
{
	long came = flushes(1, 16, P_ACCESSED | P_DIRTY);

	expect(came == 1, "it made room %ld times", came);
}

/* -- The control group -- */

static long charged_kb(void)
{
	char path[100];
	long long bytes;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.current", group);
	f = fopen(path, "r");
	expect(f && fscanf(f, "%lld", &bytes) == 1, "%s: %m", path);
	fclose(f);
	return bytes / 1024;
}

/* Eight kilobytes for each at least. */
static void tables_are_charged(void)
{
	int fd = start_touching(1, 1024, 0);
	long before = charged_kb(), more;

	end_touching(fd);
	more = charged_kb() - before;
	expect(more > 7 * (long)SLOTS, "%u tables cost %ld kB", SLOTS, more);
}

/* With its pages, directories and registers. */
static void guests_are_charged(void)
{
	long before, more;

	open_many(8);
	before = charged_kb();
	open_many(100);
	more = charged_kb() - before;
	expect(more > 100 * 16, "a hundred guests cost %ld kB", more);
}

/* A guest of 2.6.38, whose launcher has eventfds and makes no tables. */
static int open_with_eventfds(void)
{
	u32 words[] = { LHREQ_INITIALIZE, 0, MINI_PFN_LIMIT, 0 };
	int fd = mini_open();

	expect_value(mini_request(fd, LHREQ_RELEASE, LGUEST_RELEASE(2, 6, 38)), 0);
	expect_value(write(fd, words, sizeof(words)), sizeof(words) - sizeof(words[0]));
	return fd;
}

static void add_eventfds(int fd, int event)
{
	u32 words[] = { LHREQ_EVENTFD, 0, event }, i;

	for (i = 0; i < EVENTFDS; i++) {
		words[1] = i * (MINI_PFN_LIMIT / EVENTFDS) * PAGE + 4;
		expect_value(write(fd, words, sizeof(words)), 0);
	}
}

/* By what finds them by their addresses, which is most where these are far apart. */
static void eventfds_are_charged(void)
{
	int event = eventfd(0, EFD_CLOEXEC), i;
	long before, more;

	for (i = 0; i < FEW; i++)
		fds[i] = open_with_eventfds();
	before = charged_kb();
	for (i = 0; i < FEW; i++)
		add_eventfds(fds[i], event);
	more = charged_kb() - before;
	expect(more > FEW * 200, "%u eventfds cost %ld kB", FEW * EVENTFDS, more);
}

static void back_to_normal(void)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", DEFAULT);
	mini_write(PARAMETER, text);
}

int main(int argc, char *argv[])
{
	group = argc > 1 ? argv[1] : NULL;
	RUN(so_many_guests);
	RUN(each_user_has_a_limit);
	RUN(namespaces_do_not_help);
	back_to_normal();
	RUN_WITH_3_GIB(so_many_tables);
	RUN_WITH_3_GIB(so_many_entries);
	if (group) {
		RUN(tables_are_charged);
		RUN(guests_are_charged);
		RUN(eventfds_are_charged);
	} else {
		mini_skip("tables_are_charged", "this kernel has no memory control groups");
		mini_skip("guests_are_charged", "this kernel has no memory control groups");
		mini_skip("eventfds_are_charged", "this kernel has no memory control groups");
	}
	return mini_done();
}
