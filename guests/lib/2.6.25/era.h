/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.25 to 2.6.28: the device page gets the form that it kept, and the guest can
 * restart.  The launcher hears of a reset only, as in 2.6.25 itself.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.25"

#include "../2.6.24/calls.h"

#define FIRST_TABLES		tables_copied
#define STATUS_NOTICES		NOTICE_RESET
#define RESET_WRITES_STATUS	0
#define CONSOLE_THROWS_AWAY	0

#endif /* GUEST_ERA_H */
