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

/* One directory, which is all that a server sees, and how. */
struct confinement {
	const char *directory;
	bool read_only;
	bool whole;		/* with what is mounted in there */
	bool proc;		/* it wants /proc, its own */
	bool root;		/* and to be root, if only over its user's files */
	bool listens;		/* its end of the socket is one to accept() us at */
};

pid_t confine_fork(void);
bool __must_check confine(const char *program, const struct confinement *confinement);
bool __must_check confine_be_root(const struct confinement *confinement);

#endif /* CONFINE_H */
