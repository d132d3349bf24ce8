/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtio queues that another process serves: see vhost_user.c.
 */
#ifndef VHOST_USER_H
#define VHOST_USER_H

#include "guest_memory.h"

#define VHOST_USER_QUEUES_MAX	2

/* A ring: guest-physical addresses of its parts. */
struct vhost_user_ring {
	__u16 num;
	__u32 desc, avail, used;
};

struct vhost_user_queue {
	int kick;		/* an eventfd by which the guest notifies the process */
	int call;		/* and one the other way */
	struct vhost_user_ring ring;
};

struct vhost_user {
	int socket;		/* set by the user of this */
	unsigned int queues;
	const struct memory *mem;
	const char *wrong;	/* why it cannot be talked to any more; NULL: it can */
	__u64 features;
	int events;		/* an epoll fd: the last queue's call, and the socket */
	struct vhost_user_queue queue[VHOST_USER_QUEUES_MAX];
};

bool vhost_user_greet(struct vhost_user *vu, int patience);
bool vhost_user_share(struct vhost_user *vu, const struct memory *mem);
bool vhost_user_add(struct vhost_user *vu, const struct vhost_user_ring *ring);
bool vhost_user_watch(struct vhost_user *vu);
int vhost_user_fd(const struct vhost_user *vu, unsigned int i);
bool vhost_user_called(struct vhost_user *vu, unsigned int i);
bool vhost_user_run(struct vhost_user *vu, unsigned int i, bool on);
bool vhost_user_rewind(struct vhost_user *vu, unsigned int i);
void vhost_user_close(struct vhost_user *vu);

#endif /* VHOST_USER_H */
