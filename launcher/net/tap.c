// SPDX-License-Identifier: GPL-2.0
/*
 * A network whose other end is a tap interface of the host, which may be put
 * into a bridge.  An interface that is made here goes with the launcher, however
 * that ends.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "hold.h"
#include "net.h"

#define TUN_DEVICE	"/dev/net/tun"
#define NEW_NAME	"tap%d"		/* the kernel finds a number */

struct tap {
	struct net net;
	int fd;
	bool failed;
};

static struct tap *to_tap(struct net *net)
{
	return container_of(net, struct tap, net);
}

static bool parse_prefix(const char *text, int *prefix)
{
	char *end;

	*prefix = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && *prefix >= 1 && *prefix <= 32;
}

/**
 * tap_parse - understand the value of such a network
 * @spec: has it: "", "IP", "IP/PREFIX" or "INTERFACE"; its tap is filled in
 *
 * Return: what is wrong, or NULL.
 */
const char *tap_parse(struct net_spec *spec)
{
	const char *slash = strchr(spec->value, '/');
	size_t len = slash ? (size_t)(slash - spec->value) : strlen(spec->value);
	char address[INET_ADDRSTRLEN] = "";

	spec->tap.ip = 0;
	spec->tap.prefix = -1;
	spec->tap.name = "";
	if (len < sizeof(address))
		memcpy(address, spec->value, len);
	if (len && len < sizeof(address) && inet_pton(AF_INET, address, &spec->tap.ip) == 1) {
		if (!spec->tap.ip)
			return "0.0.0.0 is no address for the host";
		if (slash && !parse_prefix(slash + 1, &spec->tap.prefix))
			return "a prefix is a number from 1 to 32";
		return NULL;
	}
	if (slash)
		return "that is no IPv4 address";
	if (len >= IFNAMSIZ)
		return "the name of an interface has at most 15 characters";
	spec->tap.name = spec->value;
	return NULL;
}

static const char *no_right(int error)
{
	return error == EPERM || error == EACCES ?
		" (run as root, with CAP_NET_ADMIN; --net user needs no right)" : "";
}

static bool __must_check good_ioctl(int fd, unsigned long request, struct ifreq *ifr,
				    const char *what)
{
	if (ioctl(fd, request, ifr) >= 0)
		return true;
	return failure("network %.*s: cannot %s: %s%s", IFNAMSIZ, ifr->ifr_name, what,
		       strerror(errno), no_right(errno));
}

static bool __must_check set_address(int sock, struct ifreq *ifr, unsigned long request,
				     __u32 address, const char *what)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = address,
	};

	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
	return good_ioctl(sock, request, ifr, what);
}

static int __must_check open_socket(void)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		failure("cannot make a socket: %s", strerror(errno));
	return sock;
}

static bool __must_check bring_up(int sock, struct ifreq *ifr)
{
	if (!good_ioctl(sock, SIOCGIFFLAGS, ifr, "read its flags"))
		return false;
	ifr->ifr_flags |= IFF_UP;
	return good_ioctl(sock, SIOCSIFFLAGS, ifr, "bring it up");
}

static int __must_check open_tun(void)
{
	int fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		failure(TUN_DEVICE ": %s%s", strerror(errno),
			errno == ENOENT || errno == ENODEV ?
			": the host has no tun module (modprobe tun, as root)" : no_right(errno));
	return fd;
}

/* One that was there before may be as another program has left it. */
static bool __must_check set_header(const struct tap *tap)
{
	int bytes = NET_HEADER_BYTES;

	if (ioctl(tap->fd, TUNSETVNETHDRSZ, &bytes) < 0 || ioctl(tap->fd, TUNSETOFFLOAD, 0) < 0)
		return failure("network: cannot set up the interface's header: %s",
			       strerror(errno));
	return true;
}

static void tap_close(struct model *model)
{
	struct tap *tap = to_tap(to_net(model));

	if (tap->fd >= 0)
		close(tap->fd);
	free(tap);
}

