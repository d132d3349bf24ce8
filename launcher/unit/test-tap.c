// SPDX-License-Identifier: GPL-2.0
/*
 * Tap interfaces that are there already, in a network of the test's own, and what
 * those are told who cannot have one.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "net.h"
#include "said.h"
#include "tap.h"

#define NOBODY	65534

/* Makes an interface, which stays, and belongs to @owner.  The queue, or -1. */
static int make(const char *name, int flags, int owner)
{
	struct ifreq ifr = { .ifr_flags = flags };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	strncpy(ifr.ifr_name, name, IFNAMSIZ - 1);
	if (fd >= 0 && !ioctl(fd, TUNSETIFF, &ifr) && !ioctl(fd, TUNSETPERSIST, 1) &&
	    !ioctl(fd, TUNSETOWNER, owner))
		return fd;
	close(fd);
	return -1;
}

/* Makes one that nobody uses. */
static bool leave(const char *name, int flags, int owner)
{
	int fd = make(name, flags, owner);

	return fd >= 0 && !close(fd);
}

static const char *wanted;
static bool by_root;

static void ask_for_wanted(void)
{
	struct net_spec spec;
	net_creator create;
	char copy[64];

	snprintf(copy, sizeof(copy), "%s", wanted);
	if (!by_root && (setgid(NOBODY) || setuid(NOBODY)))
		_exit(7);
	if (net_parse(copy, &spec, &create))
		_exit(8);
	create(&spec);
}

/* How it ends to ask for a network. */
static int ask(const char *text, bool root)
{
	wanted = text;
	by_root = root;
	return end_of(ask_for_wanted);
}

static void works(const char *text, bool root, const char *name)
{
	if (!is_number(ask(text, root), 0, name))
		printf("# %s", said);
}

static void refused(const char *text, bool root, const char *why)
{
	is_number(WEXITSTATUS(ask(text, root)), STATUS_SETUP, text);
	is_wrong(said, why, "is refused with the reason");
}

static void test_all(void)
{
	const int tap = IFF_TAP | IFF_NO_PI;
	int busy = make("busy", tap, 0), queue = make("queue", tap | IFF_MULTI_QUEUE, 0);

	works("tap", true, "root makes one");
	works("tap=new", true, "or one of that name");
	ok(leave("old", tap, 0), "there is one");
	works("tap=old", true, "which can be had");
	ok(leave("many", tap | IFF_MULTI_QUEUE, 0), "there is one for several queues");
	works("tap=many", true, "which can be had");
	ok(leave("theirs", tap, NOBODY), "there is one of somebody else's");
	works("tap=theirs", false, "who can have it");
	ok(leave("routed", IFF_TUN | IFF_NO_PI, 0), "there is a tun interface");
	refused("tap=routed", true, "--net tap=routed: that interface is no tap");
	refused("tap=lo", true, "--net tap=lo: that interface is no tap");
	refused("tap=a b", true, "--net tap=a b: that is no name for an interface");
	ok(busy >= 0 && queue >= 0, "there are two that another program has");
	refused("tap=busy", true, "--net tap=busy: another program has that interface");
	refused("tap=queue", true, "--net tap=queue: another program has that interface");
	refused("tap=old", false, "--net tap=old: is not yours (root: ip");
	refused("tap", false, "--net tap: cannot make an interface: Operation not permitted");
	is_wrong(said, "for --net tap=tap0:\nlguest: ip tuntap add tap0 mode tap user 65534\n",
		 "and a way");
	is_wrong(said, "--net user needs no right", "and another");
}

int main(void)
{
	int fd = open("/dev/net/tun", O_RDWR);

	/* The file's rights, and the interfaces in /sys, are the test's own, too. */
	if (getuid() || fd < 0 || unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) ||
	    mount("lguest", "/tmp", "tmpfs", 0, NULL) ||
	    mknod("/tmp/tun", S_IFCHR | 0666, makedev(10, 200)) || chmod("/tmp/tun", 0666) ||
	    mount("/tmp/tun", "/dev/net/tun", NULL, MS_BIND, NULL)) {
		ok(true, "tap interfaces # SKIP takes root, /dev/net/tun and namespaces");
		return tap_done();
	}
	close(fd);
	test_all();
	return tap_done();
}
