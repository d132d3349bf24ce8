/* SPDX-License-Identifier: GPL-2.0 */
/* A guest with devices, for the fuzzers that are one: its memory is all that it has. */
#ifndef LAUNCHER_FUZZ_GUEST_H
#define LAUNCHER_FUZZ_GUEST_H

#include <sanitizer/asan_interface.h>

#include "config.h"
#include "disk.h"
#include "fuzz.h"
#include "guest_memory.h"
#include "iov.h"
#include "net.h"

#define RAM		(8 * PAGE_BYTES)
#define DEVICE_BYTES	(48 * PAGE_BYTES)
#define SECTORS		64

static struct memory mem;
static struct config config;	/* its devices last as long as the guest */

static inline void guest_begin(void)
{
	mem = (struct memory){ .ram = RAM, .limit = RAM + PAGE_BYTES, .file = -1 };
	mem.base = aligned_alloc(PAGE_BYTES, RAM + DEVICE_BYTES);
	must(mem.base);
	memset(mem.base, 0, RAM + DEVICE_BYTES);
	fuzz_forget_events();
}

/* All devices are there: what is behind them is nobody's, for the sanitizer. */
static inline void guest_is_whole(void)
{
	ASAN_POISON_MEMORY_REGION(mem.base + mem.limit, RAM + DEVICE_BYTES - mem.limit);
}

static inline void guest_end(void)
{
	ASAN_UNPOISON_MEMORY_REGION(mem.base + mem.limit, RAM + DEVICE_BYTES - mem.limit);
	config_release_devices(&config);
	free(mem.base);
}

static inline const struct device_option *option_of(const char *name)
{
	const struct device_option *opt;
	unsigned int i;

	for (i = 0; (opt = device_option(i)) && strcmp(opt->name, name); i++)
		;
	return opt;
}

static inline struct model *guest_device(const char *name, const char *spec)
{
	const struct device_config *device;

	must(!config_device(&config, option_of(name), "", spec));
	device = &config.device[config.nr_devices - 1];
	return device->option->create(device->value);
}

/* One disk for all inputs: what it has is no matter. */
static inline struct model *guest_disk(void)
{
	static char place[64];

	if (!*place)
		fuzz_place(place, sizeof(place),
			   fuzz_file("disk", NULL, SECTORS * SECTOR_BYTES));
	return guest_device("disk", place);
}

/* A network that always has a frame, of one length or another. */
static inline int no_fd(struct net *net)
{
	(void)net;
	return -1;
}

static inline bool has_frames(struct net *net)
{
	return net;
}

static inline size_t drop(struct net *net, const struct iovec *iov, int nr)
{
	(void)net;
	return iov_bytes(iov, nr);
}

static inline ssize_t give(struct net *net, const struct iovec *iov, int nr)
{
	static const __u16 lengths[] = { 60, 1500, 9000, 0, 65535 };
	static char frame[65536];

	return iov_fill(iov, nr, frame, lengths[net->mac[0]++ % ARRAY_SIZE(lengths)]);
}

static inline void leave(struct model *model)
{
	(void)model;
}

static inline struct model *guest_network(bool headed)
{
	static const struct net_ops with = {
		.headed = true, .fd = no_fd, .ready = has_frames, .send = drop, .receive = give,
	};
	static const struct net_ops without = {
		.fd = no_fd, .ready = has_frames, .send = drop, .receive = give,
	};
	static struct net network;

	network = (struct net){
		.model = { MODEL_NET, "network", leave }, .ops = headed ? &with : &without,
	};
	return &network.model;
}

/* Where rings and devices' pages are is known to any guest; help to get there. */
static inline __u32 take_address(struct input *in)
{
	__u32 where = take(in, 2);

	if (where & 0x8000)
		return RAM + (where & 0x7fff) * 4 % (mem.limit - RAM);
	return where % RAM;
}

static inline void write_memory(struct input *in)
{
	__u32 addr = take_address(in);
	size_t len = take(in, 1) % 64;

	if (len > input_left(in))
		len = input_left(in);
	if (len > mem.limit - addr)
		len = mem.limit - addr;
	memcpy(mem.base + addr, in->at, len);
	in->at += len;
}

#endif /* LAUNCHER_FUZZ_GUEST_H */
