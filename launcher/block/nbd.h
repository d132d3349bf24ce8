/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A client of the protocol NBD, for disks whose bytes another program has (nbd.c).
 * Nothing that comes from it is trusted.
 */
#ifndef NBD_H
#define NBD_H

#include "base.h"

struct nbd {
	int fd;			/* a stream socket */
	__u64 bytes;		/* of the disk */
	__u16 flags;		/* what the server can do */
	__u32 request_max;	/* bytes of a request */
	__u64 cookie;		/* of the request that is on its way */
	bool lost;		/* it is of no use any more */
	/* That has come to be so, just now; may be NULL. */
	void (*on_loss)(struct nbd *nbd);
};

const char *nbd_start(struct nbd *nbd);
size_t nbd_read(struct nbd *nbd, __u64 at, struct iovec *iov, int *nr, size_t bytes);
size_t nbd_write(struct nbd *nbd, __u64 at, const struct iovec *iov, int nr);
bool nbd_flush(struct nbd *nbd);
bool nbd_discard(struct nbd *nbd, __u64 at, __u64 bytes);
bool nbd_zero(struct nbd *nbd, __u64 at, __u64 bytes, bool unmap);
void nbd_end(struct nbd *nbd);

#endif /* NBD_H */
