// SPDX-License-Identifier: GPL-2.0
/*
 * The option for network devices: which kind it means (tap.c, a cable to the host
 * or to a bridge of it; passt.c, what the host's user can reach; share.c, a cable
 * between classic guests), and what the first two have in common.
 *
 * Some networks have a header before each frame and some transports have, so what
 * is missing is added here and what is too much is dropped.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "launcher.h"

#define PIECES_MAX	(1 + NET_PIECES_MAX)

/* Of an address's first byte. */
#define MAC_MULTICAST	0x01
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
	net->mac[0] = (net->mac[0] & ~MAC_MULTICAST) | MAC_LOCAL;
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

/* Six bytes in hexadecimal, colons between them; no group's, and not nobody's. */
static bool parse_mac(const char *text, __u8 mac[MAC_BYTES])
{
	static const __u8 nobody[MAC_BYTES];
	unsigned int i;
	char *end;

	for (i = 0; i < MAC_BYTES; i++, text = end + 1) {
		size_t digits = strspn(text, "0123456789abcdefABCDEF");

		mac[i] = strtoul(text, &end, 16);
		if (digits < 1 || digits > 2 || *end != (i < MAC_BYTES - 1 ? ':' : '\0'))
			return false;
	}
	return !(mac[0] & MAC_MULTICAST) && memcmp(mac, nobody, MAC_BYTES);
}

static const char *add_forward(struct net_spec *spec, const char *protocol, const char *ports)
{
	if (spec->nr_forwards == NET_FORWARDS_MAX)
		return "has too many ports to be forwarded";
	spec->forward[spec->nr_forwards].protocol = protocol;
	spec->forward[spec->nr_forwards++].ports = ports;
	return *ports ? NULL : "tcp= and udp= want ports: 2222:22, for the host's and the guest's";
}

/* What kinds of networks there are, and what may be said of them. */
enum { TAKES_VALUE = 1, NEEDS_VALUE = 2, TAKES_PORTS = 4 };

static const struct kind {
	const char *name;
	unsigned int takes;
	struct model *(*create)(const struct net_spec *spec);
} kinds[] = {
	{ "tap", TAKES_VALUE, tap_create },
	{ "bridge", TAKES_VALUE | NEEDS_VALUE, tap_create_bridged },
	{ "user", TAKES_PORTS, passt_create },
};

static const char *parse_option(unsigned int takes, char *word, struct net_spec *spec)
{
	if (!strncmp(word, "mac=", 4)) {
		spec->has_mac = true;
		return parse_mac(word + 4, spec->mac) ? NULL :
			"mac= wants an address of one machine, such as 02:00:00:00:00:01";
	}
	if (!(takes & TAKES_PORTS))
		return "such a network has no other option than mac=";
	if (!strcmp(word, "host")) {
		spec->host = true;
		return NULL;
	}
	if (!strncmp(word, "tcp=", 4))
		return add_forward(spec, "tcp", word + 4);
	if (!strncmp(word, "udp=", 4))
		return add_forward(spec, "udp", word + 4);
	return "such a network has the options tcp=, udp=, host and mac=";
}

static const struct kind *find_kind(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

/**
 * net_parse - read KIND[=VALUE][,OPTION]...
 * @text: it; is cut into pieces, which @spec then has
 * @spec: filled in
 * @create: set to what makes such a network
 *
 * Returns what is wrong, or NULL.
 */
const char *net_parse(char *text, struct net_spec *spec, net_creator *create)
{
	char *word = strsep(&text, ","), *value = word;
	const struct kind *kind = find_kind(strsep(&value, "="));
	const char *wrong = NULL;

	*spec = (struct net_spec){ .value = value ? value : "" };
	if (!kind)
		return "say tap, bridge=NAME, user or share=FILE";
	*create = kind->create;
	if (value && !(kind->takes & TAKES_VALUE))
		return "has no value: its options follow after a comma";
	if (!*spec->value && kind->takes & NEEDS_VALUE)
		return "say which: bridge=NAME";
	while (!wrong && (word = strsep(&text, ",")))
		wrong = parse_option(kind->takes, word, spec);
	return wrong;
}

static struct model *net_create(const char *text)
{
	struct net_spec spec;
	struct model *model;
	net_creator create;
	static char *copy;
	const char *wrong;

	if (!strncmp(text, "share=", 6) && text[6])
		return share_create(text + 6);
	copy = strdup(text);
	if (!copy)
		give_up("--net %s: %s", text, strerror(errno));
	wrong = net_parse(copy, &spec, &create);
	if (wrong)
		give_up("--net %s: %s", text, wrong);
	model = create(&spec);
	free(copy);
	return model;
}

static const struct device_option net_option = {
	.name = "net",
	.letter = 'n',
	.argument = "user | tap | bridge=NAME | share=FILE",
	.help = "a network; see lguest(1) for what may follow",
	.create = net_create,
	.classic = {
		{ "sharenet", NULL, "share=", false },
		{ "tunnet", "bridge:", "bridge=", true },
		{ "tunnet", NULL, "tap=", true },
	},
};

DEVICE_OPTION(net_option);
