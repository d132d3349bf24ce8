// SPDX-License-Identifier: GPL-2.0
/*
 * Devices with input, and drivers that are not ready for it or never will be: when
 * the guest gets what is typed, or a frame, and that the keys which are for the
 * launcher work whatever the guest does.
 */
#include <fcntl.h>
#include <linux/virtio_console.h>
#include <poll.h>
#include <stdio.h>
#include <sys/ioctl.h>

#include "base.h"
#include "era.h"
#include "guest.h"
#include "hold.h"
#include "iov.h"
#include "loop.h"
#include "net.h"
#include "tap.h"
#include "terminal.h"
#include "virtio.h"
#include "vring.h"
#include "window.h"

#define IN	0		/* queues */
#define OUT	1
#define STEP_NS	1000000
#define STEPS	20000		/* patience */

static struct found console;
static atomic_uint polls;

int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	atomic_fetch_add(&polls, 1);
	return __real_poll(fds, nr, timeout);
}

static void pause_briefly(void)
{
	const struct timespec step = { 0, STEP_NS };

	nanosleep(&step, NULL);
}

/* As the waker does, where the main loop serves. */
static void look_again(void)
{
	if (!era->threads)
		virtio_input(true);
	pause_briefly();
}

static void set_up(__u32 release)
{
	char name[16];

	printf("# Linux %s\n", release_text(release, name));
	make_guest(release);
	attach("console", "stdio");
	memset(&console, 0, sizeof(console));
	console.desc = RAM;
	find_paged(RAM, &console);
	driver_ok(&console, 0);
}

/* Standard input is what was typed by now, and what follows. */
static int type(const char *text)
{
	int fds[2];

	if (pipe(fds) < 0 || dup2(fds[0], STDIN_FILENO) < 0 ||
	    write(fds[1], text, strlen(text)) < 0)
		exit(1);
	close(fds[0]);
	return fds[1];
}

static void offer_room(void)
{
	set(&descs(&console, IN)[0], DATA, 64, VRING_DESC_WRITE, 0);
	offer(&console, IN, 0);
}

static void print(const char *text)
{
	memcpy(at(DATA + 0x100), text, strlen(text));
	set(&descs(&console, OUT)[1], DATA + 0x100, strlen(text), 0, 0);
	offer(&console, OUT, 1);
}

static bool has_input(void)
{
	return look(&used(&console, IN)[1]) == 1 && !memcmp(at(DATA), "typed", 5);
}

/* Somebody has asked a few times whether the driver is ready. */
static bool waits_for_driver(void)
{
	const unsigned int before = atomic_load(&rests_asked);
	unsigned int i;

	for (i = 0; i < STEPS && atomic_load(&rests_asked) < before + 3; i++)
		look_again();
	return i < STEPS && !look(&used(&console, IN)[1]);
}

static bool gets_input(void)
{
	unsigned int i;

	for (i = 0; i < STEPS && !has_input(); i++)
		look_again();
	return i < STEPS;
}

static void print_something(void)
{
	print("# printed\n");
}

static void rest(void)
{
	atomic_fetch_add(&rests, 1);
}

static void do_nothing(void)
{
}

/* Linux's console throws input away at first. */
static void test_ready(__u32 release, void (*sign)(void), const char *name)
{
	int typing = type("typed");

	set_up(release);
	offer_room();
	ok(waits_for_driver(), "input waits for the driver");
	sign();
	ok(gets_input(), name);
	end_guest();
	close(typing);
}

static void test_reset(void)
{
	int typing = type("typed");

	set_up(LGUEST_RELEASE(3, 11, 0));
	print_something();
	wait_used(&console, OUT, 1);
	*console.status = 0;
	virtio_serve(&console.desc);
	memset(console.idx, 0, sizeof(console.idx));
	driver_ok(&console, 0);
	offer_room();
	ok(waits_for_driver(), "a driver that starts anew is waited for anew");
	rest();
	ok(gets_input(), "and then has its input");
	end_guest();
	close(typing);
}

/* There is nothing to wait for where the driver keeps what comes. */
static void test_no_wait(void)
{
	int typing = type("typed");

	set_up(LGUEST_RELEASE(2, 6, 25));
	offer_room();
	ok(gets_input(), "older drivers keep what comes before they listen");
	end_guest();
	close(typing);
}

/* All that is printed comes from one thread. */
static void test_early_text(void)
{
	__u32 addr = DATA;
	int typing = type("");

	set_up(LGUEST_RELEASE(3, 11, 0));
	memcpy(at(DATA), "# early\n", 9);
	print_something();
	virtio_serve(&addr);
	ok(look(&used(&console, OUT)[1]) == 1, "what the guest waits for is taken at once");
	end_guest();
	close(typing);
}

/* A network that always has a frame. */
static int no_fd(struct net *net)
{
	(void)net;
	return -1;
}

static bool always_ready(struct net *net)
{
	(void)net;
	return true;
}

static ssize_t give_frame(struct net *net, const struct iovec *iov, int nr)
{
	(void)net;
	return iov_bytes(iov, nr);
}

static void leave(struct model *model)
{
	(void)model;
}

static const struct net_ops giving = {
	.fd = no_fd, .ready = always_ready, .receive = give_frame,
};

static struct net giver = { .model = { MODEL_NET, "giver", leave }, .ops = &giving };

