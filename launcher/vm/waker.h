/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Gets the launcher out of read() when there is input: waker.c.
 */
#ifndef WAKER_H
#define WAKER_H

#include "base.h"

#define WAKER_WATCHES		LGUEST_IRQS

void waker_watch(unsigned int slot, int fd);
void waker_retry(int milliseconds);
void waker_start(void);
unsigned int waker_calls(void);
void waker_release(unsigned int answered);
void waker_rest(bool on);
void waker_attention(void);

#endif /* WAKER_H */
