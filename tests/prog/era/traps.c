// SPDX-License-Identifier: GPL-2.0
/*
 * The launcher's side of what came with 4.0: traps that it is told of, and the
 * guest's registers.
 */
#include "era.h"

u32 era_get_reg(int fd, u32 offset)
{
	u32 reg[3] = { 0, 0x5a5a5a5a };

	expect_value(mini_request(fd, LHREQ_GETREG, offset), 8);
	expect_value(read(fd, reg, sizeof(reg)), 4);
	expect_value(reg[1], 0x5a5a5a5a);
	return reg[0];
}

void era_set_reg(int fd, u32 offset, u32 to)
{
	expect_value(era_request(fd, LHREQ_SETREG, offset, to), 12);
}

/* Run it until it wants something of that kind. */
struct lguest_pending era_next_trap(int fd, u32 trap)
{
	struct lguest_pending reply;
	int got = read(fd, &reply, sizeof(reply));

	expect(got != -1, "no trap: %m; %s", errno == ENOENT ? mini_reason(fd) : "");
	expect_value(got, sizeof(reply));
	expect_value(reply.trap, trap);
	return reply;
}

void era_skip(int fd, u32 bytes)
{
	era_set_reg(fd, R_IP, era_get_reg(fd, R_IP) + bytes);
}
