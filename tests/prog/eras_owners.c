// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose owner has gone while others have the file: what these may still ask
 * for finds everything in its place, and what was theirs goes with them.  The script
 * has the kernel spoil the memory of tasks that are no more.
 */
#include <linux/membarrier.h>
#include <sys/eventfd.h>
#include "era.h"

#define READY		0x1000u

static void guest_waits(void)
{
	call1(LHCALL_SET_CLOCKEVENT, 300000000);
	call1(LHCALL_NOTIFY, READY);
	for (;;)
		call0(LHCALL_HALT);
}

/* What the kernel frees behind readers of its own is free after that. */
static void wait_for_rcu(void)
{
	u32 i;

	for (i = 0; i < 3; i++)
		syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
}

static void owner_has_gone(void)
{
	int fd, i;
	pid_t pid;

	era_prepare(guest_waits);
	fd = era_open();
	pid = mini_fork();
	if (!pid) {
		expect_value(era_initialize(fd), era->words * 4);
		expect_value(era_notified(fd), READY);
		_exit(0);
	}
	expect_value(mini_wait(pid), 0);
	wait_for_rcu();
	for (i = 1; i < 32; i++)
		expect_value(mini_request(fd, LHREQ_IRQ, i), 0);
	expect_value(era_request(fd, LHREQ_EVENTFD, READY, eventfd(0, EFD_CLOEXEC)), 0);
	expect(mini_counter(fd, "exits") > 0, "it never ran");
	close(fd);
}

/* The kernel numbers eventfds, and a number comes back as soon as its eventfd has gone. */
static int next_eventfd(void)
{
	int event = eventfd(0, EFD_CLOEXEC), number;
	char info[64];

	snprintf(info, sizeof(info), "/proc/self/fdinfo/%d", event);
	number = mini_number_in(info, "eventfd-id");
	expect(number >= 0, "eventfds have no numbers");
	close(event);
	return number;
}

static void eventfds_go(void)
{
	int fd, event, before = next_eventfd();
	u32 i;

	era_prepare(guest_waits);
	fd = era_start();
	for (i = 1; i <= 512; i++) {
		event = eventfd(0, EFD_CLOEXEC);
		expect_value(era_request(fd, LHREQ_EVENTFD, i * 4, event), 0);
		close(event);
	}
	expect_value(next_eventfd(), before + 512);
	close(fd);
	expect_value(next_eventfd(), before);
}

int main(void)
{
	RUN_ERAS(owner_has_gone, ERA_EVENTFD, 0);
	RUN_ERAS(eventfds_go, ERA_EVENTFD, 0);
	return mini_done();
}