static int tap_fd(struct net *net)
{
	return to_tap(net)->failed ? -1 : to_tap(net)->fd;
}

static bool tap_ready(struct net *net)
{
	return tap_fd(net) >= 0 && fd_readable(tap_fd(net));
}

static void tap_offload(struct net *net, unsigned int flags)
{
	if (ioctl(to_tap(net)->fd, TUNSETOFFLOAD, flags) < 0)
		complain("network: cannot leave checksums to the guest: %s", strerror(errno));
}

static size_t tap_send(struct net *net, const struct iovec *iov, int nr)
{
	ssize_t n;

	do {
		n = writev(to_tap(net)->fd, iov, nr);
	} while (n < 0 && errno == EINTR && !hold_ending());
	return n < 0 ? 0 : n;
}

static ssize_t tap_receive(struct net *net, const struct iovec *iov, int nr)
{
	ssize_t n = readv(to_tap(net)->fd, iov, nr);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	if (first_time(&to_tap(net)->failed))
		complain("network: cannot read packets any more: %s", strerror(errno));
	return -1;
}

static const struct net_ops tap_ops = {
	.headed = true,
	.fd = tap_fd,
	.ready = tap_ready,
	.offload = tap_offload,
	.send = tap_send,
	.receive = tap_receive,
};

/* The kernel did not give us the interface of that name; "": a new one. */
static bool cannot_claim(const char *option, const char *name, int error)
{
	const bool there = *name && if_nametoindex(name);

	switch (error) {
	case EPERM:
		if (there) {
			failure("%s: is not yours (root: ip tuntap add NAME mode tap user %u)",
				option, getuid());
			return false;
		}
		return failure("root can make one that is yours, for --net tap=tap0:\n"
			       "ip tuntap add tap0 mode tap user %u\n"
			       "%s: cannot make an interface: %s%s", getuid(), option,
			       strerror(error), no_right(error));
	case EBUSY:
		return failure("%s: another program has that interface", option);
	case EINVAL:
		return failure("%s: %s", option, there ?
			       "that interface is no tap (ip tuntap add NAME mode tap makes one)" :
			       "that is no name for an interface");
	default:
		return failure("%s: cannot make or take the interface: %s", option,
			       strerror(error));
	}
}

/* The kernel gives frames to all queues: those that go to others' would be lost. */
static bool has_other_queues(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%.*s/queues/tx-1", IFNAMSIZ, name);
	return !access(path, F_OK);
}

