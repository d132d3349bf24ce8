// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of 9P between a guest and a server, both of which are this test: what
 * arrives where, in whatever order and pieces it comes, and that neither can
 * break more than its own.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base.h"
#include "fds.h"
#include "p9.h"
#include "tap.h"

#define ROOT	"/shared"
#define ROOM	4096
#define GUARD	0xee

enum {
	T_VERSION = 100, R_VERSION, T_ATTACH = 104, R_ATTACH, T_FLUSH = 108, R_FLUSH,
	T_READ = 116, R_READ, T_WRITE = 118, R_WRITE, T_CLUNK = 120, R_CLUNK, R_ERROR = 7,
};

static struct p9 *p9;
static int server;		/* its end */
static unsigned int losses;

/* One for each request: the guest's room for the answer. */
static __u8 rooms[P9_REQUESTS_MAX][ROOM];

static void is_code(ssize_t got, ssize_t expected, const char *name)
{
	is_number(got + P9_MESSAGE_MAX, expected + P9_MESSAGE_MAX, name);
}

static void lost(struct p9 *which)
{
	losses += which == p9;
}

static void open_p9(long user)
{
	int pair[2];

	p9 = calloc(1, sizeof(*p9));
	if (!p9 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		exit(1);
	server = pair[1];
	fcntl(server, F_SETFL, O_NONBLOCK);
	p9->socket = pair[0];
	p9->root = ROOT;
	p9->user = user;
	p9->lost = lost;
	losses = 0;
	memset(rooms, GUARD, sizeof(rooms));
	if (!p9_open(p9))
		exit(report_failure());
}

static void close_p9(void)
{
	p9_close(p9);
	close(p9->socket);
	if (server >= 0)
		close(server);
	free(p9);
}

static __u32 head(__u8 *to, __u32 size, __u8 type, __u16 tag)
{
	const __u8 bytes[P9_HEAD] = {
		size, size >> 8, size >> 16, size >> 24, type, tag, tag >> 8,
	};

	memcpy(to, bytes, sizeof(bytes));
	return size;
}

/* A request in two pieces, with @room bytes in two pieces for its answer. */
static ssize_t ask_raw(__u8 *message, size_t bytes, size_t room, __u16 cookie)
{
	size_t first = bytes / 3, front = room / 4;
	struct iovec out[2] = { { message, first }, { message + first, bytes - first } };
	const struct iovec in[2] = {
		{ rooms[cookie], front }, { rooms[cookie] + front, room - front },
	};

	return p9_request(p9, out, 2, in, 2, cookie);
}

static ssize_t ask(__u32 size, __u8 type, __u16 tag, __u16 cookie)
{
	__u8 *message = calloc(1, size);
	ssize_t n;

	head(message, size, type, tag);
	n = ask_raw(message, size, 64, cookie);
	free(message);
	return n;
}

/* The error in an answer, if it is whole and is one. */
static unsigned int error_of(ssize_t bytes, __u16 cookie, __u16 tag)
{
	const __u8 *answer = rooms[cookie];
	__u8 expected[P9_HEAD];

	head(expected, 11, R_ERROR, tag);
	if (bytes != 11 || memcmp(answer, expected, sizeof(expected)) || answer[11] != GUARD)
		return 0;
	return answer[7] | answer[8] << 8 | answer[9] << 16 | answer[10] << 24;
}

/* What the server has got so far. */
static size_t get(__u8 *to, size_t room)
{
	size_t done = 0;
	ssize_t n;

	while (done < room && (n = read(server, to + done, room - done)) > 0)
		done += n;
	return done;
}

static size_t got(void)
{
	__u8 bytes[ROOM];

	return get(bytes, sizeof(bytes));
}

static void answer(__u32 size, __u8 type, __u16 tag)
{
	__u8 *message = malloc(size < P9_HEAD ? P9_HEAD : size);
	__u32 i;

	for (i = P9_HEAD; i < size; i++)
		message[i] = i + tag;
	head(message, size, type, tag);
	if (write(server, message, size < P9_HEAD ? P9_HEAD : size) < 0)
		printf("# the server cannot write\n");
	free(message);
}

static bool answered(__u16 cookie, __u32 size, __u8 type, __u16 tag)
{
	__u8 expected[P9_HEAD];
	__u32 i;

	head(expected, size, type, tag);
	for (i = P9_HEAD; i < size; i++) {
		if (rooms[cookie][i] != (__u8)(i + tag))
			return false;
	}
	return !memcmp(rooms[cookie], expected, P9_HEAD) && rooms[cookie][size] == GUARD;
}

static ssize_t collect(__u16 *cookie)
{
	*cookie = 0xffff;
	return p9_collect(p9, cookie);
}

static bool readable(void)
{
	struct pollfd p = { .fd = p9_fd(p9), .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* No server: there is nothing to listen to. */
static void test_none(void)
{
	struct p9 *none = calloc(1, sizeof(*none));
	const unsigned int fds = open_fds();

	none->socket = -1;
	ok(!p9_open(none), "a server without a socket");
	is_wrong(failure_reason(), "cannot talk to a server of files: Bad file descriptor",
		 "is refused");
	is_number(open_fds(), fds, "nothing is left open");
	free(none);
}

static void test_order(void)
{
	__u8 message[20], seen[64], byte;
	__u16 cookie;
	unsigned int i;
	bool done;

	open_p9(-1);
	is_code(p9_fd(p9), -1, "nothing is awaited of a server that nobody uses");
	for (i = 0; i < sizeof(message); i++)
		message[i] = i;
	head(message, sizeof(message), T_READ, 3);
	is_code(ask_raw(message, sizeof(message), 64, 1), P9_KEPT, "a request is kept");
	ok(get(seen, sizeof(seen)) == 20 && !memcmp(seen, message, 20), "the server has it");
	ask(11, T_CLUNK, 4, 2);
	ok(!readable() && collect(&cookie) == -1, "there is no answer");
	answer(7, R_CLUNK, 4);
	answer(64, R_READ, 3);
	ok(readable(), "an answer is seen");
	is_number(collect(&cookie), 7, "the second is answered first");
	ok(cookie == 2 && answered(2, 7, R_CLUNK, 4), "and is what it should be");
	is_number(collect(&cookie), 64, "then the first, which fills its room");
	ok(cookie == 1 && answered(1, 64, R_READ, 3), "to the last byte");
	ok(collect(&cookie) == -1 && !losses, "and that was all");
	for (i = 0; i < 30; i++) {
		if (!i)
			ask(11, T_READ, 0, 5);
		head(message, 30, R_READ, 0);
		rooms[5][30] = GUARD;
		byte = i < P9_HEAD ? message[i] : i;
		done = i == 29;
		if (write(server, &byte, 1) != 1 || done != (collect(&cookie) == 30))
			break;
	}
	ok(i == 30 && answered(5, 30, R_READ, 0), "an answer that comes byte by byte");
	close_p9();
}

static void test_guest(void)
{
	__u8 message[P9_HEAD + 30] = { 0 };
	__u16 cookie;

	open_p9(-1);
	ask(11, T_CLUNK, 1, 1);
	is_number(error_of(ask(11, T_CLUNK, 1, 2), 2, 1), EBUSY, "a tag that is in use");
	is_number(got(), 11, "is not for the server");
	head(message, 40, T_READ, 2);
	is_number(error_of(ask_raw(message, sizeof(message), 64, 2), 2, 2), EINVAL, "too few");
	head(message, 20, T_READ, 2);
	is_number(error_of(ask_raw(message, sizeof(message), 64, 2), 2, 2), EINVAL, "too many");
	head(message, 8, T_FLUSH, 2);
	is_number(error_of(ask_raw(message, 8, 64, 2), 2, 2), EINVAL, "half a flush");
	is_code(ask_raw(message, 6, 64, 2), 0, "no head");
	is_code(ask_raw(message, 0, 64, 2), 0, "nothing");
	head(message, 20, T_READ, 2);
	is_code(ask_raw(message, 20, 10, 2), 0, "no room for an error");
	is_number(error_of(ask(8193, T_WRITE, 9, 2), 2, 9), EMSGSIZE, "too large");
	is_number(got(), 0, "none of them is for the server");
	is_code(ask(8192, T_WRITE, 9, 2), P9_KEPT, "as large as can be at first");
	head(message, 23, T_WRITE, 3);
	ask_raw(message, sizeof(message), 64, 3);
	head(message, sizeof(message), T_WRITE, 3);
	while (got() == ROOM)
		;
	ask_raw(message, sizeof(message), 64, 4);
	ask(19, T_VERSION, 0xffff, 6);
	ok(write(server, "\x0f\0\0\0\x65\xff\xff\0\x40\0\0\2\0\71P", 15) == 15 &&
	   collect(&cookie) == 15 && cookie == 6, "a size is agreed upon");
	is_code(ask(16384, T_WRITE, 10, 7), P9_KEPT, "so much can be sent then");
	is_number(error_of(ask(16385, T_WRITE, 11, 8), 8, 11), EMSGSIZE, "and not more");
	close_p9();

	open_p9(-1);
	head(message, 23, T_WRITE, 3);
	is_code(ask_raw(message, sizeof(message), 64, 3), P9_KEPT,
		"a write whose size does not count its data");
	head(message, sizeof(message), T_WRITE, 3);
	ok(get(rooms[9], ROOM) == sizeof(message) && !memcmp(rooms[9], message, sizeof(message)),
	   "is made right");
	close_p9();
}

#define FIDS "\5\0\0\0\xff\xff\xff\xff"

static const struct {
	const char *name;
	size_t len;
	const char *body;
	bool good;
} attaches[] = {
	{ "with names", 23, FIDS "\4\0root\3\0ctl\x10\x27\0\0", true },
	{ "without", 16, FIDS "\0\0\0\0\x10\x27\0\0", true },
	{ "no number", 19, FIDS "\4\0root\3\0ctl", false },
	{ "more", 24, FIDS "\4\0root\3\0ctl\x10\x27\0\0x", false },
	{ "a long name", 23, FIDS "\xff\xffroot\3\0ctl\x10\x27\0\0", false },
	{ "a long root", 23, FIDS "\4\0root\xff\xff\143tl\x10\x27\0\0", false },
	{ "half a root", 15, FIDS "\4\0root\3", false },
	{ "half a fid", 6, "\5\0\0\0\xff\xff", false },
	{ "nothing", 0, "", false },
};

/* The first is by a server that has one user. */
static void test_attach(void)
{
	static const char rewritten[] = "\x1e\0\0\0\x68\x07\0" FIDS "\0\0\7\0" ROOT "\x10\x27";
	__u8 message[400], seen[400];
	size_t i, size;
	ssize_t n;

	for (i = 0; i < ARRAY_SIZE(attaches); i++) {
		open_p9(i ? -1 : 10000);
		size = P9_HEAD + attaches[i].len;
		head(message, size, T_ATTACH, 7);
		memcpy(message + P9_HEAD, attaches[i].body, attaches[i].len);
		if (!i)
			message[size - 4] = 0;
		n = ask_raw(message, size, 64, 1);
		if (attaches[i].good)
			ok(n == P9_KEPT && get(seen, sizeof(seen)) == 30 &&
			   !memcmp(seen, rewritten, sizeof(rewritten) - 1), attaches[i].name);
		else
			is_number(error_of(n, 1, 7), EINVAL, attaches[i].name);
		close_p9();
	}
	/* nobody in particular is root, who has the user's name in each message */
	open_p9(-1);
	head(message, P9_HEAD + 16, T_ATTACH, 7);
	memcpy(message + P9_HEAD, FIDS "\0\0\0\0\xff\xff\xff\xff", 16);
	ok(ask_raw(message, P9_HEAD + 16, 64, 1) == P9_KEPT &&
	   get(seen, sizeof(seen)) == 30 && !memcmp(seen + 26, "\0\0\0\0", 4),
	   "an attach by nobody in particular");
	close_p9();
	open_p9(-1);
	head(message, 300, T_ATTACH, 7);
	is_number(error_of(ask_raw(message, 300, 64, 1), 1, 7), ENAMETOOLONG, "an attach too long");
	close_p9();
}

static void test_flush(void)
{
	__u8 message[9];
	__u16 cookie;

	open_p9(-1);
	ask(11, T_READ, 1, 1);
	head(message, 9, T_FLUSH, 2);
	message[7] = 1;
	message[8] = 0;
	ask_raw(message, 9, 64, 2);
	answer(7, R_FLUSH, 2);
	ok(!collect(&cookie) && cookie == 1, "a flushed request comes back, not answered");
	ok(collect(&cookie) == 7 && cookie == 2, "then the flush is answered");
	is_code(ask(11, T_READ, 1, 3), P9_KEPT, "and the tag is free");
	ask_raw(message, 9, 64, 4);
	answer(7, R_READ, 1);
	answer(7, R_FLUSH, 2);
	ok(collect(&cookie) == 7 && cookie == 3 && collect(&cookie) == 7 && cookie == 4,
	   "a flush that comes too late");
	message[7] = 2;
	ask_raw(message, 9, 64, 5);
	answer(7, R_FLUSH, 2);
	ok(collect(&cookie) == 7 && cookie == 5 && collect(&cookie) == -1, "one of itself");
	ok(!losses, "all that is in order");
	close_p9();
}

static void test_forget(void)
{
	__u16 cookie;

	open_p9(-1);
	ask(11, T_READ, 1, 1);
	ask(11, T_READ, 2, 2);
	answer(7, R_READ, 2);
	answer(30, R_READ, 1);
	ok(collect(&cookie) == 7, "one of two is answered");
	p9_forget(p9);
	is_code(p9_fd(p9), -1, "a device that is reset awaits nothing");
	is_code(ask(11, T_READ, 1, 3), P9_LATER, "a tag that the server still has");
	is_code(ask(11, T_READ, 2, 4), P9_KEPT, "another");
	answer(7, R_READ, 2);
	ok(collect(&cookie) == 7 && cookie == 4, "what was forgotten is dropped");
	ok(rooms[1][0] == GUARD, "its room is not written");
	is_code(ask(11, T_READ, 1, 3), P9_KEPT, "then its tag is free");
	answer(30, R_READ, 1);
	ok(collect(&cookie) == 30 && answered(3, 30, R_READ, 1), "and is answered");

	ask(11, T_READ, 1, 5);
	answer(7, R_READ, 1);
	collect(&cookie);
	ask(11, T_READ, 1, 6);
	ok(write(server, "\x1e\0\0\0\x75\1\0half", 11) == 11 && collect(&cookie) == -1,
	   "an answer comes in part");
	p9_forget(p9);
	memset(rooms, GUARD, sizeof(rooms));
	ok(write(server, "the rest is nineteen", 19) == 19 && collect(&cookie) == -1 && !losses,
	   "the rest comes after a reset");
	ok(rooms[6][11] == GUARD && ask(11, T_READ, 1, 7) == P9_KEPT, "and is dropped");
	close_p9();
}

/* What a server drops because of a flush is over, whoever still waits for that. */
static void test_forgotten_flush(void)
{
	__u8 message[9] = { [7] = 1 };
	__u16 cookie;

	open_p9(-1);
	head(message, 9, T_FLUSH, 2);
	ask(11, T_READ, 1, 1);
	ask_raw(message, 9, 64, 2);
	p9_forget(p9);
	answer(7, R_FLUSH, 2);
	collect(&cookie);
	is_code(ask(11, T_READ, 1, 3), P9_KEPT, "what was flushed, and forgotten, has no tag");
	ask_raw(message, 9, 64, 4);
	answer(7, R_READ, 1);
	p9_forget(p9);
	collect(&cookie);
	ask(11, T_READ, 1, 5);
	answer(7, R_FLUSH, 2);
	ok(collect(&cookie) == -1 && rooms[5][0] == GUARD,
	   "a forgotten flush does not end who has the tag now");
	answer(7, R_READ, 1);
	ok(collect(&cookie) == 7 && cookie == 5 && !losses, "which is answered");
	close_p9();
}

static void test_death(void)
{
	__u16 cookie, i, errors = 0;
	ssize_t n;

	open_p9(-1);
	for (i = 0; i < 10; i++)
		ask(11, T_READ, i, i);
	answer(7, R_READ, 4);
	ok(write(server, "\x1e\0\0\0\x75\5\0half", 11) == 11, "a server ends in an answer");
	close(server);
	server = -1;
	is_number(collect(&cookie), 7, "what it had answered is answered");
	while ((n = collect(&cookie)) >= 0)
		errors += error_of(n, cookie, cookie) == EIO;
	is_number(errors, 9, "all others have failed");
	is_number(losses, 1, "the user is told once");
	is_code(p9_fd(p9), -1, "nothing more is awaited");
	is_number(error_of(ask(11, T_READ, 1, 20), 20, 1), EIO, "what comes later fails");
	close_p9();

	open_p9(-1);
	close(server);
	server = -1;
	is_number(error_of(ask(11, T_READ, 1, 1), 1, 1), EIO, "a server that ends before all");
	is_number(losses, 1, "is noticed");
	close_p9();
}

static const struct {
	const char *name;
	__u32 size;
	__u8 type;
	__u16 tag;
} breaches[] = {
	{ "an answer shorter than a head", 6, R_READ, 1 },
	{ "an answer of no size", 0, R_READ, 1 },
	{ "an answer that is larger than any", P9_MESSAGE_MAX + 1, R_READ, 1 },
	{ "an answer that is far larger", 0xffffffff, R_READ, 1 },
	{ "an answer that nobody waits for", 11, R_READ, 2 },
	{ "an answer to something else", 11, R_WRITE, 1 },
	{ "a version of many words", 300, R_VERSION, 0xffff },
};

static void test_server(void)
{
	__u8 message[P9_HEAD];
	__u16 cookie;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(breaches); i++) {
		open_p9(-1);
		ask(11, T_READ, 1, 1);
		ask(19, T_VERSION, 0xffff, 2);
		head(message, breaches[i].size, breaches[i].type, breaches[i].tag);
		ok(write(server, message, P9_HEAD) == P9_HEAD && collect(&cookie) == 11 &&
		   losses == 1, breaches[i].name);
		close_p9();
	}
	open_p9(-1);
	ask(11, T_READ, 1, 1);
	ask(11, T_READ, 2, 2);
	answer(3000, R_READ, 1);
	answer(30, R_READ, 2);
	is_number(error_of(collect(&cookie), 1, 1), EMSGSIZE, "an answer without enough room");
	ok(collect(&cookie) == 30 && answered(2, 30, R_READ, 2), "the next one is whole");
	ask(19, T_VERSION, 0xffff, 3);
	answer(65, R_VERSION, 0xffff);
	is_number(error_of(collect(&cookie), 3, 0xffff), EMSGSIZE, "a version without room");
	ask(19, T_VERSION, 0xffff, 4);
	ok(write(server, "\x0f\0\0\0\x65\xff\xff\0\0\0\0\2\0\71P", 15) == 15 &&
	   collect(&cookie) == 15, "a version that allows nothing");
	is_code(ask(256, T_WRITE, 8, 5), P9_KEPT, "is not believed");
	close_p9();
}

/* A server that does not read, and then does. */
static void test_full(void)
{
	static __u8 stream[8000 * P9_REQUESTS_MAX];
	__u8 message[8000];
	size_t have = 0, i, good = 0;
	__u16 tag = 0, cookie, sent;
	bool unread;

	open_p9(-1);
	for (;; tag++) {
		memset(message, tag, sizeof(message));
		head(message, sizeof(message), T_WRITE, tag);
		if (ask_raw(message, sizeof(message), 64, tag) != P9_KEPT)
			break;
	}
	ok(tag > 2 && tag < P9_REQUESTS_MAX, "a socket becomes full");
	collect(&cookie);
	ask_raw(message, sizeof(message), 64, tag);
	unread = !readable();
	for (sent = tag; tag < sent + 20; ) {
		have += get(stream + have, 20000);
		if (collect(&cookie) != -1)
			break;
		memset(message, tag, sizeof(message));
		head(message, sizeof(message), T_WRITE, tag);
		tag += ask_raw(message, sizeof(message), 64, tag) == P9_KEPT;
	}
	ok(unread && readable() == p9->full, "room in it is seen");
	do {
		i = get(stream + have, sizeof(stream) - have);
		have += i;
	} while (collect(&cookie) == -1 && i);
	is_number(have, tag * sizeof(message), "all messages come");
	for (i = 0; i < tag; i++) {
		const __u8 *at = stream + i * sizeof(message);

		memset(message, i, sizeof(message));
		head(message, sizeof(message), T_WRITE, i);
		good += !memcmp(at, message, sizeof(message));
	}
	is_number(good, tag, "and are whole");
	ok(!readable() && !losses, "nothing more is to be done");
	close_p9();
}

/* Messages that a socket takes in part, with nothing that would push the rest. */
static void test_rest(void)
{
	static __u8 message[150000], stream[2 * sizeof(message) + 1];
	size_t have = 0, got = 1;
	__u16 cookie, i;

	open_p9(-1);
	p9->message_max = P9_MESSAGE_MAX;
	for (i = 0; i < 2; i++) {
		memset(message, i, sizeof(message));
		head(message, sizeof(message), T_WRITE, i);
		ask_raw(message, sizeof(message), 64, i);
	}
	ok(p9->out_end && !readable(), "a message is sent in part");
	is_code(ask(11, T_READ, 7, 7), P9_LATER, "no other comes into it");
	have = get(stream, sizeof(stream));
	ok(have < 2 * sizeof(message) && readable(), "room for the rest is seen");
	while (got) {
		if (readable())
			collect(&cookie);
		got = get(stream + have, sizeof(stream) - have);
		have += got;
	}
	is_number(have, 2 * sizeof(message), "the rest comes");
	ok(!memcmp(stream + sizeof(message), message, sizeof(message)), "and is what it should be");
	ok(!readable(), "then nothing is left to do");
	close_p9();
}

static void test_many(void)
{
	unsigned int i, good = 0;
	__u16 cookie;

	open_p9(-1);
	for (i = 0; i < P9_REQUESTS_MAX; i++)
		good += ask(11, T_READ, 1000 + i, i) == P9_KEPT;
	is_number(good, P9_REQUESTS_MAX, "so many requests can be under way");
	is_code(ask(11, T_READ, 1, 0), P9_LATER, "another has to wait");
	for (i = 0; i < P9_REQUESTS_MAX; i++)
		answer(20, R_READ, 1000 + (i * 7) % P9_REQUESTS_MAX);
	for (good = 0; collect(&cookie) == 20; )
		good += answered(cookie, 20, R_READ, 1000 + cookie);
	is_number(good, P9_REQUESTS_MAX, "all are answered");
	got();
	for (i = 0; i < P9_REQUESTS_MAX; i++)
		ask(11, T_READ, i, i);
	ok(write(server, "\0\0\0\0\0\0\0", 7) == 7, "the server goes mad");
	for (good = 0; collect(&cookie) >= 0; )
		good++;
	is_number(good, P9_REQUESTS_MAX, "all fail");
	close_p9();
}

/* Nonsense from both sides: nothing is written where it should not be. */
static void test_nonsense(void)
{
	__u8 bytes[64], scrap[ROOM];
	unsigned int round, i, bad = 0;
	__u16 cookie;

	for (round = 0; round < 3000; round++) {
		if (!(round % 10))
			open_p9(-1);
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = tap_random();
		head(bytes, tap_random() % 4 ? sizeof(bytes) : tap_random(),
		     tap_random() % 2 ? T_READ : T_VERSION + tap_random() % 24, tap_random() % 4);
		ask_raw(bytes, sizeof(bytes), 11 + tap_random() % 40, round % 50);
		get(scrap, sizeof(scrap));
		head(bytes, 7 + tap_random() % 57, tap_random() % 3 ? R_READ : bytes[4] + 1,
		     tap_random() % 4);
		bad += write(server, bytes, tap_random() % 8 ? bytes[0] : tap_random() % 64) < 0 &&
		       !p9->gone;
		if (!(tap_random() % 16))
			p9_forget(p9);
		while (collect(&cookie) >= 0)
			bad += cookie >= 50;
		for (i = 0; i < 50; i++)
			bad += rooms[i][51] != GUARD;
		if (round % 10 == 9)
			close_p9();
	}
	is_number(bad, 0, "nonsense does no harm");
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	test_none();
	test_order();
	test_guest();
	test_attach();
	test_flush();
	test_forget();
	test_forgotten_flush();
	test_death();
	test_server();
	test_full();
	test_rest();
	test_many();
	test_nonsense();
	return tap_done();
}
