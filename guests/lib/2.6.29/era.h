/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.29: the host makes the first page tables.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.29"

#include "../2.6.24/calls.h"

#define FIRST_TABLES		tables_given
#define STATUS_NOTICES		(NOTICE_RESET | NOTICE_STATUS)
#define RESET_WRITES_STATUS	1
#define CONSOLE_THROWS_AWAY	0

#endif /* GUEST_ERA_H */
