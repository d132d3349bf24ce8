// SPDX-License-Identifier: GPL-2.0
/*
 * As much of TCP as it takes to send much to the host, which sends it back, and to
 * compare it: what is lost is sent again from there on.  With a device that does
 * it, segments are larger than any frame and checksums are left out, and what
 * comes may be like that, too.
 */
#include "net.h"

#include <linux/virtio_net.h>

#define TCP		6
#define FIN		0x01
#define SYN		0x02
#define PSH		0x08
#define ACK		0x10
#define MSS		1460
#define LARGE		(11 * MSS)
#define WINDOW		32768
#define TOTAL		(192 * 1024)
#define AGAIN		1000000000ULL	/* ns */
#define TRIES		20

struct tcp {
	struct ip ip;
	u16 from, to;
	u32 seq, ack;
	u8 offset, flags;
	u16 window, checksum, urgent;
	u8 data[LARGE];
} __attribute__((packed));

#define TCP_HEADS	offsetof(struct tcp, data)
#define TCP_BYTES	(TCP_HEADS - sizeof(struct ip))

static struct {
	u16 port, own_port;
	u32 first, acked, sent;		/* bytes: numbers are relative to first */
	u32 next;			/* that comes: the other side's number */
	u32 got, bad;
	u32 window;
	u32 again, large_out, large_in, open_in, wrong;
} t;

/* What TCP's checksum has of IP. */
static u32 pseudo(const struct ip *ip, u32 len)
{
	return sum(ip->from, 8) + TCP + len;
}

static bool accepted(u32 bit)
{
	return net.dev.features >> bit & 1;
}

/* The device is to finish what was begun, as far as it does. */
static struct net_header finish(struct tcp *tcp, u32 len)
{
	u32 bytes = TCP_BYTES + len, start = pseudo(&tcp->ip, bytes);
	struct net_header header = { 0 };

	if (!accepted(VIRTIO_NET_F_CSUM)) {
		tcp->checksum = ~fold(start + sum(&tcp->from, bytes));
		return header;
	}
	tcp->checksum = fold(start);
	header.flags = NET_CHECKSUM;
	header.checksum_from = sizeof(struct ip);
	header.checksum_at = offsetof(struct tcp, checksum) - sizeof(struct ip);
	if (len > MSS) {
		header.type = NET_TCP;
		header.heads = TCP_HEADS;
		header.segment = MSS;
		t.large_out++;
	}
	return header;
}

/* Sends bytes from number t.sent on. */
static bool send_part(u8 flags, u32 len)
{
	static const u8 largest_segment[] = { 2, 4, MSS >> 8, MSS & 255 };
	static struct tcp tcp;
	struct net_header header;
	u32 i;

	tcp.from = swap16(t.own_port);
	tcp.to = swap16(t.port);
	tcp.seq = swap32(t.first + t.sent);
	tcp.ack = swap32(t.next);
	tcp.offset = TCP_BYTES / 4 << 4;
	tcp.flags = flags;
	tcp.window = swap16(WINDOW);
	tcp.checksum = 0;
	for (i = 0; i < len; i++)
		tcp.data[i] = pattern(t.sent + i, 3);
	if (flags & SYN) {
		len = sizeof(largest_segment);
		memcpy(tcp.data, largest_segment, len);
		tcp.offset += len / 4 << 4;
	}
	make_ip(&tcp.ip, TCP, TCP_BYTES + len);
	header = finish(&tcp, len);
	return net_send_headed(&net, &header, &tcp, TCP_HEADS + len);
}

/* Checksums are right, or said to be the receiver's affair. */
static bool is_right(const struct tcp *tcp, u32 bytes)
{
	if (frame_header.flags & NET_CHECKSUM) {
		t.open_in++;
		return accepted(VIRTIO_NET_F_GUEST_CSUM);
	}
	return fold(pseudo(&tcp->ip, bytes) + sum(&tcp->from, bytes)) == 0xffff;
}

