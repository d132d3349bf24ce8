/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the exerciser's net.c, which pings, and tcp.c have in common: the network,
 * and how packets look.
 */
#ifndef NET_H
#define NET_H

#include "virtio.h"

#define ETH_ARP		0x0806
#define ETH_IP		0x0800

struct ethernet {
	u8 to[6], from[6];
	u16 type;
} __attribute__((packed));

struct ip {
	struct ethernet eth;
	u8 version, service;
	u16 len, ident, fragment;
	u8 ttl, protocol;
	u16 checksum;
	u8 from[4], to[4];
} __attribute__((packed));

#define IP_BYTES	20

/* net.c */
extern struct net net;
extern u8 frame[NET_LARGE_FRAME];	/* the last that came, and its header */
extern struct net_header frame_header;

u32 next_frame(u64 until);
void make_ip(struct ip *ip, u8 protocol, u32 payload);
u32 sum(const void *from, u32 len);
u16 fold(u32 sum);

static inline u16 swap16(u16 n)
{
	return n << 8 | n >> 8;
}

static inline u32 swap32(u32 n)
{
	return (u32)swap16(n) << 16 | swap16(n >> 16);
}

/* tcp.c */
void tcp_tests(u32 port, bool offloaded);

#endif /* NET_H */
