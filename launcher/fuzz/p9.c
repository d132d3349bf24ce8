// SPDX-License-Identifier: GPL-2.0
/*
 * A fuzzer for what is between a guest and its server of files: the input is what both
 * say, in pieces of any length.  Nothing but what there is room for may be answered, and
 * nobody but who has asked.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "p9.h"

#define MESSAGE_MAX	512u
#define ROOM_MAX	300u
#define COOKIES		16u
#define TAGS		8u
#define R_ERROR		7

static struct p9 *p9;
static int server;

/* Of those that are not answered yet: exactly their room, for the sanitizer. */
static struct {
	__u8 *room;
	size_t bytes;
	__u8 type;
} asked[COOKIES];

static void lost(struct p9 *which)
{
	must(which == p9);
}

static void forget(unsigned int cookie)
{
	free(asked[cookie].room);
	asked[cookie].room = NULL;
}

/* An answer to that, or an error; none to what was flushed, or is no request. */
static void check_answer(__u16 cookie, ssize_t bytes)
{
	const __u8 *room = asked[cookie].room;

	must(cookie < COOKIES && room);
	must(bytes >= 0 && (size_t)bytes <= asked[cookie].bytes);
	must(!bytes || (bytes >= P9_HEAD &&
			(room[4] == R_ERROR || room[4] == (__u8)(asked[cookie].type + 1))));
	forget(cookie);
}

/* A message: a head that is most often right, and then anything. */
struct message {
	__u8 bytes[MESSAGE_MAX];
	size_t len;
};

static __u8 type_of[TAGS];	/* of the last request with that tag */

static void take_message(struct input *in, struct message *message, __u8 type, __u16 tag)
{
	const bool honest = take(in, 1) % 8;
	size_t len;
	const __u8 *piece = take_piece(in, MESSAGE_MAX - P9_HEAD, &len);
	__u32 size;

	message->len = P9_HEAD + len;
	size = honest ? message->len : take(in, take(in, 1) % 4);
	memcpy(message->bytes, &size, sizeof(size));
	message->bytes[4] = type;
	memcpy(message->bytes + 5, &tag, sizeof(tag));
	memcpy(message->bytes + P9_HEAD, piece, len);
	if (!honest && take(in, 1) % 4 == 0)
		message->len = take(in, 1) % P9_HEAD;
}

/* (A guest may ask twice in the same place: that is its own memory.) */
static unsigned int free_cookie(void)
{
	unsigned int i;

	for (i = 0; i < COOKIES && asked[i].room; i++)
		;
	return i;
}

static void ask(struct input *in)
{
	static const __u8 types[] = { 100, 104, 108, 110, 116, 118, 120 };
	const unsigned int cookie = free_cookie();
	const __u8 tag = take(in, 1) % TAGS, which = take(in, 1);
	const __u8 type = which < 0xf0 ? types[which % ARRAY_SIZE(types)] : which;
	size_t room = take(in, 2) % ROOM_MAX, cut;
	struct message message;
	struct iovec out[2], answer[2];
	ssize_t n;

	take_message(in, &message, type, tag);
	asked[cookie].room = malloc(room + 1);
	asked[cookie].bytes = room;
	asked[cookie].type = type;
	cut = message.len / 3;
	out[0] = (struct iovec){ message.bytes, cut };
	out[1] = (struct iovec){ message.bytes + cut, message.len - cut };
	cut = room / 5;
	answer[0] = (struct iovec){ asked[cookie].room, cut };
	answer[1] = (struct iovec){ asked[cookie].room + cut, room - cut };
	n = p9_request(p9, out, 2, answer, 2, cookie);
	must(n != P9_KEPT || message.len >= P9_HEAD);
	if (n == P9_KEPT)
		type_of[tag] = type;
	else if (n == P9_LATER)
		forget(cookie);
	else
		check_answer(cookie, n);
}

/* The server's: an answer, an error, or anything. */
static void say(struct input *in)
{
	const __u8 tag = take(in, 1) % TAGS, which = take(in, 1);
	struct message message;

	take_message(in, &message, which < 0xc0 ? type_of[tag] + 1 :
		     which < 0xe0 ? R_ERROR : which, tag);
	if (send(server, message.bytes, message.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return;			/* the launcher has heard enough of it */
}

static void collect(void)
{
	__u16 cookie;
	ssize_t n;

	while ((n = p9_collect(p9, &cookie)) >= 0)
		check_answer(cookie, n);
}

static void hear(void)
{
	__u8 bytes[4096];

	while (recv(server, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

/* A guest that starts anew: what it had is its own again. */
static void start_anew(void)
{
	unsigned int i;

	p9_forget(p9);
	for (i = 0; i < COOKIES; i++)
		forget(i);
}

static void play(struct input *in)
{
	while (input_left(in)) {
		switch (take(in, 1) % 8) {
		case 0:
		case 1:
		case 2:
			if (free_cookie() < COOKIES)
				ask(in);
			break;
		case 3:
		case 4:
		case 5:
			say(in);
			break;
		case 6:
			collect();
			hear();
			break;
		case 7:
			start_anew();
			break;
		}
	}
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	struct input in = { data, data + size };
	const __u8 first = take(&in, 1);
	int pair[2];

	p9 = calloc(1, sizeof(*p9));
	must(p9 && !socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	p9->socket = pair[0];
	server = pair[1];
	p9->root = "/shared";
	p9->user = first & 1 ? -1 : 1000;
	p9->lost = lost;
	must(p9_open(p9));
	play(&in);
	collect();
	start_anew();
	p9_close(p9);
	close(p9->socket);
	close(server);
	free(p9);
	return 0;
}
