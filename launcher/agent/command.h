/* SPDX-License-Identifier: GPL-2.0 */
/* The launcher's own command, and what it and agent.c know of each other. */
#ifndef COMMAND_H
#define COMMAND_H

#include "pump.h"

bool __must_check command_open(struct agent *agent);
const char *command_setup(size_t *len);
void command_prepare(struct agent *agent);
void command_ended(void);

#endif /* COMMAND_H */
