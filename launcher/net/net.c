// SPDX-License-Identifier: GPL-2.0
/*
 * What networks have in common whose other end is the host (tap.c, passt.c);
 * net_option.c makes them.
 *
 * Some networks have a header before each frame and some transports have, so what
 * is missing is added here and what is too much is dropped.
 */
#include <string.h>

#include "base.h"
#include "iov.h"
#include "net.h"

#define PIECES_MAX	(1 + NET_PIECES_MAX)

/* Of an address's first byte. */
#define MAC_LOCAL	0x02		/* assigned by no manufacturer */

struct net *to_net(struct model *model)
{
	return container_of(model, struct net, model);
}

/**
 * net_init - the addresses of a network's ends
 * @net: its model is set
 * @ops: what kind it is
 * @spec: the user's wishes
 * @host_mac: the address of the host's end
 *
 * The guest's end gets one of its own, next to the host's.
 */
void net_init(struct net *net, const struct net_ops *ops, const struct net_spec *spec,
	      const __u8 host_mac[MAC_BYTES])
{
	net->ops = ops;
	memcpy(net->host_mac, host_mac, MAC_BYTES);
	memcpy(net->mac, spec->has_mac ? spec->mac : host_mac, MAC_BYTES);
	if (spec->has_mac)
		return;
	net->mac[0] = (net->mac[0] & ~NET_MAC_MULTICAST) | MAC_LOCAL;
	net->mac[MAC_BYTES - 1] ^= 1;
}

/** net_fd - what to wait for; -1 once nothing will come any more */
int net_fd(struct model *model)
{
	return to_net(model)->ops->fd(to_net(model));
}

/** net_ready - is there a frame, or the end of all? */
bool net_ready(struct model *model)
{
	return to_net(model)->ops->ready(to_net(model));
}

static int add_header(struct iovec all[PIECES_MAX], char header[NET_HEADER_BYTES],
		      const struct iovec *iov, int nr)
{
	memset(header, 0, NET_HEADER_BYTES);
	all[0] = (struct iovec){ header, NET_HEADER_BYTES };
	memcpy(all + 1, iov, nr * sizeof(*iov));
	return 1 + nr;
}

/**
 * net_send_headed - send a frame, or lose it
 * @model: the network
 * @iov: a header, which is its first bytes, and the frame
 * @nr: pieces
 *
 * Returns the bytes that are on their way.
 */
size_t net_send_headed(struct model *model, struct iovec *iov, int nr)
{
	struct net *net = to_net(model);

	if (!net->ops->headed)
		nr = iov_skip(iov, nr, NET_HEADER_BYTES);
	return net->ops->send(net, iov, nr);
}

/**
 * net_receive_headed - get the next frame
 * @model: the network
 * @iov: where to; there is room for a header
 * @nr: pieces
 *
 * Returns the bytes of a frame and its header, 0 if there is none, -1 if none
 * will come.
 */
ssize_t net_receive_headed(struct model *model, struct iovec *iov, int nr)
{
	static const char header[NET_HEADER_BYTES];
	struct net *net = to_net(model);
	ssize_t n;

	if (net->ops->headed)
		return net->ops->receive(net, iov, nr);
	iov_fill(iov, nr, header, sizeof(header));
	nr = iov_skip(iov, nr, sizeof(header));
	n = net->ops->receive(net, iov, nr);
	return n > 0 ? (ssize_t)sizeof(header) + n : n;
}

/** net_send - the same for frames without headers */
size_t net_send(struct model *model, struct iovec *iov, int nr)
{
	struct net *net = to_net(model);
	struct iovec all[PIECES_MAX];
	char header[NET_HEADER_BYTES];
	size_t n;

	if (!net->ops->headed)
		return net->ops->send(net, iov, nr);
	n = net->ops->send(net, all, add_header(all, header, iov, nr));
	return n > NET_HEADER_BYTES ? n - NET_HEADER_BYTES : 0;
}

/** net_receive - the same for frames without headers */
ssize_t net_receive(struct model *model, struct iovec *iov, int nr)
{
	struct net *net = to_net(model);
	struct iovec all[PIECES_MAX];
	char header[NET_HEADER_BYTES];
	ssize_t n;

	if (!net->ops->headed)
		return net->ops->receive(net, iov, nr);
	n = net->ops->receive(net, all, add_header(all, header, iov, nr));
	return n > NET_HEADER_BYTES ? n - NET_HEADER_BYTES : n;
}
