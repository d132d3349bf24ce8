/* SPDX-License-Identifier: GPL-2.0 */
/* What would be run: see plan.c. */
#ifndef PLAN_H
#define PLAN_H

struct config;

void plan_print(const struct config *config);

#endif /* PLAN_H */
