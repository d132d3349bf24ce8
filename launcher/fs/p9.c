// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the protocol 9P2000.L, on their way from a guest to a server and
 * back.  A message begins with its size, its type, and the tag that tells which
 * answer is whose; many may be under way.  Neither side is trusted: the guest can
 * change its memory at any time, so what was looked at is sent from a copy; an
 * answer goes into the guest's memory as far as its request has room; and a
 * server that breaks the rules is not listened to any more.  Data is not copied.
 *
 * diod.c has the server, virtio_9p.c the guest's side.  Only one thread at a
 * time is in here for a server.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base.h"
#include "iov.h"
#include "p9.h"

#define T_VERSION	100
#define T_ATTACH	104
#define T_FLUSH		108
#define T_WRITE		118
#define R_ERROR		7

#define VERSION		"9P2000.L"
#define NO_TAG		0xffff

/* Linux mounts as nobody in particular, and then says for each user who it is. */
#define NO_USER		0xffffffffu

#define ERROR_BYTES	(P9_HEAD + 4)
#define WRITE_BYTES	(P9_HEAD + 16)	/* without the data */
#define FIRST_MAX	8192		/* until a size is agreed upon */
#define SMALLEST_MAX	256

static __u32 get32(const __u8 *from)
{
	return from[0] | from[1] << 8 | from[2] << 16 | (__u32)from[3] << 24;
}

static __u16 get16(const __u8 *from)
{
	return from[0] | from[1] << 8;
}

static __u8 *put16(__u8 *to, __u16 value)
{
	*to++ = value;
	*to++ = value >> 8;
	return to;
}

static __u8 *put32(__u8 *to, __u32 value)
{
	return put16(put16(to, value), value >> 16);
}

static __u8 *put_text(__u8 *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(put16(to, len), text, len);
	return to + 2 + len;
}

static __u8 *put_head(__u8 *to, __u32 size, __u8 type, __u16 tag)
{
	to = put32(to, size);
	*to++ = type;
	return put16(to, tag);
}

/* Answers without the server.  Returns the answer's size. */
static ssize_t refuse(const struct iovec *iov, int nr, __u16 tag, int error)
{
	__u8 answer[ERROR_BYTES];

	put32(put_head(answer, ERROR_BYTES, R_ERROR, tag), error);
	return iov_fill(iov, nr, answer, ERROR_BYTES);
}

/* The same to a request under way; what an orphan had room in is not its own now. */
static ssize_t give_error(const struct p9_request *request, int error)
{
	return request->orphan ? 0 : refuse(request->iov, request->nr, request->tag, error);
}

/* Wakes us when the socket has room again. */
static void watch(struct p9 *p9, bool full)
{
	struct epoll_event event = { .events = EPOLLIN | (full ? EPOLLOUT : 0) };

	if (full != p9->full)
		epoll_ctl(p9->events, EPOLL_CTL_MOD, p9->socket, &event);
	p9->full = full;
}

/* The request is answered, with so many bytes. */
static void finish(struct p9 *p9, unsigned int i, __u32 bytes)
{
	struct p9_request *request = &p9->request[i];

	if (!request->orphan) {
		p9->done[p9->done_end].cookie = request->cookie;
		p9->done[p9->done_end++].bytes = bytes;
	}
	p9->of_tag[request->tag] = 0;
	p9->free[p9->nr_free++] = i;
}

/* Goes through all requests under way. */
static void for_all(struct p9 *p9, void (*act)(struct p9 *p9, unsigned int i))
{
	unsigned int i;

	for (i = 0; i < P9_REQUESTS_MAX; i++) {
		if (p9->of_tag[p9->request[i].tag] == i + 1)
			act(p9, i);
	}
}

static void fail(struct p9 *p9, unsigned int i)
{
	finish(p9, i, give_error(&p9->request[i], EIO));
}

static void lose(struct p9 *p9)
{
	if (p9->gone)
		return;
	p9->gone = true;
	for_all(p9, fail);
	p9->lost(p9);
}

