// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for the devices that guests of 2.6.24 to 6.1 see: the input is what
 * a hostile guest does, which is to write to its memory, where the rings are,
 * and to notify.  The host is of the fuzzer's making.  Devices are served by the
 * main loop, so that a run can be repeated; or if the input says so, where guests
 * of that release have them, by threads while the guest goes on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base.h"
#include "config.h"
#include "disk.h"
#include "era.h"
#include "fuzz.h"
#include "guest_memory.h"
#include "iov.h"
#include "net.h"
#include "virtio.h"
#include "vring.h"

#define RAM		(8 * PAGE_BYTES)
#define DEVICE_BYTES	(30 * PAGE_BYTES)
#define SECTORS		64
#define QUEUES		9

static struct memory mem;
static char disk[64];

static const __u32 releases[] = {
	LGUEST_RELEASE(2, 6, 24), LGUEST_RELEASE(2, 6, 25), LGUEST_RELEASE(2, 6, 30),
	LGUEST_RELEASE(2, 6, 32), LGUEST_RELEASE(3, 11, 0), LGUEST_RELEASE(6, 1, 0),
};

void __wrap_host_irq(__u32 irq)
{
	(void)irq;
}

static struct {
	__u32 addr;
	int fd;
} events[LGUEST_IRQS];
static unsigned int nr_events;

void __wrap_host_eventfd(__u32 addr, int event)
{
	events[nr_events].addr = addr;
	events[nr_events++].fd = event;
}

void __wrap_complain(const char *fmt, ...)
{
	(void)fmt;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	int fd = memfd_create("disk", 0);

	(void)argc;
	(void)argv;
	if (fd < 0 || ftruncate(fd, SECTORS * SECTOR_BYTES) < 0)
		return 1;
	snprintf(disk, sizeof(disk), "/proc/self/fd/%d", fd);
	return 0;
}

static struct config config;	/* its devices last as long as the guest */

static const struct device_option *option_of(const char *name)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)) && strcmp(opt->name, name); i++)
		;
	return opt;
}

static void need(bool good)
{
	if (!good)
		abort();
}

static void attach(const struct era *era, const char *name, const char *spec)
{
	const struct device_config *device;

	if (config_device(&config, option_of(name), "", spec))
		abort();
	device = &config.device[config.nr_devices - 1];
	need(virtio_attach(era, &mem, device->option->create(device->value)));
}

/* A network that always has a frame, of one length or another. */
static int no_fd(struct net *net)
{
	(void)net;
	return -1;
}

static bool has_frames(struct net *net)
{
	return net;
}

static size_t drop(struct net *net, const struct iovec *iov, int nr)
{
	(void)net;
	return iov_bytes(iov, nr);
}

static ssize_t give(struct net *net, const struct iovec *iov, int nr)
{
	static const __u16 lengths[] = { 60, 1500, 9000, 0, 65535 };
	static char frame[65536];

	return iov_fill(iov, nr, frame, lengths[net->mac[0]++ % ARRAY_SIZE(lengths)]);
}

static void leave(struct model *model)
{
	(void)model;
}

static const struct net_ops frames = {
	.headed = true, .fd = no_fd, .ready = has_frames, .send = drop, .receive = give,
};

static struct net network;

static void attach_network(const struct era *era)
{
	network = (struct net){ .model = { MODEL_NET, "network", leave }, .ops = &frames };
	need(virtio_attach(era, &mem, &network.model));
}

struct input {
	const __u8 *at, *end;
};

static __u32 take(struct input *in, unsigned int bytes)
{
	__u32 value = 0;

	while (bytes-- && in->at < in->end)
		value = value << 8 | *in->at++;
	return value;
}

/* Where rings are is known to any guest; help to get there. */
static __u32 take_address(struct input *in)
{
	__u32 where = take(in, 2);

	if (where & 0x8000)
		return RAM + (where & 0x7fff) * 4 % (mem.limit - RAM);
	return where % RAM;
}

static void write_memory(struct input *in)
{
	__u32 addr = take_address(in);
	size_t len = take(in, 1) % 64;

	if (len > (size_t)(in->end - in->at))
		len = in->end - in->at;
	if (len > mem.limit - addr)
		len = mem.limit - addr;
	memcpy(mem.base + addr, in->at, len);
	in->at += len;
}

/* A descriptor of a ring, and often enough an offer of it. */
static void write_desc(struct input *in, const struct era *era)
{
	__u8 what = take(in, 1);
	__u32 ring = RAM + PAGE_BYTES + what % QUEUES * vring_bytes(era->entries);
	struct vring_desc desc = {
		.addr = take_address(in), .len = take(in, 2),
		.flags = take(in, 1), .next = take(in, 1) % 16,
	};
	__u16 *avail = memory_at(&mem, ring + era->entries * sizeof(desc));
	__u16 index = take(in, 1) % 16;

	memcpy(memory_at(&mem, ring + index * sizeof(desc)), &desc, sizeof(desc));
	if (what & 0x80)
		avail[2 + avail[1]++ % era->entries] = index;
}

/* The host wakes a thread, or else the launcher is told. */
static void notify(__u32 addr)
{
	static const __u64 one = 1;
	unsigned int i;

	for (i = 0; i < nr_events; i++) {
		if (events[i].addr == addr && write(events[i].fd, &one, sizeof(one)) > 0)
			return;
	}
	virtio_serve(&addr);
}

/* The guest takes all that is offered. */
static void accept_all(void)
{
	struct lguest_vdevice_desc *desc = memory_at(&mem, RAM);

	while (desc->type) {
		__u8 *accepted = desc->config + desc->num_vq * sizeof(struct lguest_vqconfig) +
				 desc->feature_len;

		memset(accepted, 0xff, desc->feature_len);
		desc = (void *)(accepted + desc->feature_len + desc->config_len);
	}
}

static void play(struct input *in, const struct era *era)
{
	while (in->at < in->end) {
		__u8 what = take(in, 1);

		switch (what % 4) {
		case 0:
			write_memory(in);
			break;
		case 1:
			write_desc(in, era);
			break;
		case 2:
			notify(RAM + what / 4 * PAGE_BYTES);
			break;
		case 3:
			notify(take_address(in));
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };
	__u32 first = take(&in, 1);
	struct era era = *era_of(releases[first % ARRAY_SIZE(releases)]);

	era.threads &= first >= 0xc0;
	nr_events = 0;
	mem = (struct memory){ .ram = RAM, .limit = RAM + PAGE_BYTES };
	mem.base = aligned_alloc(PAGE_BYTES, RAM + DEVICE_BYTES);
	memset(mem.base, 0, RAM + DEVICE_BYTES);
	attach(&era, "disk", disk);
	attach_network(&era);
	attach(&era, "rng", "");
	attach(&era, "console", "none");
	if (era.balloon)
		attach(&era, "balloon", "auto");
	if (first & 0x20 && era.layout == &virtio_page_layout)
		accept_all();
	play(&in, &era);
	virtio_close();
	config_release_devices(&config);
	free(mem.base);
	return 0;
}
