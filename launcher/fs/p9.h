/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages of the protocol 9P2000.L between a guest and a server: see p9.c.
 */
#ifndef P9_H
#define P9_H

#include "base.h"

#define P9_REQUESTS_MAX	256	/* under way; of one ring, with indirect tables */
#define P9_PIECES_MAX	256	/* of a message */
#define P9_MESSAGE_MAX	MIB
#define P9_HEAD		7	/* bytes: size, type and tag */
#define P9_SHORT_MAX	256	/* bytes, of messages that are looked into */

/* What p9_request() returns besides a number of bytes. */
#define P9_LATER	(-1)
#define P9_KEPT		(-2)

struct p9_request {
	__u16 cookie;
	__u16 tag;
	__u8 type;
	bool orphan;		/* its guest has forgotten it, and its server not */
	__u16 flushes;		/* the tag of another, if it is a Tflush */
	int nr;
	struct iovec iov[P9_PIECES_MAX];	/* for the answer */
};

struct p9 {
	int socket;		/* set by the user of this */
	const char *root;	/* what a guest attaches to, whatever it asks for */
	long user;		/* whom it attaches as; -1: whom it wants */
	void (*lost)(struct p9 *p9);

	bool gone;		/* the server */
	bool used;
	int events;		/* an epoll fd */
	bool full;		/* the socket; and that is watched */
	__u32 message_max;

	/* Requests under way, and those of them that are answered. */
	struct p9_request request[P9_REQUESTS_MAX];
	__u16 of_tag[1 << 16];	/* index + 1; 0: none */
	__u16 free[P9_REQUESTS_MAX], nr_free;
	struct {
		__u16 cookie;
		__u32 bytes;
	} done[P9_REQUESTS_MAX];
	unsigned int done_at, done_end;

	/* The message that comes. */
	struct {
		__u8 head[P9_SHORT_MAX];
		size_t have, size;
		bool inside;		/* the head is read */
		unsigned int target;	/* index of its request */
		bool dropped;		/* there is no room for it */
		int nr;			/* where the rest goes */
		struct iovec iov[P9_PIECES_MAX];
	} in;

	/* The end of a message that the socket had no room for. */
	char *out;
	size_t out_at, out_end;
};

bool __must_check p9_open(struct p9 *p9);
bool p9_greet(struct p9 *p9, int patience);
void p9_settle(struct p9 *p9, int patience);
void p9_close(struct p9 *p9);
int p9_fd(const struct p9 *p9);
ssize_t p9_request(struct p9 *p9, struct iovec *out, int nr_out,
		   const struct iovec *in, int nr_in, __u16 cookie);
ssize_t p9_collect(struct p9 *p9, __u16 *cookie);
void p9_forget(struct p9 *p9);

#endif /* P9_H */
