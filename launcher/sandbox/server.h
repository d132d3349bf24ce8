/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs beside the launcher, each the server of a device: server.c.
 */
#ifndef SERVER_H
#define SERVER_H

#include "base.h"

#define SERVER_FD		3	/* its end of the socket */

struct server {
	const char *name;
	pid_t pid;		/* 0: its end is known */
	int socket;		/* ours; all that comes back is not to be trusted */
	int process;		/* a pidfd */
	int words;		/* what it prints, if that is kept; else -1 */
	bool killed;		/* in the end; it does not hear of its socket's */
};

struct confinement;

bool server_is_there(const char *name);
bool server_mentions(const char *name, const char *text);
bool __must_check server_start(struct server *server, const char *option, const char *package,
			       char *const argv[]);
bool __must_check server_start_prepared(struct server *server, const char *option,
					const char *package, char *const argv[],
					bool (*prepare)(void));
bool __must_check server_start_in(struct server *server, const char *option, const char *package,
				  char *const argv[], const struct confinement *confinement);
bool server_ended(struct server *server, int *status);
void server_lost(struct server *server, const char *loss);
void server_close(struct server *server);

#endif /* SERVER_H */
