/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets in the file system that the user names: local.c.
 */
#ifndef LOCAL_H
#define LOCAL_H

#include "base.h"

const char *local_check(const char *path);
int local_listen(const char *path, const char **wrong);

#endif /* LOCAL_H */
