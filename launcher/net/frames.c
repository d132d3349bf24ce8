// SPDX-License-Identifier: GPL-2.0
/*
 * Ethernet frames on a stream socket: a stream has no borders, so each frame
 * follows its length.  What comes is read as far as there is any, many frames at
 * a time; a length that no frame has ends the stream, for where the next one
 * begins cannot be known.  What goes is lost if there is no room for it, as on
 * any network, but never in part.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "frames.h"
#include "iov.h"
#include "net.h"

/* A frame waits so long for room; the other side may be waiting for ours. */
#define ROOM_MS		20

#define PIECES_MAX	(1 + NET_PIECES_MAX)

static size_t length_at(const char *at)
{
	__u32 length;

	memcpy(&length, at, sizeof(length));
	return ntohl(length);
}

/* Is one whole?  Those that are too short for addresses are passed over. */
static enum frames_state look(struct frames_in *in, struct iovec *frame)
{
	while (in->end - in->start >= FRAME_LENGTH_BYTES) {
		char *at = in->buf + in->start;
		size_t len = length_at(at);

		in->nonsense = len > FRAME_MAX;
		if (in->nonsense)
			return FRAMES_END;
		if (in->end - in->start < FRAME_LENGTH_BYTES + len)
			return FRAMES_NONE;
		*frame = (struct iovec){ at + FRAME_LENGTH_BYTES, len };
		if (len >= FRAME_MIN)
			return FRAMES_ONE;
		in->start += FRAME_LENGTH_BYTES + len;
	}
	return FRAMES_NONE;
}

/* What is left is less than one frame, so there is room.  FRAMES_ONE: some came. */
static enum frames_state read_more(struct frames_in *in)
{
	ssize_t n;

	memmove(in->buf, in->buf + in->start, in->end - in->start);
	in->end -= in->start;
	in->start = 0;
	n = read(in->fd, in->buf + in->end, sizeof(in->buf) - in->end);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return FRAMES_NONE;
	if (n <= 0)
		return FRAMES_END;
	in->end += n;
	return FRAMES_ONE;
}

/**
 * frames_next - the next frame that came
 * @in: from where
 * @frame: is set to it, if there is one; frames_taken() when it was used
 *
 * After FRAMES_END there will be none.
 */
enum frames_state frames_next(struct frames_in *in, struct iovec *frame)
{
	enum frames_state state = FRAMES_ONE;

	while (!in->ended && state == FRAMES_ONE) {
		state = look(in, frame);
		if (state == FRAMES_ONE)
			return state;
		if (state == FRAMES_NONE)
			state = read_more(in);
		in->ended = state == FRAMES_END;
	}
	return in->ended ? FRAMES_END : FRAMES_NONE;
}

/** frames_taken - go on to the frame behind the one that frames_next() told */
void frames_taken(struct frames_in *in)
{
	in->start += FRAME_LENGTH_BYTES + length_at(in->buf + in->start);
}

static ssize_t push(int fd, struct iovec *iov, int nr)
{
	struct pollfd room = { .fd = fd, .events = POLLOUT };
	ssize_t n = writev(fd, iov, nr);

	if (n >= 0 || errno != EAGAIN || poll(&room, 1, ROOM_MS) <= 0)
		return n;
	return writev(fd, iov, nr);
}

/* Has all of the last frame gone? */
static bool push_rest(struct frames_out *out)
{
	while (out->start < out->end) {
		struct iovec rest = { out->buf + out->start, out->end - out->start };
		ssize_t n = push(out->fd, &rest, 1);

		if (n < 0)
			return false;
		out->start += n;
	}
	return true;
}

/**
 * frames_send - send a frame, or lose it
 * @out: where to
 * @iov: its pieces, at most NET_PIECES_MAX
 * @nr: their number
 *
 * Returns its length, or 0 if it was lost.
 */
size_t frames_send(struct frames_out *out, const struct iovec *iov, int nr)
{
	size_t len = iov_bytes(iov, nr);
	__u32 length = htonl(len);
	struct iovec all[PIECES_MAX];
	ssize_t n;

	if (len < FRAME_MIN || len > FRAME_MAX || !push_rest(out))
		return 0;
	all[0] = (struct iovec){ &length, sizeof(length) };
	memcpy(all + 1, iov, nr * sizeof(*iov));
	n = push(out->fd, all, 1 + nr);
	if (n < 0)
		return 0;
	nr = iov_skip(all, 1 + nr, n);
	out->start = 0;
	out->end = iov_copy(out->buf, all, nr, sizeof(out->buf));
	push_rest(out);
	return len;
}
