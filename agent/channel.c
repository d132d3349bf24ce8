// SPDX-License-Identifier: GPL-2.0
/*
 * The channel to the launcher: a port of a virtio console, found by its name.  What is
 * to go out waits in a buffer, in which there is always some room for more than data.
 */
#include "agent.h"

#define PORTS_MAX	16u
#define WAIT_MS		10u
#define WAITS_MAX	3000u		/* half a minute: drivers may be slow to start */
#define OUT_BYTES	65536u
#define RESERVE		4096u		/* kept from data */

static int port = -1;
static char in[sizeof(struct agent_frame) + AGENT_FRAME_MAX];
static size_t in_len, in_done;
static char out[OUT_BYTES];
static size_t out_start, out_len;

int channel_fd(void)
{
	return port;
}

/* /dev/vportNp0, which is made if nobody else has made it. */
static int open_port(char number)
{
	char dev[] = "/dev/vport?p0", info[] = "/sys/class/virtio-ports/vport?p0/dev", text[32];
	unsigned int numbers[2] = { 0, 0 }, i, n = 0;
	long fd;

	dev[10] = number;
	info[29] = number;
	fd = sys_open(dev, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd != -ENOENT || file_read(info, text, sizeof(text)) <= 0)
		return fd;
	for (i = 0; text[i] && n < 2; i++) {
		if (text[i] >= '0' && text[i] <= '9')
			numbers[n] = numbers[n] * 10 + text[i] - '0';
		else
			n++;
	}
	sys3(__NR_mknod, (long)dev, 0020600, numbers[0] << 8 | numbers[1]);
	return sys_open(dev, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

static int look_for_port(void)
{
	char name[] = "/sys/class/virtio-ports/vport?p0/name", text[32];
	unsigned int i;
	int fd;

	for (i = 0; i < PORTS_MAX; i++) {
		name[29] = i < 10 ? '0' + i : '?';
		if (file_read(name, text, sizeof(text)) <= 0 || !text_after(text, AGENT_PORT))
			continue;
		fd = open_port(name[29]);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

bool channel_open(void)
{
	unsigned int i;

	for (i = 0; i < WAITS_MAX && port < 0; i++) {
		port = look_for_port();
		if (port < 0)
			sleep_ms(WAIT_MS);
	}
	return port >= 0;
}

bool channel_wants_out(void)
{
	return out_len;
}

/* For an answer to anything that the launcher may say? */
bool channel_has_room(void)
{
	return OUT_BYTES - out_len >= RESERVE / 2;
}

/* How much data may go into a frame now. */
size_t channel_data_room(void)
{
	const size_t taken = out_len + RESERVE + sizeof(struct agent_frame);
	const size_t room = taken < OUT_BYTES ? OUT_BYTES - taken : 0;

	return room < AGENT_FRAME_MAX ? room : AGENT_FRAME_MAX;
}

static void put(const void *from, size_t len)
{
	if (out_start + out_len + len > OUT_BYTES) {
		memmove(out, out + out_start, out_len);
		out_start = 0;
	}
	memcpy(out + out_start + out_len, from, len);
	out_len += len;
}

void channel_send(enum agent_type type, unsigned int session, unsigned int stream,
		  const void *from, size_t len)
{
	const struct agent_frame frame = {
		.type = type, .stream = stream, .session = session, .length = len,
	};

	if (sizeof(frame) + len > OUT_BYTES - out_len)
		return;			/* cannot be: see RESERVE */
	put(&frame, sizeof(frame));
	put(from, len);
}

void channel_flush(void)
{
	long n;

	while (out_len) {
		n = sys_write(port, out + out_start, out_len);
		if (n <= 0)
			return;
		out_start += n;
		out_len -= n;
	}
	out_start = 0;
}

/* Before the end: wait until the launcher has all. */
void channel_drain(void)
{
	struct pollfd fds = { .fd = port, .events = POLLOUT };

	for (channel_flush(); out_len; channel_flush()) {
		if (sys3(__NR_poll, (long)&fds, 1, -1) < 0)
			return;
	}
}

/* Reads what is there; false once the launcher has closed the port. */
bool channel_fill(void)
{
	long n;

	memmove(in, in + in_done, in_len - in_done);
	in_len -= in_done;
	in_done = 0;
	n = sys_read(port, in + in_len, sizeof(in) - in_len);
	if (n > 0)
		in_len += n;
	return n > 0 || n == -EAGAIN || n == -EINTR;
}

/* The next whole frame that was read, or NULL. */
const struct agent_frame *channel_next(const char **payload)
{
	static struct agent_frame frame;
	const size_t left = in_len - in_done;

	if (left < sizeof(frame))
		return NULL;
	memcpy(&frame, in + in_done, sizeof(frame));
	if (frame.length > AGENT_FRAME_MAX) {
		say("the launcher sends nonsense", NULL, 0);
		sys_exit(1);
	}
	if (left < sizeof(frame) + frame.length)
		return NULL;
	*payload = in + in_done + sizeof(frame);
	in_done += sizeof(frame) + frame.length;
	return &frame;
}
