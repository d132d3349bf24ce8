// SPDX-License-Identifier: GPL-2.0
/*
 * Frames on a stream, however it is cut; what --net may say; and networks by
 * passt, which is this program again, under that name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "fds.h"
#include "frames.h"
#include "net.h"
#include "said.h"
#include "server.h"
#include "tap.h"

#define SOCKETCALL_I386	102	/* which others do not have */
#define FRAMES		2000
#define ANY_PROTOCOL	60		/* bytes of the smallest frame on a cable */

static struct frames_in in;
static struct frames_out out;
static char large[FRAME_ROOM + 64];

static void never_wait(int fd)
{
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		exit(1);
}

/* A stream to @in, of which the other end is returned. */
static int open_in(void)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		exit(1);
	never_wait(pair[0]);
	in = (struct frames_in){ .fd = pair[0] };
	return pair[1];
}

static int open_out(void)
{
	int pair[2], little = 4096;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
	    setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &little, sizeof(little)) < 0)
		exit(1);
	memset(&out, 0, sizeof(out));
	never_wait(pair[0]);
	out.fd = pair[0];
	return pair[1];
}

static void put(int fd, const void *what, size_t len)
{
	if (write(fd, what, len) != (ssize_t)len)
		exit(1);
}

static size_t make(char *to, unsigned int n, size_t len)
{
	__u32 length = htonl(len);
	size_t i;

	memcpy(to, &length, sizeof(length));
	for (i = 0; i < len; i++)
		to[FRAME_LENGTH_BYTES + i] = n * 31 + i * 7 + i / 256;
	return FRAME_LENGTH_BYTES + len;
}

static bool is_frame(const struct iovec *frame, unsigned int n, size_t len)
{
	static char expected[FRAME_ROOM];

	make(expected, n, len);
	return frame->iov_len == len &&
	       !memcmp(frame->iov_base, expected + FRAME_LENGTH_BYTES, len);
}

static void test_pieces(void)
{
	char bytes[64];
	struct iovec frame;
	size_t len = make(bytes, 1, 20), i;
	int fd = open_in();
	bool early = false;

	is_number(frames_next(&in, &frame), FRAMES_NONE, "nothing has come");
	for (i = 0; i < len - 1; i++) {
		put(fd, bytes + i, 1);
		early |= frames_next(&in, &frame) != FRAMES_NONE;
	}
	ok(!early, "a part of a frame is none");
	put(fd, bytes + i, 1);
	ok(frames_next(&in, &frame) == FRAMES_ONE && is_frame(&frame, 1, 20), "a whole one is");
	ok(frames_next(&in, &frame) == FRAMES_ONE && is_frame(&frame, 1, 20),
	   "and stays until it is taken");
	frames_taken(&in);
	is_number(frames_next(&in, &frame), FRAMES_NONE, "but not longer");
	put(fd, bytes, 10);
	close(fd);
	is_number(frames_next(&in, &frame), FRAMES_END, "a stream that ends within a frame");
	is_number(frames_next(&in, &frame), FRAMES_END, "has ended");
	close(in.fd);
}

static void test_short(void)
{
	struct iovec frame;
	size_t len = 0;
	int fd = open_in();

	len += make(large + len, 0, 0);
	len += make(large + len, 0, 1);
	len += make(large + len, 0, FRAME_MIN - 1);
	len += make(large + len, 7, FRAME_MIN);
	put(fd, large, len);
	ok(frames_next(&in, &frame) == FRAMES_ONE && is_frame(&frame, 7, FRAME_MIN),
	   "frames without room for addresses are passed over");
	close(fd);
	close(in.fd);
}

static void test_long(void)
{
	static const __u32 lengths[] = { FRAME_MAX + 1, 0x7fffffff, 0x80000000, 0xfffffffc,
					 0xffffffff };
	struct iovec frame;
	size_t i, len = make(large, 3, FRAME_MAX), half = len / 2;
	int fd = open_in();

	put(fd, large, half);
	is_number(frames_next(&in, &frame), FRAMES_NONE, "the longest frame, in part");
	put(fd, large + half, len - half);
	ok(frames_next(&in, &frame) == FRAMES_ONE && is_frame(&frame, 3, FRAME_MAX), "and whole");
	close(fd);
	close(in.fd);
	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		__u32 length = htonl(lengths[i]);

		fd = open_in();
		put(fd, &length, sizeof(length));
		is_number(frames_next(&in, &frame), FRAMES_END, "a length that no frame has");
		put(fd, large, 100);
		is_number(frames_next(&in, &frame), FRAMES_END, "ends the stream");
		close(fd);
		close(in.fd);
	}
}

