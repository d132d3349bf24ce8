/* SPDX-License-Identifier: GPL-2.0 */
/* A launcher that leaves its terminal: see daemon.c. */
#ifndef DAEMON_H
#define DAEMON_H

#include "base.h"

bool __must_check daemon_fork(void);
void daemon_forked(void);
void daemon_detach(void);
void daemon_ready(void);

#endif /* DAEMON_H */
