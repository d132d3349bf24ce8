/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A server that sees one directory, and what it is called there: confine.c.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include "base.h"

#define CONFINED_DIRECTORY	"/shared"
#define CONFINED_PROGRAM	"/program"
#define CONFINED_NULL		"/null"

pid_t confine_fork(void);
bool confine(const char *program, const char *directory, bool read_only);

#endif /* CONFINE_H */
