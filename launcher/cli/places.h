/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the sockets of guests are that the caller may look for: see places.c.
 */
#ifndef PLACES_H
#define PLACES_H

#include "sockets.h"

#define USER_NAME_MAX	32	/* of useradd */
#define GUEST_WORD_MAX	(USER_NAME_MAX + 1 + SOCKETS_NAME_MAX + 1)

/* One user's directory. */
struct place {
	char path[SOCKETS_PATH_MAX];
	int dir;			/* -1: it is not there */
	uid_t uid;
	bool own;			/* the caller's */
	char user[USER_NAME_MAX + 1];
};

struct places {
	unsigned int nr;
	struct place *all;		/* the caller's own is the first */
};

bool places_open(struct places *places);
void places_close(struct places *places);
void places_peer(int fd, char user[USER_NAME_MAX + 1]);
int place_call(const struct place *place, const char *name);
const struct place *places_find(const struct places *places, const char *word,
				const char **name);

#endif /* PLACES_H */
