/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The side of the control socket that asks: see call.c, and control.h for what is said.
 */
#ifndef CALL_H
#define CALL_H

#include "places.h"

#define CALL_ANSWER_MS	5000	/* for what is answered at once */

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
void call_clean(const char *word);
int call_guest(const char *name, const struct call *call);
int call_connect(const char *name, const struct call *call, char reply[CONTROL_REPLY_MAX + 1]);

#endif /* CALL_H */
