// SPDX-License-Identifier: GPL-2.0
/*
 * The releases of Linux that had lguest, and what a launcher does for each: one
 * row where something changed.  boot.c, host.c and the virtio files ask the row
 * of their guest.
 */
#include <stdio.h>

#include "base.h"
#include "era.h"
#include "virtio.h"

#define SINCE(a, b, c)	.since = LGUEST_RELEASE(a, b, c)

#define NOTIFY_ON_EMPTY	BIT(VIRTIO_F_NOTIFY_ON_EMPTY)
#define INDIRECT	BIT(VIRTIO_F_INDIRECT)

#define NET_MAC		BIT(VIRTIO_NET_F_MAC)
/*
 * The launchers of these releases did not offer it.  But it saves the guest copies
 * and memory, and some kernels (Ubuntu's 3.11) lose every frame that may be large
 * without it.
 */
#define NET_MERGED	BIT(VIRTIO_NET_F_MRG_RXBUF)

#define BLOCK_BARRIER	(BIT(VIRTIO_BLK_F_BARRIER) | BIT(VIRTIO_BLK_F_SEG_MAX))
#define BLOCK_FLUSH	(BIT(VIRTIO_BLK_F_FLUSH) | BIT(VIRTIO_BLK_F_SEG_MAX))

/* What has not changed since. */
#define VIRTIO		.bus = BUS_VIRTIO, .any_base = true, .restarts = true
#define SMALL_RINGS	.entries = 128, .segments = 126
#define LARGE_RINGS	.entries = 256, .segments = 254, .block_sizes = true
#define OWN_TABLES	.tables = true
#define PAGE		.layout = &virtio_page_layout, .balloon = true
#define TELLS_STATUS	.start_status = VIRTIO_CONFIG_S_DRIVER_OK
#define TELLS_FEATURES	.start_status = VIRTIO_CONFIG_S_DRIVER
#define THREADS		.threads = true, .indirect = true, \
			.slow_drivers = BIT(VIRTIO_ID_CONSOLE)
/* (2.6.34 had another protocol for them) */
#define PORTS		.ports = true
#define PLAIN_NET	.net_header = 10, .net_config = 6
#define OFFLOADED_NET	.net_header = 10, .net_offload = true
#define BLOCK_HEADER	.block_header = 16

/* The page as it was last. */
#define LAST_PAGE	VIRTIO, LARGE_RINGS, PAGE, TELLS_FEATURES, THREADS, PORTS, \
		.alignment = 0x1000000, \
		OFFLOADED_NET, .net_config = 8, \
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | INDIRECT, \
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_FLUSH | INDIRECT, \
		.block_topology = true

/* Newest last. */
static const struct era eras[] = {
	{
		SINCE(2, 6, 23), .bus = BUS_CLASSIC,
		.tables = true,
	}, {
		SINCE(2, 6, 24), VIRTIO, SMALL_RINGS, OWN_TABLES,
		.layout = &virtio_fields_layout, .slow_drivers = BIT(VIRTIO_ID_NET),
		.net_header = 8, .net_config = 6, .net_features = NET_MAC,
		.block_header = 24, .block_config = 16,
		.block_features = BIT(VIRTIO_BLK_F_SEG_MAX),
	}, {
		SINCE(2, 6, 25), VIRTIO, SMALL_RINGS, OWN_TABLES, PAGE,
		PLAIN_NET, .net_features = NET_MAC,
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_BARRIER,
	}, {
		SINCE(2, 6, 26), VIRTIO, SMALL_RINGS, OWN_TABLES, PAGE, TELLS_STATUS,
		.drained = DRAINED_ALWAYS,
		PLAIN_NET, .net_features = NET_MAC | NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 20, .block_features = BLOCK_BARRIER,
	}, {
		SINCE(2, 6, 27), VIRTIO, LARGE_RINGS, OWN_TABLES, PAGE, TELLS_STATUS,
		.drained = DRAINED_ALWAYS,
		OFFLOADED_NET, .net_config = 6,
		.net_features = NET_MAC | VIRTIO_NET_OFFLOADS | NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 24, .block_features = BLOCK_BARRIER,
	}, {
		SINCE(2, 6, 29), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS,
		.drained = DRAINED_ALWAYS,
		OFFLOADED_NET, .net_config = 6,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 24, .block_features = BLOCK_BARRIER,
	}, {
		SINCE(2, 6, 30), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS,
		.drained = DRAINED_ALWAYS,
		OFFLOADED_NET, .net_config = 8,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 24, .block_features = BLOCK_BARRIER,
	}, {
		SINCE(2, 6, 31), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS, THREADS,
		.drained = DRAINED_ALWAYS,
		OFFLOADED_NET, .net_config = 8,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | INDIRECT |
				NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_BARRIER | INDIRECT,
	}, {
		SINCE(2, 6, 32), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS, THREADS,
		.drained = DRAINED_IF_ACCEPTED,
		OFFLOADED_NET, .net_config = 8,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | INDIRECT |
				NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_BARRIER | INDIRECT,
	}, {
		SINCE(2, 6, 35), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS, THREADS, PORTS,
		.drained = DRAINED_IF_ACCEPTED,
		OFFLOADED_NET, .net_config = 8,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | INDIRECT |
				NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_BARRIER | INDIRECT,
	}, {
		SINCE(2, 6, 37), VIRTIO, LARGE_RINGS, PAGE, TELLS_STATUS, THREADS, PORTS,
		.unmaps = true,
		.drained = DRAINED_IF_ACCEPTED,
		OFFLOADED_NET, .net_config = 8,
		.net_features = NET_MAC | NET_MERGED | VIRTIO_NET_OFFLOADS | INDIRECT |
				NOTIFY_ON_EMPTY,
		BLOCK_HEADER, .block_config = 16, .block_features = BLOCK_FLUSH | INDIRECT,
	}, {
		SINCE(2, 6, 38), LAST_PAGE, .unmaps = true,
	}, {
		SINCE(4, 0, 0),		/* devices on PCI: not ours to show yet */
	}, {
		/* Linux had none: what is newer has guests/linux's, which is as 3.11's */
		SINCE(4, 14, 0), LAST_PAGE, .balloon_reports = true, .block_discards = true,
		.virtiofs = true, .resizes = true, .indices = true,
	},
};

/**
 * era_of - what the launcher does for guests of a release
 * @release: of the guest
 *
 * NULL before 2.6.23, and where lguest's own launchers are needed (4.0).
 */
const struct era *era_of(__u32 release)
{
	size_t i = ARRAY_SIZE(eras);

	while (i-- > 0) {
		if (release >= eras[i].since)
			return eras[i].bus ? &eras[i] : NULL;
	}
	return NULL;
}

/**
 * release_parse - read the number of a release
 * @text: "2.6.32", or with two numbers; what follows does not matter
 * @release: filled in
 */
int release_parse(const char *text, __u32 *release)
{
	unsigned int a, b, c = 0;

	if (sscanf(text, "%2u.%3u.%3u", &a, &b, &c) < 2 || b > 255 || c > 255)
		return -1;
	*release = LGUEST_RELEASE(a, b, c);
	return 0;
}

/**
 * release_text - write the number of a release
 * @release: it
 * @text: where to
 */
const char *release_text(__u32 release, char text[16])
{
	snprintf(text, 16, "%u.%u.%u", release >> 16 & 255, release >> 8 & 255, release & 255);
	return text;
}
