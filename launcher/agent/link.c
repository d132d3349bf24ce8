// SPDX-License-Identifier: GPL-2.0
/*
 * The launcher's end of the agent's protocol: frames become bytes for the guest, and its
 * bytes become frames, whose lengths are checked here.  The guest may say anything.
 */
#include <string.h>

#include "iov.h"
#include "link.h"

/**
 * link_data_room() - how much data may go into a frame now
 * @link: the link
 */
size_t link_data_room(const struct link *link)
{
	const size_t taken = link->len + LINK_RESERVE + sizeof(struct agent_frame);
	const size_t room = taken < LINK_BYTES ? LINK_BYTES - taken : 0;

	return room < AGENT_FRAME_MAX ? room : AGENT_FRAME_MAX;
}

/**
 * link_has_room() - is there room for a frame?
 * @link: the link
 * @len: bytes behind its header
 */
bool link_has_room(const struct link *link, size_t len)
{
	return sizeof(struct agent_frame) + len <= LINK_BYTES - link->len;
}

static void push(struct link *link, const void *from, size_t len)
{
	const size_t at = (link->start + link->len) % LINK_BYTES;
	const size_t end = LINK_BYTES - at;
	const size_t part = len < end ? len : end;

	if (!len)
		return;
	memcpy(link->to + at, from, part);
	memcpy(link->to, (const char *)from + part, len - part);
	link->len += len;
}

/**
 * link_send() - a frame for the guest
 * @link: the link; there is room
 * @type: what it is
 * @session: whose
 * @stream: of that
 * @payload: what is behind it
 * @len: bytes of that
 */
void link_send(struct link *link, enum agent_type type, unsigned int session,
	       unsigned int stream, const void *payload, size_t len)
{
	const struct agent_frame frame = {
		.type = type, .stream = stream, .session = session, .length = len,
	};

	push(link, &frame, sizeof(frame));
	push(link, payload, len);
}

/**
 * link_take() - move what is waiting to the guest
 * @link: the link
 * @iov: where to
 * @nr: pieces of that; the list is used up
 *
 * Return: bytes that were moved.
 */
size_t link_take(struct link *link, struct iovec *iov, int nr)
{
	size_t taken = 0;

	while (link->len && nr > 0) {
		const size_t end = LINK_BYTES - link->start;
		const size_t part = link->len < end ? link->len : end;
		const size_t n = iov_fill(iov, nr, link->to + link->start, part);

		nr = iov_skip(iov, nr, n);
		link->start = (link->start + n) % LINK_BYTES;
		link->len -= n;
		taken += n;
	}
	return taken;
}

static struct agent_frame head_of(const struct link *link)
{
	struct agent_frame frame;

	memcpy(&frame, link->from, sizeof(frame));
	return frame;
}

/* How many bytes there must be before something can be done. */
static size_t wanted(const struct link *link)
{
	if (link->got < sizeof(struct agent_frame))
		return sizeof(struct agent_frame);
	return sizeof(struct agent_frame) + head_of(link).length;
}

/* The header is there, perhaps all of it. */
static const char *look(struct link *link, link_taker taker, void *arg)
{
	const struct agent_frame frame = head_of(link);
	const char *wrong = NULL;

	if (frame.length > AGENT_FRAME_MAX)
		return "sends a frame that is too long";
	if (link->got < wanted(link))
		return NULL;
	wrong = taker(arg, &frame, link->from + sizeof(frame));
	link->got = 0;
	return wrong;
}

static const char *put(struct link *link, const char *from, size_t len, link_taker taker,
		       void *arg)
{
	const char *wrong = NULL;

	while (len && !wrong) {
		const size_t missing = wanted(link) - link->got;
		const size_t part = len < missing ? len : missing;

		memcpy(link->from + link->got, from, part);
		link->got += part;
		from += part;
		len -= part;
		if (link->got >= sizeof(struct agent_frame))
			wrong = look(link, taker, arg);
	}
	return wrong;
}

/**
 * link_put() - take what the guest sends
 * @link: the link
 * @iov: it, in memory that may change
 * @nr: pieces of that
 * @taker: gets whole frames
 * @arg: for @taker
 *
 * Return: what the guest did wrong, once; then it is not heard any more.  Or NULL.
 */
const char *link_put(struct link *link, const struct iovec *iov, int nr, link_taker taker,
		     void *arg)
{
	const char *wrong = NULL;

	for (; nr-- > 0 && !wrong && !link->broken; iov++)
		wrong = put(link, iov->iov_base, iov->iov_len, taker, arg);
	if (wrong)
		link->broken = true;
	return wrong;
}

/** link_reset() - the guest's end starts anew */
void link_reset(struct link *link)
{
	link->start = 0;
	link->len = 0;
	link->got = 0;
	link->broken = false;
}
