/* SPDX-License-Identifier: GPL-2.0 */
/* Frames on their way to the agent in the guest, and from it: see link.c. */
#ifndef LINK_H
#define LINK_H

#include "base.h"
#include "protocol.h"

#define LINK_BYTES	65536u	/* waiting for the guest */
#define LINK_RESERVE	8192u	/* of that, not for data */

struct link {
	/* to the guest */
	char to[LINK_BYTES];
	size_t start, len;
	/* from it */
	char from[sizeof(struct agent_frame) + AGENT_FRAME_MAX];
	size_t got;
	bool broken;		/* it broke the rules: nothing is heard any more */
};

/* What is done with a frame; what is wrong with it, or NULL. */
typedef const char *(*link_taker)(void *arg, const struct agent_frame *frame,
				  const char *payload);

size_t link_data_room(const struct link *link);
bool link_has_room(const struct link *link, size_t len);
void link_send(struct link *link, enum agent_type type, unsigned int session,
	       unsigned int stream, const void *payload, size_t len);
size_t link_take(struct link *link, struct iovec *iov, int nr);
const char *link_put(struct link *link, const struct iovec *iov, int nr, link_taker taker,
		     void *arg);
void link_reset(struct link *link);

#endif /* LINK_H */
