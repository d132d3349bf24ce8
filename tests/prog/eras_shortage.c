// SPDX-License-Identifier: GPL-2.0
/*
 * No memory for a guest of later eras: as in shortage.c, and for eventfds.
 */
#include <sys/eventfd.h>
#include "era.h"
#include "shortage.h"

#define DOORBELL	0x1000u

static void guest_rings(void)
{
	u32 i;

	for (i = 0; i < 4; i++)
		call1(LHCALL_NOTIFY, DOORBELL + i * 4);
	crash("done");
}

static void attach(int fd, u32 addr)
{
	int event = eventfd(0, EFD_CLOEXEC);

	expect(event >= 0, "eventfd: %m");
	expect_at_last(era_request(fd, LHREQ_EVENTFD, addr, event), 0);
	close(event);
}

static int start(void)
{
	int fd;

	era_prepare(guest_rings);
	fd = shortage_open();
	expect_at_last(era_initialize(fd), era->words * 4);
	return fd;
}

static void rings(void)
{
	int fd = start();
	u32 i, told;

	for (i = 0; i < 4; i++)
		attach(fd, DOORBELL + i * 4);
	expect(read(fd, &told, sizeof(told)) == -1 && (errno == ENOENT || errno == ENOMEM),
	       "the guest's end: %m");
	shortage_ended(fd, "CRASH: done");
	expect_value(close(fd), 0);
}

static void one_fails(void)
{
	shortage_each(rings);
}

static void all_fail(void)
{
	shortage_from_each(rings);
}

int main(void)
{
	RUN_FORMATS(one_fails, ERA_EVENTFD, 0);
	RUN_FORMATS(all_fail, ERA_EVENTFD, 0);
	return mini_done();
}
