// SPDX-License-Identifier: GPL-2.0
/*
 * A network without any right of root: the program passt has the other end. What
 * the guest sends and gets, passt sends and gets by sockets of the user's own, so
 * the guest reaches what its user reaches.  Frames go by a stream (frames.c).
 *
 * passt restricts itself by a filter of system calls.  Some 32-bit ones (Debian 12's)
 * kill themselves by it with their first packet, for the C library makes all calls for
 * sockets by one that the filter does not know.  Such a one is started again, and its
 * filter is not put into force; what else it gives up (files, rights, its user if that
 * is root) it still does.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base.h"
#include "frames.h"
#include "iov.h"
#include "net.h"
#include "server.h"

#define OPTION		"--net user"
#define PACKAGE		"passt"
#define TEXT_(x)	#x
#define TEXT(x)		TEXT_(x)
#define ARGS_MAX	(8 + 2 * NET_FORWARDS_MAX)
#define START_MS	60000	/* on the slowest machine */

/* prctl(), as each architecture calls it */
#define PRCTL_I386	172
#define PRCTL_X86_64	157

struct passt {
	struct net net;
	struct server server;
	bool lost;		/* and the user knows */
	struct frames_in in;
	struct frames_out out;
};

static const __u8 host_mac[MAC_BYTES] = { 0x02, 'p', 'a', 's', 's', 't' };

static struct passt *to_passt(struct net *net)
{
	return container_of(net, struct passt, net);
}

/*
 * Whoever wants a filter is told that it is in force; passt need not be of the
 * launcher's own architecture.
 */
static bool ignore_filter(void)
{
	static struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 0, 2),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PRCTL_I386, 2, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PRCTL_X86_64, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(filter), filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static bool __must_check start(struct passt *passt, const struct net_spec *spec,
			       bool (*prepare)(void))
{
	const char *args[ARGS_MAX] = { "passt", "-f", "-q", "-F", TEXT(SERVER_FD) };
	unsigned int nr = 5, i;

	for (i = 0; i < spec->nr_forwards; i++) {
		args[nr++] = spec->forward[i].protocol[0] == 't' ? "-t" : "-u";
		args[nr++] = spec->forward[i].ports;
	}
	if (!spec->host)
		args[nr++] = "--no-map-gw";
	return server_start_prepared(&passt->server, OPTION, PACKAGE, (char *const *)args,
				     prepare);
}

/* That is why there is no network; @status is 0 if it does not end after all. */
static bool has_ended(struct passt *passt, int *status)
{
	*status = 0;
	server_ended(&passt->server, status);
	return failure("passt has ended (%s %d), and may have said why\n"
		       OPTION ": needs a default route on this host, and ports that are free",
		       WIFSIGNALED(*status) ? "by signal" : "with status",
		       WIFSIGNALED(*status) ? WTERMSIG(*status) : WEXITSTATUS(*status));
}

/*
 * Has it read a frame?  This one is of no protocol.  There is nothing to wait for
 * that would tell, but its end; and that empties the socket, too, after it has shut
 * it down.
 */
static bool __must_check takes_frames(struct passt *passt, int *status)
{
	char frame[FRAME_LENGTH_BYTES + FRAME_MIN] = { [FRAME_LENGTH_BYTES - 1] = FRAME_MIN };
	struct pollfd end = { .fd = passt->server.socket };
	unsigned int i;

	if (send(end.fd, frame, sizeof(frame), MSG_NOSIGNAL) < 0)
		return has_ended(passt, status);
	for (i = 0; i < START_MS; i++) {
		int left = 0;

		if (poll(&end, 1, 1) > 0)
			return has_ended(passt, status);
		if (!ioctl(end.fd, SIOCOUTQ, &left) && !left)
			return !poll(&end, 1, 0) || has_ended(passt, status);
	}
	return failure(OPTION ": passt takes no frames");
}

/* If it does not work, it is gone again, and @status tells how it has ended, if it has. */
static bool __must_check try(struct passt *passt, const struct net_spec *spec,
			     bool (*prepare)(void), int *status)
{
	*status = 0;
	if (!start(passt, spec, prepare))
		return false;
	if (takes_frames(passt, status))
		return true;
	server_close(&passt->server);
	return false;
}

/* Starts it again if it is one of those. */
static bool __must_check run(struct passt *passt, const struct net_spec *spec)
{
	int status;

	if (try(passt, spec, NULL, &status))
		return true;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		return false;
	explain("%s: passt's filter of system calls is not for this machine", OPTION);
	return try(passt, spec, ignore_filter, &status);
}

static int passt_fd(struct net *net)
{
	return to_passt(net)->lost ? -1 : to_passt(net)->in.fd;
}

/* Only the thread that receives comes here. */
static void lose(struct passt *passt)
{
	if (!first_time(&passt->lost))
		return;
	if (passt->in.nonsense)
		complain("network: passt sent what is no frame");
	server_lost(&passt->server, "the guest's network is down");
}

static enum frames_state next(struct passt *passt, struct iovec *frame)
{
	enum frames_state state = passt->lost ? FRAMES_END : frames_next(&passt->in, frame);

	if (state == FRAMES_END)
		lose(passt);
	return state;
}

static bool passt_ready(struct net *net)
{
	struct iovec frame;

	return next(to_passt(net), &frame) == FRAMES_ONE;
}

static size_t passt_send(struct net *net, const struct iovec *iov, int nr)
{
	return frames_send(&to_passt(net)->out, iov, nr);
}

/* A frame that is larger than what the guest has for it is lost. */
static ssize_t passt_receive(struct net *net, const struct iovec *iov, int nr)
{
	struct passt *passt = to_passt(net);
	enum frames_state state;
	struct iovec frame;
	size_t room = iov_bytes(iov, nr), done = 0;

	while (!done && (state = next(passt, &frame)) == FRAMES_ONE) {
		if (frame.iov_len <= room)
			done = iov_fill(iov, nr, frame.iov_base, frame.iov_len);
		frames_taken(&passt->in);
	}
	if (done)
		return done;
	return state == FRAMES_END ? -1 : 0;
}

static void passt_close(struct model *model)
{
	struct passt *passt = to_passt(to_net(model));

	server_close(&passt->server);
	free(passt);
}

static const struct net_ops passt_ops = {
	.fd = passt_fd,
	.ready = passt_ready,
	.send = passt_send,
	.receive = passt_receive,
};

/**
 * passt_create - start passt, and be sure that it works
 * @spec: the user's wishes
 *
 * Return: NULL if it does not, see failure(); it has ended then.
 */
struct model *passt_create(const struct net_spec *spec)
{
	struct passt *passt = calloc(1, sizeof(*passt));

	if (!passt) {
		failure(OPTION ": %s", strerror(errno));
		return NULL;
	}
	passt->net.model = (struct model){ MODEL_NET, "user", passt_close };
	net_init(&passt->net, &passt_ops, spec, host_mac);
	if (!run(passt, spec))
		goto free_passt;
	if (fcntl(passt->server.socket, F_SETFL, O_NONBLOCK) < 0) {
		failure(OPTION ": %s", strerror(errno));
		goto close_server;
	}
	passt->in.fd = passt->server.socket;
	passt->out.fd = passt->server.socket;
	return &passt->net.model;

close_server:
	server_close(&passt->server);
free_passt:
	free(passt);
	return NULL;
}
