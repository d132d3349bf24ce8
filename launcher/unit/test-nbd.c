// SPDX-License-Identifier: GPL-2.0
/* Disks that another program serves, which may be none, or say anything. */
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nbd.h"
#include "tap.h"
#include "wrap.h"

#define BYTES		(3u << 20)
#define SECTOR		512
#define HELLO		"NBDMAGICIHAVEOPT"
#define REPLY		0x67446698u
#define OPTION_REPLY	0x3e889045565a9ull

/* What the server does wrong, and from which request on. */
enum fault {
	NONE, NO_MAGIC, OLD_STYLE, ENDS_AT_ONCE, REFUSES, LONG_ANSWER, ENDLESS_ANSWERS, NO_EXPORT,
	EMPTY, HUGE, LARGE_BLOCKS, OTHER_OPTION, SMALL_REQUESTS,	/* when it starts */
	BAD_REPLY, OTHER_COOKIE, SHORT_DATA, GOES, NO_ROOM, ODD_ERROR, STRUCTURED, /* later */
};

static struct nbd nbd;
static pid_t server;
static enum fault fault;
static unsigned int losses, ending;
static bool silent;

bool __wrap_hold_ending(void)
{
	return ending;
}

int __wrap_poll(struct pollfd *fds, nfds_t nr, int timeout)
{
	return silent ? 0 : __real_poll(fds, nr, timeout);
}

static void put(const void *data, size_t len)
{
	if (send(3, data, len, MSG_NOSIGNAL) != (ssize_t)len)
		_exit(0);
}

static void get(void *data, size_t len)
{
	if (len && recv(3, data, len, MSG_WAITALL) != (ssize_t)len)
		_exit(0);
}

static void put_number(__u64 value, unsigned int bytes)
{
	value = htobe64(value << (64 - 8 * bytes));
	put(&value, bytes);
}

static void answer(__u32 option, __u32 type, __u32 len)
{
	put_number(OPTION_REPLY, 8);
	put_number(option, 4);
	put_number(type, 4);
	put_number(len, 4);
}

static void inform(__u64 bytes, __u16 flags)
{
	answer(7, 3, 12);
	put_number(0, 2);
	put_number(bytes, 8);
	put_number(flags, 2);
}

static void shake_hands(void)
{
	static char zeroes[5000];
	char client[32];
	unsigned int i;

	put(fault == NO_MAGIC ? "NBDMAGICiHAVEOPT" : HELLO, 16);
	put_number(fault == OLD_STYLE ? 0 : 3, 2);
	get(client, 4 + 16 + 8);
	if (fault == REFUSES) {
		answer(7, 0x80000006, 5);
		put("never", 5);
		return;
	}
	for (i = 0; fault == ENDLESS_ANSWERS && i < 1000; i++)
		inform(BYTES, 1);
	if (fault == LONG_ANSWER) {
		answer(7, 3, sizeof(zeroes));
		put(zeroes, sizeof(zeroes));
	}
	if (fault != NO_EXPORT)
		inform(fault == EMPTY ? 0 : fault == HUGE ? ~0ull : BYTES, 0x65);
	answer(7, 3, 14);
	put_number(3, 2);
	put_number(fault == LARGE_BLOCKS ? 4096 : 1, 4);
	put_number(4096, 4);
	put_number(fault == SMALL_REQUESTS ? 5000 : 32 << 20, 4);
	answer(fault == OTHER_OPTION ? 6 : 7, 1, 0);
}

static char disk[BYTES];

