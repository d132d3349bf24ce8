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
#include "device.h"
#include "fds.h"
#include "said.h"
#include "somebody.h"
#include "tap.h"

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

/* Why there is no such network; NULL if there is.  In any case nothing of it is left open. */
static const char *refusal(const char *text)
{
	const unsigned int fds = open_fds();
	struct model *model = make_device("net", text);

	if (model)
		model->close(model);
	if (open_fds() != fds)
		failure("%s leaves something open", text);
	else if (model)
		return NULL;
	return failure_reason();
}

static const char *wanted;

static void ask_for_wanted(void)
{
	if (setgid(NOBODY) || setuid(NOBODY))
		_exit(7);
	if (refusal(wanted))
		_exit(report_failure());
}

/* The same for who is not root. */
static const char *refusal_to_nobody(const char *text)
{
	int status;

	wanted = text;
	status = end_of(ask_for_wanted);
	if (!status)
		return NULL;
	return WIFEXITED(status) && WEXITSTATUS(status) == STATUS_SETUP ? said : "it died";
}

static void refused(const char *text, const char *why)
{
	is_wrong(refusal(text), why, text);
}

static void refused_to_nobody(const char *text, const char *why)
{
	is_wrong(refusal_to_nobody(text), why, text);
}

static void test_bridges(void)
{
	refused("bridge=none", "--net bridge=none: there is no such bridge (ip link add none");
	refused("bridge=abcdefghijklmnop", "there is no such bridge");
	ok(if_nametoindex("lo"), "there is an interface");
	refused("bridge=lo", "--net bridge=lo: that interface is no bridge");
	ok(!if_nametoindex("tap0"), "for which none is left behind");
}

static void test_all(void)
{
	const int tap = IFF_TAP | IFF_NO_PI;
	int busy = make("busy", tap, 0), queue = make("queue", tap | IFF_MULTI_QUEUE, 0);

	is_right(refusal("tap"), "root makes one");
	is_right(refusal("tap=new"), "or one of that name");
	is_right(refusal("tap=10.9.8.7/24"), "or with an address");
	ok(!if_nametoindex("tap0") && !if_nametoindex("new"), "they go with who has them");
	ok(leave("old", tap, 0), "there is one");
	is_right(refusal("tap=old"), "which can be had");
	ok(leave("many", tap | IFF_MULTI_QUEUE, 0), "there is one for several queues");
	is_right(refusal("tap=many"), "which can be had");
	ok(leave("theirs", tap, NOBODY), "there is one of somebody else's");
	is_right(refusal_to_nobody("tap=theirs"), "who can have it");
	ok(leave("routed", IFF_TUN | IFF_NO_PI, 0), "there is a tun interface");
	refused("tap=routed", "--net tap=routed: that interface is no tap");
	refused("tap=lo", "--net tap=lo: that interface is no tap");
	refused("tap=a b", "--net tap=a b: that is no name for an interface");
	ok(busy >= 0 && queue >= 0, "there are two that another program has");
	refused("tap=busy", "--net tap=busy: another program has that interface");
	refused("tap=queue", "--net tap=queue: another program has that interface");
	refused_to_nobody("tap=old", "--net tap=old: is not yours (root: ip");
	refused_to_nobody("tap", "--net tap: cannot make an interface: Operation not permitted");
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
	test_bridges();
	test_all();
	return tap_done();
}
