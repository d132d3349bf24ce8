/* SPDX-License-Identifier: GPL-2.0 */
/* What the linker calls instead of the functions of host.c, see the Makefile. */
#ifndef LAUNCHER_UNIT_WRAP_H
#define LAUNCHER_UNIT_WRAP_H

int __wrap_host_getdma(__u32 key, __u32 *addr);
void __wrap_host_irq(__u32 irq);
void __wrap_host_eventfd(__u32 addr, int event);

#endif /* LAUNCHER_UNIT_WRAP_H */
