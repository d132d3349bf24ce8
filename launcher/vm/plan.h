/* SPDX-License-Identifier: GPL-2.0 */
/* What would be run: see plan.c. */
#ifndef PLAN_H
#define PLAN_H

#include "base.h"

struct config;

bool __must_check plan_print(const struct config *config);

#endif /* PLAN_H */
