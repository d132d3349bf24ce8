/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How large the terminal is that is at the guest's console: window.c.
 */
#ifndef WINDOW_H
#define WINDOW_H

#include "base.h"

struct window {
	__u16 rows, columns;
};

void window_follow(void);
const char *window_ask(const char *rows, const char *columns);
bool window_news(struct window *window);
void window_forget(void);

#endif /* WINDOW_H */
