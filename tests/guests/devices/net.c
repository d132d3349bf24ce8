// SPDX-License-Identifier: GPL-2.0
/*
 * The networks' parts.  One answers the host's pings, as 192.168.19.2; two
 * others, on a shared network, count each other's frames.
 */
#include "devices.h"

#define ETH_ARP		0x0608	/* as they are in memory */
#define ETH_IP		0x0008
#define ETH_TEST	0xb588	/* for local experiments */
#define ARP_REQUEST	0x0100
#define ARP_REPLY	0x0200
#define IP_ICMP		1
#define ICMP_ECHO	8
#define ICMP_REPLY	0

#define FRAMES		1000

static const u8 our_ip[4] = { 192, 168, 19, 2 };

static struct net net;

static union {
	u8 bytes[NET_FRAME];
	struct {
		u8 to[6], from[6];
		u16 type;
		union {
			struct {
				u16 hardware, protocol, lengths, operation;
				u8 from_mac[6], from_ip[4], to_mac[6], to_ip[4];
			} __attribute__((packed)) arp;
			struct {
				u8 start[9], protocol;
				u16 sum;
				u8 from[4], to[4];
				u8 type, code;
				u16 icmp_sum;
			} __attribute__((packed)) ip;
			u32 number;
		};
	} __attribute__((packed));
} frame;

static void open_net(void)
{
	if (!net_open(&net, 0))
		panic("this part needs a network");
}

static void swap_ip(u8 *a, u8 *b)
{
	u8 t[4];

	memcpy(t, a, 4);
	memcpy(a, b, 4);
	memcpy(b, t, 4);
}

/* Sends the frame back to where it came from. */
static void reply(u32 len)
{
	memcpy(frame.to, frame.from, 6);
	memcpy(frame.from, &net.peers[net.slot], 6);
	if (!net_send(&net, &frame, len))
		printf("a reply was not taken\n");
}

static void answer(u32 len)
{
	if (frame.type == ETH_ARP && frame.arp.operation == ARP_REQUEST &&
	    !memcmp(frame.arp.to_ip, our_ip, 4)) {
		frame.arp.operation = ARP_REPLY;
		memcpy(frame.arp.to_mac, frame.arp.from_mac, 6);
		memcpy(frame.arp.from_mac, &net.peers[net.slot], 6);
		swap_ip(frame.arp.from_ip, frame.arp.to_ip);
		reply(len);
	} else if (frame.type == ETH_IP && frame.ip.protocol == IP_ICMP &&
		   frame.ip.type == ICMP_ECHO && !memcmp(frame.ip.to, our_ip, 4)) {
		frame.ip.type = ICMP_REPLY;
		/* one's complement: take 8 from the sum's other side */
		frame.ip.icmp_sum += frame.ip.icmp_sum >= 0xfff8 ? 9 : 8;
		swap_ip(frame.ip.from, frame.ip.to);
		reply(len);
	}
}

void play_pong(void)
{
	u32 len;

	open_net();
	end_when_told();
	printf("ready\n");
	for (;;) {
		irq_disable();
		len = net_receive(&net, &frame, sizeof(frame));
		irq_enable();
		if (len)
			answer(len);
		else
			wait_a_while(10);
	}
}

void play_receive(void)
{
	u32 next = 0;

	open_net();
	printf("ready, slot %u\n", net.slot);
	while (next < FRAMES) {
		u32 len = net_receive(&net, &frame, sizeof(frame));

		if (!len) {
			wait_a_while(10);
		} else if (frame.type == ETH_TEST) {
			if (frame.number != next || len != 60 + next % 1000)
				panic("frame %u of %u bytes instead of %u", frame.number,
				      len, next);
			next++;
		}
	}
	printf("received %u frames\n", next);
	net_close(&net);
}

/* A frame that found no buffer is sent again. */
void play_send(void)
{
	u32 i, again = 0;

	open_net();
	printf("ready, slot %u\n", net.slot);
	for (i = 0; i < FRAMES; i++) {
		memset(&frame, 0xff, 6);
		frame.type = ETH_TEST;
		frame.number = i;
		while (!net_send(&net, &frame, 60 + i % 1000)) {
			again++;
			wait_a_while(1);
		}
	}
	printf("sent %u frames, again: %s\n", i, again ? "some" : "none");
	net_close(&net);
}
