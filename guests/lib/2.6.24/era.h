/* SPDX-License-Identifier: GPL-2.0 */
/*
 * 2.6.24: the guest starts at its physical address, as all do from here on, on page
 * tables of the launcher's that it completes itself.  Devices are virtio's, on a
 * page of fields; nobody tells of their status.
 * internal.h says what each line means.
 */
#ifndef GUEST_ERA_H
#define GUEST_ERA_H

#define ERA_RELEASE		"2.6.24"

#include "calls.h"

#define FIRST_TABLES		tables_copied
#define STATUS_NOTICES		0
#define RESET_WRITES_STATUS	0
#define CONSOLE_THROWS_AWAY	0

#endif /* GUEST_ERA_H */
