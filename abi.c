// SPDX-License-Identifier: GPL-2.0
/*
 * One table for each form of the guests' ABI, and how a guest's form is
 * recognised.  The rest of the host asks the table.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include "lg.h"

#define DATA(field)	offsetof(struct lguest_data, field)

/* In order of preference where a structure could be either. */
static const struct lguest_abi abis[] = {
	{
		/* Before the shared structure got its time. */
		.name = "2.6.23-rc1",
		.size = 1120,
		.hcall_status = 12,
		.hcalls = 76,
		.reserve_mem = 1100,
		.guestid = 1104,
		.tsc_khz = 1108,
		.noirq_start = 1112,
		.wallclock_call = true,
	},
	{
		.name = "2.6.23",
		.size = sizeof(struct lguest_data),
		.hcall_status = DATA(hcall_status),
		.hcalls = DATA(hcalls),
		.time = DATA(time),
		.reserve_mem = DATA(reserve_mem),
		.guestid = DATA(guestid),
		.tsc_khz = DATA(tsc_khz),
		.noirq_start = DATA(noirq_start),
	},
};

/**
 * recognise_abi() - tell a guest's ABI from its shared structure
 * @lg: the guest; the caller is its owner
 * @data: guest-physical address of the structure
 *
 * Guests mark all slots of their ring as free before they register it, so the
 * run of 0xFF shows where the ring's status lies.
 *
 * Return: the ABI, the last one if none fits; NULL if the guest was killed
 * because the structure is not in its memory.
 */
const struct lguest_abi *recognise_abi(struct lguest *lg, gpa_t data)
{
	const struct lguest_abi *abi = abis;
	const struct lguest_abi *last = &abis[ARRAY_SIZE(abis) - 1];
	u8 status[LHCALL_RING_SIZE];

	for (; abi < last; abi++) {
		if (guest_read(lg, status, data + abi->hcall_status,
			       sizeof(status)))
			return NULL;
		if (!memchr_inv(status, LHCALL_RING_FREE, sizeof(status)))
			break;
	}
	if (!guest_range_ok(lg, data, abi->size)) {
		if (kill_guest(lg, "bad guest page %#x", data))
			return NULL;
	}
	return abi;
}
