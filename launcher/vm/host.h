/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The requests of /dev/lguest: host.c.
 */
#ifndef HOST_H
#define HOST_H

#include "boot.h"
#include "guest_memory.h"

#define HOST_REPLY_MAX		1024	/* a notice, or a reason with its NUL */

int host_minor(const char *list);
bool host_locked_down(const char *modes);
bool __must_check host_open(void);
bool __must_check host_initialize(__u32 release, const struct memory *mem,
				  const struct boot *boot);
ssize_t host_run(void *reply, size_t len);
bool host_dead(void);
int host_getdma(__u32 key, __u32 *addr);
void host_irq(__u32 irq);
bool host_stats(char *text, size_t len);
__u64 host_rests(void);
void host_eventfd(__u32 addr, int event);
void host_print_stats(void);
__u32 host_debug_offers(void);
bool host_debug(__u32 what);
bool host_get_registers(struct lguest_debug_regs *regs);
bool host_set_registers(const struct lguest_debug_regs *regs);
void host_pass_breakpoint(void);
void host_close(void);

#endif /* HOST_H */
