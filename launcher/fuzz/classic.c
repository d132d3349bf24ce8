// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for the devices of guests of 2.6.23: the input is what a hostile guest does,
 * which is to write to its memory, where its lists and the devices' pages are, to offer
 * buffers, and to notify.
 */
#include "classic.h"
#include "guest.h"

static __u32 list;		/* where the last was written */

static void attach(struct model *model)
{
	must(model && classic_attach(NULL, &mem, model));
}

/* A list of pieces of memory, most of which are there. */
static void write_list(struct input *in)
{
	struct lguest_dma dma = { .used_len = take(in, 1) };
	__u32 i;

	for (i = take(in, 1) % (LGUEST_MAX_DMA_SECTIONS + 1); i; i--) {
		dma.addr[i - 1] = take_address(in) + (take(in, 1) % 8 ? 0 : take(in, 4));
		dma.len[i - 1] = take(in, 2);
	}
	list = take_address(in);
	if (memory_has(&mem, list, sizeof(dma)))
		memcpy(mem.base + list, &dma, sizeof(dma));
}

static __u32 take_list(struct input *in)
{
	return take(in, 1) % 8 ? list : take_address(in);
}

static void notify(struct input *in)
{
	struct lguest_dma_notice notice = { .dma = take_list(in) };
	const struct lguest_device_desc *desc = memory_at(&mem, RAM);
	__u8 which = take(in, 1);

	/* The devices' keys, as a good guest knows them; or what it likes. */
	notice.key = which & 0x80 ? take(in, 4) :
		desc[which % 4].pfn * PAGE_BYTES + (which >> 4) * 4;
	classic_serve(&notice);
}

static void play(struct input *in)
{
	while (input_left(in)) {
		switch (take(in, 1) % 5) {
		case 0:
			write_memory(in);
			break;
		case 1:
			write_list(in);
			break;
		case 2:
			fuzz_buffer.free = true;
			fuzz_buffer.addr = take_list(in);
			break;
		case 3:
			fuzz_buffer.free = false;
			break;
		case 4:
			notify(in);
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };

	guest_begin();
	fuzz_buffer.free = false;
	list = 0;
	attach(guest_device("console", "none"));
	attach(guest_disk());
	attach(guest_network(false));
	guest_is_whole();
	play(&in);
	classic_input(true);
	classic_close();
	guest_end();
	return 0;
}