static size_t length_of(unsigned int n)
{
	return FRAME_MIN + (n % 50 ? n * 37 % 1600 : n * 7919 % (FRAME_MAX - FRAME_MIN));
}

/* Writes all frames into @fd, in pieces of any length. */
static noreturn void write_all(int fd)
{
	unsigned int n;

	for (n = 0; n < FRAMES; n++) {
		size_t len = make(large, n, length_of(n)), done = 0, part;

		for (; done < len; done += part) {
			part = 1 + tap_random() % (tap_random() % 4 ? 100 : 9000);
			part = part < len - done ? part : len - done;
			put(fd, large + done, part);
		}
	}
	_exit(0);
}

static void test_many(void)
{
	struct iovec frame;
	unsigned int n = 0;
	enum frames_state state;
	int fd = open_in();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		write_all(fd);
	close(fd);
	while ((state = frames_next(&in, &frame)) != FRAMES_END) {
		if (state == FRAMES_NONE)
			continue;
		if (!is_frame(&frame, n, length_of(n)))
			break;
		n++;
		frames_taken(&in);
	}
	is_number(n, FRAMES, "many frames, cut anywhere");
	waitpid(pid, NULL, 0);
	close(in.fd);
}

/* Sends all frames, as many as go. */
static noreturn void send_all(void)
{
	unsigned int n;

	for (n = 0; n < FRAMES; n++) {
		size_t len = length_of(n), half = len / 2;
		struct iovec iov[2] = {
			{ large + FRAME_LENGTH_BYTES, half },
			{ large + FRAME_LENGTH_BYTES + half, len - half },
		};

		make(large, n, len);
		frames_send(&out, iov, 2);
	}
	_exit(0);
}

/* Their order is kept; a reader that is slow loses some. */
static void test_send(void)
{
	unsigned int n = 0, got = 0;
	enum frames_state state;
	struct iovec frame;
	bool good = true;
	int fd = open_out();
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		send_all();
	close(out.fd);
	never_wait(fd);
	in = (struct frames_in){ .fd = fd };
	while (good && (state = frames_next(&in, &frame)) != FRAMES_END) {
		if (state == FRAMES_NONE)
			continue;
		while (n < FRAMES && !is_frame(&frame, n, length_of(n)))
			n++;
		good = n++ < FRAMES;
		got++;
		frames_taken(&in);
		if (got % 10 == 0)
			usleep(1000 * (tap_random() % 40));
	}
	printf("# %u of %u came\n", got, FRAMES);
	ok(good && got > 10, "frames come whole, or not at all");
	waitpid(pid, NULL, 0);
	close(fd);
}

static void test_send_wrong(void)
{
	struct iovec iov = { large, FRAME_MIN - 1 };
	int fd = open_out();

	is_number(frames_send(&out, &iov, 1), 0, "a frame that is too short is not sent");
	is_number(frames_send(&out, NULL, 0), 0, "nor one that is empty");
	iov.iov_len = FRAME_MAX + 1;
	is_number(frames_send(&out, &iov, 1), 0, "nor one that is too long");
	ok(recv(fd, large, 1, MSG_DONTWAIT) < 0, "nothing of them is");
	close(fd);
	iov.iov_len = ANY_PROTOCOL;
	is_number(frames_send(&out, &iov, 1), 0, "nor one that nobody reads");
	close(out.fd);
}

static const char *parse(const char *text, struct net_spec *spec)
{
	static char copy[512];
	net_creator create;

	snprintf(copy, sizeof(copy), "%s", text);
	return net_parse(copy, spec, &create);
}

