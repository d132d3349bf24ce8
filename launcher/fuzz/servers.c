// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for what the launcher hears from the programs beside it: who has a disk's
 * bytes (NBD), who serves queues (vhost-user), and who has the network's other end
 * (frames).  The input is what such a program says to what it is asked: answers that are
 * nearly right, and anything.
 */
#include <endian.h>
#include <fcntl.h>
#include <unistd.h>

#include "disk.h"
#include "era.h"
#include "frames.h"
#include "fuzz.h"
#include "guest_memory.h"
#include "nbd.h"
#include "vhost_user.h"

#define SAID_MAX	(3u * 65536)
#define PIECE_MAX	2048u
#define MOVED_MAX	8192u
#define REQUESTS_MAX	8u

/* What a server says, before it is asked. */
struct script {
	__u8 text[SAID_MAX];
	size_t len;
};

static void add(struct script *script, const void *bytes, size_t len)
{
	if (len > SAID_MAX - script->len)
		len = SAID_MAX - script->len;
	memcpy(script->text + script->len, bytes, len);
	script->len += len;
}

/* The highest byte first. */
static void add_number(struct script *script, __u64 value, unsigned int bytes)
{
	value = htobe64(value << (64 - 8 * bytes));
	add(script, &value, bytes);
}

static void add_piece(struct script *script, struct input *in)
{
	size_t len;
	const __u8 *piece = take_piece(in, PIECE_MAX, &len);

	add(script, piece, len);
}

/* NBD's: to the one option that there is, and to a request. */
static void add_option(struct script *script, struct input *in)
{
	static const __u64 disks[] = { MIB, SECTOR_BYTES, 0, ~0ull };
	const __u8 what = take(in, 1);

	add_number(script, 0x3e889045565a9ull, 8);
	add_number(script, 7, 4);
	switch (what % 4) {
	case 0:				/* an export of so many bytes */
		add_number(script, 3, 4);
		add_number(script, 12, 4);
		add_number(script, 0, 2);
		add_number(script, disks[what / 4 % 4], 8);
		add_number(script, 1 | take(in, 1), 2);
		break;
	case 1:				/* sizes of its blocks */
		add_number(script, 3, 4);
		add_number(script, 14, 4);
		add_number(script, 3, 2);
		add_number(script, take(in, 4), 4);
		add_number(script, 4096, 4);
		add_number(script, take(in, 4), 4);
		break;
	case 2:				/* that was all */
		add_number(script, 1, 4);
		add_number(script, 0, 4);
		break;
	case 3:
		add_number(script, take(in, 4), 4);
		add_number(script, take(in, 4), 4);
		break;
	}
}

static void add_reply(struct script *script, struct input *in, __u64 cookie)
{
	add_number(script, 0x67446698u, 4);
	add_number(script, take(in, 1) % 8 ? 0 : take(in, 4), 4);
	add_number(script, cookie, 8);
}

/* vhost-user's to a question, the lowest byte first. */
static void add_answer(struct script *script, struct input *in)
{
	const __u32 head[3] = { take(in, 1), take(in, 1) % 8 ? 5 : take(in, 4), 8 };
	const __u8 what = take(in, 1);
	__u64 number = what;

	if (what == 0xff)
		number = 1ull << 32 | 1ull << 30 | 1ull << 28 | 1ull << 3;
	add(script, head, sizeof(head));
	add(script, &number, sizeof(number));
}

/* Long ones are of zeroes. */
static void add_frame(struct script *script, struct input *in)
{
	static const __u8 nothing[2 * 65536];
	const __u32 len = take(in, 1) % 4 ? take(in, 1) : take(in, 3) % sizeof(nothing);

	add_number(script, len, 4);
	add(script, nothing, len);
}