/* Requests that go beyond the disk, or are too long, end the test. */
static void serve(void)
{
	struct {
		__u32 magic;
		__u16 flags, command;
		__u64 cookie, at;
		__u32 len;
	} __attribute__((packed)) request;
	__u64 at;
	__u32 len;
	__u16 command;

	get(&request, sizeof(request));
	at = be64toh(request.at);
	len = be32toh(request.len);
	command = be16toh(request.command);
	if (be32toh(request.magic) != 0x25609513 || at + len > BYTES ||
	    len > (fault == SMALL_REQUESTS ? 4608 : command < 2 ? 1 << 20 : BYTES))
		abort();
	if (command == 2)
		_exit(7);
	if (fault == GOES)
		_exit(0);
	if (command == 1)
		get(disk + at, len);
	if (command == 4 || command == 6)
		memset(disk + at, command == 4 ? 't' : request.flags ? 'z' : 0, len);
	put_number(fault == BAD_REPLY ? REPLY + 1 : fault == STRUCTURED ? 0x668e33ef : REPLY, 4);
	put_number(fault == NO_ROOM ? 28 : fault == ODD_ERROR ? 0xdeadbeef : 0, 4);
	request.cookie += fault == OTHER_COOKIE;
	put(&request.cookie, 8);
	if (!command && fault != NO_ROOM && fault != ODD_ERROR)
		put(disk + at, fault == SHORT_DATA ? len / 2 : len);
	if (fault == SHORT_DATA)
		_exit(0);
}

static void lost(struct nbd *unused)
{
	(void)unused;
	losses++;
}

static const char *start(enum fault what)
{
	int pair[2], i;

	fault = what;
	losses = 0;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		exit(1);
	fflush(stdout);
	server = fork();
	if (!server) {
		close(pair[0]);
		dup2(pair[1], 3);
		if (fault == ENDS_AT_ONCE)
			_exit(0);
		for (i = 0; i < (int)sizeof(disk); i++)
			disk[i] = i / SECTOR;
		shake_hands();
		for (;;)
			serve();
	}
	close(pair[1]);
	nbd = (struct nbd){ .fd = pair[0], .on_loss = lost };
	return nbd_start(&nbd);
}

/* Returns the server's status. */
static int end(void)
{
	int status;

	nbd_end(&nbd);
	close(nbd.fd);
	waitpid(server, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static char memory[BYTES];

/* In pieces of all lengths. */
static int pieces(struct iovec iov[8], size_t bytes)
{
	static const size_t lens[] = { 1, 0, 511, 4096, 70000, 13, 1 << 20 };
	char *to = memory;
	int nr;

	for (nr = 0; nr < 7 && bytes; nr++) {
		const size_t len = lens[nr] < bytes ? lens[nr] : bytes;

		iov[nr] = (struct iovec){ to, len };
		to += len;
		bytes -= len;
	}
	iov[nr] = (struct iovec){ to, bytes };
	return nr + 1;
}

static size_t read_some(__u64 at, size_t bytes)
{
	struct iovec iov[8];
	int nr = pieces(iov, bytes);

	memset(memory, 'm', sizeof(memory));
	errno = 0;
	return nbd_read(&nbd, at, iov, &nr, bytes);
}

static size_t write_some(__u64 at, size_t bytes, char what)
{
	struct iovec iov[8];
	int nr = pieces(iov, bytes);

	memset(memory, what, sizeof(memory));
	errno = 0;
	return nbd_write(&nbd, at, iov, nr);
}

static bool is_as_made(__u64 at, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes && memory[i] == (char)((at + i) / SECTOR); i++)
		;
	return i == bytes && memory[bytes] == 'm';
}

static bool all_is(char what, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes && memory[i] == what; i++)
		;
	return i == bytes;
}

