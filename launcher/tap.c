// SPDX-License-Identifier: GPL-2.0
/*
 * A network device whose other end is a tap interface of the host.
 *
 * The interface puts a header of 10 bytes before each frame, which is virtio's:
 * it says what of the frame's checksum and segmentation is still to be done.
 * Transports whose guests know that header pass it through ("headed"); for the
 * others it is made here, and ignored.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "launcher.h"

#define TUN_DEVICE	"/dev/net/tun"
#define NEW_NAME	"tap%d"		/* the kernel finds a number */

/* No offload: the frame is whole and its checksums are there. */
#define HEADER_BYTES	10
#define PIECES_MAX	(1 + TAP_PIECES_MAX)

struct tap {
	struct model model;
	int fd;
	bool failed;
	__u8 mac[6];
};

static struct tap *to_tap(struct model *model)
{
	return container_of(model, struct tap, model);
}

/*
 * "", "IP", "IP/PREFIX" or "INTERFACE".  @ip is 0 if there is none, else in
 * network order, @prefix -1 if there is none.  Returns what is wrong, or NULL.
 */
const char *tap_parse(const char *spec, __u32 *ip, int *prefix, char name[IFNAMSIZ])
{
	const char *slash = strchr(spec, '/');
	size_t len = slash ? (size_t)(slash - spec) : strlen(spec);
	char address[INET_ADDRSTRLEN] = "";
	char *end;

	*ip = 0;
	*prefix = -1;
	name[0] = '\0';
	if (len < sizeof(address))
		memcpy(address, spec, len);
	if (len && len < sizeof(address) && inet_pton(AF_INET, address, ip) == 1) {
		if (!*ip)
			return "0.0.0.0 is no address for the host";
		if (!slash)
			return NULL;
		*prefix = strtoul(slash + 1, &end, 10);
		if (slash[1] < '0' || slash[1] > '9' || *end || *prefix < 1 || *prefix > 32)
			return "a prefix is a number from 1 to 32";
		return NULL;
	}
	if (slash)
		return "that is no IPv4 address";
	if (len >= IFNAMSIZ)
		return "the name of an interface has at most 15 characters";
	memcpy(name, spec, len + 1);
	return NULL;
}

static void check_ioctl(int fd, unsigned long request, struct ifreq *ifr, const char *what)
{
	if (ioctl(fd, request, ifr) < 0)
		give_up("network %.*s: cannot %s: %s%s", IFNAMSIZ, ifr->ifr_name, what,
			strerror(errno),
			errno == EPERM ? " (run as root, with CAP_NET_ADMIN)" : "");
}

static void set_address(int sock, struct ifreq *ifr, unsigned long request,
			__u32 address, const char *what)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = address,
	};

	memcpy(&ifr->ifr_addr, &sin, sizeof(sin));
	check_ioctl(sock, request, ifr, what);
}

/* An interface that was there before is its maker's to set up. */
static void configure(struct tap *tap, struct ifreq *ifr, __u32 ip, int prefix, bool ours)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		give_up("cannot make a socket: %s", strerror(errno));
	if (ip)
		set_address(sock, ifr, SIOCSIFADDR, ip, "set its address");
	if (prefix >= 0)
		set_address(sock, ifr, SIOCSIFNETMASK, htonl(~0u << (32 - prefix)),
			    "set its netmask");
	if (ours) {
		check_ioctl(sock, SIOCGIFFLAGS, ifr, "read its flags");
		ifr->ifr_flags |= IFF_UP;
		check_ioctl(sock, SIOCSIFFLAGS, ifr, "bring it up");
	}
	check_ioctl(sock, SIOCGIFHWADDR, ifr, "read its address");
	memcpy(tap->mac, ifr->ifr_hwaddr.sa_data, sizeof(tap->mac));
	close(sock);
}

