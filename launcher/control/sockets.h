/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The directory of the control sockets, and what is said there: sockets.c.
 */
#ifndef SOCKETS_H
#define SOCKETS_H

#include "base.h"

#define SOCKETS_NAME_MAX	63
#define SOCKETS_PATH_MAX	108	/* a socket's whole name has no more */

#define CONTROL_REPLY_MAX	4096u
#define CONTROL_OK		"ok\n"

int sockets_open(char path[SOCKETS_PATH_MAX], bool make);
bool sockets_good_name(const char *name);
int sockets_call(int dir, const char *path, const char *name);
int sockets_listen(int dir, const char *path, const char *name);
bool sockets_trusted(int fd);

#endif /* SOCKETS_H */
