/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page faults that a host's own host makes: see async_fault.c.
 */
#ifndef LGUEST_ASYNC_FAULT_H
#define LGUEST_ASYNC_FAULT_H

#include <linux/types.h>

const char *async_fault_refusal(void);
bool async_fault_noted(void);
void async_fault_wait(u32 token);

#endif /* LGUEST_ASYNC_FAULT_H */
