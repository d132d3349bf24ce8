// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for the devices that guests of 2.6.24 to 6.1 see: the input is what
 * a hostile guest does, which is to write to its memory, where the rings are,
 * and to notify.  The host is of the fuzzer's making.  Devices are served by the
 * main loop, so that a run can be repeated; or if the input says so, where guests
 * of that release have them, by threads while the guest goes on.
 */
#include "era.h"
#include "guest.h"
#include "virtio.h"
#include "vring.h"

static const __u32 releases[] = {
	LGUEST_RELEASE(2, 6, 24), LGUEST_RELEASE(2, 6, 25), LGUEST_RELEASE(2, 6, 30),
	LGUEST_RELEASE(2, 6, 32), LGUEST_RELEASE(3, 11, 0), LGUEST_RELEASE(6, 1, 0),
};

static void attach(const struct era *era, struct model *model)
{
	must(model && virtio_attach(era, &mem, model));
}

/* Where a ring is; they are behind the devices' page. */
static __u32 ring_at(const struct era *era, unsigned int i)
{
	const __u32 bytes = vring_bytes(era->entries);

	return RAM + PAGE_BYTES + i % ((mem.limit - RAM - PAGE_BYTES) / bytes) * bytes;
}

/* A descriptor of a ring, and often enough an offer of it. */
static void write_desc(struct input *in, const struct era *era)
{
	__u8 what = take(in, 1);
	__u32 ring = ring_at(era, what % 0x40);
	struct vring_desc desc = {
		.addr = take_address(in), .len = take(in, 2),
		.flags = take(in, 1), .next = what & 0x40 ? take(in, 2) : take(in, 1) % 16,
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
	if (!fuzz_notify(addr))
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

static void attach_all(const struct era *era)
{
	attach(era, guest_disk());
	attach(era, guest_network(true));
	attach(era, guest_device("rng", ""));
	attach(era, guest_device("console", "none"));
	if (era->balloon)
		attach(era, guest_device("balloon", "auto"));
	if (era->ports)
		attach(era, guest_device("agent", ""));
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };
	__u32 first = take(&in, 1);
	struct era era = *era_of(releases[first % ARRAY_SIZE(releases)]);

	era.threads &= first >= 0xc0;
	guest_begin();
	attach_all(&era);
	if (first & 0x20 && era.layout == &virtio_page_layout)
		accept_all();
	guest_is_whole();
	play(&in, &era);
	virtio_close();
	guest_end();
	return 0;
}