static void test_parse(void)
{
	static const struct {
		const char *text, *wrong;
	} bad[] = {
		{ "", "say tap" }, { "tapx", "say tap" }, { "usr", "say tap" },
		{ "bridge", "say which" }, { "bridge=", "say which" },
		{ "user=1", "no value" }, { "user,", "options" }, { "user,tpc=1", "options" },
		{ "user,tcp=", "want ports" }, { "user,tcp", "options" },
		{ "tap,tcp=1", "no other" }, { "bridge=br0,host", "no other" },
		{ "tap,mac=", "mac=" }, { "tap,mac=1:2:3:4:5", "mac=" },
		{ "tap,mac=2:2:3:4:5:6:7", "mac=" }, { "tap,mac=01:02:03:04:05:06", "mac=" },
		{ "tap,mac=0:0:0:0:0:0", "mac=" }, { "tap,mac=02:02:03:04:05:100", "mac=" },
		{ "tap,mac=02-02-03-04-05-06", "mac=" }, { "tap,mac=02:02:03:04:05:x", "mac=" },
	};
	static const __u8 mac[MAC_BYTES] = { 2, 0, 0xab, 0xcd, 0xef, 0x10 };
	char many[256] = "user";
	struct net_spec spec;
	size_t i;

	is_right(parse("tap", &spec), "tap");
	ok(!*spec.value && !spec.has_mac, "says nothing more");
	is_right(parse("tap=10.0.0.1/8,mac=02:00:ab:Cd:EF:10", &spec), "tap with an address each");
	ok(!strcmp(spec.value, "10.0.0.1/8") && spec.has_mac && !memcmp(spec.mac, mac, MAC_BYTES),
	   "has them");
	is_right(parse("bridge=br0", &spec), "bridge");
	ok(!strcmp(spec.value, "br0"), "has its name");
	is_right(parse("user,tcp=2222:22,udp=53,host,tcp=80", &spec), "user with ports");
	ok(spec.nr_forwards == 3 && !strcmp(spec.forward[0].ports, "2222:22") &&
	   !strcmp(spec.forward[1].protocol, "udp") && !strcmp(spec.forward[2].ports, "80") &&
	   spec.host, "has them all");
	for (i = 0; i <= NET_FORWARDS_MAX; i++)
		strcat(many, ",tcp=1");
	is_wrong(parse(many, &spec), "too many", "more of them than there is room for");
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		is_wrong(parse(bad[i].text, &spec), bad[i].wrong, bad[i].text);
}

/* What passt does that restricts itself too much. */
static void forbid_sockets(void)
{
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SOCKETCALL_I386, 2, 0),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_recvfrom, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		_exit(9);
}

/* Sends back all that comes; what else it does, the ports tell. */
static noreturn void be_passt(const char *ports)
{
	static char bytes[FRAME_ROOM];
	bool probe = true;
	ssize_t n;

	if (!strcmp(ports, "refuse"))
		_exit(1);
	if (!strcmp(ports, "forbid"))
		forbid_sockets();
	while ((n = recv(SERVER_FD, bytes, sizeof(bytes), 0)) > 0) {
		if (!probe && !strcmp(ports, "leave"))
			_exit(5);
		if (!probe && !strcmp(ports, "babble"))
			memset(bytes, 0xff, n);
		if (!probe && send(SERVER_FD, bytes, n, MSG_NOSIGNAL) < 0)
			_exit(1);
		probe = false;
	}
	_exit(0);
}

/* Our standard error goes there, and back. */
static void hear(bool on)
{
	static char name[] = "/tmp/lguest-unit-XXXXXX";
	static int fd = -1, before;
	ssize_t n;

	if (fd < 0) {
		fd = mkstemp(name);
		unlink(name);
		before = dup(STDERR_FILENO);
	}
	dup2(on ? fd : before, STDERR_FILENO);
	if (on)
		return;
	n = pread(fd, said, sizeof(said) - 1, 0);
	said[n > 0 ? n : 0] = '\0';
	if (ftruncate(fd, 0) < 0 || lseek(fd, 0, SEEK_SET))
		exit(1);
}

static struct model *user_net(const char *text)
{
	struct net_spec spec;

	return parse(text, &spec) ? NULL : passt_create(&spec);
}

/* Is there none, for that reason, and nothing left open? */
static bool refused(const char *text, const char *why)
{
	const unsigned int fds = open_fds();
	struct model *model = user_net(text);

	if (model)
		model->close(model);
	else
		printf("# %s\n", failure_reason());
	return !model && strstr(failure_reason(), why) && open_fds() == fds;
}