static void write_script(struct script *script, struct input *in)
{
	__u64 cookie = 0;

	while (input_left(in)) {
		const __u8 what = take(in, 1);

		switch (what % 8) {
		case 0:
			add_piece(script, in);
			break;
		case 1:
			add_number(script, 0x4e42444d41474943ull, 8);
			add_number(script, 0x49484156454f5054ull, 8);
			add_number(script, 3, 2);
			break;
		case 2:
			add_option(script, in);
			break;
		case 3:
		case 4:
			cookie += what & 0x80 ? what >> 4 & 7 : 1;
			add_reply(script, in, cookie);
			break;
		case 5:
		case 6:
			add_answer(script, in);
			break;
		case 7:
			add_frame(script, in);
			break;
		}
	}
}

static int serve(struct input *in, int *other)
{
	static struct script script;

	script.len = 0;
	write_script(&script, in);
	return fuzz_stream(script.text, script.len, other);
}

/* What is done with a disk, by the bits of a byte. */
static void use_disk(struct nbd *nbd, __u8 how)
{
	const __u64 at = how & 0x80 ? nbd->bytes - MOVED_MAX : (how & 0x70u) * 256;
	const size_t bytes = how & 8 ? MOVED_MAX : 512;
	char *memory = malloc(bytes);
	struct iovec iov[2] = { { memory, 100 }, { memory + 100, bytes - 100 } };
	int nr = 2;

	memset(memory, 0, bytes);
	switch (how % 5) {
	case 0:
		must(nbd_read(nbd, at, iov, &nr, bytes) <= bytes);
		break;
	case 1:
		must(nbd_write(nbd, at, iov, nr) <= bytes);
		break;
	case 2:
		nbd_flush(nbd);
		break;
	case 3:
		nbd_discard(nbd, at, bytes);
		break;
	case 4:
		nbd_zero(nbd, at, bytes, how & 0x40);
		break;
	}
	free(memory);
}

static void disk(struct input *in)
{
	__u8 how[REQUESTS_MAX], i;
	struct nbd nbd = { 0 };
	int other;

	for (i = 0; i < REQUESTS_MAX; i++)
		how[i] = take(in, 1);
	nbd.fd = serve(in, &other);
	if (!nbd_start(&nbd)) {
		must(nbd.bytes);
		for (i = 0; i < REQUESTS_MAX; i++)
			use_disk(&nbd, how[i]);
		nbd_end(&nbd);
	}
	close(nbd.fd);
	close(other);
}

static void queues(struct input *in)
{
	static const struct vhost_user_ring ring = {
		256, PAGE_BYTES, 2 * PAGE_BYTES, 3 * PAGE_BYTES,
	};
	static struct memory mem;
	struct vhost_user vu = { 0 };
	int other;

	if (!mem.base)
		must(memory_map(&mem, era_of(LGUEST_RELEASE(6, 1, 0)), MIB, true));
	vu.socket = serve(in, &other);
	if (vhost_user_greet(&vu, 1000) && vhost_user_share(&vu, &mem) &&
	    vhost_user_add(&vu, &ring) && vhost_user_watch(&vu)) {
		vhost_user_called(&vu, 0);
		if (vhost_user_run(&vu, 0, true) && vhost_user_run(&vu, 0, false))
			vhost_user_rewind(&vu, 0);
	} else {
		must(vu.wrong);
	}
	vhost_user_close(&vu);
	close(vu.socket);
	close(other);
}

static void network(struct input *in)
{
	static struct frames_in frames;
	struct iovec frame;
	int other;

	frames.ended = false;
	frames.nonsense = false;
	frames.start = 0;
	frames.end = 0;
	frames.fd = serve(in, &other);
	fcntl(frames.fd, F_SETFL, O_NONBLOCK);
	while (frames_next(&frames, &frame) == FRAMES_ONE) {
		const char *at = frame.iov_base;

		must(frame.iov_len >= FRAME_MIN && frame.iov_len <= FRAME_MAX);
		must(at >= frames.buf && at + frame.iov_len <= frames.buf + frames.end);
		frames_taken(&frames);
	}
	close(frames.fd);
	close(other);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };

	switch (take(&in, 1) % 3) {
	case 0:
		disk(&in);
		break;
	case 1:
		queues(&in);
		break;
	case 2:
		network(&in);
		break;
	}
	return 0;
}
