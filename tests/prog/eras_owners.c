// SPDX-License-Identifier: GPL-2.0
/*
 * Guests whose owner has gone while others have the file: what these may still ask
 * for finds everything in its place.  The script has the kernel spoil the memory of
 * tasks that are no more.
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

/* So many eventfds that one would notice if they stayed. */
static void eventfds_go(void)
{
	int fd, event;
	u32 n, i;

	for (n = 0; n < 20; n++) {
		era_prepare(guest_waits);
		fd = era_start();
		for (i = 1; i <= 512; i++) {
			event = eventfd(0, EFD_CLOEXEC);
			expect_value(era_request(fd, LHREQ_EVENTFD, i * 4, event), 0);
			close(event);
		}
		close(fd);
	}
}

int main(void)
{
	RUN_ERAS(owner_has_gone, ERA_EVENTFD, 0);
	RUN_ERAS(eventfds_go, ERA_EVENTFD, 0);
	return mini_done();
}
