/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the launcher gives up: sandbox.c.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "config.h"

bool __must_check sandbox_find_user(const struct config *config);
bool __must_check sandbox_become_user(void);
uid_t sandbox_user(void);
bool __must_check sandbox_enter(const struct config *config);
bool sandbox_supervised(const struct config *config, bool restarts);

#endif /* SANDBOX_H */
