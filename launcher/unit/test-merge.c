// SPDX-License-Identifier: GPL-2.0
/*
 * Networks whose frames take several of the guest's buffers: how many, what is in
 * them, and what becomes of frames for which there are too few.
 */
#include <stdio.h>

#include "base.h"
#include "era.h"
#include "guest.h"
#include "iov.h"
#include "net.h"
#include "tap.h"
#include "virtio.h"
#include "vring.h"

#define IN		0
#define OUT		1
#define HEADER		12
#define PART		1000		/* a buffer's room */
#define MERGED		(1u << VIRTIO_NET_F_MRG_RXBUF)
#define INDICES		BIT(VIRTIO_F_EVENT_IDX)

static struct found net;

/* What comes: a frame of so many bytes; and what went last. */
static atomic_uint coming;
static __u8 sent[256];
static atomic_uint sent_len;

static __u8 byte_of(size_t at)
{
	return at % 251;
}

static int no_fd(struct net *unused)
{
	(void)unused;
	return -1;
}

static bool is_coming(struct net *unused)
{
	(void)unused;
	return atomic_load(&coming);
}

static atomic_bool crowded;	/* a frame; the thread that receives cannot say so itself */

static ssize_t receive(struct net *unused, const struct iovec *iov, int nr)
{
	size_t len = atomic_load(&coming), i;
	__u8 *to = iov->iov_base;

	(void)unused;
	if (nr != 1 || iov->iov_len < len)
		atomic_store(&crowded, true);
	for (i = 0; i < len; i++)
		to[i] = byte_of(i);
	atomic_store(&coming, 0);
	return len;
}

static size_t send_frame(struct net *unused, const struct iovec *iov, int nr)
{
	(void)unused;
	atomic_store(&sent_len, iov_copy(sent, iov, nr, sizeof(sent)));
	return iov_bytes(iov, nr);
}

static void leave(struct model *model)
{
	(void)model;
}

static const struct net_ops ops = {
	.headed = true, .fd = no_fd, .ready = is_coming, .send = send_frame, .receive = receive,
};

static struct net model = { .model = { MODEL_NET, "network", leave }, .ops = &ops };

static void set_up(__u32 release)
{
	char name[16];

	printf("# Linux %s\n", release_text(release, name));
	make_guest(release);
	need(virtio_attach(era, &mem, &model.model));
	memset(&net, 0, sizeof(net));
	net.desc = RAM;
	find_paged(RAM, &net);
}

static bool is_offered(void)
{
	__u32 offered;

	memcpy(&offered, net.offered, sizeof(offered));
	return offered & MERGED;
}

/* Buffer @i of input; some of them are one after the other in memory. */
static void offer_part(unsigned int i, __u32 len)
{
	set(&descs(&net, IN)[i], DATA + i % 40 * PART, len, VRING_DESC_WRITE, 0);
	offer(&net, IN, i);
}

/* A frame of @len bytes comes, its header included. */
static void come(unsigned int len)
{
	atomic_store(&coming, len);
	if (era->threads)
		notify(net.queue[IN].pfn * PAGE_BYTES);
	else
		virtio_input(true);
}

static bool is_frame(unsigned int len)
{
	const __u8 *from = at(DATA);
	unsigned int i;

	for (i = 0; i < len; i++) {
		/* The header's last field is the guest's own. */
		if (from[i < 10 ? i : i + 2] != byte_of(i))
			return false;
	}
	return true;
}

static __u16 buffers(void)
{
	__u16 n;

	memcpy(&n, at(DATA + 10), sizeof(n));
	return n;
}

static __u32 used_len(unsigned int i)
{
	return *(__u32 *)&used(&net, IN)[2 + 4 * i + 2];
}

static bool launcher_sleeps(void)
{
	const struct timespec some_time = { 0, 300000000 };
	const clock_t before = clock();

	nanosleep(&some_time, NULL);
	return clock() - before < CLOCKS_PER_SEC / 50;
}

static void test_frames(__u32 release, __u32 features)
{
	set_up(release);
	ok(is_offered(), "it is offered");
	driver_ok(&net, MERGED | features);
	offer_part(0, PART);
	come(500);
	ok(wait_used(&net, IN, 1), "a small frame comes");
	ok(is_frame(500) && buffers() == 1 && used_len(0) == 502, "in one buffer");
	memset(at(DATA), 0, 4 * PART);
	offer_part(0, PART);
	offer_part(1, PART);
	come(2500);
	ok(launcher_sleeps(), "the launcher sleeps while there are too few");
	offer_part(2, PART);
	ok(wait_used(&net, IN, 4), "a large one when there are enough");
	ok(is_frame(2500) && buffers() == 3, "in three");
	ok(!atomic_load(&crowded), "there is room for any frame");
	ok(used_len(1) == PART && used_len(2) == PART && used_len(3) == 502,
	   "the last of which is not full");
	set(&descs(&net, OUT)[0], DATA, HEADER, VRING_DESC_NEXT, 1);
	set(&descs(&net, OUT)[1], DATA + HEADER, 60, 0, 0);
	offer(&net, OUT, 0);
	ok(wait_used(&net, OUT, 1) && atomic_load(&sent_len) == 70, "a frame that is sent");
	ok(!memcmp(sent, at(DATA), 10) && !memcmp(sent + 10, at(DATA + HEADER), 60),
	   "has no such number");
	end_guest();
}

/* (by the main loop: nothing happens behind the test's back) */
static void test_too_few(void)
{
	unsigned int i;

	set_up(LGUEST_RELEASE(2, 6, 30));
	driver_ok(&net, MERGED);
	offer_part(0, PART);
	come(1500);
	ok(!used(&net, IN)[1] && !(used(&net, IN)[0] & VRING_NO_NOTIFY),
	   "a frame waits for buffers, of which the guest tells");
	offer_part(1, PART);
	ok(used(&net, IN)[1] == 2 && is_frame(1500), "and comes whole");
	for (i = 0; i < 140; i++)
		offer_part(i, 100);
	come(14000 - 2);
	ok(used(&net, IN)[1] == 2, "a frame in more buffers than half a ring is lost");
	come(200);
	ok(used(&net, IN)[1] == 2 + 3 && used_len(2) == 100 && used_len(4) == 2,
	   "the next one is not");
	end_guest();
}

static void test_hostile(void)
{
	set_up(LGUEST_RELEASE(2, 6, 30));
	driver_ok(&net, MERGED);
	offer_part(0, HEADER - 1);
	come(100);
	ok(used(&net, IN)[1] == 1 && !used_len(0), "a buffer that is too small comes back empty");
	offer_part(1, PART);
	ok(used(&net, IN)[1] == 2 && used_len(1) == 102, "the frame is for the next one");
	offer_part(2, PART);
	set(&descs(&net, IN)[3], mem.limit - 1, 2, VRING_DESC_WRITE, 0);
	offer(&net, IN, 3);
	come(1500);
	ok(used(&net, IN)[1] == 2, "a bad buffer behind a good one stops the ring");
	offer_part(4, PART);
	ok(used(&net, IN)[1] == 2, "for good");
	end_guest();
}

int main(void)
{
	set_up(LGUEST_RELEASE(2, 6, 27));
	ok(!is_offered(), "it is not offered");
	end_guest();
	test_frames(LGUEST_RELEASE(2, 6, 30), 0);
	test_frames(LGUEST_RELEASE(3, 11, 0), 0);
	test_frames(LGUEST_RELEASE(6, 1, 0), INDICES);
	test_too_few();
	test_hostile();
	return tap_done();
}
