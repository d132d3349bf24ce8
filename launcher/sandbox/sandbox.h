/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the launcher gives up: sandbox.c.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "config.h"

void sandbox_find_user(const struct config *config);
bool sandbox_become_user(void);
uid_t sandbox_user(void);
void sandbox_enter(const struct config *config);
bool sandbox_supervised(const struct config *config, bool restarts);

#endif /* SANDBOX_H */