/* The frame's segment of our connection, or NULL; @len: of its data. */
static const struct tcp *segment(u32 len, const u8 **data, u32 *data_len)
{
	const struct tcp *tcp = (const struct tcp *)frame;
	u32 bytes, heads = (tcp->offset >> 4) * 4;

	if (len < TCP_HEADS || tcp->ip.eth.type != swap16(ETH_IP) ||
	    tcp->ip.version != 0x45 || tcp->ip.protocol != TCP ||
	    tcp->from != swap16(t.port) || tcp->to != swap16(t.own_port))
		return NULL;
	bytes = swap16(tcp->ip.len) - IP_BYTES;
	if (len < sizeof(struct ip) + bytes || heads < TCP_BYTES || bytes < heads)
		return NULL;
	if (!is_right(tcp, bytes)) {
		t.wrong++;
		return NULL;
	}
	t.large_in += bytes - heads > MSS;
	*data = (const u8 *)&tcp->from + heads;
	*data_len = bytes - heads;
	return tcp;
}

static bool connect(void)
{
	const struct tcp *tcp;
	const u8 *data;
	u32 i, len, data_len;

	for (i = 0; i < TRIES; i++) {
		u64 until = clock_ns() + AGAIN;

		t.sent = -1;
		send_part(SYN, 0);
		t.sent = 0;
		while ((len = next_frame(until))) {
			tcp = segment(len, &data, &data_len);
			if (!tcp || !(tcp->flags & SYN))
				continue;
			t.next = swap32(tcp->seq) + 1;
			t.window = swap16(tcp->window);
			return send_part(ACK, 0);
		}
	}
	return false;
}

static void take(const u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < len; i++)
		t.bad += data[i] != (u8)pattern(t.got + i, 3);
	t.got += len;
	t.next += len;
}

static void look_at(const struct tcp *tcp, const u8 *data, u32 len)
{
	u32 acked = swap32(tcp->ack) - t.first;

	if (acked > t.acked && acked <= TOTAL)
		t.acked = acked;
	if (t.sent < t.acked)
		t.sent = t.acked;
	t.window = swap16(tcp->window);
	if (len && swap32(tcp->seq) == t.next)
		take(data, len);
	if (len)
		send_part(ACK, 0);
}

static void send_more(void)
{
	u32 most = accepted(VIRTIO_NET_F_HOST_TSO4) ? LARGE : MSS;

	while (t.sent < TOTAL && t.sent - t.acked < t.window) {
		u32 len = min(min(most, TOTAL - t.sent), t.window - (t.sent - t.acked));
		bool small = len < MSS && len < TOTAL - t.sent;

		/* What is under way will make room for more than that. */
		if (small && t.sent != t.acked)
			return;
		if (!send_part(ACK | PSH, len))
			return;
		t.sent += len;
	}
}

static bool exchange(void)
{
	const struct tcp *tcp;
	const u8 *data;
	u32 len, data_len;

	while (t.got < TOTAL && t.again < TRIES) {
		send_more();
		len = next_frame(clock_ns() + AGAIN);
		if (!len) {
			t.again++;
			t.sent = t.acked;
			/* Whoever had no room need not tell that there is some. */
			t.window = max(t.window, MSS);
			continue;
		}
		tcp = segment(len, &data, &data_len);
		if (tcp)
			look_at(tcp, data, data_len);
	}
	send_part(FIN | ACK, 0);
	return t.got == TOTAL;
}

/**
 * tcp_tests - send much, and compare what comes back
 * @port: of the host, where something echoes
 * @offloaded: what can be left to the other side was asked for
 */
void tcp_tests(u32 port, bool offloaded)
{
	u32 now = clock_ns() >> 10;

	t.port = port;
	t.own_port = 32768 + now % 16384;
	t.first = now * 64;
	ok(connect(), "the host listens on port %u", port);
	ok(exchange(), "%u KB come back by TCP", TOTAL / 1024);
	is(t.bad, 0, "and are what was sent");
	is(t.wrong, 0, "all checksums are right");
	diag("%u times sent again; large: %u sent, %u came; %u came without checksum",
	     t.again, t.large_out, t.large_in, t.open_in);
	if (offloaded && accepted(VIRTIO_NET_F_HOST_TSO4))
		ok(t.large_out && t.large_in && t.open_in,
		   "segments and checksums were left to the other side, and by it");
	else
		ok(!t.large_out && !t.large_in && !t.open_in, "nothing was left to be done");
}
