/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who starts a guest anew: supervise.c.
 */
#ifndef SUPERVISE_H
#define SUPERVISE_H

#include "base.h"

#define SUPERVISE_DEATH	SIGPWR	/* its child hears that it is no more */

bool __must_check supervise(void);
void supervise_follow(void);
void supervise_restart(void);

#endif /* SUPERVISE_H */