static void test_good(enum fault kind)
{
	is_right(start(kind), "a server");
	is_number(nbd.bytes, BYTES, "tells how large its disk is");
	ok(read_some(0, SECTOR) == SECTOR && is_as_made(0, SECTOR), "a sector is read");
	ok(read_some(5 * SECTOR, 2000000) == 2000000 && is_as_made(5 * SECTOR, 2000000),
	   "so is a lot, in pieces");
	ok(read_some(BYTES - SECTOR, SECTOR) == SECTOR && is_as_made(BYTES - SECTOR, SECTOR),
	   "and the last one");
	ok(!read_some(BYTES - SECTOR, SECTOR + 1) && !read_some(~0ull, SECTOR) &&
	   !read_some(BYTES + 1, 0), "beyond that is nothing");
	ok(write_some(SECTOR, 1500000, 'w') == 1500000, "it takes what is written");
	read_some(0, 1600000);
	ok(all_is(0, SECTOR) && !memcmp(memory + SECTOR, memory + SECTOR + 1, 1500000 - 1) &&
	   memory[SECTOR] == 'w' && memory[SECTOR + 1500000] != 'w', "which is there then");
	ok(!write_some(BYTES - SECTOR, 2 * SECTOR, 'w') && errno == EINVAL,
	   "but for what is beyond");
	ok(nbd_flush(&nbd), "it flushes");
	ok(nbd_discard(&nbd, 0, 2 * SECTOR) && read_some(0, 2 * SECTOR) && all_is('t', 2 * SECTOR),
	   "discards");
	ok(nbd_zero(&nbd, 0, SECTOR, true) && read_some(0, SECTOR) && all_is(0, SECTOR),
	   "makes holes");
	ok(nbd_zero(&nbd, 0, SECTOR, false) && read_some(0, SECTOR) && all_is('z', SECTOR),
	   "and zeroes");
	ok(!nbd_discard(&nbd, BYTES, 1) && !nbd_zero(&nbd, 1, BYTES, true), "not beyond its end");
	is_number(end(), 7, "and is told of the end");
	is_number(losses, 0, "it was never lost");
}

static void test_no_server(enum fault kind, const char *expected, const char *name)
{
	is_wrong(start(kind), expected, name);
	end();
}

/* The next request fails, and none is made after that. */
static void test_lost(enum fault kind, const char *name)
{
	is_right(start(kind), name);
	ok(read_some(0, 4 * SECTOR) < 4 * SECTOR && errno == EIO, "is an error of the disk");
	ok(!write_some(0, SECTOR, 'w') && errno == EIO, "so are all others then");
	ok(!nbd_flush(&nbd) && !nbd_discard(&nbd, 0, 1) && !nbd_zero(&nbd, 0, 1, true),
	   "of every kind");
	is_number(losses, 1, "which is told once");
	end();
}

static void test_errors(void)
{
	is_right(start(NO_ROOM), "a server without room");
	ok(!write_some(0, SECTOR, 'w') && errno == ENOSPC, "says so");
	ok(!read_some(0, SECTOR) && errno == ENOSPC, "again and again");
	ok(!nbd_flush(&nbd), "in all it is asked");
	is_number(end(), 7, "and is still there");
	is_right(start(ODD_ERROR), "a server with errors that nobody knows");
	ok(!read_some(0, SECTOR) && errno == EIO, "has errors of its disk");
	is_number(end(), 7, "and is still there");
}

static void test_silence(void)
{
	is_right(start(NONE), "a server that has nothing to say");
	silent = true;
	ending = true;
	ok(!read_some(0, SECTOR) && errno == EIO, "is not waited for if the launcher ends");
	silent = false;
	ending = false;
	is_number(losses, 1, "it is lost");
	kill(server, SIGKILL);
	end();
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);	/* as in the launcher */
	test_good(NONE);
	test_good(SMALL_REQUESTS);
	test_no_server(NO_MAGIC, "is no server", "one that speaks otherwise");
	test_no_server(OLD_STYLE, "is no server", "one that is too old");
	test_no_server(ENDS_AT_ONCE, "is no server", "one that ends");
	test_no_server(REFUSES, "does not serve", "one that does not want to");
	test_no_server(LONG_ANSWER, "is no server", "one that tells a long story");
	test_no_server(ENDLESS_ANSWERS, "too much to say", "one that does not come to an end");
	test_no_server(NO_EXPORT, "has no disk", "one that does not tell what it has");
	test_no_server(EMPTY, "has no disk", "one with an empty disk");
	test_no_server(HUGE, "has no disk", "one with a disk that cannot be");
	test_no_server(LARGE_BLOCKS, "larger than a sector", "one that wants large blocks");
	test_no_server(OTHER_OPTION, "is no server", "one that answers what nobody has asked");
	test_lost(BAD_REPLY, "an answer that is none");
	test_lost(STRUCTURED, "an answer of another kind");
	test_lost(OTHER_COOKIE, "an answer to another request");
	test_lost(SHORT_DATA, "an answer without its data");
	test_lost(GOES, "no answer");
	test_errors();
	test_silence();
	return tap_done();
}
