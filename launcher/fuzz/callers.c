// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for who calls the launcher: requests of the control socket, what a gdb says of
 * a guest whose page tables may be anything, and files of options.  The input is what is
 * said.
 */
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "control.h"
#include "debug.h"
#include "fuzz.h"
#include "guest_memory.h"
#include "verbs.h"

#define RAM	(8 * PAGE_BYTES)

static struct memory mem = { .ram = RAM, .limit = RAM + PAGE_BYTES };
static struct view view = { .mem = &mem };
static struct lguest_debug_regs regs;

/* -- the control socket -- */

static bool is_within(const char *at, const char *text, size_t len)
{
	return at >= text && at <= text + len && at + strlen(at) <= text + len;
}

static void control(struct input *in)
{
	size_t len = input_left(in) <= CONTROL_MESSAGE_MAX ? input_left(in) : CONTROL_MESSAGE_MAX;
	struct control_request request = { 0 };
	char *text = malloc(len + 1);
	unsigned int i;

	memcpy(text, in->at, len);
	if (!control_parse(text, len, &request)) {
		must(request.argc <= CONTROL_ARGS_MAX && !request.argv[request.argc]);
		must(is_within(request.verb, text, len));
		for (i = 0; i < request.argc; i++)
			must(is_within(request.argv[i], text, len));
	}
	free(text);
}

/* -- gdb -- */

static bool get_registers(struct lguest_debug_regs *to)
{
	*to = regs;
	return true;
}

static bool set_registers(const struct lguest_debug_regs *from)
{
	regs = *from;
	return true;
}

static size_t read_memory(__u32 addr, void *to, size_t len)
{
	const size_t got = breakpoints_read(&view, addr, to, len);

	must(got <= len);
	return got;
}

static size_t write_memory(__u32 addr, const void *from, size_t len)
{
	const size_t got = breakpoints_write(&view, addr, from, len);

	must(got <= len);
	return got;
}

static bool set_break(__u32 addr)
{
	return breakpoint_set(&view, addr);
}

static bool clear_break(__u32 addr)
{
	return breakpoint_clear(&view, addr);
}

static bool no_watch(__u32 addr, __u32 len)
{
	(void)addr;
	(void)len;
	return false;
}

static const struct gdb_target target = {
	get_registers, set_registers, read_memory, write_memory, set_break, clear_break,
	no_watch, no_watch,
};

/* Tables of its own choosing. */
static void make_guest(struct input *in)
{
	size_t len;
	const __u8 *piece;

	mem.base = calloc(1, mem.limit);
	must(mem.base);
	view.cr0 = take(in, 1) & 1 ? 0x80000000u : 0;
	view.cr4 = take(in, 1);
	view.cr3 = take(in, 4);
	piece = take_piece(in, 256, &len);
	memcpy(mem.base + take(in, 2) % (RAM - 256), piece, len);
}

static struct gdb_session session;
static struct gdb_packet packet;

static void serve(void)
{
	static struct gdb_reply reply;

	must(packet.len <= GDB_PACKET_MAX);
	memset(&reply, 0, sizeof(reply));
	gdb_command(&session, &target, &packet, &reply);
	must(reply.len <= sizeof(reply.data));
}

static void hear(char byte)
{
	if (gdb_packet_feed(&packet, byte) == GDB_PACKET)
		serve();
}

/* Bytes, of which some come often. */
static void bytes(struct input *in)
{
	while (input_left(in)) {
		const char byte = take(in, 1);
		__u32 times = byte == '*' ? take(in, 2) % (2 * GDB_PACKET_MAX) : 1;

		while (times--)
			hear(byte);
	}
}

/* Packets as they are without their sums, which nobody guesses. */
static void commands(struct input *in)
{
	const __u8 *piece;

	while (input_left(in)) {
		memset(&packet, 0, sizeof(packet));
		piece = take_piece(in, 512, &packet.len);
		memcpy(packet.data, piece, packet.len);
		serve();
	}
}

static void gdb(struct input *in)
{
	session = (struct gdb_session){ .stop = "T05" };
	memset(&packet, 0, sizeof(packet));
	make_guest(in);
	if (take(in, 1) % 4)
		commands(in);
	else
		bytes(in);
	breakpoints_clear_all(&mem);
	free(mem.base);
}

/* -- files of options -- */

static void options(struct input *in)
{
	static char self[] = "lguest", option[] = "--config", place[64];
	static struct config config;
	char *argv[] = { self, option, place, NULL };
	const int fd = fuzz_file("options", in->at, input_left(in));

	fuzz_place(place, sizeof(place), fd);
	memset(&config, 0, sizeof(config));
	optind = 0;
	if (!run_parse(3, argv, &config))
		must(config.memory && config.nr_devices <= CONFIG_DEVICES_MAX);
	config_release(&config);
	verbose = false;
	close(fd);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };

	switch (take(&in, 1) % 3) {
	case 0:
		control(&in);
		break;
	case 1:
		gdb(&in);
		break;
	case 2:
		options(&in);
		break;
	}
	return 0;
}
