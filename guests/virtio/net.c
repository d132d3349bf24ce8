// SPDX-License-Identifier: GPL-2.0
/*
 * A network: asks the host at its other end for its address (ARP), then pings it
 * with payloads of all lengths, several at a time, and compares what comes back.
 */
#include "net.h"

#define ARP_REQUEST	1
#define ARP_REPLY	2
#define ICMP		1
#define ECHO		8
#define ECHO_REPLY	0
#define PAYLOAD_MAX	1472
#define ID		0x6c67
#define AT_A_TIME	6
#define PATIENCE	3000000000ULL	/* ns */

static const u8 host_ip[4] = { 10, 77, 0, 1 }, own_ip[4] = { 10, 77, 0, 2 };

struct arp {
	struct ethernet eth;
	u16 hardware, protocol;
	u8 hardware_len, protocol_len;
	u16 operation;
	u8 from_mac[6], from_ip[4], to_mac[6], to_ip[4];
} __attribute__((packed));

struct ping {
	struct ip ip;
	u8 type, code;
	u16 checksum, id, sequence;
	u8 payload[PAYLOAD_MAX];
} __attribute__((packed));

#define PING_HEADS	offsetof(struct ping, payload)

struct net net;
u8 frame[NET_LARGE_FRAME];
struct net_header frame_header;

static u8 host_mac[6];

/* As the internet's checksums add: words of 16 bits, the high byte first. */
u32 sum(const void *from, u32 len)
{
	const u8 *bytes = from;
	u32 all = 0, i;

	for (i = 0; i < len; i++)
		all += i & 1 ? bytes[i] : bytes[i] << 8;
	return all;
}

/* As it is in a packet; complemented, it is a checksum. */
u16 fold(u32 all)
{
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	return swap16(all);
}

/* The next frame, if one comes in time.  The clock wakes us to look at it. */
static void tick(u32 irq __unused, struct trap_frame *f __unused)
{
}

u32 next_frame(u64 until)
{
	u32 len, flags = irq_save();

	while (!(len = net_receive_headed(&net, &frame_header, frame, sizeof(frame))) &&
	       clock_ns() < until) {
		clock_alarm(10000000, tick);
		halt();
		irq_disable();
	}
	irq_restore(flags);
	return len;
}

static void ask_for_host(void)
{
	struct arp arp = {
		.eth.type = swap16(ETH_ARP), .hardware = swap16(1),
		.protocol = swap16(ETH_IP), .hardware_len = 6, .protocol_len = 4,
		.operation = swap16(ARP_REQUEST),
	};

	memset(arp.eth.to, 0xff, 6);
	memcpy(arp.eth.from, net.mac, 6);
	memcpy(arp.from_mac, net.mac, 6);
	memcpy(arp.from_ip, own_ip, 4);
	memcpy(arp.to_ip, host_ip, 4);
	net_send(&net, &arp, sizeof(arp));
}

static bool host_answered(u64 until)
{
	const struct arp *arp = (const struct arp *)frame;
	u32 len;

	while ((len = next_frame(until))) {
		if (len < sizeof(*arp) || arp->eth.type != swap16(ETH_ARP) ||
		    arp->operation != swap16(ARP_REPLY) ||
		    memcmp(arp->from_ip, host_ip, 4))
			continue;
		memcpy(host_mac, arp->from_mac, 6);
		return true;
	}
	return false;
}

/* A link that just came up may swallow the first questions. */
static bool host_answers(void)
{
	u32 tries;

	for (tries = 0; tries < 10; tries++) {
		ask_for_host();
		if (host_answered(clock_ns() + PATIENCE / 3))
			return true;
	}
	return false;
}

/* All of an IP packet that precedes its payload, from us to the host. */
void make_ip(struct ip *ip, u8 protocol, u32 payload)
{
	*ip = (struct ip){
		.eth.type = swap16(ETH_IP), .version = 0x45, .ttl = 64,
		.protocol = protocol, .len = swap16(IP_BYTES + payload),
	};
	memcpy(ip->eth.to, host_mac, 6);
	memcpy(ip->eth.from, net.mac, 6);
	memcpy(ip->from, own_ip, 4);
	memcpy(ip->to, host_ip, 4);
	ip->checksum = ~fold(sum(&ip->version, IP_BYTES));
}

static u32 payload_of(u32 n)
{
	return (n * 97) % (PAYLOAD_MAX + 1);
}

static void send_ping(u32 n)
{
	static struct ping ping;
	u32 len = payload_of(n), i;

	ping = (struct ping){ .type = ECHO, .id = ID, .sequence = n };
	make_ip(&ping.ip, ICMP, PING_HEADS - sizeof(ping.ip) + len);
	for (i = 0; i < len; i++)
		ping.payload[i] = pattern(i, n);
	ping.checksum = ~fold(sum(&ping.type, 8 + len));
	if (!net_send(&net, &ping, PING_HEADS + len))
		diag("ping %u: no room", n);
}

/* Whose answer is it?  ~0 if it is none, or a wrong one. */
static u32 answer(u32 len)
{
	const struct ping *ping = (const struct ping *)frame;
	u32 n = ping->sequence, i;

	if (len < PING_HEADS || ping->ip.eth.type != swap16(ETH_IP) ||
	    ping->ip.protocol != ICMP || ping->type != ECHO_REPLY || ping->id != ID ||
	    len < PING_HEADS + payload_of(n))
		return ~0U;
	for (i = 0; i < payload_of(n); i++)
		if (ping->payload[i] != (u8)pattern(i, n))
			return ~0U;
	return n;
}

/* Several under way; an answer that is lost is lost, as on any network. */
static u32 ping_all(u32 count)
{
	u32 sent, answered = 0, i, len, n;

	for (sent = 0; sent < count; sent += AT_A_TIME) {
		u32 last = min(sent + AT_A_TIME, count), missing = last - sent;
		u64 until = clock_ns() + PATIENCE;

		for (i = sent; i < last; i++)
			send_ping(i);
		while (missing && (len = next_frame(until))) {
			n = answer(len);
			missing -= n >= sent && n < last;
		}
		answered += last - sent - missing;
		if (missing)
			diag("%u answers are missing after ping %u", missing, last);
	}
	return answered;
}

static bool open(bool offloaded)
{
	if (!offloaded)
		return net_open(&net, 0);
	return asked_for("unmerged") ? net_open_offloaded(&net, 0) : net_open_merged(&net, 0);
}

void net_tests(void)
{
	u32 count = asked_number("net", 0), port = asked_number("tcp", 0);
	bool offloaded = asked_for("offloaded");

	if (!open(offloaded)) {
		if (count || port)
			ok(false, "there is a network");
		else
			skip("there is none", "network");
		return;
	}
	diag("features %08x, rings of %u and %u, indirect: %u", net.dev.features,
	     net.in.num, net.out.num, net.in.indirect);
	if (!count && !port)
		return;
	ok(!net.deaf, "no frame comes before the driver hears of it");
	ok(host_answers(), "the host answers");
	if (count)
		is(ping_all(count), count, "and echoes %u pings", count);
	if (port)
		tcp_tests(port, offloaded);
	diag("%u and %u kicks, %u interrupts", net.in.nr_kicks, net.out.nr_kicks,
	     net.in.nr_irqs);
	clock_alarm(0, NULL);
}