/* One that was made for several queues is asked for as such; it may have one. */
static bool claim(int fd, const char *name, struct ifreq *ifr)
{
	*ifr = (struct ifreq){ .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	strncpy(ifr->ifr_name, *name ? name : NEW_NAME, IFNAMSIZ - 1);
	if (!ioctl(fd, TUNSETIFF, ifr))
		return true;
	if (errno != EINVAL)
		return false;
	ifr->ifr_flags |= IFF_MULTI_QUEUE;
	if (ioctl(fd, TUNSETIFF, ifr) < 0)
		return false;
	if (!has_other_queues(name))
		return true;
	errno = EBUSY;
	return false;
}

static bool __must_check have(struct tap *tap, const char *option, const char *name,
			      struct ifreq *ifr)
{
	tap->fd = open_tun();
	if (tap->fd < 0)
		return false;
	if (!claim(tap->fd, name, ifr))
		return cannot_claim(option, name, errno);
	if (!set_header(tap))
		return false;
	explain("network: the host's end is %.*s", IFNAMSIZ, ifr->ifr_name);
	return true;
}

/* Makes the interface of that name, or takes it; "": a new one, with any name. */
static struct tap *__must_check open_tap(const char *option, const char *name,
					 struct ifreq *ifr)
{
	struct tap *tap = calloc(1, sizeof(*tap));

	if (!tap) {
		failure("--net: %s", strerror(errno));
		return NULL;
	}
	tap->net.model = (struct model){ MODEL_NET, "tap", tap_close };
	if (have(tap, option, name, ifr))
		return tap;
	tap_close(&tap->net.model);
	return NULL;
}

static bool __must_check finish(struct tap *tap, int sock, struct ifreq *ifr,
				const struct net_spec *spec)
{
	if (!good_ioctl(sock, SIOCGIFHWADDR, ifr, "read its address"))
		return false;
	net_init(&tap->net, &tap_ops, spec, (const __u8 *)ifr->ifr_hwaddr.sa_data);
	return true;
}

/* The model if all went well; else the tap goes, if it was there. */
static struct model *result(struct tap *tap, bool good)
{
	if (good)
		return &tap->net.model;
	if (tap)
		tap_close(&tap->net.model);
	return NULL;
}

static bool __must_check set_addresses(int sock, struct ifreq *ifr, const struct net_spec *spec)
{
	const int prefix = spec->tap.prefix;

	if (spec->tap.ip &&
	    !set_address(sock, ifr, SIOCSIFADDR, spec->tap.ip, "set its address"))
		return false;
	return prefix < 0 || set_address(sock, ifr, SIOCSIFNETMASK, htonl(~0u << (32 - prefix)),
					 "set its netmask");
}

/**
 * tap_create - a tap interface by itself
 * @spec: as tap_parse() has understood it
 *
 * An interface that was there before is its maker's to set up.
 *
 * Return: NULL if that cannot be, see failure().
 */
struct model *tap_create(const struct net_spec *spec)
{
	const char *name = spec->tap.name;
	const bool ours = !*name || !if_nametoindex(name);
	int sock = open_socket();
	char option[64];
	struct ifreq ifr;
	struct tap *tap;
	bool good;

	if (sock < 0)
		return NULL;
	snprintf(option, sizeof(option), "--net tap%s%s", *spec->value ? "=" : "", spec->value);
	tap = open_tap(option, name, &ifr);
	good = tap && set_addresses(sock, &ifr, spec) && (!ours || bring_up(sock, &ifr)) &&
	       finish(tap, sock, &ifr, spec);
	close(sock);
	return result(tap, good);
}

static bool cannot_bridge(const char *bridge, int error)
{
	switch (error) {
	case EOPNOTSUPP:
		return failure("--net bridge=%s: that interface is no bridge", bridge);
	case EPERM:
		return failure("root can also make a tap interface in it for you: %s\n"
			       "--net bridge=%s: %s%s", "--net tap=INTERFACE", bridge,
			       strerror(error), no_right(error));
	default:
		return failure("--net bridge=%s: cannot put an interface into it: %s", bridge,
			       strerror(error));
	}
}

static bool __must_check put_into(const char *bridge, int sock, const struct ifreq *ifr)
{
	struct ifreq request = { .ifr_ifindex = if_nametoindex(ifr->ifr_name) };

	memcpy(request.ifr_name, bridge, strlen(bridge));
	return ioctl(sock, SIOCBRADDIF, &request) >= 0 || cannot_bridge(bridge, errno);
}

/**
 * tap_create_bridged - a new tap interface in a bridge that exists
 * @spec: its value is the bridge's name
 *
 * Return: NULL if that cannot be, see failure().
 */
struct model *tap_create_bridged(const struct net_spec *spec)
{
	const char *bridge = spec->value;
	char option[64];
	struct ifreq ifr;
	struct tap *tap;
	bool good;
	int sock;

	if (strlen(bridge) >= IFNAMSIZ || !if_nametoindex(bridge)) {
		failure("--net bridge=%s: there is no such bridge (ip link add %s type bridge)",
			bridge, bridge);
		return NULL;
	}
	sock = open_socket();
	if (sock < 0)
		return NULL;
	snprintf(option, sizeof(option), "--net bridge=%s", bridge);
	tap = open_tap(option, "", &ifr);
	good = tap && put_into(bridge, sock, &ifr) && bring_up(sock, &ifr) &&
	       finish(tap, sock, &ifr, spec);
	close(sock);
	return result(tap, good);
}