static int open_tun(void)
{
	int fd = open(TUN_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	give_up(TUN_DEVICE ": %s%s", strerror(errno),
		errno == ENOENT || errno == ENODEV ?
		": the host has no tun module (modprobe tun, as root)" : "");
}

/* One that was there before may be as another program has left it. */
static void set_header(struct tap *tap)
{
	int bytes = HEADER_BYTES;

	if (ioctl(tap->fd, TUNSETVNETHDRSZ, &bytes) < 0 || ioctl(tap->fd, TUNSETOFFLOAD, 0) < 0)
		give_up("network: cannot set up the interface's header: %s", strerror(errno));
}

static void tap_close(struct model *model)
{
	close(to_tap(model)->fd);
	free(to_tap(model));
}

struct model *tap_create(const char *spec)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	struct tap *tap = calloc(1, sizeof(*tap));
	const char *wrong;
	char name[IFNAMSIZ];
	__u32 ip;
	int prefix;
	bool ours;

	if (!tap)
		give_up("--net tap: %s", strerror(errno));
	wrong = tap_parse(spec, &ip, &prefix, name);
	if (wrong)
		give_up("--net tap=%s: %s", spec, wrong);
	tap->model = (struct model){ MODEL_TAP, "tap", tap_close };
	tap->fd = open_tun();
	if (name[0])
		memcpy(ifr.ifr_name, name, IFNAMSIZ);
	else
		memcpy(ifr.ifr_name, NEW_NAME, sizeof(NEW_NAME));
	ours = !name[0] || !if_nametoindex(name);
	check_ioctl(tap->fd, TUNSETIFF, &ifr, "make or take the interface");
	set_header(tap);
	configure(tap, &ifr, ip, prefix, ours);
	explain("network: the host's end is %.*s", IFNAMSIZ, ifr.ifr_name);
	return &tap->model;
}

/* -1 once reading has failed for good. */
int tap_fd(struct model *model)
{
	return to_tap(model)->failed ? -1 : to_tap(model)->fd;
}

void tap_mac(struct model *model, __u8 mac[6])
{
	memcpy(mac, to_tap(model)->mac, 6);
}

/* What the guest takes over: TUN_F_*.  Only for frames with headers. */
void tap_offload(struct model *model, unsigned int flags)
{
	if (ioctl(to_tap(model)->fd, TUNSETOFFLOAD, flags) < 0)
		complain("network: cannot leave checksums to the guest: %s", strerror(errno));
}

/*
 * A packet goes as a whole, or is lost.  Returns the bytes that are on their
 * way, with the header, which is the list's first bytes.
 */
size_t tap_send_headed(struct model *model, const struct iovec *iov, int nr)
{
	struct tap *tap = to_tap(model);
	ssize_t n;

	do {
		n = writev(tap->fd, iov, nr);
	} while (n < 0 && errno == EINTR && !hold_ending());
	return n < 0 ? 0 : n;
}

/*
 * Returns the bytes of a packet and its header, 0 if there is none, -1 if none
 * will come.
 */
ssize_t tap_receive_headed(struct model *model, const struct iovec *iov, int nr)
{
	struct tap *tap = to_tap(model);
	ssize_t n = readv(tap->fd, iov, nr);

	if (n >= 0)
		return n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	if (first_time(&tap->failed))
		complain("network: cannot read packets any more: %s", strerror(errno));
	return -1;
}

static int add_header(struct iovec all[PIECES_MAX], char header[HEADER_BYTES],
		      const struct iovec *iov, int nr)
{
	memset(header, 0, HEADER_BYTES);
	all[0] = (struct iovec){ header, HEADER_BYTES };
	memcpy(all + 1, iov, nr * sizeof(*iov));
	return 1 + nr;
}

/* The same for frames without headers: at most TAP_PIECES_MAX pieces. */
size_t tap_send(struct model *model, const struct iovec *iov, int nr)
{
	struct iovec all[PIECES_MAX];
	char header[HEADER_BYTES];
	size_t n = tap_send_headed(model, all, add_header(all, header, iov, nr));

	return n > HEADER_BYTES ? n - HEADER_BYTES : 0;
}

ssize_t tap_receive(struct model *model, const struct iovec *iov, int nr)
{
	struct iovec all[PIECES_MAX];
	char header[HEADER_BYTES];
	ssize_t n = tap_receive_headed(model, all, add_header(all, header, iov, nr));

	return n > HEADER_BYTES ? n - HEADER_BYTES : n;
}