/* Sends what a full socket has left; true if nothing is left any more. */
static bool send_rest(struct p9 *p9)
{
	while (p9->out_at < p9->out_end) {
		ssize_t n = write(p9->socket, p9->out + p9->out_at, p9->out_end - p9->out_at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			lose(p9);
		if (n < 0)
			return false;
		p9->out_at += n;
	}
	return true;
}

/* Keeps what comes behind the first @sent bytes of a message. */
static void keep_rest(struct p9 *p9, struct iovec *iov, int nr, size_t sent)
{
	nr = iov_skip(iov, nr, sent);
	p9->out_at = 0;
	p9->out_end = iov_copy(p9->out, iov, nr, P9_MESSAGE_MAX);
	watch(p9, p9->out_end);
}

/* Returns 0, or an error: -EAGAIN if nothing could be sent now. */
static int send_message(struct p9 *p9, struct iovec *iov, int nr)
{
	size_t bytes = iov_bytes(iov, nr);
	ssize_t n;

	do {
		n = writev(p9->socket, iov, nr);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN) {
		watch(p9, true);
		return -EAGAIN;
	}
	if (n < 0) {
		lose(p9);
		return -EIO;
	}
	if ((size_t)n < bytes)
		keep_rest(p9, iov, nr, n);
	return 0;
}

/*
 * A request to begin at a root: at ours, with our name for it, and as whom we
 * say.  The message is whole in @message, and so is the new one.  Its size, or 0
 * if it is none.
 */
static size_t rewrite_attach(const struct p9 *p9, __u8 *message, size_t size)
{
	const size_t user_at = P9_HEAD + 8;	/* behind two fids */
	size_t root_at, number_at;
	__u32 user;

	if (size < user_at + 2)
		return 0;
	root_at = user_at + 2 + get16(message + user_at);
	if (size < root_at + 2)
		return 0;
	number_at = root_at + 2 + get16(message + root_at);
	if (size != number_at + 4)
		return 0;
	user = p9->user < 0 ? get32(message + number_at) : (__u32)p9->user;
	if (user == NO_USER)	/* may do no more than it could by saying so */
		user = 0;
	size = put32(put_text(put_text(message + user_at, ""), p9->root), user) - message;
	put32(message, size);
	return size;
}

/*
 * Old drivers count a write without its data if that is in pages of its own.
 * Makes the size in the head right; false if it is wrong.
 */
static bool right_size(__u8 *head, size_t bytes)
{
	__u32 size = get32(head);

	if (size != bytes && (head[4] != T_WRITE || size != WRITE_BYTES))
		return false;
	put32(head, bytes);
	return true;
}

/*
 * Looks at what is to be sent, and makes it what it should be.  Its first bytes
 * are in @head, @copied of them; 0, or an error.
 */
static int check(const struct p9 *p9, size_t bytes, __u8 *head, size_t *copied)
{
	if (!right_size(head, bytes))
		return -EINVAL;
	if (bytes > p9->message_max)
		return -EMSGSIZE;
	if (head[4] == T_FLUSH && bytes < P9_HEAD + 2)
		return -EINVAL;
	if (head[4] != T_ATTACH)
		return 0;
	if (*copied != bytes)
		return -ENAMETOOLONG;
	*copied = rewrite_attach(p9, head, bytes);
	return *copied ? 0 : -EINVAL;
}

/* Remembers whom to answer. */
static void keep(struct p9 *p9, const __u8 *head, const struct iovec *in, int nr, __u16 cookie)
{
	__u16 i = p9->free[--p9->nr_free], tag = get16(head + 5);
	struct p9_request *request = &p9->request[i];

	request->cookie = cookie;
	request->tag = tag;
	request->type = head[4];
	request->orphan = false;
	request->flushes = head[4] == T_FLUSH ? get16(head + P9_HEAD) : tag;
	request->nr = nr;
	memcpy(request->iov, in, nr * sizeof(*in));
	p9->of_tag[tag] = i + 1;
}

/* Is there a reason to look at a request only after more answers? */
static bool busy(struct p9 *p9, __u16 tag)
{
	unsigned int under_way = P9_REQUESTS_MAX - p9->nr_free;
	__u16 owner = p9->of_tag[tag];

	return (owner && p9->request[owner - 1].orphan) ||
	       under_way + p9->done_end >= P9_REQUESTS_MAX || !send_rest(p9);
}

/**
 * p9_request - pass a guest's message on to the server
 * @p9: the server
 * @out: the message; changed
 * @nr_out: of its pieces, at most P9_PIECES_MAX
 * @in: room for the answer; not looked at until there is one
 * @nr_in: of its pieces, at most P9_PIECES_MAX
 * @cookie: what p9_collect() says when the request is answered
 *
 * Returns the size of an answer that is there at once, which is 0 if none can be
 * given; P9_KEPT if it will be there later; or P9_LATER if the message must be
 * passed again later, unchanged then.
 */
ssize_t p9_request(struct p9 *p9, struct iovec *out, int nr_out,
		   const struct iovec *in, int nr_in, __u16 cookie)
{
	const size_t bytes = iov_bytes(out, nr_out);
	struct iovec message[1 + P9_PIECES_MAX];
	__u8 head[P9_SHORT_MAX + 64];
	size_t copied = iov_copy(head, out, nr_out, P9_SHORT_MAX);
	__u16 tag;
	int error;

	p9->used = true;
	if (copied < P9_HEAD || iov_bytes(in, nr_in) < ERROR_BYTES)
		return 0;
	tag = get16(head + 5);
	if (!p9->gone && busy(p9, tag) && !p9->gone)
		return P9_LATER;
	if (p9->gone)
		return refuse(in, nr_in, tag, EIO);
	if (p9->of_tag[tag])
		return refuse(in, nr_in, tag, EBUSY);
	nr_out = iov_skip(out, nr_out, copied);
	error = check(p9, bytes, head, &copied);
	if (error)
		return refuse(in, nr_in, tag, -error);
	message[0] = (struct iovec){ head, copied };
	memcpy(message + 1, out, nr_out * sizeof(*out));
	error = send_message(p9, message, nr_out + 1);
	if (error == -EAGAIN)
		return P9_LATER;
	if (error)
		return refuse(in, nr_in, tag, -error);
	keep(p9, head, in, nr_in, cookie);
	return P9_KEPT;
}

/* Reads more of a message; false if there is no more now. */
static bool read_more(struct p9 *p9, struct iovec *iov, int nr, size_t *got)
{
	ssize_t n;

	do {
		n = readv(p9->socket, iov, nr);
	} while (n < 0 && errno == EINTR);
	if (!n || (n < 0 && errno != EAGAIN))
		lose(p9);
	if (n <= 0)
		return false;
	*got = n;
	return true;
}

/* The room in the guest for the message that comes, but for its head. */
static void find_room(struct p9 *p9)
{
	const struct p9_request *request = &p9->request[p9->in.target];

	p9->in.nr = request->nr;
	memcpy(p9->in.iov, request->iov, request->nr * sizeof(*request->iov));
	p9->in.dropped = request->orphan || p9->in.size > iov_bytes(p9->in.iov, p9->in.nr);
	if (p9->in.dropped)
		return;
	iov_fill(p9->in.iov, p9->in.nr, p9->in.head, P9_HEAD);
	p9->in.nr = iov_skip(p9->in.iov, p9->in.nr, P9_HEAD);
	p9->in.nr = iov_shorten(p9->in.iov, p9->in.nr, p9->in.size - P9_HEAD);
}

/* An answer has begun: whose is it?  False if it is nobody's. */
static bool begin(struct p9 *p9)
{
	const __u8 type = p9->in.head[4];
	__u16 owner = p9->of_tag[get16(p9->in.head + 5)];

	p9->in.size = get32(p9->in.head);
	if (p9->in.size < P9_HEAD || p9->in.size > P9_MESSAGE_MAX || !owner)
		return false;
	p9->in.inside = true;
	p9->in.target = owner - 1;
	if (type != R_ERROR && type != p9->request[p9->in.target].type + 1)
		return false;
	if (type == T_VERSION + 1 && p9->in.size > P9_SHORT_MAX)
		return false;
	find_room(p9);
	return true;
}

/* What both sides have agreed upon. */
static void end_version(struct p9 *p9)
{
	__u32 max = p9->in.size < P9_HEAD + 4 ? 0 : get32(p9->in.head + P9_HEAD);

	if (max < SMALLEST_MAX)
		max = SMALLEST_MAX;
	p9->message_max = max < P9_MESSAGE_MAX ? max : P9_MESSAGE_MAX;
	if (!p9->in.dropped)
		iov_fill(p9->in.iov, p9->in.nr, p9->in.head + P9_HEAD, p9->in.size - P9_HEAD);
}

/*
 * A request that was flushed is never answered; its guest gets the room back.  The tag
 * of one that an orphan flushes may be another request's by now.
 */
static void end_flush(struct p9 *p9, const struct p9_request *flush)
{
	unsigned int owner = p9->of_tag[flush->flushes];

	if (owner && p9->request[owner - 1].orphan == flush->orphan &&
	    owner - 1 != p9->in.target)
		finish(p9, owner - 1, 0);
}

/* An answer is complete. */
static void end(struct p9 *p9)
{
	const struct p9_request *request;
	__u32 bytes = p9->in.size;

	p9->in.inside = false;
	p9->in.have = 0;
	request = &p9->request[p9->in.target];
	if (p9->in.head[4] == T_VERSION + 1 && !request->orphan)
		end_version(p9);
	if (p9->in.head[4] == T_FLUSH + 1)
		end_flush(p9, request);
	if (p9->in.dropped)
		bytes = give_error(request, EMSGSIZE);
	finish(p9, p9->in.target, bytes);
}

/* Reads the head, and what is looked into. */
static bool read_head(struct p9 *p9, size_t wanted)
{
	struct iovec iov = { p9->in.head + p9->in.have, wanted - p9->in.have };
	size_t got;

	if (!read_more(p9, &iov, 1, &got))
		return false;
	p9->in.have += got;
	return true;
}

static bool read_body(struct p9 *p9)
{
	char scrap[PAGE_BYTES];
	size_t left = p9->in.size - p9->in.have, got;
	struct iovec iov = { scrap, left < sizeof(scrap) ? left : sizeof(scrap) };

	if (p9->in.dropped) {
		if (!read_more(p9, &iov, 1, &got))
			return false;
	} else {
		if (!read_more(p9, p9->in.iov, p9->in.nr, &got))
			return false;
		p9->in.nr = iov_skip(p9->in.iov, p9->in.nr, got);
	}
	p9->in.have += got;
	return true;
}

/* One step; false if there is nothing to read. */
static bool receive(struct p9 *p9)
{
	if (!p9->in.inside) {
		if (!read_head(p9, P9_HEAD))
			return false;
		if (p9->in.have == P9_HEAD && !begin(p9)) {
			lose(p9);
			return false;
		}
	} else if (p9->in.head[4] == T_VERSION + 1) {
		if (!read_head(p9, p9->in.size))
			return false;
	} else if (!read_body(p9)) {
		return false;
	}
	if (p9->in.inside && p9->in.have == p9->in.size)
		end(p9);
	return true;
}

/**
 * p9_collect - is a request answered?
 * @p9: the server
 * @cookie: which
 *
 * Returns the bytes of the answer, or -1 if there is none now.
 */
ssize_t p9_collect(struct p9 *p9, __u16 *cookie)
{
	__u32 bytes;

	if (!p9->gone && send_rest(p9))
		watch(p9, false);
	while (!p9->done_end && !p9->gone && receive(p9))
		;
	if (!p9->done_end)
		return -1;
	*cookie = p9->done[p9->done_at].cookie;
	bytes = p9->done[p9->done_at++].bytes;
	if (p9->done_at == p9->done_end) {
		p9->done_at = 0;
		p9->done_end = 0;
	}
	return bytes;
}

/**
 * p9_fd - what is readable when p9_collect() is to be called
 * @p9: the server
 */
int p9_fd(const struct p9 *p9)
{
	return p9->gone || !p9->used ? -1 : p9->events;
}

static void abandon(struct p9 *p9, unsigned int i)
{
	p9->request[i].orphan = true;
}

/**
 * p9_forget - the guest does not wait for answers any more
 * @p9: the server
 */
void p9_forget(struct p9 *p9)
{
	for_all(p9, abandon);
	p9->done_at = 0;
	p9->done_end = 0;
	p9->in.dropped = true;
	p9->used = false;
}

/* Waits for the server, for @patience ms at a time; false if that is in vain. */
static bool wait_for(struct p9 *p9, int patience)
{
	struct pollfd heard = { .fd = p9->events, .events = POLLIN };
	int ready;

	do {
		ready = poll(&heard, 1, patience);
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/**
 * p9_greet - does the server speak the protocol?
 * @p9: the server; not used so far
 * @patience: for its answer, in ms
 *
 * The guest's own greeting begins anew.
 */
bool p9_greet(struct p9 *p9, int patience)
{
	__u8 hello[P9_HEAD + 4 + 2 + sizeof(VERSION) - 1], answer[sizeof(hello)];
	const struct iovec in = { answer, sizeof(answer) };
	struct iovec out = { hello, sizeof(hello) };
	ssize_t n = -1;
	__u16 cookie;

	put_text(put32(put_head(hello, sizeof(hello), T_VERSION, NO_TAG), FIRST_MAX), VERSION);
	if (p9_request(p9, &out, 1, &in, 1, 0) == P9_KEPT) {
		while ((n = p9_collect(p9, &cookie)) < 0 && wait_for(p9, patience))
			;
	}
	p9_forget(p9);
	return n == sizeof(answer) && !memcmp(answer + P9_HEAD + 4, hello + P9_HEAD + 4,
					      sizeof(answer) - P9_HEAD - 4);
}

/**
 * p9_settle - let the server finish what it was asked for
 * @p9: the server; nobody waits for it
 * @patience: for each answer, in ms
 */
void p9_settle(struct p9 *p9, int patience)
{
	__u16 cookie;

	p9_forget(p9);
	while (p9->nr_free < P9_REQUESTS_MAX && !p9->gone && wait_for(p9, patience))
		p9_collect(p9, &cookie);
}

/**
 * p9_close - do not talk to a server any more
 * @p9: open; the socket is left to its user
 */
void p9_close(struct p9 *p9)
{
	if (p9->events >= 0)
		close(p9->events);
	free(p9->out);
}

/**
 * p9_open - begin to talk to a server
 * @p9: zero, but for what is its user's
 *
 * Return: false if that cannot be, see failure(); then it needs no p9_close().
 */
bool p9_open(struct p9 *p9)
{
	struct epoll_event event = { .events = EPOLLIN };
	unsigned int i;

	p9->out = malloc(P9_MESSAGE_MAX);
	p9->events = epoll_create1(EPOLL_CLOEXEC);
	if (!p9->out || p9->events < 0 || fcntl(p9->socket, F_SETFL, O_NONBLOCK) < 0 ||
	    epoll_ctl(p9->events, EPOLL_CTL_ADD, p9->socket, &event) < 0) {
		failure("cannot talk to a server of files: %s", strerror(errno));
		p9_close(p9);
		return false;
	}
	p9->message_max = FIRST_MAX;
	for (i = 0; i < P9_REQUESTS_MAX; i++)
		p9->free[p9->nr_free++] = P9_REQUESTS_MAX - 1 - i;
	return true;
}
