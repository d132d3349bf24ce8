/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls for sockets that the filter of system calls can look into: sock.c.
 */
#ifndef SOCK_H
#define SOCK_H

#include "base.h"

struct ucred;

ssize_t sock_send(int fd, const void *data, size_t len, int flags);
ssize_t sock_receive(int fd, void *data, size_t room, int flags);
int sock_accept(int fd, int flags);
void sock_shutdown(int fd);
bool sock_peer(int fd, struct ucred *peer);

#endif /* SOCK_H */