/* The next frame into a buffer of the guest's, once there is one. */
static ssize_t receive(struct model *model, void *to, size_t room, bool headed)
{
	unsigned int i;
	ssize_t n = 0;

	for (i = 0; i < 10000 && !n; i++) {
		struct iovec iov[2] = { { to, 5 }, { (char *)to + 5, room - 5 } };

		if (!net_ready(model))
			usleep(1000);
		n = headed ? net_receive_headed(model, iov, 2) : net_receive(model, iov, 2);
	}
	return n;
}

static void test_passt(const char *text, const char *name)
{
	struct model *model = user_net(text);
	char frame[1514], got[1600];
	struct iovec iov;

	make(large, 5, sizeof(frame));
	memcpy(frame, large + FRAME_LENGTH_BYTES, sizeof(frame));
	iov = (struct iovec){ frame, sizeof(frame) };
	ok(!net_ready(model) && net_fd(model) >= 0, name);
	is_number(net_send(model, &iov, 1), sizeof(frame), "a frame is sent");
	ok(receive(model, got, sizeof(got), false) == sizeof(frame) &&
	   !memcmp(got, frame, sizeof(frame)), "and comes back");
	iov = (struct iovec){ frame, sizeof(frame) };
	net_send_headed(model, &iov, 1);
	ok(receive(model, got, sizeof(got), true) == sizeof(frame) &&
	   !memcmp(got, "\0\0\0\0\0\0\0\0\0", NET_HEADER_BYTES) &&
	   !memcmp(got + NET_HEADER_BYTES, frame + NET_HEADER_BYTES,
		   sizeof(frame) - NET_HEADER_BYTES),
	   "a guest's header is dropped, and one made for it");
	iov = (struct iovec){ frame, 9 };
	is_number(net_send_headed(model, &iov, 1), 0, "a part of a header is no frame");
	iov = (struct iovec){ frame, 600 };
	net_send(model, &iov, 1);
	iov = (struct iovec){ frame + 1, 100 };
	net_send(model, &iov, 1);
	ok(receive(model, got, 200, false) == 100 && !memcmp(got, frame + 1, 100),
	   "what does not fit in the guest's buffer is passed over");
	model->close(model);
}

static void test_loss(const char *text, const char *expected)
{
	struct model *model = user_net(text);
	char frame[ANY_PROTOCOL] = "", got[200];
	struct iovec iov = { frame, sizeof(frame) };
	const char *lines;

	hear(true);
	net_send(model, &iov, 1);
	ok(receive(model, got, sizeof(got), false) < 0 && net_fd(model) < 0 &&
	   !net_ready(model), "nothing will come any more");
	net_send(model, &iov, 1);
	receive(model, got, sizeof(got), false);
	hear(false);
	lines = strstr(said, "network is down");
	ok(strstr(said, expected) && lines && !strstr(lines + 1, "network is down"), expected);
	model->close(model);
}

int main(int argc, char **argv)
{
	char directory[] = "/tmp/lguest-unit-XXXXXX", name[64], self[PATH_MAX] = "";

	if (!strcmp(argv[0], "passt"))
		be_passt(argc > 6 ? argv[6] : "");
	signal(SIGPIPE, SIG_IGN);
	test_pieces();
	test_short();
	test_long();
	test_many();
	test_send();
	test_send_wrong();
	test_parse();
	if (!mkdtemp(directory) || readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	setenv("PATH", directory, 1);
	ok(refused("user", "needs the program 'passt'") && report_failure() == STATUS_SETUP,
	   "without passt there is none");
	is_wrong(failure_reason(), "apt install passt", "and the user is told");
	snprintf(name, sizeof(name), "%s/passt", directory);
	if (symlink(self, name) < 0)
		return 1;
	test_passt("user", "a network by passt");
	test_passt("user,tcp=forbid", "by one whose filter does not fit");
	ok(refused("user,tcp=refuse", "default route"), "one that does not start");
	is_wrong(failure_reason(), "has ended (with status 1)", "and how that ended");
	test_loss("user,tcp=leave", "has ended with status 5");
	test_loss("user,tcp=babble", "no frame");
	unlink(name);
	rmdir(directory);
	return tap_done();
}
