/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the launcher of a guest that restarts has of the one before: restart.c.
 */
#ifndef RESTART_H
#define RESTART_H

#include "base.h"

bool __must_check restart_remember(int argc, char **argv);
bool __must_check restart_prepare(void);
void restart_happens(void);
bool restart_is(void);
bool restart_storm(unsigned int limit);
void restart_keep(const void *input, size_t len);
size_t restart_kept(void *input, size_t len);
bool restart_now(void);

#endif /* RESTART_H */
