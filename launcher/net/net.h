/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Networks: what net.c and share.c do for whoever shows them to a guest; and what the kinds
 * of networks whose other end is the host (tap.c, passt.c) are to net.c.
 *
 * Before a tap's frames is a header of 10 bytes, which is virtio's: it says what
 * of the checksum and of the segmentation is still to be done.
 */
#ifndef NET_H
#define NET_H

#include "iov.h"

#define NET_HEADER_BYTES	10
#define NET_HELD_MAX		(NET_HEADER_BYTES + 65536 + 64)	/* IP's longest packet */
#define NET_PIECES_MAX		256	/* of one frame, without a header of its own */
#define MAC_BYTES		6
#define NET_MAC_MULTICAST	0x01	/* of an address's first byte */
#define NET_FORWARDS_MAX	16

struct net_spec {
	const char *value;	/* "" if there is none */
	struct {
		__u32 ip;	/* of the host's end, in network order; 0: none */
		int prefix;	/* -1: none */
		const char *name;	/* of the interface; "": a new one with any name */
	} tap;
	bool has_mac;
	__u8 mac[MAC_BYTES];
	bool host;		/* the guest may reach this host's own services */
	unsigned int nr_forwards;
	struct {
		const char *protocol, *ports;
	} forward[NET_FORWARDS_MAX];
};

/* Makes a network; NULL if that fails (failure()). */
typedef struct model *(*net_creator)(const struct net_spec *spec);

struct net;

struct net_ops {
	bool headed;
	/* What to wait for; -1 once nothing will come any more. */
	int (*fd)(struct net *net);
	bool (*ready)(struct net *net);
	/* What the guest takes over: TUN_F_*.  NULL: it gets whole frames only. */
	void (*offload)(struct net *net, unsigned int flags);
	/* A frame goes as a whole, or is lost.  Returns what is on its way. */
	size_t (*send)(struct net *net, const struct iovec *iov, int nr);
	/* Bytes of a frame, 0 if there is none, -1 if none will come. */
	ssize_t (*receive)(struct net *net, const struct iovec *iov, int nr);
};

struct net {
	struct model model;
	const struct net_ops *ops;
	__u8 host_mac[MAC_BYTES];
	__u8 mac[MAC_BYTES];	/* the guest's */
	/* What came for a guest that takes it in several buffers, if it does. */
	struct {
		size_t len;
		char bytes[NET_HELD_MAX];	/* a header, and the frame */
	} held;
};

/* net_option.c */
const char *net_parse(char *text, struct net_spec *spec, net_creator *create);

/* net.c */
void net_init(struct net *net, const struct net_ops *ops, const struct net_spec *spec,
	      const __u8 host_mac[MAC_BYTES]);
struct net *to_net(struct model *model);
int net_fd(struct model *model);
bool net_ready(struct model *model);
size_t net_send_headed(struct model *model, struct iovec *iov, int nr);
ssize_t net_receive_headed(struct model *model, struct iovec *iov, int nr);
size_t net_send(struct model *model, struct iovec *iov, int nr);
ssize_t net_receive(struct model *model, struct iovec *iov, int nr);

/* tap.c, passt.c, share.c */
struct model *__must_check tap_create(const struct net_spec *spec);
struct model *__must_check tap_create_bridged(const struct net_spec *spec);
const char *tap_parse(struct net_spec *spec);
struct model *__must_check passt_create(const struct net_spec *spec);

struct model *__must_check share_create(const char *file);
unsigned int share_slot(struct model *model);
bool __must_check share_map(struct model *model, void *where);

#endif /* NET_H */
