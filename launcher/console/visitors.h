/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Those who look at the guest's console, and type there, while they like to: visitors.c.
 */
#ifndef VISITORS_H
#define VISITORS_H

#include "base.h"

bool __must_check visitors_door(const char *path);
int __must_check visitors_open(void);
void visitors_print(const struct iovec *iov, int nr, bool seen);
void visitors_close(void);
unsigned int visitors_come(int fd);
void visitors_leave(unsigned int id);

#endif /* VISITORS_H */
