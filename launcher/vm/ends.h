/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How guests end: see ends.c and deadline.c.
 */
#ifndef ENDS_H
#define ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

enum guest_end {
	END_POWER_OFF,
	END_HALT,
	END_RESTART,
	END_RESET,		/* a restart that the kernel did not prepare for */
	END_PANIC_RESTART,	/* one that follows a panic, as the guest was told to do */
	END_PANIC,
	END_CRASH,		/* anything else: the guest ended itself, or the host did it */
};

#define PANIC_TEXT_MAX	128

enum guest_end guest_end_find(const char *reason, const char *said, size_t len);
bool guest_end_restarts(enum guest_end end);
const char *guest_end_name(enum guest_end end);
bool guest_end_panic(const char *said, size_t len, char text[PANIC_TEXT_MAX]);

void deadline_set(__u64 at);
__u64 deadline_at(void);
void deadline_start(void);
void deadline_stop(void);
bool deadline_over(void);

#endif /* ENDS_H */