/* The network of 2.6.24 must have no frame before it polls. */
static void test_network(void)
{
	struct found net = { 0 };

	printf("# Linux 2.6.24\n");
	make_guest(LGUEST_RELEASE(2, 6, 24));
	need(virtio_attach(era, &mem, &giver.model));
	find_listed(RAM, &net);
	set(&descs(&net, IN)[0], DATA, 100, VRING_DESC_WRITE, 0);
	offer(&net, IN, 0);
	virtio_input(true);
	ok(!look(&used(&net, IN)[1]), "a frame waits for the driver");
	rest();
	virtio_input(true);
	ok(look(&used(&net, IN)[1]) == 1, "which then has it");
	end_guest();
}

/* A terminal of our own, whose keys are typed at its other end, which is returned. */
static int make_terminal(void)
{
	int keys = posix_openpt(O_RDWR | O_NOCTTY), slave;

	if (keys < 0 || grantpt(keys) < 0 || unlockpt(keys) < 0 || setsid() < 0)
		return -1;
	slave = open(ptsname(keys), O_RDWR);
	if (slave < 0 || dup2(slave, STDIN_FILENO) < 0)
		return -1;
	close(slave);
	return keys;
}

static bool rests_from_polling(void)
{
	unsigned int before = atomic_load(&polls), i;

	for (i = 0; i < 100; i++)
		pause_briefly();
	return atomic_load(&polls) - before < 50;
}

/* Those that are read are not there any more. */
static bool keys_are_read(int keys, const char *text)
{
	unsigned int i;

	if (write(keys, text, strlen(text)) < 0)
		exit(1);
	for (i = 0; i < STEPS && (!i || fd_readable(STDIN_FILENO)); i++)
		look_again();
	return i < STEPS;
}

static void test_broken_ring(__u32 release, int keys, const char *text)
{
	set_up(release);
	print_something();
	show(&avail(&console, IN)[1], 0x1000);
	notify(console.queue[IN].pfn * PAGE_BYTES);
	ok(keys_are_read(keys, "x"), "keys are read though the guest has broken its ring");
	ok(keys_are_read(keys, text), "also after that");
	ok(rests_from_polling(), "and the launcher sleeps");
	end_guest();
	terminal_restore();
}

static void set_size(int keys, __u16 rows, __u16 columns)
{
	struct winsize window = { .ws_row = rows, .ws_col = columns };

	ioctl(keys, TIOCSWINSZ, &window);
}

/* What the guest's driver knows of it. */
static bool has_size(__u16 rows, __u16 columns)
{
	const __u16 size[2] = { columns, rows };

	return !memcmp(console.config, size, sizeof(size));
}

static bool gets_size(__u16 rows, __u16 columns)
{
	unsigned int i;

	for (i = 0; i < STEPS && !has_size(rows, columns); i++) {
		virtio_input(true);
		pause_briefly();
	}
	return i < STEPS;
}

static void test_size(int keys)
{
	const __u32 accepted = BIT(VIRTIO_CONSOLE_F_SIZE);
	unsigned int before;

	set_size(keys, 24, 80);
	set_up(LGUEST_RELEASE(3, 11, 0));
	is_number(console.config_len, 0, "no size for guests that would not hear of it");
	end_guest();
	set_up(LGUEST_RELEASE(6, 1, 0));	/* (without accepting it) */
	print_something();
	ok(console.config_len == 4 && has_size(0, 0), "nor for those that do not want it");
	end_guest();

	make_guest(LGUEST_RELEASE(6, 1, 0));
	attach("console", "stdio");
	memset(&console, 0, sizeof(console));
	console.desc = RAM;
	find_paged(RAM, &console);
	driver_ok(&console, accepted);
	need(loop_start());
	virtio_input(true);
	ok(has_size(0, 0), "before it is a console it is told nothing");
	before = atomic_load(&irqs[console.queue[IN].irq]);
	print_something();
	ok(gets_size(24, 80), "then how large the terminal is");
	ok(atomic_load(&irqs[console.queue[IN].irq]) > before, "by an interrupt");
	set_size(keys, 50, 132);
	ok(gets_size(50, 132), "and when that changes");
	is_right(window_ask("25", "81"), "another terminal");
	ok(gets_size(25, 81), "has another size");
	is_wrong(window_ask("25", ""), "no size", "no number");
	is_wrong(window_ask("-1", "1"), "no size", "one below zero");
	is_wrong(window_ask("65536", "1"), "no size", "a giant");
	before = atomic_load(&irqs[console.queue[IN].irq]);
	virtio_input(true);
	is_number(atomic_load(&irqs[console.queue[IN].irq]), before, "nothing new, no interrupt");
	loop_stop();
	end_guest();
	terminal_restore();
}

int main(void)
{
	int keys;

	test_no_wait();
	test_ready(LGUEST_RELEASE(2, 6, 34), print_something, "until that prints");
	test_ready(LGUEST_RELEASE(3, 11, 0), rest, "or the guest has nothing to do");
	test_ready(LGUEST_RELEASE(6, 1, 0), do_nothing, "or it takes too long");
	test_reset();
	test_network();
	test_early_text();
	keys = make_terminal();
	if (keys < 0) {
		ok(true, "broken rings # SKIP no terminal can be had here");
		return tap_done();
	}
	test_size(keys);
	test_broken_ring(LGUEST_RELEASE(2, 6, 30), keys, "y");
	test_broken_ring(LGUEST_RELEASE(3, 11, 0), keys, "\001x");
	ok(hold_stopped(), "and Ctrl-A x ends a guest");
	return tap_done();
}
