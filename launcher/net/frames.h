/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ethernet frames on a stream socket, each after its length in four bytes, the
 * highest first: what passt.c, and whatever else speaks that, uses of frames.c.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include "base.h"

#define FRAME_LENGTH_BYTES	4
#define FRAME_MIN		14		/* two addresses and a type */
#define FRAME_MAX		(65536 + 64)	/* IP's longest packet, and what precedes it */
#define FRAME_ROOM		(FRAME_LENGTH_BYTES + FRAME_MAX)

enum frames_state {
	FRAMES_NONE,		/* none that is whole */
	FRAMES_ONE,
	FRAMES_END,		/* the other side has gone, or speaks nonsense */
};

/* What comes, as far as it was read. */
struct frames_in {
	int fd;			/* a read of it does not wait */
	bool ended;
	bool nonsense;		/* ended by that */
	size_t start, end;	/* of what is in buf */
	char buf[2 * FRAME_ROOM];
};

/* What goes: the rest of a frame of which a part has gone already. */
struct frames_out {
	int fd;			/* a write to it does not wait */
	size_t start, end;
	char buf[FRAME_ROOM];
};

enum frames_state frames_next(struct frames_in *in, struct iovec *frame);
void frames_taken(struct frames_in *in);
size_t frames_send(struct frames_out *out, const struct iovec *iov, int nr);

#endif /* FRAMES_H */
