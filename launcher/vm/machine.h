/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One guest from its start to its end: machine.c.
 */
#ifndef MACHINE_H
#define MACHINE_H

#include "config.h"

int machine_run(const struct config *config);

#endif /* MACHINE_H */
