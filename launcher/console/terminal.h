/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Raw mode, and the way back: terminal.c.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include "newline.h"

bool __must_check terminal_use(void);
bool terminal_look(void);
int terminal_keys_fd(void);
bool terminal_size(__u16 *rows, __u16 *columns);
enum newline terminal_newlines(int fd);
void terminal_restore(void);
void terminal_again(void);
void terminal_share(void);

#endif /* TERMINAL_H */
