/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The side of the control socket that asks: see call.c, and control.h for what is said.
 */
#ifndef CALL_H
#define CALL_H

#include "places.h"

#define CALL_ANSWER_MS	5000	/* for what is answered at once */
#define CALL_END_MS	5000	/* for a launcher to end that has said so, or was killed */
#define CALL_AGAIN_US	20000	/* a launcher that ends to restart its guest needs that */

struct call {
	const char *verb;
	unsigned int argc;
	char *const *argv;
	unsigned int nr_fds;
	const int *fds;
	int patience;		/* ms, for the first answer; -1: for ever */
};

bool call_send(int fd, const struct call *call);
ssize_t call_ask(const struct place *place, const char *name, const struct call *call,
		 char reply[CONTROL_REPLY_MAX + 1]);
int call_open(const char *word);
int call_left(__u64 deadline);
pid_t call_launcher(int fd);
bool call_settle(const char *word, pid_t launcher, __u64 deadline);
int call_guest(const char *name, const struct call *call);
int call_connect(const char *name, const struct call *call, char reply[CONTROL_REPLY_MAX + 1]);

#endif /* CALL_H */
