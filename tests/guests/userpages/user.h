/* SPDX-License-Identifier: GPL-2.0 */
/*
 * userpages's programs for ring 3 (user.S), which main.c copies to a page of
 * their own.
 */
#ifndef USERPAGES_USER_H
#define USERPAGES_USER_H

extern const char user_call[], user_fault[], user_end[];

#endif /* USERPAGES_USER_H */
