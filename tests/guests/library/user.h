/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The code that ring 3 runs, see user.S.
 */
#ifndef LIBRARY_USER_H
#define LIBRARY_USER_H

extern const char user_syscall[], user_write[], user_hlt[], user_loop[];
extern const char user_end[];

#endif /* LIBRARY_USER_H */
