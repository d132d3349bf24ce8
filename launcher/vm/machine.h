/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One guest from start to end: machine.c.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "config.h"

int machine_run(const struct config *config);

#endif /* MACHINE_H */
