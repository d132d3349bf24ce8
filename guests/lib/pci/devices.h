/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The devices of 4.0 on are on a PCI bus that the launcher plays.  Of these the
 * library knows the console alone, and what it can do before there are drivers.
 */
#ifndef GUEST_DEVICES_H
#define GUEST_DEVICES_H

#endif /* GUEST_DEVICES_H */
